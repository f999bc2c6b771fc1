package keybearer

import "fmt"

// Kinds of errors that the client itself finds. The broker's own kinds are listed in PROTOCOL.md, "Errors"; later
// brokers add some.
const (
	// KindNoBroker: nothing listens and no broker could be started.
	KindNoBroker = "no_broker"
	// KindConnectionLost: the connection ended, or what came over it is not the protocol. Connect again.
	KindConnectionLost = "connection_lost"
	// KindTimeout: no answer within Options.Timeout. The connection stays good.
	KindTimeout = "timeout"
	// KindUnsafe: another user could be behind the socket; nothing was sent.
	KindUnsafe = "unsafe"
	// KindInvalidValue: an argument, a variable or a file that cannot be used. The broker has this kind too.
	KindInvalidValue = "invalid_value"
	// KindInternal: an answer that is not what PROTOCOL.md describes. The broker has this kind too.
	KindInternal = "internal"
)

// Error is what every function of this package fails with; get it with errors.As. Program against Kind.
type Error struct {
	// Kind is the broker's data.kind, or one of the constants of this package.
	Kind string
	// Message is a sentence for the person; it never holds a secret.
	Message string
	// Data is the broker's error.data, with "kind" in it; nil for the client's own errors.
	Data map[string]any
}

// Error gives the message.
func (e *Error) Error() string { return "keybearer: " + e.Message }

func failure(kind, format string, arguments ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, arguments...)}
}

func lost(why string) *Error {
	return failure(KindConnectionLost, "the connection to the broker was lost: %s", why)
}
