package keybearer

import (
	"context"
	"strings"
)

// ResolveOptions say which credential, and what the caller has itself; the zero value of each member leaves it out.
type ResolveOptions struct {
	Call     Fields   // given with this request; also under names that config.toml has in a dynamic:: location
	Instance Fields   // instead of the client's own Credentials
	Name     string   // which of several keys of the provider; "default" when left out
	Tenant   string   // whose; "default" when left out
	Only     []string // the only layers that may be looked at, of those that Field.Source lists
	Next     bool     // the stored value that is to follow the one in use
	Fields   []string // only these fields; all that are found when left out
	Purpose  string   // what it is for, in words for a person who is asked
}

// Resolution is a provider's credential, field by field, each with the place that it comes from.
type Resolution struct {
	Provider string    `json:"provider"`
	Tenant   string    `json:"tenant"`
	Name     string    `json:"name"`
	Fields   []Field   `json:"fields"`
	Shadowed []Place   `json:"shadowed"` // weaker places with the same field
	Ignored  []Ignored `json:"ignored"`  // stronger places that were passed over
	Version  string    `json:"version"`  // another one whenever the values are others; empty with an older broker
	Warnings []string  `json:"warnings"` // sentences for the person
}

// Field is a field of a Resolution.
type Field struct {
	Field string `json:"field"`
	// Source is a layer: "call", "instance", "environment", "store", "shared", "broker_environment", "oauth", "file",
	// "command", "aws_sdk", "none" or "default".
	Source string `json:"source"`
	// From says where in the layer: a variable's name, tenant/name, the name under which the call has it, or empty.
	From   string `json:"from"`
	Secret bool   `json:"secret"`
	// Value is masked when printed, even where Secret is false.
	Value Secret `json:"value"`
	// ExpiresAt is when the value ends; zero when nobody knows.
	ExpiresAt Time `json:"expires_at"`
}

// Place is where a field could have come from.
type Place struct {
	Field  string `json:"field"`
	Source string `json:"source"` // as in a Field
	From   string `json:"from"`   // as in a Field
}

// Ignored is a place that was passed over.
type Ignored struct {
	Place
	Why string `json:"why"` // "incomplete" or "secrets_come_from_elsewhere"
}

// Field finds a field by its name in any spelling: "apiKey" and "api-key" are "api_key".
func (r *Resolution) Field(name string) (Field, bool) {
	for _, field := range r.Fields {
		if folded(field.Field) == folded(name) {
			return field, true
		}
	}
	return Field{}, false
}

// Values gives the values by field.
func (r *Resolution) Values() map[string]Secret {
	values := make(map[string]Secret, len(r.Fields))
	for _, field := range r.Fields {
		values[field.Field] = field.Value
	}
	return values
}

// Sources gives the layers by field.
func (r *Resolution) Sources() map[string]string {
	sources := make(map[string]string, len(r.Fields))
	for _, field := range r.Fields {
		sources[field.Field] = field.Source
	}
	return sources
}

// AuthResolve gives a provider's credential. What the caller has itself (Call, Instance, the environment) never
// travels: the broker is sent names and answers with a plan. Options may be nil. Kinds of errors: unknown_provider,
// no_credential, denied, location_failed, the keychain's, and invalid_value for a file that a variable names.
func (c *Client) AuthResolve(provider string, options *ResolveOptions) (*Resolution, error) {
	asked, err := c.question(provider, options)
	if err != nil {
		return nil, err
	}
	return c.resolve(context.Background(), asked)
}

// question is what credential.resolve is asked, and where the values are of which the broker is told the names.
type question struct {
	params         parameters
	call, instance Fields
	variables      []string
	lookupEnv      func(string) (string, bool)
}

// question asks provider.describe, to name the variables.
func (c *Client) question(provider string, options *ResolveOptions) (*question, error) {
	if options == nil {
		options = &ResolveOptions{}
	}
	described, err := c.describe(provider)
	if err != nil {
		return nil, err
	}
	asked := &question{call: options.Call, instance: options.Instance, lookupEnv: c.lookupEnv}
	asked.variables = c.variablesSet(described)
	if asked.instance == nil {
		asked.instance = c.credentialsOf(provider, described)
	}
	asked.params = parameters{"provider": provider, "environment": asked.variables}
	asked.params.list("call", sortedNames(asked.call))
	asked.params.list("instance", sortedNames(asked.instance))
	asked.params.text("name", options.Name)
	asked.params.text("tenant", options.Tenant)
	asked.params.list("only", options.Only)
	asked.params.flag("next", options.Next)
	asked.params.list("fields", options.Fields)
	asked.params.text("purpose", options.Purpose)
	return asked, nil
}

func (c *Client) resolve(ctx context.Context, asked *question) (*Resolution, error) {
	var answered struct {
		Resolution
		Fields []plannedField `json:"fields"` // hides the one of Resolution
	}
	if err := c.callIntoWithin(ctx, c.timeout, "credential.resolve", asked.params, &answered); err != nil {
		return nil, err
	}
	resolution := &answered.Resolution
	for _, planned := range answered.Fields {
		if planned.Value.text == nil { // it is the caller's own
			value, problem := asked.find(planned)
			if problem != nil {
				return nil, problem
			}
			planned.Value = value
		}
		resolution.Fields = append(resolution.Fields, planned.Field)
	}
	return resolution, nil
}

// plannedField is a Field as the broker answers it.
type plannedField struct {
	Field
	File bool // the variable holds the path of a file with the value
}

func (q *question) find(planned plannedField) (Secret, *Error) {
	var value Secret
	found := false
	switch planned.Source {
	case "call":
		value, found = lookUp(q.call, planned)
	case "instance":
		value, found = lookUp(q.instance, planned)
	case "environment":
		text := q.variable(planned.From)
		if text != "" && planned.File {
			return readNamedFile(planned.From, text)
		}
		value, found = NewSecret(text), text != ""
	}
	if !found {
		return Secret{}, failure(KindConnectionLost, "the broker's answer has no value for %s, and nobody who was named "+
			"has one", planned.Field.Field)
	}
	return value, nil
}

// variable knows those that were named only: an answer cannot pick any other.
func (q *question) variable(wanted string) string {
	for _, name := range q.variables {
		if name == wanted {
			value, _ := q.lookupEnv(name)
			return value
		}
	}
	return ""
}

func lookUp(fields Fields, planned plannedField) (Secret, bool) {
	if planned.From != "" { // a name that config.toml gives to a value of the caller
		value, found := fields[planned.From]
		return value, found
	}
	for _, name := range sortedNames(fields) {
		if folded(name) == folded(planned.Field.Field) {
			return fields[name], true
		}
	}
	return Secret{}, false
}

// credentialsOf finds the client's own for a provider by any of its names.
func (c *Client) credentialsOf(provider string, described *description) Fields {
	for _, name := range append([]string{provider, described.Provider}, described.Aliases...) {
		if fields, found := c.credentials[name]; found {
			return fields
		}
	}
	return nil
}

func folded(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}
