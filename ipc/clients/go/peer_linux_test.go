package keybearer

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// Linux keeps the user of the thread that called listen(): a thread of its own plays the other user.
func TestAnotherUsersBrokerIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can play another user")
	}
	socket := filepath.Join(privateFolder(t), "broker.sock")
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: socket}); err != nil {
		t.Fatal(err)
	}
	listening := make(chan error)
	var listenAsAnother func()
	listenAsAnother = func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		if syscall.Gettid() == os.Getpid() {
			// The first thread does not end, and the process would be taken for the other user's from then on. As long
			// as it is held here, the next one runs on another.
			go listenAsAnother()
			return
		}
		const unchanged = ^uintptr(0)
		if _, _, failed := syscall.RawSyscall(syscall.SYS_SETRESUID, unchanged, 65534, unchanged); failed != 0 {
			listening <- failed
			return
		}
		listening <- syscall.Listen(fd, 1)
	}
	go listenAsAnother()
	if err := <-listening; err != nil {
		t.Fatal(err)
	}
	_, err = Connect(&Options{Socket: socket})
	if refused := refusal(t, err, KindUnsafe); !strings.Contains(refused.Message, "another user") {
		t.Error(refused.Message)
	}
}
