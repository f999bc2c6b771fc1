package keybearer

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
)

const begun = `{"login_id": "login-1", "joined": true, "screen_locked": true, "account": "work", "provider": "demo",
	"issuer": "https://as.example", "resource": "https://api.example/", "scopes": ["openid"],
	"authorization_url": "https://as.example/one", "redirect_uri": "http://127.0.0.1/x", "user_code": "ABCD",
	"verification_uri": "https://as.example/device", "url_expires_at": 1767225600, "expires_at": 1767225900}`

// oneLine is JSON as it travels.
func oneLine(encoded string) []*string {
	return result(strings.ReplaceAll(strings.ReplaceAll(encoded, "\n", ""), "\t", ""))
}

// loginOf begins a sign-in of a broker that is asked these things about it and no others.
func loginOf(t *testing.T, exchanges ...exchange) *Login {
	t.Helper()
	first := exchange{Method: "account.login", Params: map[string]any{"provider": "demo"}, Answer: oneLine(begun)}
	socket := serve(t, talk(), talk(append([]exchange{first}, exchanges...)...))
	login, err := connected(t, Options{Socket: socket, LookupEnv: environmentOf(nil)}).Login("demo", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { login.Close() })
	return login
}

func statusOf(known string, answer []*string) exchange {
	params := map[string]any{"login_id": "login-1", "known_state": known, "wait": 60.0}
	return exchange{Method: "account.login_status", Params: params, Answer: answer}
}

func TestProofHasHeadersAndShowsNoSecret(t *testing.T) {
	answer := result(`{"access_token":"canary","token_type":"DPoP","proof":"canary.too","account":"a"}`)
	params := map[string]any{"account": "a", "htm": "GET", "htu": "https://api.example/"}
	socket := fakeBroker(t, exchange{Method: "dpop.proof", Params: params, Answer: answer})
	proof, err := connected(t, Options{Socket: socket, LookupEnv: environmentOf(nil)}).DPoPProof("GET", "https://api.example/", "a", nil)
	if err != nil {
		t.Fatal(err)
	}
	expected := map[string]string{"Authorization": "DPoP canary", "DPoP": "canary.too"}
	if !reflect.DeepEqual(proof.Headers(), expected) || proof.TokenType != "DPoP" {
		t.Errorf("%v", proof.Headers())
	}
	marshalled, err := json.Marshal(proof)
	if shown := fmt.Sprintf("%v %+v %#v %s", proof, *proof, *proof, marshalled); err != nil || strings.Contains(shown, "canary") {
		t.Error(shown, err)
	}
}

func TestProofThatIsMissing(t *testing.T) {
	for _, answer := range []string{`{"access_token":"at"}`, `{"proof":"p"}`} {
		params := map[string]any{"account": "a", "htm": "GET", "htu": "https://api.example/"}
		socket := fakeBroker(t, exchange{Method: "dpop.proof", Params: params, Answer: result(answer)})
		client := connected(t, Options{Socket: socket, LookupEnv: environmentOf(nil)})
		_, err := client.DPoPProof("GET", "https://api.example/", "a", nil)
		refusal(t, err, KindInternal)
		client.Close()
	}
}

func TestLoginSaysWhatItIs(t *testing.T) {
	login := loginOf(t)
	encoded, err := json.Marshal(login.LoginFacts)
	if err != nil {
		t.Fatal(err)
	}
	var facts, expected map[string]any
	if json.Unmarshal(encoded, &facts) != nil || json.Unmarshal([]byte(begun), &expected) != nil {
		t.Fatal("no JSON")
	}
	delete(expected, "login_id")
	if !reflect.DeepEqual(facts, expected) {
		t.Errorf("%v came instead of %v", facts, expected)
	}
	if shown := fmt.Sprintf("%v %+v", login, login); shown != "keybearer.Login work keybearer.Login work" {
		t.Error(shown)
	}
}

func TestLoginThatFails(t *testing.T) {
	for _, row := range []struct {
		kind, answer string
	}{
		{"provider_error", `{"state":"failed","error":{"kind":"provider_error","message":"it does not like us"}}`},
		{"login_failed", `{"state":"failed","error":null}`},
		{"login_cancelled", `{"state":"cancelled"}`},
		{KindInternal, `{"account":"work"}`},
	} {
		login := loginOf(t, statusOf("waiting_for_browser", result(`{"state":"exchanging"}`)), statusOf("exchanging", result(row.answer)))
		_, err := login.Wait(context.Background())
		refusal(t, err, row.kind)
		login.Close()
	}
}

// waitingLogin is a sign-in whose broker says on the channel that Wait has asked it, and then is asked more.
func waitingLogin(t *testing.T, more ...exchange) (*Login, <-chan struct{}) {
	t.Helper()
	asked := make(chan struct{})
	first := exchange{Method: "account.login", Params: map[string]any{"provider": "demo"}}
	socket := serve(t, talk(), func(conn net.Conn) error {
		requests := bufio.NewReader(conn)
		id, err := expect(requests, first)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(conn, strings.ReplaceAll(*oneLine(begun)[0], "$ID", id)+"\n"); err != nil {
			return err
		}
		if _, err := expect(requests, statusOf("waiting_for_browser", nil)); err != nil {
			return err
		}
		close(asked)
		return talk(more...)(conn)
	})
	login, err := connected(t, Options{Socket: socket, LookupEnv: environmentOf(nil)}).Login("demo", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { login.Close() })
	return login, asked
}

func TestLoginAddressOnceMoreWhileItWaits(t *testing.T) {
	login, asked := waitingLogin(t, exchange{
		Method: "account.login_url", Params: map[string]any{"login_id": "login-1"},
		Answer: append(result(`{"authorization_url":"https://as.example/two","url_expires_at":null}`),
			lines(`{"jsonrpc":"2.0","id":2,"result":{"state":"done","account":"work"}}`)...),
	})
	type outcome struct {
		end *SignedIn
		err error
	}
	ended := make(chan outcome)
	go func() {
		end, err := login.Wait(context.Background())
		ended <- outcome{end, err}
	}()
	<-asked
	page, err := login.URL()
	if err != nil || page.AuthorizationURL != "https://as.example/two" || !page.URLExpiresAt.IsZero() {
		t.Errorf("%+v, %v", page, err)
	}
	if got := <-ended; got.err != nil || *got.end != (SignedIn{Account: "work"}) {
		t.Errorf("%+v, %v", got.end, got.err)
	}
}

func TestLoginCallback(t *testing.T) {
	params := map[string]any{"login_id": "login-1", "url": "http://127.0.0.1/callback?code=1"}
	login := loginOf(t, exchange{Method: "account.login_callback", Params: params, Answer: result(`{"state":"exchanging"}`)})
	if err := login.Callback("http://127.0.0.1/callback?code=1"); err != nil {
		t.Error(err)
	}
}

func TestLoginWaitThatIsEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	for _, row := range []struct {
		kind string
		end  func(*Login)
	}{
		{KindTimeout, func(*Login) { cancel() }},
		{KindConnectionLost, func(login *Login) { login.Close() }},
	} {
		login, asked := waitingLogin(t)
		go func(end func(*Login)) {
			<-asked
			end(login)
		}(row.end)
		within := ctx
		if row.kind != KindTimeout {
			within = context.Background()
		}
		_, err := login.Wait(within)
		refusal(t, err, row.kind)
		_, err = login.Wait(within)
		refusal(t, err, row.kind)
		login.Close()
	}
}
