package keybearer

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withoutPrograms makes sure that no broker can be started.
func withoutPrograms(t *testing.T) {
	t.Setenv("PATH", privateFolder(t))
}

func TestUnsafeFolderIsRefused(t *testing.T) {
	withoutPrograms(t)
	folder := privateFolder(t)
	listener, err := net.Listen("unix", filepath.Join(folder, "broker.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	link := filepath.Join(privateFolder(t), "link")
	if err := os.Symlink(folder, link); err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		name, folder, has string
		mode              os.FileMode
	}{
		{"open to all", folder, "chmod 700", 0o755},
		{"open to the group", folder, "chmod 700", 0o710},
		{"a link to a good one", link, "not a real folder", 0o700},
	} {
		t.Run(one.name, func(t *testing.T) {
			if err := os.Chmod(folder, one.mode); err != nil {
				t.Fatal(err)
			}
			_, err := Connect(&Options{Socket: filepath.Join(one.folder, "broker.sock")})
			if refused := refusal(t, err, KindUnsafe); !strings.Contains(refused.Message, one.has) {
				t.Error(refused.Message)
			}
		})
	}
}

func TestAnotherOwnersFolderIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	folder := privateFolder(t)
	if err := os.Chown(folder, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	_, err := Connect(&Options{Socket: filepath.Join(folder, "broker.sock")})
	if refused := refusal(t, err, KindUnsafe); !strings.Contains(refused.Message, "another user") {
		t.Error(refused.Message)
	}
}

func TestNoBroker(t *testing.T) {
	withoutPrograms(t)
	folder := privateFolder(t)
	dead := filepath.Join(folder, "dead.sock")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: dead, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	listener.Close()
	for _, socket := range []string{dead, filepath.Join(folder, "none.sock"), filepath.Join(folder, "none", "x.sock")} {
		_, err := Connect(&Options{Socket: socket})
		refused := refusal(t, err, KindNoBroker)
		if !strings.Contains(refused.Message, socket) || !strings.Contains(refused.Message, "keybearer daemon start") {
			t.Error(refused.Message)
		}
	}
}

func TestABrokerIsStartedOnce(t *testing.T) {
	folder := privateFolder(t)
	script := "#!/bin/sh\necho \"$*\" \"$KEYBEARER_SOCKET\" >> " + filepath.Join(folder, "calls") + "\n"
	if err := os.WriteFile(filepath.Join(folder, "keybearer"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder)
	t.Setenv("KEYBEARER_SOCKET", "/elsewhere/broker.sock")
	socket := filepath.Join(folder, "broker.sock")
	_, err := Connect(&Options{Socket: socket})
	refusal(t, err, KindNoBroker)
	calls, err := os.ReadFile(filepath.Join(folder, "calls"))
	if err != nil || string(calls) != "daemon start "+socket+"\n" {
		t.Errorf("%q, %v", calls, err)
	}
}

func TestWhereTheSocketIs(t *testing.T) {
	const home = "/h/.local/state/keybearer/run/broker.sock"
	last := home // on a machine with a folder of this user in /run/user, that one comes before HOME
	if path, origin := underHome(func(string) string { return "" }); origin != "" {
		last = path
	}
	for _, one := range []struct {
		explicit  string
		variables map[string]string
		expected  string
	}{
		{"/e/s", map[string]string{"KEYBEARER_SOCKET": "/s"}, "/e/s"},
		{"", map[string]string{"KEYBEARER_SOCKET": "/s", "KEYBEARER_HOME": "/k"}, "/s"},
		{"", map[string]string{"KEYBEARER_HOME": "/k", "XDG_RUNTIME_DIR": "/x"}, "/k/run/broker.sock"},
		{"", map[string]string{"XDG_RUNTIME_DIR": "/x", "HOME": "/h"}, "/x/keybearer/broker.sock"},
		{"", map[string]string{"XDG_RUNTIME_DIR": "x", "HOME": "/h"}, last},
		{"", map[string]string{"HOME": "/h"}, last},
	} {
		path, problem := findSocket(one.explicit, func(name string) string { return one.variables[name] })
		if problem != nil || path != one.expected {
			t.Errorf("%q came instead of %q, %v", path, one.expected, problem)
		}
	}
}

func TestPathsThatCannotBeASocket(t *testing.T) {
	for _, one := range []struct {
		variable, value, has string
	}{
		{"KEYBEARER_SOCKET", "relative.sock", "KEYBEARER_SOCKET must be an absolute path"},
		{"KEYBEARER_HOME", "relative", "KEYBEARER_HOME must be an absolute path"},
		{"KEYBEARER_SOCKET", "/" + strings.Repeat("x", maxSocketPath), "shorter"},
	} {
		_, problem := findSocket("", func(name string) string {
			if name == one.variable {
				return one.value
			}
			return ""
		})
		if problem == nil || problem.Kind != KindInvalidValue || !strings.Contains(problem.Message, one.has) {
			t.Errorf("%s=%s: %v", one.variable, one.value, problem)
		}
	}
}
