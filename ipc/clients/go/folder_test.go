package keybearer

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// inFolder makes it the current one until the test ends.
func inFolder(t *testing.T, folder string) {
	t.Helper()
	before, err := os.Getwd()
	if err == nil {
		err = os.Chdir(folder)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Chdir(before); err != nil {
			t.Fatal(err)
		}
	})
}

// linkedFolder is a fresh one, with the folder "work" and a "link" to it.
func linkedFolder(t *testing.T) (folder, work string) {
	t.Helper()
	folder, err := filepath.EvalSymlinks(privateFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	work = filepath.Join(folder, "work")
	makeFolder(t, work)
	makeLink(t, work, filepath.Join(folder, "link"))
	return folder, work
}

func makeFolder(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func makeLink(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

// tokenBroker expects a request for each of the parameters; its client may ask nothing else.
func tokenBroker(t *testing.T, params ...map[string]any) *Client {
	t.Helper()
	exchanges := make([]exchange, len(params))
	for i := range params {
		exchanges[i] = exchange{Method: "token.get", Params: params[i], Answer: result(`{"access_token":"at-1"}`)}
	}
	return connected(t, Options{Socket: fakeBroker(t, exchanges...)})
}

func tokenOf(t *testing.T, client *Client, account string, options *TokenOptions) {
	t.Helper()
	if _, err := client.Token(account, options); err != nil {
		t.Error(err)
	}
}

func refusedFolder(t *testing.T, client *Client, account, directory, message string) {
	t.Helper()
	_, err := client.Token(account, &TokenOptions{Directory: directory})
	if refused := refusal(t, err, KindInvalidValue); !strings.Contains(refused.Message, message) {
		t.Error(refused.Message)
	}
}

func TestTheCurrentFolderIsSent(t *testing.T) {
	folder, work := linkedFolder(t)
	link := filepath.Join(folder, "link")
	inFolder(t, link)
	for _, shells := range []string{link, work, ""} {
		t.Setenv("PWD", shells)
		client := tokenBroker(t, map[string]any{"directory": work}, map[string]any{"directory": work, "min_valid": 600.0})
		tokenOf(t, client, "", nil)
		tokenOf(t, client, "", &TokenOptions{MinValid: 10 * time.Minute})
	}
}

func TestANamedAccountIsAllThatIsSent(t *testing.T) {
	client := tokenBroker(t, map[string]any{"account": "work"}, map[string]any{"account": "work", "refresh": true})
	tokenOf(t, client, "work", nil)
	tokenOf(t, client, "work", &TokenOptions{Refresh: true})
}

func TestADeletedFolderIsLeftOut(t *testing.T) {
	_, work := linkedFolder(t)
	inFolder(t, work)
	t.Setenv("PWD", work)
	if err := os.Remove(work); err != nil {
		t.Fatal(err)
	}
	client := tokenBroker(t, map[string]any{})
	refusedFolder(t, client, "", ".", `"." is no folder`)
	tokenOf(t, client, "", nil)
}

func TestAFolderWhoseNameIsNoTextIsLeftOut(t *testing.T) {
	folder, _ := linkedFolder(t)
	odd := filepath.Join(folder, "\xff")
	makeFolder(t, odd)
	inFolder(t, odd)
	client := tokenBroker(t, map[string]any{})
	refusedFolder(t, client, "", odd, "not UTF-8")
	refusedFolder(t, client, "", ".", "not UTF-8")
	tokenOf(t, client, "", nil)
}

func TestAnotherFolderIsMadeAbsoluteAndReal(t *testing.T) {
	folder, work := linkedFolder(t)
	inFolder(t, folder)
	makeFolder(t, filepath.Join(work, "deep"))
	makeLink(t, filepath.Join(work, "deep"), filepath.Join(folder, "far"))
	given := []string{
		work, filepath.Join(folder, "link"), folder + "/far/..", "link", "work/", "work/.././link/.", "far/..",
	}
	var sent []map[string]any
	for range given {
		sent = append(sent, map[string]any{"directory": work})
	}
	client := tokenBroker(t, append(sent, map[string]any{"directory": "/"})...)
	for _, directory := range append(given, "/") {
		tokenOf(t, client, "", &TokenOptions{Directory: directory})
	}
}

func TestWhatIsNoFolderIsNotSent(t *testing.T) {
	folder, work := linkedFolder(t)
	inFolder(t, folder)
	if err := os.WriteFile("file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	makeLink(t, "loop", "loop")
	client := tokenBroker(t)
	for _, directory := range []string{"missing", "missing/..", "file", "file/", "file/..", "loop", "a\x00b"} {
		refusedFolder(t, client, "", directory, fmt.Sprintf("%q is no folder", directory))
	}
	refusedFolder(t, client, "work", work, "not both")
}

func TestRealBoundFolder(t *testing.T) {
	home := privateFolder(t)
	signedOutAccounts(t, home, "work", "private")
	customers := filepath.Join(home, "customers")
	deep := filepath.Join(customers, "one")
	makeFolder(t, deep)
	startedIn(t, home, "allow", "")
	keybearer(t, home, "account", "bind", customers, "work")
	client := connected(t, Options{Socket: filepath.Join(home, "run", "broker.sock"), LookupEnv: environmentOf(nil)})
	for _, one := range []struct {
		current, account, directory string
		kind, chosen                string
	}{
		{deep, "", "", "login_required", "work"},
		{deep, "private", "", "login_required", "private"},
		{home, "", "", "unknown_account", ""},
		{home, "", "customers/one", "login_required", "work"},
	} {
		inFolder(t, one.current)
		_, err := client.Token(one.account, &TokenOptions{Directory: one.directory})
		if chosen, _ := refusal(t, err, one.kind).Data["account"].(string); chosen != one.chosen {
			t.Errorf("%+v: the account is %q", one, chosen)
		}
	}
}

// signedOutAccounts are in a home whose broker does not run yet. They are signed out, because signing in takes a
// server; the broker's refusal names the one that it chose.
func signedOutAccounts(t *testing.T, home string, names ...string) {
	t.Helper()
	var accounts []map[string]any
	for _, name := range names {
		accounts = append(accounts, map[string]any{
			"id": "id-of-" + name, "name": name, "provider": "", "issuer": "https://as.example", "subject": "",
			"label": "", "client_id": "test", "scope": "", "login_required": "it was signed out", "created_at": 0,
			"confidential": false,
		})
	}
	encoded, err := json.Marshal(map[string]any{"version": 1, "accounts": accounts})
	if err != nil {
		t.Fatal(err)
	}
	makeFolder(t, filepath.Join(home, "data"))
	if err := os.WriteFile(filepath.Join(home, "data", "accounts.json"), encoded, 0o600); err != nil {
		t.Fatal(err)
	}
}
