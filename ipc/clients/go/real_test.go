package keybearer

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const key = "sk-proj-0123456789abcdef-canary"

// program is one of the built ones.
func program(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("KEYBEARER_BIN_DIR")
	if folder == "" {
		t.Fatal("KEYBEARER_BIN_DIR is not set: set it to the folder with keybearer and keybearerd")
	}
	return filepath.Join(folder, name)
}

// brokerHome gives a fresh KEYBEARER_HOME with a keychain and, because choosing one starts it, a running broker.
func brokerHome(t *testing.T) string {
	t.Helper()
	return configuredHome(t, "")
}

// configuredHome is a brokerHome with this config.toml, in which every program is allowed everything.
func configuredHome(t *testing.T, config string) string {
	t.Helper()
	return policyHome(t, "allow", config)
}

// policyHome is a brokerHome with this policy and more of a config.toml.
func policyHome(t *testing.T, policy, config string) string {
	t.Helper()
	home := privateFolder(t)
	startedIn(t, home, policy, config)
	return home
}

// startedIn gives the home a config.toml and a keychain, which starts its broker; that ends with the test.
func startedIn(t *testing.T, home, policy, config string) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(home, "config"), 0o700); err != nil {
		t.Fatal(err)
	}
	config = fmt.Sprintf("policy = %q\n%s", policy, config)
	if err := os.WriteFile(filepath.Join(home, "config", "config.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keybearer(t, home, "daemon", "stop") })
	keybearer(t, home, "keychain", "migrate", "--to", "file", "--no-passphrase")
}

func keybearer(t *testing.T, home string, arguments ...string) {
	t.Helper()
	command := exec.Command(program(t, "keybearer"), arguments...)
	command.Env = []string{"KEYBEARER_HOME=" + home, "HOME=" + home, "PATH=" + os.Getenv("PATH")}
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("keybearer %s: %v: %s", strings.Join(arguments, " "), err, said)
	}
}

func realClient(t *testing.T, variables map[string]string) *Client {
	t.Helper()
	socket := filepath.Join(brokerHome(t), "run", "broker.sock")
	return connected(t, Options{Socket: socket, LookupEnv: environmentOf(variables)})
}

func stored(t *testing.T, client *Client) {
	t.Helper()
	if _, err := client.AuthSetCredential("openai", NewSecret(key), nil); err != nil {
		t.Fatal(err)
	}
}

func TestRealSetAndResolve(t *testing.T) {
	client := realClient(t, nil)
	stored(t, client)
	resolution, err := client.AuthResolve("openai", nil)
	if err != nil {
		t.Fatal(err)
	}
	field, found := resolution.Field("apiKey")
	if !found || field.Value.Reveal() != key || field.Source != "store" || !field.Secret {
		t.Errorf("api_key is %+v", field)
	}
	if shown := fmt.Sprintf("%v %+v %#v", resolution, resolution, *resolution); strings.Contains(shown, "canary") {
		t.Error(shown)
	}
}

func TestRealListIsMasked(t *testing.T) {
	client := realClient(t, nil)
	stored(t, client)
	credentials, err := client.List("")
	if err != nil {
		t.Fatal(err)
	}
	if len(credentials) != 1 || credentials[0].Provider != "openai" || len(credentials[0].Fields) != 1 {
		t.Fatalf("the list is %+v", credentials)
	}
	field := credentials[0].Fields[0]
	if field.Preview != "sk-pr...ary" || field.Slot != "current" || field.SetAt.IsZero() {
		t.Errorf("the field is %+v", field)
	}
	if !credentials[0].UsedAt.IsZero() {
		t.Errorf("it was used at %v", credentials[0].UsedAt)
	}
}

func TestRealEnvironmentWinsAndStaysHere(t *testing.T) {
	client := realClient(t, map[string]string{"OPENAI_API_KEY": "sk-of-the-environment"})
	stored(t, client)
	resolution, err := client.AuthResolve("openai", nil)
	if err != nil {
		t.Fatal(err)
	}
	field, _ := resolution.Field("api_key")
	if field.Value.Reveal() != "sk-of-the-environment" || field.From != "OPENAI_API_KEY" {
		t.Errorf("api_key is %+v", field)
	}
	if len(resolution.Shadowed) == 0 || resolution.Shadowed[0].Source != "store" {
		t.Errorf("shadowed: %+v", resolution.Shadowed)
	}
	// The broker answers a plan without a value: it never had one.
	plan, err := client.Call("credential.resolve", map[string]any{
		"provider": "openai", "environment": []string{"OPENAI_API_KEY"},
	})
	if err != nil || strings.Contains(string(plan), "sk-of-the-environment") {
		t.Errorf("%s, %v", plan, err)
	}
}

func TestRealRemoveThenNoCredential(t *testing.T) {
	client := realClient(t, nil)
	stored(t, client)
	removed, err := client.Remove("openai", nil)
	if err != nil || removed.Removed != 1 {
		t.Fatalf("%+v, %v", removed, err)
	}
	_, err = client.AuthResolve("openai", nil)
	refused := refusal(t, err, "no_credential")
	if places, _ := refused.Data["looked_at"].([]any); len(places) == 0 {
		t.Errorf("data is %v", refused.Data)
	}
}

func TestRealUnknownProviderNamesTheNearest(t *testing.T) {
	_, err := realClient(t, nil).AuthResolve("opnai", nil)
	if refused := refusal(t, err, "unknown_provider"); !strings.Contains(refused.Message, "openai") {
		t.Error(refused.Message)
	}
}

// What this program brings is its own; what the broker keeps nobody has allowed it.
func TestRealWithoutAGrant(t *testing.T) {
	home := policyHome(t, "ask", "")
	options := Options{Socket: filepath.Join(home, "run", "broker.sock"), LookupEnv: environmentOf(nil)}
	file := filepath.Join(home, "key")
	if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	keybearer(t, home, "provider", "set", "openai", "--file", file)
	_, err := connected(t, options).AuthResolve("openai", nil)
	refused := refusal(t, err, "consent_required")
	if command, _ := refused.Data["allow_with"].(string); !strings.HasPrefix(command, "keybearer grant allow ") {
		t.Errorf("data is %v", refused.Data)
	}
	options.LookupEnv = environmentOf(map[string]string{"OPENAI_API_KEY": "sk-of-the-environment"})
	if _, err := connected(t, options).AuthResolve("openai", nil); err != nil {
		t.Error(err)
	}
}

func TestRealStatus(t *testing.T) {
	client := realClient(t, map[string]string{"OPENAI_API_KEY": "sk-of-the-environment"})
	one, err := client.AuthStatus("openai")
	if err != nil || one.Status != "authenticated" || one.From != "OPENAI_API_KEY" {
		t.Fatalf("%+v, %v", one, err)
	}
	all, err := client.AuthStatusAll()
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	for _, row := range all {
		states[row.Provider] = row.Status
	}
	if states["openai"] != "authenticated" || states["anthropic"] != "not_authenticated" {
		t.Errorf("the rows are %v", states)
	}
}

func TestRealRotate(t *testing.T) {
	client := realClient(t, nil)
	stored(t, client)
	rotated, err := client.Rotate(&RotateOptions{Provider: "openai"})
	if err != nil || rotated.Tenant != "default" || rotated.Sealed != 1 {
		t.Fatalf("%+v, %v", rotated, err)
	}
	resolution, err := client.AuthResolve("openai", &ResolveOptions{Only: []string{"store"}})
	if err != nil || resolution.Values()["api_key"].Reveal() != key {
		t.Fatalf("%+v, %v", resolution, err)
	}
}

func TestRealSwitchAndRename(t *testing.T) {
	client := realClient(t, nil)
	stored(t, client)
	if _, err := client.AuthSetCredential("openai", NewSecret(key+"-next"), &SetOptions{Next: true}); err != nil {
		t.Fatal(err)
	}
	if switched, err := client.Switch("gpt", nil); err != nil || switched.Provider != "openai" {
		t.Fatalf("%+v, %v", switched, err)
	}
	renamed, err := client.Rename("gpt", "work", nil)
	if err != nil || *renamed != (Renamed{Provider: "openai", Tenant: "default", Name: "work"}) {
		t.Fatalf("%+v, %v", renamed, err)
	}
	resolution, err := client.AuthResolve("openai", &ResolveOptions{Name: "work", Purpose: "a test"})
	if err != nil || resolution.Values()["api_key"].Reveal() != key+"-next" {
		t.Fatalf("%+v, %v", resolution, err)
	}
	_, err = client.Rename("openai", "other", nil)
	refusal(t, err, "no_credential")
	_, err = client.Rename("openai", "no name", &NameOptions{Name: "work"})
	refusal(t, err, KindInvalidValue)
	_, err = client.Switch("groq", nil)
	refusal(t, err, "no_credential")
}

func TestRealInstanceAndCallCredentials(t *testing.T) {
	home := brokerHome(t)
	client := connected(t, Options{
		Socket:      filepath.Join(home, "run", "broker.sock"),
		LookupEnv:   environmentOf(nil),
		Credentials: map[string]Fields{"openai": {"apiKey": NewSecret("sk-of-the-instance")}},
	})
	for _, one := range []struct {
		options  *ResolveOptions
		expected string
	}{
		{nil, "sk-of-the-instance"},
		{&ResolveOptions{Call: Fields{"api-key": NewSecret("sk-of-the-call")}}, "sk-of-the-call"},
	} {
		resolution, err := client.AuthResolve("openai", one.options)
		if err != nil {
			t.Fatal(err)
		}
		if got := resolution.Values()["api_key"].Reveal(); got != one.expected {
			t.Errorf("%s came instead of %s", got, one.expected)
		}
	}
}

func TestNoBrokerIsStartedForAClientKeyThatIsGone(t *testing.T) {
	home := privateFolder(t)
	t.Setenv("PATH", filepath.Dir(program(t, "keybearer"))+":"+os.Getenv("PATH"))
	t.Setenv("HOME", home)
	t.Setenv("KEYBEARER_HOME", home)
	t.Setenv("KEYBEARER_SOCKET", "")
	t.Setenv("KEYBEARER_CLIENT_KEY_FILE", filepath.Join(home, "gone"))
	_, err := Connect(nil)
	if refused := refusal(t, err, KindInvalidValue); !strings.Contains(refused.Message, "KEYBEARER_CLIENT_KEY_FILE") {
		t.Error(refused.Message)
	}
	if made, err := os.ReadDir(home); err != nil || len(made) > 0 {
		keybearer(t, home, "daemon", "stop")
		t.Errorf("%v, %v", made, err)
	}
}

func TestRealBrokerIsStarted(t *testing.T) {
	home := privateFolder(t)
	t.Setenv("PATH", filepath.Dir(program(t, "keybearer"))+":"+os.Getenv("PATH"))
	t.Setenv("HOME", home)
	t.Setenv("KEYBEARER_HOME", home)
	t.Setenv("KEYBEARER_SOCKET", "")
	t.Cleanup(func() { keybearer(t, home, "daemon", "stop") })
	if _, err := connected(t, Options{}).Call("system.hello", nil); err != nil {
		t.Fatal(err)
	}
}
