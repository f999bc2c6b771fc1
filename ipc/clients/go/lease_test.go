package keybearer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asks are the parameters of credential.resolve in these tests, and more.
func asks(more map[string]any) map[string]any {
	params := map[string]any{"provider": "openai", "environment": []any{}}
	for name, value := range more {
		params[name] = value
	}
	return params
}

func describing() exchange {
	return exchange{"provider.describe", map[string]any{"provider": "openai"},
		result(strings.ReplaceAll(described, "\n", ""))}
}

// resolving is answered with a key of that name and version.
func resolving(version string) exchange {
	return exchange{"credential.resolve", asks(nil), result(fmt.Sprintf(`{"provider":"openai","version":%q,"fields":[`+
		`{"field":"api_key","source":"store","from":"default/default","secret":true,"value":"key %s"}]}`, version, version))}
}

func watching(version string, wait int, event string) exchange {
	return exchange{"credential.watch", asks(map[string]any{"version": version, "wait": float64(wait)}),
		result(fmt.Sprintf(`{"event":%q,"version":null}`, event))}
}

func refused(from exchange, kind string) exchange {
	from.Answer = lines(fmt.Sprintf(`{"id":$ID,"error":{"code":-32000,"message":"no","data":{"kind":%q}}}`, kind))
	return from
}

// broken is a request in the middle of which the connection ends.
func broken(from exchange) exchange {
	from.Answer = []*string{nil}
	return from
}

// leased opens a lease; its first connection is the first of these.
func leased(t *testing.T, connections ...func(net.Conn) error) *Lease {
	t.Helper()
	withoutPrograms(t)
	socket := serve(t, append([]func(net.Conn) error{talk()}, connections...)...)
	client := connected(t, Options{Socket: socket, LookupEnv: environmentOf(nil)})
	lease, err := client.AuthLease("openai", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lease.Close() })
	return lease
}

// holds checks which key of resolving() the lease has.
func holds(t *testing.T, lease *Lease, version string) {
	t.Helper()
	if held := lease.Credential().Values()["api_key"].Reveal(); held != "key "+version {
		t.Errorf("the lease holds %q instead of %q", held, "key "+version)
	}
}

func goesOn(t *testing.T, lease *Lease, event Event) {
	t.Helper()
	if !lease.Next(context.Background()) || lease.Event() != event || lease.Err() != nil {
		t.Fatalf("%q, %v came instead of %q", lease.Event(), lease.Err(), event)
	}
}

func ends(t *testing.T, lease *Lease) {
	t.Helper()
	if lease.Next(context.Background()) || lease.Err() != nil {
		t.Fatalf("%q, %v came instead of the end", lease.Event(), lease.Err())
	}
}

func TestALeasesEvents(t *testing.T) {
	lease := leased(t, talk(describing(), resolving("a"), watching("a", 60, "none"), watching("a", 60, "renewed"),
		resolving("b"), watching("b", 60, "removed")))
	old := lease.Credential()
	goesOn(t, lease, EventRenewed)
	holds(t, lease, "b")
	if old.Version != "a" || old.Values()["api_key"].Reveal() != "key a" {
		t.Errorf("what the program took became %+v", old)
	}
	goesOn(t, lease, EventRemoved)
	holds(t, lease, "b")
	ends(t, lease)
}

func TestALeaseAfterABreak(t *testing.T) {
	for name, one := range map[string]struct {
		again    []exchange
		expected Event
		holds    string
	}{
		"as it was": {[]exchange{resolving("a"), watching("a", 0, "none"), watching("a", 60, "removed")}, EventRemoved, "a"},
		"renewed":   {[]exchange{resolving("b")}, EventRenewed, "b"},
		"removed":   {[]exchange{refused(resolving("a"), kindNoCredential)}, EventRemoved, "a"},
	} {
		one := one
		t.Run(name, func(t *testing.T) {
			lease := leased(t, talk(describing(), resolving("a"), broken(watching("a", 60, ""))), talk(one.again...))
			goesOn(t, lease, one.expected)
			holds(t, lease, one.holds)
		})
	}
}

func TestALeaseAfterManyBreaks(t *testing.T) {
	lease := leased(t, talk(describing(), resolving("a"), broken(watching("a", 60, ""))),
		talk(resolving("a"), watching("a", 0, "none"), broken(watching("a", 60, ""))),
		talk(resolving("a"), watching("a", 0, "none"), watching("a", 60, "removed")))
	goesOn(t, lease, EventRemoved)
}

func TestALeaseGivesUpAfterABreak(t *testing.T) {
	for name, one := range map[string]struct {
		again []func(net.Conn) error
		kind  string
	}{
		"nobody listens":   {nil, KindConnectionLost},
		"it breaks again":  {[]func(net.Conn) error{talk(broken(resolving("a")))}, KindConnectionLost},
		"another refusal":  {[]func(net.Conn) error{talk(refused(resolving("a"), "denied"))}, "denied"},
		"no watch is left": {[]func(net.Conn) error{talk(resolving("a"), broken(watching("a", 0, "")))}, KindConnectionLost},
	} {
		one := one
		t.Run(name, func(t *testing.T) {
			lease := leased(t, append([]func(net.Conn) error{
				talk(describing(), resolving("a"), broken(watching("a", 60, ""))),
			}, one.again...)...)
			if lease.Next(context.Background()) {
				t.Fatal(lease.Event())
			}
			refusal(t, lease.Err(), one.kind)
			holds(t, lease, "a")
		})
	}
}

func TestAWaitThatBreaks(t *testing.T) {
	lease := leased(t, talk(describing(), resolving("a"), broken(watching("a", 30, ""))), talk(resolving("b")))
	_, err := lease.Wait(30 * time.Second)
	refusal(t, err, KindConnectionLost)
	holds(t, lease, "a")
	if event, err := lease.Wait(30 * time.Second); err != nil || event != EventRenewed {
		t.Fatalf("%q, %v", event, err)
	}
	holds(t, lease, "b")
}

func TestARefusalDoesNotEndALease(t *testing.T) {
	lease := leased(t, talk(describing(), resolving("a"), refused(watching("a", 60, ""), "provider_unreachable"),
		watching("a", 60, "renewed"), refused(resolving("b"), "location_failed"),
		watching("a", 60, "later"), watching("a", 60, "renewed"), resolving("b")))
	for _, kind := range []string{"provider_unreachable", "location_failed", KindInternal} {
		if lease.Next(context.Background()) {
			t.Fatal(lease.Event())
		}
		refusal(t, lease.Err(), kind)
		holds(t, lease, "a")
	}
	goesOn(t, lease, EventRenewed)
	holds(t, lease, "b")
}

func TestARemovalBeforeTheNextResolve(t *testing.T) {
	lease := leased(t, talk(describing(), resolving("a"), watching("a", 60, "renewed"),
		refused(resolving("a"), kindNoCredential)))
	goesOn(t, lease, EventRemoved)
	holds(t, lease, "a")
}

// reads answers these requests, says that one more has come and leaves it without an answer.
func reads(arrived chan<- struct{}, unanswered exchange, before ...exchange) func(net.Conn) error {
	return func(conn net.Conn) error {
		requests := bufio.NewReader(conn)
		for _, one := range before {
			id, err := expect(requests, one)
			if err != nil {
				return err
			}
			if _, err := io.WriteString(conn, strings.ReplaceAll(*one.Answer[0], "$ID", id)+"\n"); err != nil {
				return err
			}
		}
		if _, err := expect(requests, unanswered); err != nil {
			return err
		}
		close(arrived)
		_, _ = requests.ReadByte() // until the client hangs up
		return nil
	}
}

func TestTheEndOfAContextEndsNext(t *testing.T) {
	arrived := make(chan struct{})
	lease := leased(t, reads(arrived, watching("a", 60, ""), describing(), resolving("a")),
		talk(resolving("a"), watching("a", 60, "removed")))
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-arrived
		cancel()
	}()
	for i := 0; i < 2; i++ { // the second ends before it asks
		if lease.Next(ctx) || lease.Err() != nil {
			t.Fatalf("%q, %v", lease.Event(), lease.Err())
		}
	}
	// The broker still waits on the first connection: another one is made.
	goesOn(t, lease, EventRemoved)
}

func TestClosingALeaseEndsWhatWaits(t *testing.T) {
	for _, wait := range []func(*Lease) error{
		func(lease *Lease) error {
			_, err := lease.Wait(60 * time.Second)
			return err
		},
		func(lease *Lease) error {
			if lease.Next(context.Background()) || lease.Err() != nil {
				return fmt.Errorf("Next gave %q, %v", lease.Event(), lease.Err())
			}
			return lost("that is what Wait would say")
		},
	} {
		arrived := make(chan struct{})
		lease := leased(t, reads(arrived, watching("a", 60, ""), describing(), resolving("a")),
			func(net.Conn) error { return errors.New("a closed lease connected again") })
		go func() {
			<-arrived
			lease.Close()
		}()
		for i := 0; i < 2; i++ {
			refusal(t, wait(lease), KindConnectionLost)
		}
		holds(t, lease, "a")
	}
}

func TestClosingALeaseEndsTheStartOfABroker(t *testing.T) {
	lease := leased(t, talk(describing(), resolving("a"), broken(watching("a", 60, ""))))
	if err := os.Remove(lease.again.Socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	folder := privateFolder(t)
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nread line < " + pipe + "\n"
	if err := os.WriteFile(filepath.Join(folder, "keybearer"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder)
	go func() {
		started, err := os.OpenFile(pipe, os.O_WRONLY, 0) // when the program reads
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { started.Close() }) // nothing else ends the program
		lease.Close()
	}()
	begun := time.Now()
	ends(t, lease)
	if time.Since(begun) > startTimeout/2 {
		t.Error("the program was waited for")
	}
}

func TestALeaseOutlivesItsClient(t *testing.T) {
	socket := serve(t, talk(), talk(describing(), resolving("a"), watching("a", 1, "none")))
	client := connected(t, Options{Socket: socket, LookupEnv: environmentOf(nil)})
	lease, err := client.AuthLease("openai", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer lease.Close()
	client.Close()
	// Waiting has a time of its own, and a part of a second is a whole one.
	lease.client.timeout = time.Nanosecond
	if event, err := lease.Wait(time.Millisecond); err != nil || event != EventNone {
		t.Fatalf("%q, %v", event, err)
	}
}

func TestALeaseThatCannotBeOpened(t *testing.T) {
	for kind, exchanges := range map[string][]exchange{
		"unknown_provider": {refused(describing(), "unknown_provider")},
		"no_credential":    {describing(), refused(resolving("a"), "no_credential")},
	} {
		// The fake broker waits until the connection is closed.
		socket := serve(t, talk(), talk(exchanges...))
		client := connected(t, Options{Socket: socket, LookupEnv: environmentOf(nil)})
		_, err := client.AuthLease("openai", nil)
		refusal(t, err, kind)
	}
	withoutPrograms(t)
	client := newTestClient(t, Options{})
	if err := os.Remove(client.socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	_, err := client.AuthLease("openai", nil)
	refusal(t, err, KindNoBroker)
}

func TestWaitsThatAreNotSent(t *testing.T) {
	lease := leased(t, talk(describing(), resolving("a")))
	for _, wait := range []time.Duration{-1, maxWait + 1} {
		_, err := lease.Wait(wait)
		refusal(t, err, KindInvalidValue)
	}
}

func TestALeaseReadsVariablesAgain(t *testing.T) {
	plan := exchange{"credential.resolve",
		map[string]any{"provider": "openai", "environment": []any{"OPENAI_API_KEY"}},
		result(`{"provider":"openai","version":"a","fields":[{"field":"api_key","source":"environment",` +
			`"from":"OPENAI_API_KEY","secret":true}]}`)}
	watch := watching("a", 0, "renewed")
	watch.Params["environment"] = []any{"OPENAI_API_KEY"}
	variables := map[string]string{"OPENAI_API_KEY": "key old"}
	client := connected(t, Options{
		Socket: serve(t, talk(), talk(describing(), plan, watch, plan)), LookupEnv: environmentOf(variables),
	})
	lease, err := client.AuthLease("openai", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer lease.Close()
	holds(t, lease, "old")
	variables["OPENAI_API_KEY"] = "key new"
	if event, err := lease.Wait(0); err != nil || event != EventRenewed {
		t.Fatalf("%q, %v", event, err)
	}
	holds(t, lease, "new")
}

func TestWhenAValueEnds(t *testing.T) {
	client := connected(t, Options{LookupEnv: environmentOf(nil), Socket: fakeBroker(t, describing(), exchange{
		"credential.resolve", asks(nil), result(`{"provider":"openai","version":"a","fields":[` +
			`{"field":"api_key","source":"oauth","from":"work","value":"token","expires_at":1767225600},` +
			`{"field":"base_url","source":"default","from":"","value":"https://example.com"}]}`),
	})})
	resolution, err := client.AuthResolve("openai", nil)
	if err != nil {
		t.Fatal(err)
	}
	token, _ := resolution.Field("api_key")
	address, _ := resolution.Field("base_url")
	if token.ExpiresAt.Unix() != 1767225600 || !address.ExpiresAt.IsZero() || resolution.Version != "a" {
		t.Errorf("%v, %v, %q", token.ExpiresAt, address.ExpiresAt, resolution.Version)
	}
	if encoded, err := json.Marshal(address); err != nil || !strings.Contains(string(encoded), `"expires_at":null`) {
		t.Errorf("%s, %v", encoded, err)
	}
}
