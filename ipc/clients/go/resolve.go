package keybearer

import "strings"

// ResolveOptions say which credential, and what the caller has itself; the zero value of each member leaves it out.
type ResolveOptions struct {
	Call     Fields   // given with this request: the strongest layer
	Instance Fields   // instead of the client's own Credentials
	Name     string   // which of several keys of the provider; "default" when left out
	Tenant   string   // whose; "default" when left out
	Only     []string // the only layers that may be looked at: "call", "instance", "environment", "store", "shared", ...
	Next     bool     // the stored value that is to follow the one in use
	Fields   []string // only these fields; all that are found when left out
}

// Resolution is a provider's credential, field by field, each with the place that it comes from.
type Resolution struct {
	Provider string    `json:"provider"`
	Tenant   string    `json:"tenant"`
	Name     string    `json:"name"`
	Fields   []Field   `json:"fields"`
	Shadowed []Place   `json:"shadowed"` // weaker places with the same field
	Ignored  []Ignored `json:"ignored"`  // stronger places that were passed over
	Warnings []string  `json:"warnings"` // sentences for the person
}

// Field is a field of a Resolution.
type Field struct {
	Field  string `json:"field"`
	Source string `json:"source"` // a layer
	From   string `json:"from"`   // a variable's name, tenant/name, or empty
	Secret bool   `json:"secret"`
	Value  Secret `json:"value"` // masked when printed, even where Secret is false
}

// Place is where a field could have come from.
type Place struct {
	Field  string `json:"field"`
	Source string `json:"source"` // a layer
	From   string `json:"from"`   // a variable's name, tenant/name, or empty
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
// no_credential, denied, the keychain's, and invalid_value for a file that a variable names.
func (c *Client) AuthResolve(provider string, options *ResolveOptions) (*Resolution, error) {
	if options == nil {
		options = &ResolveOptions{}
	}
	described, err := c.describe(provider)
	if err != nil {
		return nil, err
	}
	own := ownValues{call: options.Call, instance: options.Instance, environment: c.variablesSet(described)}
	if own.instance == nil {
		own.instance = c.credentialsOf(provider, described)
	}
	params := parameters{"provider": provider, "environment": own.environment.names}
	params.list("call", sortedNames(own.call))
	params.list("instance", sortedNames(own.instance))
	params.text("name", options.Name)
	params.text("tenant", options.Tenant)
	params.list("only", options.Only)
	params.flag("next", options.Next)
	params.list("fields", options.Fields)
	var answered struct {
		Resolution
		Fields []plannedField `json:"fields"` // hides the one of Resolution
	}
	if err := c.callInto("credential.resolve", params, &answered); err != nil {
		return nil, err
	}
	resolution := &answered.Resolution
	for _, planned := range answered.Fields {
		if planned.Value.text == nil { // it is the caller's own
			value, problem := own.find(planned)
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

// ownValues are what the broker is told the names of.
type ownValues struct {
	call, instance Fields
	environment    variables
}

func (o ownValues) find(planned plannedField) (Secret, *Error) {
	var value Secret
	found := false
	switch planned.Source {
	case "call":
		value, found = lookUp(o.call, planned.Field.Field)
	case "instance":
		value, found = lookUp(o.instance, planned.Field.Field)
	case "environment":
		// Those that were named only: an answer cannot pick any other variable.
		value, found = o.environment.values[planned.From]
		if found && planned.File {
			return readNamedFile(planned.From, value.Reveal())
		}
	}
	if !found {
		return Secret{}, failure(KindConnectionLost, "the broker's answer has no value for %s, and nobody who was named "+
			"has one", planned.Field.Field)
	}
	return value, nil
}

func lookUp(fields Fields, wanted string) (Secret, bool) {
	for _, name := range sortedNames(fields) {
		if folded(name) == folded(wanted) {
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
