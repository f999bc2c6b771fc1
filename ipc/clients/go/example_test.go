package keybearer_test

import (
	"context"
	"net/http"

	"keybearer.dev/keybearer"
)

// They are compiled with the tests, so that README.md's examples stay true.
func Example() {
	_ = func(request *http.Request) error {
		broker, err := keybearer.Connect(nil)
		if err != nil {
			return err
		}
		defer broker.Close()
		credential, err := broker.AuthResolve("openai", nil)
		if err != nil {
			return err
		}
		key, _ := credential.Field("apiKey")
		request.Header.Set("Authorization", "Bearer "+key.Value.Reveal())
		return nil
	}
}

func ExampleDPoPProof() {
	_ = func(request *http.Request, broker *keybearer.Client) error {
		proof, err := broker.DPoPProof(request.Method, request.URL.String(), "work", nil)
		if err != nil {
			return err
		}
		for name, value := range proof.Headers() {
			request.Header.Set(name, value)
		}
		return nil
	}
}

func ExampleLogin() {
	_ = func(ctx context.Context, broker *keybearer.Client, open func(string)) error {
		login, err := broker.Login("work", &keybearer.LoginOptions{Attended: true})
		if err != nil {
			return err
		}
		defer login.Close()
		if !login.Joined { // else its page is open already
			open(login.AuthorizationURL)
		}
		signedIn, err := login.Wait(ctx)
		_ = signedIn
		return err
	}
}

func ExampleLease() {
	_ = func(ctx context.Context, broker *keybearer.Client, use func(keybearer.Event, *keybearer.Resolution)) error {
		lease, err := broker.AuthLease("openai", nil)
		if err != nil {
			return err
		}
		defer lease.Close()
		for lease.Next(ctx) { // until the credential is removed, ctx ends or the lease is closed
			use(lease.Event(), lease.Credential())
		}
		return lease.Err()
	}
}
