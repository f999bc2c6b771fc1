package keybearer

import (
	"encoding/json"
	"time"
)

// Time is a moment in whole seconds, UTC. Its zero value (IsZero) stands for the broker's null: nobody knows.
type Time struct{ time.Time }

// UnmarshalJSON reads UTC seconds since 1970, or null.
func (t *Time) UnmarshalJSON(encoded []byte) error {
	var seconds *int64
	if err := json.Unmarshal(encoded, &seconds); err != nil {
		return err
	}
	*t = Time{}
	if seconds != nil {
		t.Time = time.Unix(*seconds, 0).UTC()
	}
	return nil
}

// MarshalJSON gives UTC seconds since 1970, or null.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(t.Unix())
}

// Token is an access token.
type Token struct {
	AccessToken Secret `json:"access_token"`
	TokenType   string `json:"token_type"` // "Bearer", or "DPoP": it is good with a proof alone, see Client.DPoPProof
	ExpiresAt   Time   `json:"expires_at"` // zero when the provider does not say
	Scope       string `json:"scope"`      // granted, separated by spaces
	Account     string `json:"account"`
	Issuer      string `json:"issuer"`
	Source      string `json:"source"` // "cache" or "refresh"
}

// DPoPProof is a token that is bound to a key, and the proof for one request with it (RFC 9449).
type DPoPProof struct {
	Token
	// Proof is the value of the header DPoP: good once, and soon.
	Proof Secret `json:"proof"`
}

// Headers gives the two headers of that request, in plain text.
func (p *DPoPProof) Headers() map[string]string {
	return map[string]string{"Authorization": "DPoP " + p.AccessToken.Reveal(), "DPoP": p.Proof.Reveal()}
}

// Status says whether a program could use a provider right now, and with what.
type Status struct {
	Provider    string   `json:"provider"`
	DisplayName string   `json:"display_name"`
	Status      string   `json:"status"` // "authenticated", "not_authenticated", "not_required", "needs_login", "locked", "expiring"
	Source      string   `json:"source"` // a layer, "oauth", or empty
	From        string   `json:"from"`   // as a variable's name, or empty
	AuthMethods []string `json:"auth_methods"`
	ExpiresAt   Time     `json:"expires_at"` // zero when nobody knows
	Detail      string   `json:"detail"`     // why a place could not be looked at, or empty
}

// Stored says what AuthSetCredential stored, and where.
type Stored struct {
	Provider string   `json:"provider"`
	Tenant   string   `json:"tenant"`
	Name     string   `json:"name"`
	Fields   []string `json:"fields"`
	Warnings []string `json:"warnings"` // sentences for the person
}

// Credential is a stored credential, without its values.
type Credential struct {
	Provider string        `json:"provider"`
	Tenant   string        `json:"tenant"` // "shared" for what every tenant falls back to
	Name     string        `json:"name"`
	UsedAt   Time          `json:"used_at"` // zero: never
	Fields   []StoredField `json:"fields"`
}

// StoredField is a field of a Credential.
type StoredField struct {
	Field   string `json:"field"`
	Slot    string `json:"slot"`    // "current" or "next"
	Preview string `json:"preview"` // a secret is masked; empty where it cannot be opened
	SetAt   Time   `json:"set_at"`
}

// Removed says what Remove removed.
type Removed struct {
	Provider string `json:"provider"`
	Removed  int    `json:"removed"` // values
}

// Renamed says which credential Rename has renamed.
type Renamed struct {
	Provider string `json:"provider"`
	Tenant   string `json:"tenant"`
	Name     string `json:"name"` // the new one
}

// Switched says whose values Switch has put in use.
type Switched struct {
	Provider string `json:"provider"`
}

// Rotated says what Rotate did.
type Rotated struct {
	Tenant string `json:"tenant"`
	Sealed int    `json:"sealed"` // values
}
