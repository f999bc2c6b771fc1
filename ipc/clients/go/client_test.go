package keybearer

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestALateAnswerIsPassedOver(t *testing.T) {
	client := connected(t, Options{Timeout: 20 * time.Millisecond, Socket: serve(t, func(conn net.Conn) error {
		// On a busy machine the time may be up before the first request is sent; its answer comes late all the same.
		for requests := bufio.NewReader(conn); ; {
			line, err := requests.ReadString('\n')
			if err != nil {
				return err
			}
			if strings.Contains(line, `"second"`) {
				_, err := io.WriteString(conn, `{"id":1,"result":{"of":"first"}}`+"\n"+`{"id":2,"result":{"of":"second"}}`+"\n")
				return err
			}
		}
	})})
	_, err := client.Call("first", nil)
	refusal(t, err, KindTimeout)
	client.timeout = defaultTimeout
	answer, err := client.Call("second", nil)
	if err != nil || string(answer) != `{"of":"second"}` {
		t.Errorf("%s, %v", answer, err)
	}
}

func TestAnswersInAnyOrder(t *testing.T) {
	const calls = 8
	client := connected(t, Options{Socket: serve(t, func(conn net.Conn) error {
		requests := bufio.NewReader(conn)
		var answers []string
		for len(answers) < calls {
			id, err := expect(requests, exchange{Method: "m", Params: map[string]any{}})
			if err != nil {
				return err
			}
			answers = append([]string{fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"id":%s}}`+"\n", id, id)}, answers...)
		}
		_, err := io.WriteString(conn, strings.Join(answers, ""))
		return err
	})})
	seen := make(chan string, calls)
	for i := 0; i < calls; i++ {
		go func() {
			answer, err := client.Call("m", nil)
			seen <- fmt.Sprintf("%s %v", answer, err)
		}()
	}
	all := map[string]bool{}
	for i := 0; i < calls; i++ {
		all[<-seen] = true
	}
	for id := 1; id <= calls; id++ {
		if !all[fmt.Sprintf(`{"id":%d} <nil>`, id)] {
			t.Errorf("nobody got answer %d: %v", id, all)
		}
	}
}

func TestAnswersThatEndTheConnection(t *testing.T) {
	for name, answer := range map[string]string{
		"too long": `{"id":$ID,"result":{"x":"` + strings.Repeat("x", maxLine) + `"}}`,
		"an array": `[1]`,
		"null":     `null`,
	} {
		answer := answer
		t.Run(name, func(t *testing.T) {
			client := connected(t, Options{Socket: serve(t, func(conn net.Conn) error {
				id, err := expect(bufio.NewReader(conn), exchange{Method: "m"})
				if err == nil {
					// The client may hang up before the end of the line.
					_, _ = io.WriteString(conn, strings.ReplaceAll(answer, "$ID", id)+"\n")
				}
				return err
			})})
			for i := 0; i < 2; i++ { // the second call is told at once
				_, err := client.Call("m", nil)
				refusal(t, err, KindConnectionLost)
			}
		})
	}
}

func TestAnswersThatAreNotOfTheProtocol(t *testing.T) {
	for _, answer := range []string{
		`{"id":$ID,"result":{"access_token":7}}`, `{"id":$ID,"result":{"token_type":"canary"}}`,
	} {
		client := connected(t, Options{Socket: fakeBroker(t, exchange{
			Method: "token.get", Params: map[string]any{"account": "work"}, Answer: lines(answer),
		})})
		_, err := client.Token("work", nil)
		if refused := refusal(t, err, KindInternal); strings.Contains(refused.Message, "canary") {
			t.Error(refused.Message)
		}
	}
}

func TestOnlyAnObjectIsAResult(t *testing.T) {
	for _, answer := range []string{`{"id":$ID,"result":"canary"}`, `{"id":$ID,"result":null}`, `{"id":$ID}`} {
		client := connected(t, Options{Socket: fakeBroker(t, exchange{Method: "m", Answer: lines(
			`{"id":$ID,"method":"later.request","result":{"of":"nobody"}}`, answer)})})
		got, err := client.Call("m", nil)
		if refused := refusal(t, err, KindInternal); got != nil || strings.Contains(refused.Message, "canary") {
			t.Errorf("%s, %v", got, err)
		}
	}
}

func TestAnUnreadableRequest(t *testing.T) {
	client := connected(t, Options{Socket: fakeBroker(t, exchange{Method: "m", Answer: lines(
		`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"too deep","data":{"kind":"parse_error"}}}`)})})
	_, err := client.Call("m", nil)
	refusal(t, err, "parse_error")
	_, err = client.Call("m", nil)
	refusal(t, err, KindConnectionLost)
}

func TestRequestsThatAreNotSent(t *testing.T) {
	client := newTestClient(t, Options{})
	for _, params := range []map[string]any{
		{"x": strings.Repeat("canary", maxLine/6)}, {"canary": make(chan int)},
	} {
		_, err := client.Call("m", params)
		if refused := refusal(t, err, KindInvalidValue); strings.Contains(refused.Message, "canary") {
			t.Error(refused.Message)
		}
	}
}

func TestAClosedClient(t *testing.T) {
	client := newTestClient(t, Options{})
	for i := 0; i < 2; i++ {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
	_, err := client.Token("work", nil)
	refusal(t, err, KindConnectionLost)
}

func TestValuesThatCannotBeStored(t *testing.T) {
	client := connected(t, Options{Socket: fakeBroker(t, exchange{
		Method: "provider.describe", Params: map[string]any{"provider": "many"},
		Answer: result(`{"provider":"many","fields":[],"main_field":null}`),
	})})
	for _, value := range []Value{NewSecret("canary"), nil, Fields{"a": NewSecret("canary\xff")}} {
		_, err := client.AuthSetCredential("many", value, nil)
		if refused := refusal(t, err, KindInvalidValue); strings.Contains(refused.Message, "canary") {
			t.Error(refused.Message)
		}
	}
}

func TestABrokerThatDoesNotRead(t *testing.T) {
	over := make(chan struct{})
	client := connected(t, Options{Timeout: 20 * time.Millisecond, Socket: serve(t, func(net.Conn) error {
		<-over
		return nil
	})})
	defer close(over)
	params := map[string]any{"x": strings.Repeat("x", maxLine/2)}
	_, err := client.Call("m", params)
	refusal(t, err, KindTimeout)
	for isOf(err, KindTimeout) { // on a busy machine the time may be up before anything is sent
		_, err = client.Call("m", params)
	}
	refusal(t, err, KindConnectionLost) // a part of a line is under way: nothing can follow it
}
