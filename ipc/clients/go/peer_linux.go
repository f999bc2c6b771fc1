package keybearer

import (
	"net"
	"os"
	"syscall"
)

// checkPeer refuses a socket on which another user listens.
func checkPeer(conn *net.UnixConn) *Error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return failure(KindUnsafe, "it cannot be told who listens on the broker's socket: %v", err)
	}
	var peer *syscall.Ucred
	var refused error
	err = raw.Control(func(fd uintptr) {
		peer, refused = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err != nil || refused != nil || int(peer.Uid) != os.Geteuid() {
		return failure(KindUnsafe, "another user answers on the broker's socket; nothing was sent to it")
	}
	return nil
}
