package keybearer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Event is what happened to the credential of a Lease.
type Event string

const (
	EventNone    Event = "none"    // nothing in that time
	EventRenewed Event = "renewed" // the lease holds another credential now
	EventRemoved Event = "removed" // there is none any more; the lease keeps what it has
)

const (
	// The protocol's limit.
	maxWait = 300 * time.Second
	// How long Next asks the broker to wait, again and again.
	nextWait = 60 * time.Second
	// For the answer of a broker that has waited to the end.
	watchGrace = 40 * time.Second

	kindNoCredential = "no_credential" // the broker's
)

// Lease is a credential that a program holds for long, made by AuthLease. It has a connection of its own, because a
// broker that waits answers nothing else there. Credential and Close may be called from any goroutine at any time;
// Wait, Next, Event and Err are for one goroutine.
type Lease struct {
	again Options // how to connect
	asked *question

	waiting sync.Mutex // one Wait or Next at a time, all the same
	event   Event      // what Next found
	err     error      // what ended Next

	state      sync.Mutex // guards what follows
	client     *Client    // nil after a break
	credential *Resolution
	cancel     context.CancelFunc // ends what is under way
	closed     bool
}

// AuthLease resolves as AuthResolve does, on a connection that lives on when the client is closed. Close the lease. It
// keeps the options: do not change what they hold meanwhile. Kinds of errors: Connect's and AuthResolve's.
func (c *Client) AuthLease(provider string, options *ResolveOptions) (*Lease, error) {
	again := Options{Socket: c.socket, Timeout: c.timeout, Credentials: c.credentials, LookupEnv: c.lookupEnv}
	client, err := Connect(&again)
	if err != nil {
		return nil, err
	}
	lease := &Lease{again: again, client: client}
	if lease.asked, err = client.question(provider, options); err == nil {
		lease.credential, err = client.resolve(context.Background(), lease.asked)
	}
	if err != nil {
		_ = client.Close()
		return nil, err
	}
	return lease, nil
}

// Credential gives the one that the lease holds now. What was taken before stays as it is.
func (l *Lease) Credential() *Resolution {
	l.state.Lock()
	defer l.state.Unlock()
	return l.credential
}

// Wait blocks until something happens to the credential, at most wait, which is rounded up to seconds, 0 to 300. An
// OAuth token that would end is renewed meanwhile. After EventRenewed, Credential gives the new one. After
// connection_lost or timeout the next Wait connects and resolves again. Kinds of errors: Connect's and AuthResolve's,
// the provider's, and connection_lost after Close.
func (l *Lease) Wait(wait time.Duration) (Event, error) { return l.wait(context.Background(), wait) }

// Next waits until the credential is renewed or removed, which Event tells. It gives false after EventRemoved, when
// ctx ends, after Close, and after an error, which Err tells. A connection that breaks is made again, once for each
// break.
func (l *Lease) Next(ctx context.Context) bool {
	l.err = nil
	if l.event == EventRemoved || ctx.Err() != nil {
		return false
	}
	for {
		event, err := l.wait(ctx, nextWait)
		if isOf(err, KindConnectionLost) && ctx.Err() == nil {
			broken := err
			if event, err = l.wait(ctx, 0); isOf(err, KindNoBroker) {
				err = broken // that the connection was lost says more
			}
		}
		switch {
		case err != nil && (ctx.Err() != nil || l.isClosed()):
			return false // it was ended here
		case err != nil:
			l.err = err
			return false
		case event != EventNone:
			l.event = event
			return true
		}
	}
}

// Event gives what the last Next that was true has found: EventRenewed or EventRemoved.
func (l *Lease) Event() Event { return l.event }

// Err gives what ended the last Next; nil when it was ended here or the credential was removed. Next may be called
// again.
func (l *Lease) Err() error { return l.err }

// Close ends the lease's connection, and a Wait or Next that is under way. The credential stays.
func (l *Lease) Close() error {
	l.state.Lock()
	defer l.state.Unlock()
	l.closed = true
	if l.cancel != nil {
		l.cancel()
	}
	if l.client != nil {
		_ = l.client.Close()
	}
	return nil
}

// Format shows nothing of what the lease holds.
func (l *Lease) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, "keybearer.Lease") }

func (l *Lease) wait(ctx context.Context, wait time.Duration) (Event, error) {
	if wait < 0 || wait > maxWait {
		return "", failure(KindInvalidValue, "a lease waits 0 to 300 seconds")
	}
	l.waiting.Lock()
	defer l.waiting.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client, event, err := l.begin(ctx, cancel)
	if err == nil && event == EventNone {
		event, err = l.watch(ctx, client, wait)
	}
	closed := l.isClosed()
	if closed || isOf(err, KindConnectionLost) || isOf(err, KindTimeout) {
		// A broker that still waits there would not answer the next request.
		l.disconnect()
	}
	if closed {
		return "", lost("the lease was closed here")
	}
	return event, err
}

// begin gives the connection. Where it had to be made again, the event is what has happened since the break.
func (l *Lease) begin(ctx context.Context, cancel context.CancelFunc) (*Client, Event, error) {
	l.state.Lock()
	l.cancel = cancel
	client, closed := l.client, l.closed
	l.state.Unlock()
	if closed {
		return nil, "", lost("the lease was closed here")
	}
	if client != nil {
		return client, EventNone, nil
	}
	client, err := connect(ctx, &l.again)
	if err != nil {
		return nil, "", err
	}
	l.state.Lock()
	l.client = client
	l.state.Unlock()
	before := l.Credential().Version
	event, err := l.resolve(ctx, client)
	if event == EventRenewed && l.Credential().Version == before {
		event = EventNone
	}
	return client, event, err
}

func (l *Lease) watch(ctx context.Context, client *Client, wait time.Duration) (Event, error) {
	params := parameters{
		"version": l.Credential().Version,
		"wait":    int64((wait + time.Second - 1) / time.Second),
	}
	for name, value := range l.asked.params {
		params[name] = value
	}
	var seen struct{ Event Event }
	if err := client.callIntoWithin(ctx, wait+watchGrace, "credential.watch", params, &seen); err != nil {
		return "", err
	}
	switch seen.Event {
	case EventRenewed:
		return l.resolve(ctx, client)
	case EventRemoved, EventNone:
		return seen.Event, nil
	default:
		return "", failure(KindInternal, "the broker's answer to credential.watch is not what the protocol describes")
	}
}

// resolve takes the credential that there is now.
func (l *Lease) resolve(ctx context.Context, client *Client) (Event, error) {
	credential, err := client.resolve(ctx, l.asked)
	if isOf(err, kindNoCredential) {
		return EventRemoved, nil
	}
	if err != nil {
		return "", err
	}
	l.state.Lock()
	defer l.state.Unlock()
	l.credential = credential
	return EventRenewed, nil
}

func (l *Lease) disconnect() {
	l.state.Lock()
	defer l.state.Unlock()
	if l.client != nil {
		_ = l.client.Close()
		l.client = nil
	}
}

func (l *Lease) isClosed() bool {
	l.state.Lock()
	defer l.state.Unlock()
	return l.closed
}

func isOf(err error, kind string) bool {
	var problem *Error
	return errors.As(err, &problem) && problem.Kind == kind
}
