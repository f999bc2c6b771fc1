package keybearer

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

type holder struct{ hidden Secret }

func TestNothingShowsASecret(t *testing.T) {
	secret := NewSecret("canary")
	field := Field{Field: "api_key", Source: "store", Secret: true, Value: secret}
	resolution := &Resolution{Provider: "openai", Fields: []Field{field}}
	client := newTestClient(t, Options{Credentials: map[string]Fields{"openai": {"api_key": secret}}})
	for _, value := range []any{
		&Lease{client: client, credential: resolution, asked: &question{call: Fields{"api_key": secret}}},
		AzureCredential{APIKey: secret}, &VertexCredential{PrivateKey: secret},
		secret, &secret, field, resolution, *resolution, resolution.Values(), client, holder{secret}, &holder{secret},
		Token{AccessToken: secret}, Fields{"api_key": secret}, map[string]any{"a": []Secret{secret}},
		Options{Credentials: map[string]Fields{"openai": {"api_key": secret}}},
		ResolveOptions{Call: Fields{"api_key": secret}},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p"} {
			shown := fmt.Sprintf(verb, value)
			// 63616e617279 is "canary" in hexadecimal digits.
			if strings.Contains(shown, "canary") || strings.Contains(strings.ToLower(shown), "63616e617279") {
				t.Errorf("%s of %T: %s", verb, value, shown)
			}
		}
	}
	for _, value := range []any{secret, resolution, Token{AccessToken: secret}, Fields{"a": secret}} {
		encoded, err := json.Marshal(value)
		if err != nil || strings.Contains(string(encoded), "canary") || !strings.Contains(string(encoded), mask) {
			t.Errorf("%s, %v", encoded, err)
		}
	}
	if text, err := secret.MarshalText(); err != nil || string(text) != mask || secret.String() != mask {
		t.Errorf("%s, %v", text, err)
	}
	if secret.Reveal() != "canary" || (Secret{}).Reveal() != "" {
		t.Error("a secret is not what it was made of")
	}
}

func newTestClient(t *testing.T, options Options) *Client {
	t.Helper()
	options.Socket = fakeBroker(t)
	return connected(t, options)
}

func TestSecretsAmongParametersAreSent(t *testing.T) {
	client := connected(t, Options{Socket: fakeBroker(t, exchange{
		Method: "m",
		Params: map[string]any{
			"fields": map[string]any{"a": "one <&>"}, "plain": "two", "deep": map[string]any{"b": []any{"three"}},
		},
		Answer: result(`{}`),
	})})
	_, err := client.Call("m", map[string]any{
		"fields": Fields{"a": NewSecret("one <&>")},
		"plain":  NewSecret("two"),
		"deep":   map[string]any{"b": []any{NewSecret("three")}},
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTimesMayBeUnknown(t *testing.T) {
	for encoded, unknown := range map[string]bool{"null": true, "1767225600": false} {
		var moment Time
		if err := json.Unmarshal([]byte(encoded), &moment); err != nil || moment.IsZero() != unknown {
			t.Errorf("%s: %v, %v", encoded, moment, err)
		}
		if again, err := json.Marshal(moment); err != nil || string(again) != encoded {
			t.Errorf("%s came instead of %s, %v", again, encoded, err)
		}
	}
}
