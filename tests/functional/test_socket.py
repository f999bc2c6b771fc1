"""The broker's socket: who may speak to it, and how it comes to be."""
import json
import os
import socket
import subprocess
import sys
import unittest

from kbtest import BROKER, Broker, BrokerRefused, KeybearerTest, Process, RpcClient, wait_until

OTHER_UID = 64998


class SocketTest(KeybearerTest):
    provider_options = None

    def test_folder_and_socket_belong_to_their_owner_alone(self):
        self.start_broker()
        self.assertEqual(os.stat(self.home.socket.parent).st_mode & 0o777, 0o700)
        self.assertEqual(os.stat(self.home.socket).st_mode & 0o777, 0o600)

    @unittest.skipUnless(os.getuid() == 0, "becoming another user needs root")
    def test_another_user_is_closed_before_a_byte_is_read(self):
        """The folder is opened up on purpose: the kernel's word about the peer must suffice without it."""
        self.start_broker()
        for path, mode in ((self.home.path, 0o711), (self.home.socket.parent, 0o711), (self.home.socket, 0o666)):
            os.chmod(path, mode)
        script = ("import socket, sys\n"
                  "s = socket.socket(socket.AF_UNIX)\n"
                  "s.settimeout(10)\n"
                  "s.connect(sys.argv[1])\n"
                  "try:\n"
                  "    s.sendall(b'{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.hello\"}\\n')\n"
                  "    print(repr(s.recv(100)))\n"
                  "except (BrokenPipeError, ConnectionResetError):\n"
                  "    print(repr(b''))\n")
        command = ["setpriv", f"--reuid={OTHER_UID}", f"--regid={OTHER_UID}", "--clear-groups", sys.executable, "-c", script,
                   str(self.home.socket)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(result.stdout.strip(), "b''", result.stderr)
        with RpcClient(self.home.socket) as client:
            self.assertEqual(client.call("system.hello")["protocol"], 1)

    def test_a_folder_that_others_may_enter_is_refused(self):
        self.home.socket.parent.mkdir(mode=0o700)
        for mode in (0o755, 0o711, 0o770, 0o777, 0o707):
            with self.subTest(mode=oct(mode)):
                os.chmod(self.home.socket.parent, mode)
                with self.assertRaises(BrokerRefused) as refused:
                    self.start_broker()
                self.assertIn(str(self.home.socket.parent), str(refused.exception))
                result = self.cli("status")
                self.assertNotEqual(result.code, 0)
                self.assertIn("chmod", result.err)

    def test_a_folder_that_is_a_link_is_refused(self):
        elsewhere = self.home.path / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        self.home.socket.parent.symlink_to(elsewhere)
        with self.assertRaises(BrokerRefused):
            self.start_broker()

    def test_a_path_that_is_too_long_is_named(self):
        path = f"/tmp/{'x' * 110}/broker.sock"
        for result in (self.fails(2, "status", KEYBEARER_SOCKET=path),):
            self.assertIn("107", result.err)
        with self.assertRaises(BrokerRefused) as refused:
            self.start_broker(KEYBEARER_SOCKET=path)
        self.assertIn("107", str(refused.exception))

    def test_the_socket_can_be_somewhere_else(self):
        place = self.home.path / "other" / "s"
        place.parent.mkdir(mode=0o700)
        broker = Broker(self.home, self.env(KEYBEARER_SOCKET=place))
        self.addCleanup(broker.stop)
        self.assertTrue(place.is_socket())
        self.ok("status", KEYBEARER_SOCKET=place)

    def test_the_socket_is_gone_when_the_broker_has_ended(self):
        broker = self.start_broker()
        self.assertEqual(broker.stop(), 0)
        self.assertFalse(self.home.socket.exists())


class ActivationTest(KeybearerTest):
    """sd_listen_fds(3): the service manager's socket is used, and left alone at the end."""

    provider_options = None

    def activate(self, listener, count="1", pid=None):
        """A parent that hands the socket down as descriptor 3 and becomes the broker."""
        script = ("import os, sys\n"
                  "os.dup2(int(sys.argv[1]), 3)\n"
                  "os.environ.update(LISTEN_FDS=sys.argv[2], LISTEN_PID=sys.argv[3] or str(os.getpid()))\n"
                  "os.execv(sys.argv[4], sys.argv[4:])\n")
        process = Process([sys.executable, "-c", script, listener.fileno(), count, pid or "", BROKER], self.env(),
                          self.home.path / "activated.log", pass_fds=(listener.fileno(),))
        self.addCleanup(process.stop)
        return process

    def listener(self):
        self.home.socket.parent.mkdir(mode=0o700)
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(str(self.home.socket))
        os.chmod(self.home.socket, 0o600)
        listener.listen()
        return listener

    def test_a_client_that_came_before_the_broker_is_served(self):
        listener = self.listener()
        client = self.rpc()
        asked = client.send("system.hello")
        process = self.activate(listener)
        self.assertEqual(client.answer(asked)["pid"], process.pid)

    def test_the_socket_outlives_the_broker(self):
        listener = self.listener()
        process = self.activate(listener)
        with RpcClient(self.home.socket) as client:
            client.call("system.hello")
            client.call("system.stop")
        process.wait()
        self.assertTrue(self.home.socket.is_socket())
        with RpcClient(self.home.socket) as client:
            asked = client.send("system.hello")
            again = self.activate(listener)
            self.assertEqual(client.answer(asked)["pid"], again.pid)

    def test_more_than_one_socket_is_refused(self):
        process = self.activate(self.listener(), count="2")
        self.assertNotEqual(process.wait(), 0)

    def test_sockets_of_another_process_are_not_ours(self):
        process = self.activate(self.listener(), pid="1")
        self.assertNotEqual(process.wait(), 0, "a socket that is listening belongs to somebody else")


class WireTest(KeybearerTest):
    """Requests that a careless or hostile program of the same user may send."""

    provider_options = None

    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()

    def answer_to(self, line):
        client = self.rpc()
        client.send_raw(line + b"\n")
        answer = client.read_line()
        return json.loads(answer)["error"]["data"]["kind"] if answer else "closed"

    def test_requests_that_are_refused(self):
        def request(**members):
            return json.dumps({"jsonrpc": "2.0", "id": 1, **members}).encode()

        for line, kind in ((b"nonsense", "parse_error"), (b"[]", "invalid_request"), (b"{}", "invalid_request"),
                           (b'{"a":1,"a":2}', "parse_error"), (b"\xff\xfe", "parse_error"),
                           (request(method="no.such"), "method_not_found"),
                           (request(method="account.rename", params={"new_name": "x"}), "invalid_params"),
                           (request(method="token.get", params={"account": 7}), "invalid_params"),
                           (request(method="token.get", params={"account": "x", "other": 1}), "invalid_params"),
                           (request(method="token.get", params=["x"]), "invalid_request"),
                           (request(method="token.get", params={"account": "x", "min_valid": -1}), "invalid_value"),
                           (request(method="token.get", params={"account": "nobody"}), "unknown_account"),
                           (request(method="account.login", params={"provider": "x" * 5000}), "unknown_provider")):
            with self.subTest(line=line[:80]):
                self.assertEqual(self.answer_to(line), kind)

    def test_a_line_without_an_end_is_cut_off(self):
        client = self.rpc()
        try:
            for _ in range(64):
                client.send_raw(b"x" * 65536)
        except OSError:
            pass
        self.assertNotIn(b'"result"', client.read_line())
        self.assertEqual(client.read_line(), b"")
        with RpcClient(self.home.socket) as other:
            self.assertTrue(other.call("system.hello"))

    def test_many_connections_do_not_keep_others_out(self):
        idle = [RpcClient(self.home.socket) for _ in range(60)]
        try:
            self.ok("status")
        finally:
            for client in idle:
                client.close()
        wait_until(self.broker.process.running, "the broker")
