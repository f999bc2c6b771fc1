package keybearer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

type vector struct {
	Name        string            `json:"name"`
	Does        string            `json:"does"`
	Arguments   arguments         `json:"arguments"`
	Environment map[string]string `json:"environment"`
	Files       map[string]string `json:"files"`
	Open        []string          `json:"open"`
	Exchange    []exchange        `json:"exchange"`
	Result      map[string]any    `json:"result"`
	Error       *struct {
		Kind  string   `json:"kind"`
		Has   []string `json:"has"`
		Lacks []string `json:"lacks"`
	} `json:"error"`
}

type arguments struct {
	Method    string         `json:"method"`
	Params    map[string]any `json:"params"`
	Account   string         `json:"account"`
	Directory string         `json:"directory"`
	MinValid  int            `json:"min_valid"`
	Scopes    []string       `json:"scopes"`
	Resource  string         `json:"resource"`
	Audience  string         `json:"audience"`
	Purpose   string         `json:"purpose"`
	Refresh   bool           `json:"refresh"`
	URL       string         `json:"url"`
	Nonce     string         `json:"nonce"`
	NewName   string         `json:"new_name"`

	ClientID     string   `json:"client_id"`
	ClientSecret Secret   `json:"client_secret"`
	Redirect     string   `json:"redirect"`
	Issuer       string   `json:"issuer"`
	AddScopes    []string `json:"add_scopes"`
	Flow         string   `json:"flow"`
	ExpiresIn    int      `json:"expires_in"`
	Fresh        bool     `json:"fresh"`
	Attended     bool     `json:"attended"`

	Provider string          `json:"provider"`
	Value    json.RawMessage `json:"value"`
	Name     string          `json:"name"`
	Tenant   string          `json:"tenant"`
	Shared   bool            `json:"shared"`
	Next     bool            `json:"next"`
	Call     Fields          `json:"call"`
	Instance Fields          `json:"instance"`
	Only     []string        `json:"only"`
	Fields   []string        `json:"fields"`
	Field    string          `json:"field"`
	Wait     int             `json:"wait"`
}

func TestVectors(t *testing.T) {
	encoded, err := os.ReadFile(filepath.Join("..", "..", "vectors", "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields() // an argument that this file does not know would be without effect
	var vectors []vector
	if err := decoder.Decode(&vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) == 0 {
		t.Fatal("there are no vectors")
	}
	for _, one := range vectors {
		one := one
		t.Run(one.Name, func(t *testing.T) { one.run(t) })
	}
}

func (v *vector) run(t *testing.T) {
	folder := v.makeFiles(t)
	variables := map[string]string{}
	for name, value := range v.Environment {
		variables[name] = strings.ReplaceAll(value, "$DIR", folder)
	}
	options := Options{Socket: v.broker(t), LookupEnv: environmentOf(variables)}
	if v.Arguments.Instance != nil {
		options.Credentials = map[string]Fields{v.Arguments.Provider: v.Arguments.Instance}
	}
	got, err := v.perform(t, options)
	if v.Error == nil {
		if err != nil {
			t.Fatal(err)
		}
		v.compare(t, got)
		return
	}
	refused := refusal(t, err, v.Error.Kind)
	for _, text := range v.Error.Has {
		if !strings.Contains(refused.Message, text) {
			t.Errorf("%q lacks %q", refused.Message, text)
		}
	}
	for _, text := range v.Error.Lacks {
		if shown := fmt.Sprintf("%v %+v", err, *refused); strings.Contains(shown, text) {
			t.Errorf("%q has %q", shown, text)
		}
	}
}

// perform connects and calls the function that the vector is about.
func (v *vector) perform(t *testing.T, options Options) (any, error) {
	client, err := Connect(&options)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { client.Close() })
	return v.Arguments.do(v.Does, client)
}

// broker gives a fake broker's socket.
func (v *vector) broker(t *testing.T) string {
	if v.Does == "lease" || v.Does == "login" {
		return serve(t, talk(), talk(v.Exchange...)) // the client's own connection is silent
	}
	return fakeBroker(t, v.Exchange...)
}

func (v *vector) makeFiles(t *testing.T) string {
	folder := privateFolder(t)
	for name, content := range v.Files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range v.Open {
		if err := os.Chmod(filepath.Join(folder, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// compare looks at the members that the vector names.
func (v *vector) compare(t *testing.T, got any) {
	encoded, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(encoded, &members); err != nil {
		t.Fatal(err)
	}
	if !contains(members, v.Result) {
		t.Errorf("the result is %v and lacks a part of %v", members, v.Result)
	}
}

// contains lets objects have members that nobody expected.
func contains(got, expected any) bool {
	object, isObject := expected.(map[string]any)
	if !isObject {
		return reflect.DeepEqual(got, expected)
	}
	members, isObject := got.(map[string]any)
	for name, value := range object {
		member, there := members[name]
		if !there || !contains(member, value) {
			return false
		}
	}
	return isObject
}

// do calls the function that a vector is about; what it gives is marshalled with its secrets shown.
func (a *arguments) do(function string, client *Client) (any, error) {
	switch function {
	case "call":
		return client.Call(a.Method, a.Params)
	case "token":
		return a.token(client)
	case "dpop_proof":
		return a.proof(client)
	case "auth_status":
		return client.AuthStatus(a.Provider)
	case "auth_set_credential":
		return a.set(client)
	case "auth_resolve":
		return a.resolve(client)
	case "lease":
		return a.lease(client)
	case "login":
		return a.login(client)
	case "rename":
		return client.Rename(a.Provider, a.NewName, &NameOptions{Name: a.Name, Tenant: a.Tenant, Shared: a.Shared})
	case "switch":
		return client.Switch(a.Provider, &NameOptions{Name: a.Name, Tenant: a.Tenant, Shared: a.Shared})
	case "list":
		credentials, err := client.List(a.Tenant)
		return map[string]any{"credentials": credentials}, err
	case "remove":
		return client.Remove(a.Provider, &RemoveOptions{Field: a.Field, Name: a.Name, Tenant: a.Tenant, Shared: a.Shared})
	case "rotate":
		return client.Rotate(&RotateOptions{Provider: a.Provider, Tenant: a.Tenant, Shared: a.Shared})
	default:
		return nil, fmt.Errorf("this test does not know the function %s", function)
	}
}

func (a *arguments) tokenOptions() TokenOptions {
	return TokenOptions{
		Directory: a.Directory, MinValid: time.Duration(a.MinValid) * time.Second, Scopes: a.Scopes,
		Resource: a.Resource, Audience: a.Audience, Purpose: a.Purpose, Refresh: a.Refresh,
	}
}

func (a *arguments) token(client *Client) (any, error) {
	options := a.tokenOptions()
	token, err := client.Token(a.Account, &options)
	if err != nil {
		return nil, err
	}
	return struct {
		*Token
		AccessToken string `json:"access_token"`
	}{token, token.AccessToken.Reveal()}, nil
}

func (a *arguments) proof(client *Client) (any, error) {
	proof, err := client.DPoPProof(a.Method, a.URL, a.Account, &ProofOptions{TokenOptions: a.tokenOptions(), Nonce: a.Nonce})
	if err != nil {
		return nil, err
	}
	return struct {
		*Token
		AccessToken string `json:"access_token"`
		Proof       string `json:"proof"`
	}{&proof.Token, proof.AccessToken.Reveal(), proof.Proof.Reveal()}, nil
}

func (a *arguments) login(client *Client) (any, error) {
	login, err := client.Login(a.Provider, &LoginOptions{
		Account: a.Account, ClientID: a.ClientID, ClientSecret: a.ClientSecret, Redirect: a.Redirect, Scopes: a.Scopes,
		Issuer: a.Issuer, AddScopes: a.AddScopes, Flow: a.Flow, ExpiresIn: time.Duration(a.ExpiresIn) * time.Second,
		Fresh: a.Fresh, Attended: a.Attended,
	})
	if err != nil {
		return nil, err
	}
	defer login.Close()
	return login.Wait(context.Background())
}

func (a *arguments) set(client *Client) (any, error) {
	var value Value
	var fields Fields
	var text Secret
	if json.Unmarshal(a.Value, &fields) == nil {
		value = fields
	} else if err := json.Unmarshal(a.Value, &text); err == nil {
		value = text
	}
	options := &SetOptions{Name: a.Name, Tenant: a.Tenant, Shared: a.Shared, Next: a.Next}
	return client.AuthSetCredential(a.Provider, value, options)
}

func (a *arguments) resolve(client *Client) (any, error) {
	resolution, err := client.AuthResolve(a.Provider, a.resolveOptions())
	if err != nil {
		return nil, err
	}
	return shown(resolution), nil
}

func (a *arguments) resolveOptions() *ResolveOptions {
	return &ResolveOptions{
		Call: a.Call, Name: a.Name, Tenant: a.Tenant, Only: a.Only, Next: a.Next, Fields: a.Fields,
	}
}

func (a *arguments) lease(client *Client) (any, error) {
	lease, err := client.AuthLease(a.Provider, a.resolveOptions())
	if err != nil {
		return nil, err
	}
	defer lease.Close()
	event, err := lease.Wait(time.Duration(a.Wait) * time.Second)
	if err != nil {
		return nil, err
	}
	return struct {
		shownResolution
		Event Event `json:"event"`
	}{shown(lease.Credential()), event}, nil
}

// shownResolution is marshalled with its values.
type shownResolution struct {
	*Resolution
	Values  map[string]string `json:"values"`
	Sources map[string]string `json:"sources"`
}

func shown(resolution *Resolution) shownResolution {
	values := map[string]string{}
	for name, value := range resolution.Values() {
		values[name] = value.Reveal()
	}
	return shownResolution{resolution, values, resolution.Sources()}
}
