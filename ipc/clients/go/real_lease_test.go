package keybearer

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const otherKey = "sk-proj-fedcba9876543210-canary"

// happens waits for an event while something is done; it is seen whether it comes before the watch or after.
func happens(t *testing.T, lease *Lease, does func()) Event {
	t.Helper()
	seen := make(chan Event, 1)
	go func() {
		event, err := lease.Wait(maxWait)
		if err != nil {
			t.Error(err)
		}
		seen <- event
	}()
	does()
	return <-seen
}

func realLease(t *testing.T, client *Client, options *ResolveOptions) *Lease {
	t.Helper()
	lease, err := client.AuthLease("openai", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lease.Close() })
	return lease
}

func set(t *testing.T, client *Client, value string) {
	t.Helper()
	if _, err := client.AuthSetCredential("openai", NewSecret(value), nil); err != nil {
		t.Fatal(err)
	}
}

func TestRealLease(t *testing.T) {
	client := realClient(t, nil)
	stored(t, client)
	lease := realLease(t, client, nil)
	if event, err := lease.Wait(0); err != nil || event != EventNone {
		t.Fatalf("%q, %v", event, err)
	}
	other := connected(t, Options{Socket: client.socket})
	old := lease.Credential()
	if event := happens(t, lease, func() { set(t, other, otherKey) }); event != EventRenewed {
		t.Fatal(event)
	}
	if got := lease.Credential().Values()["api_key"].Reveal(); got != otherKey {
		t.Errorf("the lease holds %s", got)
	}
	if got := old.Values()["api_key"].Reveal(); got != key {
		t.Errorf("what was taken became %s", got)
	}
	event := happens(t, lease, func() {
		// The lease's own client is not held up.
		if _, err := client.Remove("openai", nil); err != nil {
			t.Error(err)
		}
	})
	if got := lease.Credential().Values()["api_key"].Reveal(); event != EventRemoved || got != otherKey {
		t.Errorf("%q, and the lease holds %s", event, got)
	}
}

// happening is a lease's loop: it gives the values that come and "removed", and ends.
func happening(t *testing.T, lease *Lease) <-chan string {
	seen := make(chan string)
	go func() {
		defer close(seen)
		for lease.Next(context.Background()) {
			if lease.Event() == EventRemoved {
				seen <- "removed"
			} else {
				seen <- lease.Credential().Values()["api_key"].Reveal()
			}
		}
		if lease.Err() != nil {
			t.Error(lease.Err())
		}
	}()
	return seen
}

func TestRealLeaseOutlivesABroker(t *testing.T) {
	home := brokerHome(t)
	t.Setenv("PATH", filepath.Dir(program(t, "keybearer"))+":"+os.Getenv("PATH"))
	t.Setenv("HOME", home)
	t.Setenv("KEYBEARER_HOME", home)
	client := connected(t, Options{LookupEnv: environmentOf(nil)})
	stored(t, client)
	lease := realLease(t, client, nil)
	seen := happening(t, lease)
	for _, value := range []string{otherKey, key} {
		keybearer(t, home, "daemon", "stop")
		another := connected(t, Options{}) // starts the broker, unless the lease has
		set(t, another, value)
		if got := <-seen; got != value {
			t.Fatalf("%q came instead of %q", got, value)
		}
	}
	if _, err := connected(t, Options{}).Remove("openai", nil); err != nil {
		t.Fatal(err)
	}
	if got := <-seen; got != "removed" {
		t.Error(got)
	}
	if got, goesOn := <-seen; goesOn {
		t.Errorf("%q came instead of the end", got)
	}
}

func TestRealLocations(t *testing.T) {
	home := configuredHome(t, `[locations]
openai = ["dynamic::customer_key", "env::MY_OPENAI_KEY", "store::"]
`)
	socket := filepath.Join(home, "run", "broker.sock")
	client := connected(t, Options{Socket: socket, LookupEnv: environmentOf(nil)})
	stored(t, client)
	withVariable := connected(t, Options{Socket: socket, LookupEnv: environmentOf(map[string]string{
		"MY_OPENAI_KEY": "sk-of-my-variable", "OPENAI_API_KEY": "sk-of-no-location",
	})})
	dynamic := &ResolveOptions{Call: Fields{"customer_key": NewSecret("sk-of-the-customer")}}
	for _, one := range []struct {
		client                  *Client
		options                 *ResolveOptions
		expected, source, where string
	}{
		{client, nil, key, "store", "default/default"},
		{withVariable, nil, "sk-of-my-variable", "environment", "MY_OPENAI_KEY"},
		{withVariable, dynamic, "sk-of-the-customer", "call", "customer_key"},
	} {
		resolution, err := one.client.AuthResolve("openai", one.options)
		if err != nil {
			t.Fatal(err)
		}
		field, _ := resolution.Field("api_key")
		if field.Value.Reveal() != one.expected || field.Source != one.source || field.From != one.where {
			t.Errorf("%q of %+v came instead of %q", field.Value.Reveal(), field, one.expected)
		}
		lease := realLease(t, one.client, one.options)
		if event, err := lease.Wait(0); err != nil || event != EventNone {
			t.Errorf("%q, %v", event, err)
		}
		if got := lease.Credential().Values()["api_key"].Reveal(); got != one.expected {
			t.Errorf("the lease holds %q instead of %q", got, one.expected)
		}
	}
	_, err := client.AuthResolve("openai", &ResolveOptions{Call: Fields{"other_key": NewSecret("canary")}})
	if refused := refusal(t, err, KindInvalidValue); strings.Contains(refused.Message, "canary") {
		t.Error(refused.Message)
	}
}

func TestRealFieldsHaveAMember(t *testing.T) {
	client := realClient(t, nil)
	for provider, typed := range map[string]any{
		"azure":            AzureCredential{},
		"bedrock":          BedrockCredential{},
		"sagemaker":        SageMakerCredential{},
		"vertex":           VertexCredential{},
		"vertex-anthropic": VertexCredential{},
	} {
		encoded, err := client.Call("provider.describe", map[string]any{"provider": provider})
		if err != nil {
			t.Fatal(err)
		}
		var described struct {
			Fields []struct {
				Field  string
				Secret bool
			}
		}
		if err := json.Unmarshal(encoded, &described); err != nil {
			t.Fatal(err)
		}
		members := reflect.TypeOf(typed)
		if len(described.Fields) != members.NumField() {
			t.Errorf("%s has %d fields and %d members", provider, len(described.Fields), members.NumField())
		}
		for _, field := range described.Fields {
			member, found := members.FieldByNameFunc(func(name string) bool { return folded(name) == folded(field.Field) })
			if isSecret := member.Type == reflect.TypeOf(Secret{}); !found || isSecret != field.Secret {
				t.Errorf("the %s of %s is %+v", field.Field, provider, member)
			}
		}
	}
}

func TestRealTypedCredential(t *testing.T) {
	client := realClient(t, map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "canary", "AWS_REGION": "eu-west-1",
	})
	resolution, err := client.AuthResolve("bedrock", nil)
	if err != nil {
		t.Fatal(err)
	}
	bedrock, err := As[BedrockCredential](resolution)
	if err != nil {
		t.Fatal(err)
	}
	if bedrock.SecretAccessKey.Reveal() != "canary" || bedrock.Region != "eu-west-1" {
		t.Errorf("the credential is %+v", bedrock)
	}
}
