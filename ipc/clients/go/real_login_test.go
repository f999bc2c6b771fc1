package keybearer

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// lab is a broker with an authorization server (tests/clients/lab).
type lab struct {
	Socket   string
	Provider string
	Account  string
	Resource string
	browse   func(url string)
}

func startLab(t *testing.T) *lab {
	t.Helper()
	program(t, "keybearer") // says what is missing
	command := exec.Command(filepath.Join("..", "..", "..", "tests", "clients", "lab"))
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		if err := command.Wait(); err != nil {
			t.Error(err)
		}
	})
	started := &lab{browse: func(url string) { fmt.Fprintln(input, url) }}
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, started)
	}
	if err != nil {
		t.Fatal(err)
	}
	return started
}

// ask gives the status of the resource, and the nonce that it wants.
func (l *lab) ask(t *testing.T, headers map[string]string) (int, string) {
	t.Helper()
	request, err := http.NewRequest("GET", l.Resource, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode, answer.Header.Get("DPoP-Nonce")
}

// proved asks with a proof for that method.
func (l *lab) proved(t *testing.T, client *Client, method, nonce string) (int, string) {
	t.Helper()
	proof, err := client.DPoPProof(method, l.Resource, l.Account, &ProofOptions{Nonce: nonce})
	if err != nil {
		t.Fatal(err)
	}
	return l.ask(t, proof.Headers())
}

func TestRealLoginAndBoundToken(t *testing.T) {
	lab := startLab(t)
	client := connected(t, Options{Socket: lab.Socket, LookupEnv: environmentOf(nil)})
	_, err := client.Login("nobody", nil)
	refusal(t, err, "unknown_provider")
	_, err = client.Login(lab.Provider, &LoginOptions{Flow: "pigeon"})
	refusal(t, err, KindInvalidValue)
	left, err := client.Login(lab.Provider, &LoginOptions{Attended: true})
	if err != nil {
		t.Fatal(err)
	}
	left.Close()

	login, err := client.Login(lab.Provider, &LoginOptions{Attended: true})
	if err != nil {
		t.Fatal(err)
	}
	defer login.Close()
	if login.Account != lab.Account || login.Joined || login.ExpiresAt.IsZero() {
		t.Errorf("%+v", login.LoginFacts)
	}
	page, err := login.URL()
	if err != nil {
		t.Fatal(err)
	}
	lab.browse(page.AuthorizationURL)
	end, err := login.Wait(context.Background())
	if err != nil || end.Account != lab.Account || end.Subject != "alice" {
		t.Fatalf("%+v, %v", end, err)
	}

	token, err := client.Token(lab.Account, nil)
	if err != nil || token.TokenType != "DPoP" {
		t.Fatalf("%+v, %v", token, err)
	}
	if status, _ := lab.ask(t, map[string]string{"Authorization": "Bearer " + token.AccessToken.Reveal()}); status != 401 {
		t.Errorf("%d without a proof", status)
	}
	status, nonce := lab.proved(t, client, "GET", "")
	if status != 401 || nonce == "" {
		t.Errorf("%d without a nonce", status)
	}
	if status, _ := lab.proved(t, client, "GET", nonce); status != 200 {
		t.Errorf("%d with a proof and a nonce", status)
	}
	if status, _ := lab.proved(t, client, "POST", nonce); status != 401 {
		t.Errorf("%d with a proof for another method", status)
	}
}
