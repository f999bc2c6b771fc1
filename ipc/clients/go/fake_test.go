package keybearer

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// exchange is a request that the fake broker expects and the lines that it answers; nil closes the connection.
type exchange struct {
	Method string         `json:"method"`
	Params map[string]any `json:"params"`
	Answer []*string      `json:"answer"`
}

func lines(texts ...string) []*string {
	all := make([]*string, len(texts))
	for i := range texts {
		all[i] = &texts[i]
	}
	return all
}

// result is the line of a successful answer.
func result(encoded string) []*string {
	return lines(`{"jsonrpc":"2.0","id":$ID,"result":` + encoded + `}`)
}

// privateFolder is short, because a socket's path must be.
func privateFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "kb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

// fakeBroker serves one connection and gives its socket. The test fails unless the requests are the expected ones.
func fakeBroker(t *testing.T, exchanges ...exchange) string {
	t.Helper()
	return serve(t, talk(exchanges...))
}

// talk is a connection with these requests and no other.
func talk(exchanges ...exchange) func(net.Conn) error {
	return func(conn net.Conn) error {
		requests := bufio.NewReader(conn)
		for number, expected := range exchanges {
			id, err := expect(requests, expected)
			if err != nil {
				return fmt.Errorf("request %d: %w", number+1, err)
			}
			for _, line := range expected.Answer {
				if line == nil {
					return nil
				}
				if _, err := io.WriteString(conn, strings.ReplaceAll(*line, "$ID", id)+"\n"); err != nil {
					return err
				}
			}
		}
		// A client that closes with bytes unread resets the connection: not the end that is looked for here.
		if line, err := requests.ReadString('\n'); err == nil {
			return fmt.Errorf("a request too many: %s", line)
		}
		return nil
	}
}

// serve runs a broker of as many connections as it has functions, in their order, and listens no more when the last
// one is there. All have ended, and said what they found, when the test ends.
func serve(t *testing.T, connections ...func(net.Conn) error) string {
	t.Helper()
	socket := filepath.Join(privateFolder(t), "broker.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, len(connections))
	go func() {
		defer listener.Close()
		for _, broker := range connections {
			broker := broker
			conn, err := listener.Accept()
			if err != nil {
				if errors.Is(err, net.ErrClosed) {
					err = nil // nobody came, which the test may have wanted
				}
				ended <- err
				continue
			}
			go func() {
				defer conn.Close()
				ended <- broker(conn)
			}()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		for range connections {
			if err := <-ended; err != nil {
				t.Errorf("the fake broker: %v", err)
			}
		}
	})
	return socket
}

// expect reads one request and gives its id as it was written.
func expect(requests *bufio.Reader, expected exchange) (string, error) {
	line, err := requests.ReadBytes('\n')
	if err != nil {
		return "", err
	}
	var request struct {
		Jsonrpc string
		ID      json.RawMessage
		Method  string
		Params  map[string]any
	}
	if err := json.Unmarshal(line, &request); err != nil {
		return "", err
	}
	if request.Jsonrpc != "2.0" || request.Method != expected.Method {
		return "", fmt.Errorf("%s came instead of %s", line, expected.Method)
	}
	if len(request.Params)+len(expected.Params) > 0 && !reflect.DeepEqual(request.Params, expected.Params) {
		return "", fmt.Errorf("%v came instead of %v", request.Params, expected.Params)
	}
	return string(request.ID), nil
}

func connected(t *testing.T, options Options) *Client {
	t.Helper()
	client, err := Connect(&options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// refusal is the error that a function must have given.
func refusal(t *testing.T, err error, kind string) *Error {
	t.Helper()
	var refused *Error
	if !errors.As(err, &refused) {
		t.Fatalf("%v came instead of an error of the kind %s", err, kind)
	}
	if refused.Kind != kind {
		t.Fatalf("%s (%v) came instead of %s", refused.Kind, err, kind)
	}
	return refused
}

func environmentOf(variables map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, set := variables[name]
		return value, set
	}
}
