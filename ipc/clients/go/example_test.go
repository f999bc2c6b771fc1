package keybearer_test

import (
	"net/http"

	"keybearer.dev/keybearer"
)

// It is compiled with the tests, so that README.md's example stays true.
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
