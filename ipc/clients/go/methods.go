package keybearer

import (
	"sort"
	"time"
	"unicode/utf8"
)

// parameters leave out what is not given.
type parameters map[string]any

func (p parameters) text(name, value string) {
	if value != "" {
		p[name] = value
	}
}

func (p parameters) list(name string, values []string) {
	if len(values) > 0 {
		p[name] = values
	}
}

func (p parameters) flag(name string, value bool) {
	if value {
		p[name] = true
	}
}

// seconds rounds up.
func (p parameters) seconds(name string, value time.Duration) {
	if value != 0 {
		p[name] = int64((value + time.Second - 1) / time.Second)
	}
}

// TokenOptions say which token; the zero value of each member leaves it out.
type TokenOptions struct {
	// Directory is the folder that chooses the account, in the place of the current one; absolute, or relative to the
	// current one. Not beside an account.
	Directory string
	// MinValid is how long the token must live at least, rounded up to seconds, at most a day. Zero: 60 s, or what the
	// provider gives if that is less.
	MinValid time.Duration
	// Scopes are a part of the granted ones. None: all.
	Scopes []string
	// Resource is what the token is for (RFC 8707), one of the provider's resources.
	Resource string
	// Audience is whom the token is for: got by token exchange (RFC 8693), one of the provider's audiences.
	Audience string
	// Purpose is what it is for, in words for a person who is asked.
	Purpose string
	// Refresh asks the provider for a new token even if the cached one is good.
	Refresh bool
}

// Token gives an access token of an account. An empty account is the one that the current folder, or the nearest one
// above it, is bound to (`keybearer account bind`), else the only one. Options may be nil. Kinds of errors:
// unknown_account, login_required, denied, the keychain's and the provider's; invalid_value for a directory that is no
// folder, or one beside an account.
func (c *Client) Token(account string, options *TokenOptions) (*Token, error) {
	if options == nil {
		options = &TokenOptions{}
	}
	params, problem := tokenParameters(account, options)
	if problem != nil {
		return nil, problem
	}
	token := &Token{}
	if err := c.callInto("token.get", params, token); err != nil {
		return nil, err
	}
	if token.AccessToken.text == nil {
		return nil, failure(KindInternal, "the broker's answer to token.get has no token")
	}
	return token, nil
}

func tokenParameters(account string, options *TokenOptions) (parameters, *Error) {
	params, problem := accountParameters(account, options.Directory)
	if problem != nil {
		return nil, problem
	}
	params.seconds("min_valid", options.MinValid)
	params.list("scopes", options.Scopes)
	params.text("resource", options.Resource)
	params.text("audience", options.Audience)
	params.text("purpose", options.Purpose)
	params.flag("refresh", options.Refresh)
	return params, nil
}

// ProofOptions say which token, and what the proof is to hold.
type ProofOptions struct {
	TokenOptions
	// Nonce is what the server's header DPoP-Nonce said last: after a 401 that brings one, ask again with it.
	Nonce string
}

// DPoPProof gives a token that is bound to a key, and the proof for one request with it (RFC 9449). The key stays in the
// broker. The method is the request's, as "GET"; the URL is https, or http to this machine, and its query and fragment
// stay out of the proof. The account is as in Token. Options may be nil. Kinds of errors: Token's, unsupported for an
// account whose tokens are bound to no key, and invalid_value for a method, URL or nonce that no proof can hold.
func (c *Client) DPoPProof(method, url, account string, options *ProofOptions) (*DPoPProof, error) {
	if options == nil {
		options = &ProofOptions{}
	}
	params, problem := tokenParameters(account, &options.TokenOptions)
	if problem != nil {
		return nil, problem
	}
	params["htm"], params["htu"] = method, url
	params.text("nonce", options.Nonce)
	proof := &DPoPProof{}
	if err := c.callInto("dpop.proof", params, proof); err != nil {
		return nil, err
	}
	if proof.Proof.text == nil || proof.AccessToken.text == nil {
		return nil, failure(KindInternal, "the broker's answer to dpop.proof has no proof, or no token")
	}
	return proof, nil
}

// AuthStatus says whether a program could use the provider right now, and with what. Kind of errors: unknown_provider.
func (c *Client) AuthStatus(provider string) (*Status, error) {
	described, err := c.describe(provider)
	if err != nil {
		return nil, err
	}
	rows, err := c.statusRows(parameters{"provider": provider}, described)
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, failure(KindInternal, "the broker's answer to provider.status has %d rows for one provider", len(rows))
	}
	return &rows[0], nil
}

// AuthStatusAll is AuthStatus of every provider. It asks what each of them is made of, to name the variables.
func (c *Client) AuthStatusAll() ([]Status, error) {
	var known struct{ Providers []description }
	if err := c.callInto("provider.list", nil, &known); err != nil {
		return nil, err
	}
	described := make([]*description, 0, len(known.Providers))
	for _, one := range known.Providers {
		whole, err := c.describe(one.Provider)
		if err != nil {
			return nil, err
		}
		described = append(described, whole)
	}
	return c.statusRows(parameters{}, described...)
}

func (c *Client) statusRows(params parameters, described ...*description) ([]Status, error) {
	params["environment"] = c.variablesSet(described...)
	var result struct{ Providers []Status }
	if err := c.callInto("provider.status", params, &result); err != nil {
		return nil, err
	}
	return result.Providers, nil
}

// SetOptions say where a credential is put; the zero value of each member leaves it out.
type SetOptions struct {
	Name   string // which of several keys of the provider; "default" when left out
	Tenant string // whose; "default" when left out
	Shared bool   // in the namespace that every tenant falls back to; Tenant is left out then
	Next   bool   // as the value that is to follow the one in use
}

// AuthSetCredential stores a credential of a provider: a Secret as its main field, or Fields. All of the fields are
// stored or none. Options may be nil. Kinds of errors: unknown_provider, invalid_value, the keychain's.
func (c *Client) AuthSetCredential(provider string, value Value, options *SetOptions) (*Stored, error) {
	if options == nil {
		options = &SetOptions{}
	}
	fields, err := c.fieldsOf(provider, value)
	if err != nil {
		return nil, err
	}
	params := parameters{"provider": provider, "fields": fields}
	params.text("name", options.Name)
	params.text("tenant", options.Tenant)
	params.flag("shared", options.Shared)
	params.flag("next", options.Next)
	stored := &Stored{}
	if err := c.callInto("credential.set", params, stored); err != nil {
		return nil, err
	}
	return stored, nil
}

func (c *Client) fieldsOf(provider string, value Value) (Fields, error) {
	var fields Fields
	switch value := value.(type) {
	case Fields:
		fields = value
	case Secret:
		described, err := c.describe(provider)
		if err != nil {
			return nil, err
		}
		if described.MainField == "" {
			return nil, failure(KindInvalidValue, "a credential of %s has no main field; give its fields by name", provider)
		}
		fields = Fields{described.MainField: value}
	default:
		return nil, failure(KindInvalidValue, "there is no value to store for %s", provider)
	}
	for name, secret := range fields {
		// The encoder would put U+FFFD in the place of other bytes, and another value than the caller's be stored.
		if !utf8.ValidString(secret.Reveal()) {
			return nil, failure(KindInvalidValue, "the %s of %s is not UTF-8", name, provider)
		}
	}
	return fields, nil
}

// List says what is stored for a tenant, with masked previews. An empty tenant is "default".
func (c *Client) List(tenant string) ([]Credential, error) {
	params := parameters{}
	params.text("tenant", tenant)
	var result struct{ Credentials []Credential }
	if err := c.callInto("credential.list", params, &result); err != nil {
		return nil, err
	}
	return result.Credentials, nil
}

// RemoveOptions say what is removed; the zero value of each member leaves it out.
type RemoveOptions struct {
	Field  string // one field; the whole credential when left out
	Name   string // which of several keys of the provider; "default" when left out
	Tenant string // whose; "default" when left out
	Shared bool   // from the shared namespace; Tenant is left out then
}

// Remove takes a credential, or one field of it, out of the store. Options may be nil. Kinds of errors:
// unknown_provider, no_credential.
func (c *Client) Remove(provider string, options *RemoveOptions) (*Removed, error) {
	if options == nil {
		options = &RemoveOptions{}
	}
	params := parameters{"provider": provider}
	params.text("field", options.Field)
	params.text("name", options.Name)
	params.text("tenant", options.Tenant)
	params.flag("shared", options.Shared)
	removed := &Removed{}
	if err := c.callInto("credential.remove", params, removed); err != nil {
		return nil, err
	}
	return removed, nil
}

// NameOptions say which credential is meant; the zero value of each member leaves it out.
type NameOptions struct {
	Name   string // which of several keys of the provider; "default" when left out
	Tenant string // whose; "default" when left out
	Shared bool   // in the shared namespace; Tenant is left out then
}

func (o *NameOptions) parameters(provider string) parameters {
	params := parameters{"provider": provider}
	if o != nil {
		params.text("name", o.Name)
		params.text("tenant", o.Tenant)
		params.flag("shared", o.Shared)
	}
	return params
}

// Rename gives a stored credential another name; grants, client keys and config.toml go by the name and do not follow.
// Options may be nil. Kinds of errors: no_credential, invalid_value for a name that is taken or cannot be one,
// consent_required or denied.
func (c *Client) Rename(provider, newName string, options *NameOptions) (*Renamed, error) {
	params := options.parameters(provider)
	params["new_name"] = newName
	renamed := &Renamed{}
	if err := c.callInto("credential.rename", params, renamed); err != nil {
		return nil, err
	}
	return renamed, nil
}

// Switch puts the next values in the place of those in use, which are the next ones then. Options may be nil. Kinds of
// errors: unknown_provider, no_credential when there are no next values.
func (c *Client) Switch(provider string, options *NameOptions) (*Switched, error) {
	switched := &Switched{}
	if err := c.callInto("credential.switch", options.parameters(provider), switched); err != nil {
		return nil, err
	}
	return switched, nil
}

// RotateOptions say what is sealed anew; the zero value of each member leaves it out.
type RotateOptions struct {
	Provider string // only this provider's values; all of the tenant when left out
	Tenant   string // whose; "default" when left out
	Shared   bool   // the shared namespace; Tenant is left out then
}

// Rotate gives a tenant's vault a new data key and seals its values anew. Options may be nil.
func (c *Client) Rotate(options *RotateOptions) (*Rotated, error) {
	if options == nil {
		options = &RotateOptions{}
	}
	params := parameters{}
	params.text("provider", options.Provider)
	params.text("tenant", options.Tenant)
	params.flag("shared", options.Shared)
	rotated := &Rotated{}
	if err := c.callInto("credential.rotate", params, rotated); err != nil {
		return nil, err
	}
	return rotated, nil
}

func sortedNames(fields Fields) []string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
