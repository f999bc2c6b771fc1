package keybearer

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	defaultTimeout = 120 * time.Second
	// Longer than `keybearer daemon start` gives the broker (20 s), so that its own reason ends it.
	startTimeout = 30 * time.Second
	// The last byte of a socket's path is its NUL.
	maxSocketPath = len(syscall.RawSockaddrUnix{}.Path) - 1
)

// Options say how to connect; the zero value of each member is its usual setting.
type Options struct {
	// Socket is the absolute path of the broker's socket. Empty: PROTOCOL.md's order of places.
	Socket string
	// Timeout bounds each call to the broker. Zero: 120 s. AuthResolve and others make more than one call; what a Lease
	// waits has a time of its own.
	Timeout time.Duration
	// Credentials are the client's own, by provider: the layer "instance" of every AuthResolve. They never travel to
	// the broker. Do not change the map while the client is in use.
	Credentials map[string]Fields
	// LookupEnv reads the layer "environment", and the client key (KEYBEARER_CLIENT_KEY, or KEYBEARER_CLIENT_KEY_FILE with
	// the path of a file), which is shown on each connection. Nil: os.LookupEnv. It does not change where the socket is
	// looked for.
	LookupEnv func(name string) (string, bool)
}

// Connect connects to the broker of this user. When none listens it runs `keybearer daemon start`, found in PATH,
// once. Options may be nil. Kinds of errors: no_broker, unsafe, invalid_value for a path that is not absolute or too
// long or a client key's file that cannot be used, and denied for a client key that the broker does not take.
func Connect(options *Options) (*Client, error) { return connect(context.Background(), options) }

func connect(ctx context.Context, options *Options) (*Client, error) {
	if options == nil {
		options = &Options{}
	}
	path, problem := findSocket(options.Socket, os.Getenv)
	if problem != nil {
		return nil, problem
	}
	lookupEnv := options.LookupEnv
	if lookupEnv == nil {
		lookupEnv = os.LookupEnv
	}
	// First: a key whose file is gone is one of a session that is over, and a broker that is started here would not know
	// it.
	key, problem := clientKey(lookupEnv)
	if problem != nil {
		return nil, problem
	}
	conn, problem := dial(path)
	if problem != nil && problem.Kind == KindNoBroker && startBroker(ctx, path) {
		conn, problem = dial(path)
	}
	if problem != nil {
		return nil, problem
	}
	client := newClient(conn, path, options, lookupEnv)
	if err := client.showKey(ctx, key); err != nil {
		_ = client.Close()
		return nil, err
	}
	return client, nil
}

// showKey shows the client key of the environment, where there is one.
func (c *Client) showKey(ctx context.Context, key Secret) error {
	if key.Reveal() == "" {
		return nil
	}
	_, err := c.call(ctx, c.timeout, "system.authenticate", parameters{"key": key})
	return err
}

// findSocket is PROTOCOL.md, "Finding the broker". getenv gives "" for a variable that is not set.
func findSocket(explicit string, getenv func(string) string) (string, *Error) {
	path, origin := explicit, "the socket"
	if path == "" {
		path, origin = getenv("KEYBEARER_SOCKET"), "KEYBEARER_SOCKET"
	}
	if path == "" {
		path, origin = underHome(getenv)
	}
	if path == "" {
		return "", failure(KindNoBroker, "the broker's socket cannot be found: set HOME or KEYBEARER_HOME, then run "+
			"`keybearer daemon start`")
	}
	if !filepath.IsAbs(path) {
		return "", failure(KindInvalidValue, "%s must be an absolute path", origin)
	}
	if len(path) > maxSocketPath {
		return "", failure(KindInvalidValue, "%s is %d bytes long and the system allows %d; set KEYBEARER_SOCKET to a "+
			"shorter path: %s", origin, len(path), maxSocketPath, path)
	}
	return path, nil
}

// underHome gives the socket's path and the variable that it comes from.
func underHome(getenv func(string) string) (path, origin string) {
	if home := getenv("KEYBEARER_HOME"); home != "" {
		return filepath.Join(home, "run", "broker.sock"), "KEYBEARER_HOME"
	}
	// The XDG specification tells programs to ignore relative values rather than to fail.
	if runtime := getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(runtime) {
		return filepath.Join(runtime, "keybearer", "broker.sock"), "XDG_RUNTIME_DIR"
	}
	runUser := filepath.Join("/run/user", strconv.Itoa(os.Geteuid()))
	if info, err := os.Lstat(runUser); err == nil && info.IsDir() && isOwn(info) {
		return filepath.Join(runUser, "keybearer", "broker.sock"), runUser
	}
	if home := getenv("HOME"); home != "" {
		return filepath.Join(home, ".local/state/keybearer/run/broker.sock"), "HOME"
	}
	return "", ""
}

func isOwn(info fs.FileInfo) bool {
	owner, known := info.Sys().(*syscall.Stat_t)
	return known && int(owner.Uid) == os.Geteuid()
}

func noBroker(path string, cause error) *Error {
	// The innermost error: the outer ones name the path again.
	for inner := errors.Unwrap(cause); inner != nil; inner = errors.Unwrap(cause) {
		cause = inner
	}
	return failure(KindNoBroker, "no broker listens at %s (%v); run `keybearer daemon start`", path, cause)
}

// checkFolder refuses a folder in which another user could have put the socket.
func checkFolder(socket string) *Error {
	folder := filepath.Dir(socket)
	info, err := os.Lstat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return noBroker(socket, err)
	case err != nil:
		return failure(KindUnsafe, "the broker's folder cannot be checked: %v", err)
	case !info.IsDir():
		return failure(KindUnsafe, "%s is not a real folder; nothing was sent to the socket in it", folder)
	case !isOwn(info):
		return failure(KindUnsafe, "%s belongs to another user; nothing was sent to the socket in it", folder)
	case info.Mode().Perm()&0o077 != 0:
		return failure(KindUnsafe, "%s can be entered by other users; run: chmod 700 %s", folder, folder)
	}
	return nil
}

func dial(path string) (*net.UnixConn, *Error) {
	if problem := checkFolder(path); problem != nil {
		return nil, problem
	}
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, noBroker(path, err)
	}
	if problem := checkPeer(conn); problem != nil {
		_ = conn.Close()
		return nil, problem
	}
	return conn, nil
}

// startBroker tells whether a broker serves now.
func startBroker(ctx context.Context, path string) bool {
	program, err := exec.LookPath("keybearer")
	if err != nil {
		return false
	}
	ends, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	// Its input and output are the null device, as nothing else is said here.
	command := exec.CommandContext(ends, program, "daemon", "start")
	command.Env = environmentWithSocket(path)
	return command.Run() == nil
}

// environmentWithSocket makes the broker listen where this client looks, which an explicit path may have said.
func environmentWithSocket(path string) []string {
	kept := make([]string, 0, len(os.Environ())+1)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "KEYBEARER_SOCKET=") {
			kept = append(kept, variable)
		}
	}
	return append(kept, "KEYBEARER_SOCKET="+path)
}
