// Package keybearer asks Keybearer, the local credential broker, for tokens and for the credentials of providers.
//
// A Client is one connection. Its functions may be called from several goroutines at once. Every error is an *Error.
package keybearer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// The protocol's limit for a line, without its LF.
const maxLine = 1 << 20

// Client is a connection to the broker, made by Connect.
type Client struct {
	conn        net.Conn
	socket      string // where conn leads
	timeout     time.Duration
	credentials map[string]Fields
	lookupEnv   func(string) (string, bool)

	sending sync.Mutex // one line at a time

	state   sync.Mutex // guards what follows
	lastID  int64
	waiting map[int64]chan answer
	ended   *Error // why nothing more will come
}

type answer struct {
	result  json.RawMessage
	problem *Error
}

func newClient(conn net.Conn, socket string, options *Options, lookupEnv func(string) (string, bool)) *Client {
	client := &Client{
		conn:        conn,
		socket:      socket,
		timeout:     options.Timeout,
		credentials: options.Credentials,
		lookupEnv:   lookupEnv,
		waiting:     map[int64]chan answer{},
	}
	if client.timeout <= 0 {
		client.timeout = defaultTimeout
	}
	go client.read()
	return client
}

// Close ends the connection. Calls that are under way fail with connection_lost, as do later ones.
func (c *Client) Close() error {
	c.end(lost("it was closed here"))
	return nil
}

// Format shows nothing of what the client holds.
func (c *Client) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, "keybearer.Client") }

// Call calls a method of the protocol and gives its result, a JSON object, which may hold secrets. Params may be nil;
// a Secret or Fields among them is sent as its text. Kinds of errors: the broker's, timeout and connection_lost.
func (c *Client) Call(method string, params map[string]any) (json.RawMessage, error) {
	return c.call(context.Background(), c.timeout, method, params)
}

// call waits until ctx ends, at most timeout; both are the error timeout.
func (c *Client) call(ctx context.Context, timeout time.Duration, method string, params map[string]any) (
	json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	deadline, _ := ctx.Deadline()
	id, mine, problem := c.register()
	if problem != nil {
		return nil, problem
	}
	line, problem := requestLine(id, method, params)
	if problem == nil {
		problem = c.send(line, deadline)
	}
	if problem != nil {
		c.forget(id)
		return nil, problem
	}
	select {
	case got := <-mine:
		if got.problem != nil {
			return nil, got.problem
		}
		return got.result, nil
	case <-ctx.Done():
		c.forget(id)
		return nil, timedOut()
	}
}

// callInto decodes the result into a pointer.
func (c *Client) callInto(method string, params map[string]any, result any) error {
	return c.callIntoWithin(context.Background(), c.timeout, method, params, result)
}

func (c *Client) callIntoWithin(ctx context.Context, timeout time.Duration, method string, params map[string]any,
	result any) error {
	encoded, err := c.call(ctx, timeout, method, params)
	if err != nil {
		return err
	}
	// The decoder's own message could quote the answer.
	if json.Unmarshal(encoded, result) != nil {
		return failure(KindInternal, "the broker's answer to %s is not what the protocol describes", method)
	}
	return nil
}

func timedOut() *Error { return failure(KindTimeout, "the broker did not answer in time") }

func requestLine(id int64, method string, params map[string]any) ([]byte, *Error) {
	request := map[string]any{"jsonrpc": "2.0", "id": id, "method": method}
	if params != nil {
		request["params"] = revealed(params)
	}
	line, err := json.Marshal(request)
	if err != nil {
		return nil, failure(KindInvalidValue, "the parameters of %s cannot be written as JSON", method)
	}
	if len(line) > maxLine {
		// The broker would close the connection.
		return nil, failure(KindInvalidValue, "the parameters of %s are longer than 1 MiB", method)
	}
	return append(line, '\n'), nil
}

func (c *Client) register() (int64, chan answer, *Error) {
	c.state.Lock()
	defer c.state.Unlock()
	if c.ended != nil {
		return 0, nil, c.ended
	}
	c.lastID++
	mine := make(chan answer, 1) // the reader never waits for a caller
	c.waiting[c.lastID] = mine
	return c.lastID, mine, nil
}

func (c *Client) forget(id int64) {
	c.state.Lock()
	defer c.state.Unlock()
	delete(c.waiting, id)
}

func (c *Client) send(line []byte, deadline time.Time) *Error {
	c.sending.Lock()
	defer c.sending.Unlock()
	if err := c.conn.SetWriteDeadline(deadline); err != nil {
		return lost("it is closed")
	}
	sent, err := c.conn.Write(line)
	if err == nil {
		return nil
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if sent > 0 {
			// After a part of a line nothing says where the next one begins.
			c.end(lost("a request could be sent in part only"))
		}
		return timedOut()
	}
	return lost("it does not take requests any more")
}

// read hands answers to those who wait for them, until the connection ends.
func (c *Client) read() {
	lines := bufio.NewScanner(c.conn)
	lines.Buffer(make([]byte, 0, 4096), maxLine+1)
	lines.Split(wholeLines)
	for lines.Scan() {
		if problem := c.dispatch(lines.Bytes()); problem != nil {
			c.end(problem)
			return
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		c.end(lost("its answer is longer than 1 MiB"))
		return
	}
	c.end(lost("it closed the connection"))
}

// wholeLines is bufio.ScanLines without what stands after the last LF: the beginning of an answer is no answer.
func wholeLines(data []byte, _ bool) (int, []byte, error) {
	if end := bytes.IndexByte(data, '\n'); end >= 0 {
		return end + 1, data[:end], nil
	}
	return 0, nil, nil
}

// dispatch gives the reason to end the connection, or nil.
func (c *Client) dispatch(line []byte) *Error {
	// A map, because the decoder takes "ID" for "id" in a struct.
	var message map[string]json.RawMessage
	if json.Unmarshal(line, &message) != nil || message == nil {
		return lost("its answer is not JSON")
	}
	if _, notification := message["method"]; notification {
		return nil
	}
	problem := problemOf(message["error"])
	if problem != nil && string(message["id"]) == "null" {
		why := lost("it could not read a request")
		c.endTelling(problem, why) // nobody knows whose request it was
		return why
	}
	var id int64
	if json.Unmarshal(message["id"], &id) != nil {
		return nil
	}
	result := message["result"]
	if problem == nil && (len(result) == 0 || result[0] != '{') {
		problem = failure(KindInternal, "the broker's answer has no result")
	}
	c.state.Lock()
	defer c.state.Unlock()
	if mine, waits := c.waiting[id]; waits {
		delete(c.waiting, id)
		mine <- answer{result: result, problem: problem}
	}
	return nil
}

// problemOf reads an answer's error; nil when it has none.
func problemOf(encoded json.RawMessage) *Error {
	var members map[string]any
	if json.Unmarshal(encoded, &members) != nil || members == nil {
		return nil
	}
	problem := failure(KindInternal, "the broker refused without a reason")
	if message, given := members["message"].(string); given {
		problem.Message = message
	}
	problem.Data, _ = members["data"].(map[string]any)
	if kind, given := problem.Data["kind"].(string); given {
		problem.Kind = kind
	}
	return problem
}

// end tells everybody who waits why. The first reason counts.
func (c *Client) end(why *Error) { c.endTelling(why, why) }

// endTelling has another reason for those who wait than for later calls.
func (c *Client) endTelling(problem, why *Error) {
	c.state.Lock()
	defer c.state.Unlock()
	if c.ended != nil {
		return
	}
	c.ended = why
	_ = c.conn.Close()
	for id, mine := range c.waiting {
		delete(c.waiting, id)
		mine <- answer{problem: problem}
	}
}
