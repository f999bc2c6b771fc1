"""Attacks of local programs on the broker, B1 to B23 of README.md: raw sockets, other users, crowds."""
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

from kbtest import BROKER, BrokerRefused, KeybearerTest, Process, RpcClient, wait_until

HELLO = b'{"jsonrpc":"2.0","id":1,"method":"system.hello"}\n'
CROWD = 10_000
STORM = 3_000
MIB = 1 << 20


class BrokerTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(20)
        self.addCleanup(connection.close)
        connection.connect(str(self.home.socket))
        return connection

    def answers(self, *parts, count=1):
        """What comes back when these parts are written one after the other: answers, then "closed" if it was."""
        found, buffer = [], b""
        with self.connect() as connection:
            try:
                for part in parts:
                    connection.sendall(part)
                while len(found) < count:
                    got = connection.recv(65536)
                    if not got:
                        return [*found, "closed"]
                    *lines, buffer = (buffer + got).split(b"\n")
                    found += [json.loads(line) for line in lines]
            except ConnectionError:
                return [*found, "closed"]
        return found

    def kind(self, line):
        answer = self.answers(line + b"\n")[0]
        return answer if answer == "closed" else answer.get("error", {}).get("data", {}).get("kind", "answered")

    def assertServes(self):
        with RpcClient(self.home.socket) as client:
            self.assertTrue(client.call("system.hello")["pid"])

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.broker.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # --- lines ------------------------------------------------------------------------------------------------------

    def test_B06_lines_that_are_no_request(self):
        def request(text):
            return b'{"jsonrpc":"2.0","id":1,"method":"system.hello","params":' + text + b"}"

        for name, line, kind in (
                ("duplicate keys", b'{"jsonrpc":"2.0","id":1,"id":2,"method":"system.hello"}', "parse_error"),
                ("duplicate keys, escaped", b'{"jsonrpc":"2.0","id":1,"\\u0069d":2,"method":"a"}', "parse_error"),
                ("bad UTF-8", b'{"jsonrpc":"2.0","id":"\xc3(","method":"a"}', "parse_error"),
                ("overlong UTF-8", b'{"jsonrpc":"2.0","id":"\xc0\xaf","method":"a"}', "parse_error"),
                ("NUL", b'{"jsonrpc":"2.0","id":1,"method":"a\0"}', "parse_error"),
                ("NUL, escaped", b'{"jsonrpc":"2.0","id":1,"method":"a\\u0000"}', "parse_error"),
                ("lone surrogate", b'{"jsonrpc":"2.0","id":1,"method":"\\ud800"}', "parse_error"),
                ("byte order mark", b"\xef\xbb\xbf" + HELLO.strip(), "parse_error"),
                ("trailing data", HELLO.strip() + b" x", "parse_error"),
                ("two objects", HELLO.strip() * 2, "parse_error"),
                ("depth 10,000", b"[" * 10_000, "parse_error"), ("depth 33", request(b"[" * 33 + b"]" * 33), "parse_error"),
                ("comment", b"{/**/}", "parse_error"), ("NaN", request(b"NaN"), "parse_error"), ("empty line", b"", "parse_error"),
                ("huge number as id", b'{"jsonrpc":"2.0","id":1e400,"method":"a"}', "parse_error"),
                ("fraction as id", b'{"jsonrpc":"2.0","id":1.5,"method":"a"}', "invalid_request"),
                ("long id", b'{"jsonrpc":"2.0","id":"' + b"i" * 129 + b'","method":"a"}', "invalid_request"),
                ("batch", b"[" + HELLO.strip() + b"]", "invalid_request"),
                ("notification", b'{"jsonrpc":"2.0","method":"system.hello"}', "invalid_request"),
                ("version 1", b'{"jsonrpc":"1.0","id":1,"method":"system.hello"}', "invalid_request"),
                ("params in a list", request(b"[]"), "invalid_request"),
                ("unknown method", b'{"jsonrpc":"2.0","id":1,"method":"system.exec"}', "method_not_found")):
            with self.subTest(name):
                self.assertEqual(self.kind(line), kind)
        self.assertServes()

    def test_B06_a_line_of_one_byte_too_many(self):
        fits = HELLO.strip().ljust(MIB) + b"\n"
        self.assertIn("result", self.answers(fits)[0])
        self.assertNotIn("result", self.answers(HELLO.strip().ljust(MIB + 1) + b"\n")[0])
        self.assertServes()

    def test_B07_two_requests_split_at_every_byte(self):
        both = HELLO + HELLO.replace(b'"id":1', b'"id":2')
        for cut in range(1, len(both)):
            with self.subTest(cut=cut):
                self.assertEqual([answer["id"] for answer in self.answers(both[:cut], both[cut:], count=2)], [1, 2])

    def test_B07_nothing_follows_a_framing_error(self):
        found = self.answers(b"nonsense\n" + HELLO, count=3)
        self.assertEqual(found[0]["error"]["data"]["kind"], "parse_error")
        self.assertEqual(found[1:], ["closed"])

    # --- crowds -----------------------------------------------------------------------------------------------------

    def test_B08_ten_thousand_idle_connections(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = CROWD + 500
        if hard < wanted and os.geteuid() != 0:
            wanted = hard  # an ordinary user cannot go beyond it; then it is as many as there can be
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, max(hard, wanted)))
        self.broker.stop()
        self.broker = self.start_broker()  # with as many of its own
        idle = []
        try:
            for _ in range(wanted - 500):
                one = socket.socket(socket.AF_UNIX)
                one.connect(str(self.home.socket))
                idle.append(one)
            before = self.cpu_seconds()
            for _ in range(20):
                self.assertServes()
            self.assertLess(self.cpu_seconds() - before, 1)
        finally:
            for one in idle:
                one.close()
        self.assertServes()

    def test_B08_descriptors_exhausted(self):
        known = self.rpc()
        # A first call while there are descriptors: the sanitizer of a debug build looks at memory through a pipe.
        self.assertTrue(known.call("system.hello"))
        subprocess.run(["prlimit", f"--pid={self.broker.pid}", "--nofile=64"], check=True)
        crowd = []
        for _ in range(80):
            one = socket.socket(socket.AF_UNIX)
            one.setblocking(False)
            one.connect_ex(str(self.home.socket))
            crowd.append(one)
        before = self.cpu_seconds()
        begin = time.monotonic()
        while time.monotonic() - begin < 1:  # who is inside is served, and the broker does not spin over the others
            self.assertTrue(known.call("system.hello"))
            time.sleep(0.05)  # a pace, so that what is measured is not these calls
        self.assertLess(self.cpu_seconds() - before, 0.5)
        for one in crowd:
            one.close()
        self.assertServes()

    def test_B08_a_storm_of_reconnects(self):
        for _ in range(STORM):
            with socket.socket(socket.AF_UNIX) as one:
                one.connect(str(self.home.socket))
                one.send(HELLO)
        self.assertServes()
        if os.geteuid() == 0:  # nobody else may count a broker's descriptors
            fds = pathlib.Path(f"/proc/{self.broker.pid}/fd")
            wait_until(lambda: len(list(fds.iterdir())) < 40, "the connections to be closed")

    def test_B09_who_writes_slowly_or_never_reads_holds_nobody_up(self):
        slow = self.connect()
        deaf = self.connect()
        deaf.setblocking(False)
        try:
            while True:
                deaf.send(HELLO * 100)
        except BlockingIOError:
            pass
        except ConnectionError:
            pass  # it has been closed for not reading
        for byte in HELLO:
            slow.sendall(bytes([byte]))
            self.assertServes()
        self.assertIn(b'"result"', slow.recv(65536))
        memory = pathlib.Path(f"/proc/{self.broker.pid}/status").read_text(encoding="ascii")
        resident = int(next(line for line in memory.splitlines() if line.startswith("VmRSS:")).split()[1])
        self.assertLess(resident, 100_000)  # KiB: what it has not read is not kept without end

    # --- places -----------------------------------------------------------------------------------------------------

    @unittest.skipUnless(os.geteuid() == 0, "becoming another user needs root")
    def test_B01_another_user_gets_not_one_byte(self):
        for path, mode in ((self.home.path, 0o711), (self.home.socket.parent, 0o711), (self.home.socket, 0o666)):
            os.chmod(path, mode)
        script = ("import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.settimeout(10)\ns.connect(sys.argv[1])\n"
                  "try:\n    s.sendall(sys.argv[2].encode() + b'\\n')\n    print(s.recv(100))\n"
                  "except (BrokenPipeError, ConnectionResetError):\n    print(b'')\n")
        for uid in (1, 65534, 4_000_000):
            with self.subTest(uid=uid):
                out = subprocess.run(["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "python3", "-c", script,
                                      str(self.home.socket), HELLO.decode().strip()], capture_output=True, text=True,
                                     timeout=20, check=True).stdout
                self.assertEqual(out.strip(), "b''")

    def test_B02_B22_folders_that_cannot_be_trusted(self):
        self.broker.stop()
        folder = self.home.socket.parent
        for name, spoil in (("open to all", lambda: folder.chmod(0o777)), ("open to the group", lambda: folder.chmod(0o750))):
            with self.subTest(name):
                spoil()
                with self.assertRaises(BrokerRefused):
                    self.start_broker()
                self.fails(8, "token", "lab")  # a client does not go in there either
                folder.chmod(0o700)
        real = folder.rename(folder.with_name("elsewhere"))
        folder.symlink_to(real)
        with self.assertRaises(BrokerRefused):
            self.start_broker()

    def test_B03_B04_twenty_brokers_after_one_that_was_killed(self):
        self.broker.kill()
        self.assertTrue(self.home.socket.exists())  # what it left behind

        def start():
            try:
                return self.start_broker()
            except BrokerRefused as refused:
                return str(refused)

        found = [start() for _ in range(20)]
        self.assertEqual(sum(not isinstance(one, str) for one in found), 1)
        self.assertServes()

    def test_B05_a_path_that_does_not_fit_is_named(self):
        long = self.home.path / ("x" * 100) / "broker.sock"
        with self.assertRaises(BrokerRefused) as caught:
            self.start_broker(KEYBEARER_SOCKET=str(long))
        self.assertIn("107", str(caught.exception))

    # --- memory and traces ------------------------------------------------------------------------------------------

    def test_B13_no_core_is_left_even_where_they_are_wanted(self):
        self.broker.stop()
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, (soft, hard))
        broker = self.start_broker()
        limits = pathlib.Path(f"/proc/{broker.pid}/limits").read_text(encoding="ascii")
        core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
        self.assertEqual(core.split()[4:6], ["0", "0"])
        os.kill(broker.pid, signal.SIGABRT)
        ended = os.waitid(os.P_PID, broker.pid, os.WEXITED | os.WNOWAIT)
        self.assertEqual((ended.si_code, ended.si_status), (os.CLD_KILLED, signal.SIGABRT))  # not CLD_DUMPED


ORDINARY = 65534  # somebody else than root, whom nothing is closed to
LOOK_INTO = pathlib.Path(__file__).with_name("look_into.py").read_text(encoding="utf-8")


class MemoryTest(KeybearerTest):
    """What another program of the same, ordinary user can get from the broker while it holds a token."""

    keyring_mode = "none"

    def as_user(self):
        return [] if os.geteuid() != 0 else ["setpriv", f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups"]

    def attempt(self, pid, what):
        # Through stdin: this user may not be able to reach the file.
        ran = subprocess.run([*self.as_user(), sys.executable, "-B", "-", what, str(pid)], input=LOOK_INTO, cwd="/",
                             capture_output=True, text=True, timeout=20, check=False)
        return ran.stdout.strip() or ran.stderr

    def test_B13_the_memory_is_closed_to_programs_of_the_same_user(self):
        before = self.as_user()
        if os.geteuid() == 0:
            copy = shutil.copy(BROKER, self.home.path)  # from where this user can reach it
            before += ["sh", "-c", 'shift && exec "$0" "$@"', copy]
            for path in (self.home.path, *self.home.path.rglob("*")):
                os.chown(path, ORDINARY, ORDINARY, follow_symlinks=False)
        broker = self.start_broker(before)
        other = Process([*self.as_user(), "sleep", "60"], {"PATH": os.environ["PATH"]}, self.home.path / "sleep.log")
        self.addCleanup(other.stop)
        for what in ("mem", "environ", "maps", "fd", "map_files", "auxv"):
            with self.subTest(what):
                wait_until(lambda what=what: self.attempt(other.pid, what) == "open", "a process that hides nothing")
                self.assertEqual(self.attempt(broker.pid, what), "PermissionError")
        # Yama may forbid this for every process; then there is nothing to compare with.
        self.assertEqual(self.attempt(broker.pid, "ptrace"), "PermissionError")
        self.assertEqual(self.attempt(broker.pid, "process_vm_readv"), "PermissionError")


class TraceTest(KeybearerTest):
    def test_B14_B23_nothing_secret_is_left_anywhere(self):
        self.start_broker(QT_LOGGING_RULES="*=true")
        self.ok("login", "lab")
        token = self.token()
        self.token("lab", "--refresh")
        self.provider.fault("/token", "html")
        self.fails(7, "token", "lab", "--refresh")
        self.ok("logout", "lab")
        self.fails(2, "token", "lab")  # not from a cache either
        self.assert_no_secret_leaks(token)
