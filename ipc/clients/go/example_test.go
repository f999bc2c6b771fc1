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
