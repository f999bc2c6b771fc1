package keybearer

import (
	"encoding/json"
	"fmt"
	"io"
)

const mask = "[secret]"

// Secret is a text that does not show when it, or anything that holds it, is printed, logged or marshalled. Only
// Reveal gives the text. The zero value is an empty one. Two secrets cannot be compared with ==.
type Secret struct {
	_ [0]func() // it cannot be compared: == would compare addresses
	// A pointer, because fmt prints the unexported fields of a struct without asking their methods: the address of a
	// string is all that it would show.
	text *string
}

// NewSecret makes a Secret of a text.
func NewSecret(text string) Secret { return Secret{text: &text} }

// Reveal gives the text.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String gives a mask.
func (s Secret) String() string { return mask }

// GoString gives a mask.
func (s Secret) GoString() string { return mask }

// Format writes a mask, whatever the verb.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, mask) }

// MarshalJSON gives a mask. Call and AuthSetCredential send the text all the same.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(mask) }

// MarshalText gives a mask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }

// UnmarshalJSON reads a JSON string.
func (s *Secret) UnmarshalJSON(encoded []byte) error {
	s.text = nil
	return json.Unmarshal(encoded, &s.text)
}

// Fields are values of a credential by the name of their field, in any spelling: apiKey is api_key.
type Fields map[string]Secret

// Value is what AuthSetCredential stores: a Secret, which is the provider's main field, or Fields.
type Value interface {
	credentialValue()
}

func (Secret) credentialValue() {}
func (Fields) credentialValue() {}

// revealed puts the texts of secrets in their place, for sending: their MarshalJSON would send a mask.
func revealed(value any) any {
	switch value := value.(type) {
	case Secret:
		return value.Reveal()
	case Fields:
		texts := make(map[string]string, len(value))
		for name, secret := range value {
			texts[name] = secret.Reveal()
		}
		return texts
	case map[string]any:
		copied := make(map[string]any, len(value))
		for name, member := range value {
			copied[name] = revealed(member)
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for i, member := range value {
			copied[i] = revealed(member)
		}
		return copied
	default:
		return value
	}
}
