"""The second socket ([listener] in config.toml) and client keys, attacked like the first socket; servers that are not ours."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import unittest

from kbtest import BrokerRefused, KeybearerTest, RpcClient, RpcError, wait_until
from kbtest.client_keys import LIVE, TEST, UNKNOWN, ClientKeyTest

HELLO = b'{"jsonrpc":"2.0","id":1,"method":"system.hello"}\n'

# Says what comes back from a socket, or that it was closed without a byte.
SPEAKS = """
import socket, sys
one = socket.socket(socket.AF_UNIX)
one.settimeout(10)
one.connect(sys.argv[1])
try:
    one.sendall(sys.argv[2].encode() + b"\\n")
    print(one.recv(100))
except (BrokenPipeError, ConnectionResetError):
    print(b"")
"""

# Listens as another user in a folder that is ours, and says what a client sends.
LISTENS = """
import os, socket, sys
one = socket.socket(socket.AF_UNIX)
one.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
os.setresuid(65534, 65534, 65534)
one.listen()
print("ready", flush=True)
client, _ = one.accept()
print(client.recv(100), flush=True)
"""


class ListenerTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.folder = self.home.path / "shared"
        self.path = self.folder / "keys.sock"
        self.home.write_config("config.toml", f'[listener]\npath = "{self.path}"\n')

    def assertServes(self):
        with RpcClient(self.path) as client:
            self.assertTrue(client.call("system.hello"))

    @unittest.skipUnless(os.geteuid() == 0, "becoming another user needs root")
    def test_B01_another_user_gets_not_one_byte_from_the_second_socket(self):
        self.start_broker()
        for path, mode in ((self.home.path, 0o711), (self.folder, 0o711), (self.path, 0o666)):
            os.chmod(path, mode)
        for uid in (1, 65534, 4_000_000):
            with self.subTest(uid=uid):
                out = subprocess.run(["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", sys.executable, "-c", SPEAKS,
                                      str(self.path), HELLO.decode().strip()], capture_output=True, text=True, timeout=20,
                                     check=False, cwd="/")
                self.assertEqual((out.stdout.strip(), out.stderr), ("b''", ""))
        self.assertServes()

    def test_B02_B22_folders_that_cannot_be_trusted_for_the_second_socket(self):
        self.folder.mkdir(mode=0o700)
        for mode in (0o777, 0o1777, 0o755, 0o750):
            with self.subTest(oct(mode)):
                self.folder.chmod(mode)
                with self.assertRaises(BrokerRefused):
                    self.start_broker()
        self.folder.rmdir()
        elsewhere = self.home.path / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        self.folder.symlink_to(elsewhere)
        with self.assertRaises(BrokerRefused):
            self.start_broker()
        self.assertEqual(list(elsewhere.iterdir()), [])
        self.folder.unlink()
        if os.geteuid() == 0:
            self.folder.mkdir(mode=0o700)
            os.chown(self.folder, 65534, 65534)
            with self.assertRaises(BrokerRefused):
                self.start_broker()

    def test_B03_a_second_socket_that_a_killed_broker_left(self):
        self.start_broker().kill()
        self.assertTrue(self.path.is_socket())
        broker = self.start_broker()
        self.assertServes()
        broker.stop()
        self.path.write_text("mine")  # what is no socket is nobody's to remove
        with self.assertRaises(BrokerRefused):
            self.start_broker()
        self.assertEqual(self.path.read_text(), "mine")

    def test_B22_a_folder_that_is_replaced_takes_nobody_over(self):
        """Whoever can do that is this user. The broker goes on serving those inside, and removes nothing of another's."""
        broker = self.start_broker()
        inside = RpcClient(self.path)
        self.addCleanup(inside.close)
        self.folder.rename(self.home.path / "before")
        self.folder.symlink_to(self.home.path / "before")
        self.assertTrue(inside.call("system.hello"))
        self.fails(8, "token", "lab", KEYBEARER_SOCKET=self.path, KEYBEARER_CLIENT_KEY=UNKNOWN)  # a client does not go there
        self.folder.unlink()
        self.folder.mkdir(mode=0o700)
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(self.path))
            self.assertEqual(broker.stop(), 0)
            self.assertTrue(self.path.is_socket())

    @unittest.skipUnless(os.geteuid() == 0, "becoming another user needs root")
    def test_B01_B22_a_server_of_another_user_is_told_nothing(self):
        self.folder.mkdir(mode=0o700)
        fake = subprocess.Popen([sys.executable, "-c", LISTENS, self.path], stdout=subprocess.PIPE, text=True)
        self.addCleanup(fake.__exit__, None, None, None)
        self.addCleanup(fake.kill)
        self.assertEqual(fake.stdout.readline(), "ready\n")
        self.fails(8, "token", "lab", KEYBEARER_SOCKET=self.path, KEYBEARER_CLIENT_KEY=UNKNOWN)
        self.assertEqual(fake.stdout.readline(), "b''\n")


class KeyTest(ClientKeyTest):
    policy = "ask"

    def setUp(self):
        super().setUp()
        self.ok("provider", "set", "openai", "--file", "-", input=LIVE)
        self.ok("provider", "set", "openai", "--name", "sandbox", "--file", "-", "--test", input=TEST)

    def make(self, *args):
        """As a person does: policy "ask" wants one for it."""
        self.restart("allow")
        key = super().make(*args)
        self.restart("ask")
        return key

    def kinds(self, client, keys):
        for key in keys:
            try:
                client.call("system.authenticate", key=key)
                yield "success"
            except RpcError as refused:
                yield refused.kind
            except ConnectionError:
                yield "closed"

    def test_B12_guessing_a_key_ends_the_connection(self):
        key = self.make("ci", "--scope", "openai/*")
        client = self.rpc()
        # With a checksum that is right, that is wrong, and with one character of the key changed.
        wrong = [UNKNOWN, key[:-1] + ("a" if key[-1] != "a" else "b"), key.replace("kb_live_", "kb_test_")]
        self.assertEqual(list(self.kinds(client, wrong)), ["denied"] * 3)
        self.assertEqual(client.read_line(), b"")
        self.assertEqual(self.value(self.client(key)), {"api_key": LIVE})

    def test_B12_a_program_cannot_make_a_key_for_itself(self):
        for method, params in (("client_key.create", {"name": "mine", "scopes": ["*"]}), ("client_key.list", {})):
            with self.subTest(method), self.assertRpcError("consent_required"):
                self.rpc().call(method, **params)

    def test_B12_a_key_for_test_gets_nothing_else(self):
        client = self.client(self.make("tests", "--test", "--scope", "*"))
        self.assertEqual(self.value(client, name="sandbox"), {"api_key": TEST})
        for method, params in (("credential.resolve", {}), ("credential.resolve", {"name": "default", "fields": ["api_key"]}),
                               ("credential.watch", {"version": "v", "wait": 0})):
            with self.subTest(method, **params), self.assertRpcError("denied"):
                client.call(method, provider="openai", **params)

    def test_B23_a_revoked_key_ends_on_an_open_connection(self):
        key = self.make("ci", "--scope", "openai/*")
        client = self.client(key)
        self.assertEqual(self.value(client), {"api_key": LIVE})
        version = client.call("credential.resolve", provider="openai")["version"]
        waiting = client.send("credential.watch", provider="openai", version=version, wait=60)
        listed = json.loads(self.ok("key", "list", "--json").out)["client_keys"]
        self.ok("key", "revoke", listed[0]["client_key_id"])
        self.ok("provider", "set", "openai", "--file", "-", input=LIVE + "-renewed")
        with self.assertRpcError("denied"):
            client.answer(waiting)
        for method, params in (("credential.resolve", {"provider": "openai"}), ("system.status", {})):
            with self.subTest(method), self.assertRpcError("denied"):
                client.call(method, **params)
        self.assertEqual(list(self.kinds(self.rpc(), [key])), ["denied"])


class LockedTest(KeybearerTest):
    provider_options = None
    CALLERS = 200
    OPEN = {"system.hello", "system.status", "system.lock", "system.unlock", "approval.attach", "approval.list", "approval.decide"}

    def test_B08_two_hundred_callers_of_a_locked_broker(self):
        """Every method at once, with parameters that fit."""
        self.start_broker()
        document = json.loads((pathlib.Path(__file__).parents[2] / "ipc" / "openrpc.json").read_text(encoding="utf-8"))
        values = {"string": "x", "integer": 1, "boolean": True, "array": ["x"], "object": {"x": "x"}}
        requests = [(method["name"], {one["name"]: values[one["schema"].get("type", "string")]
                                      for one in method["params"] if one.get("required")})
                    for method in document["methods"] if method["name"] not in self.OPEN]
        self.assertGreater(len(requests), 40)
        self.ok("lock")
        crowd = [RpcClient(self.home.socket) for _ in range(self.CALLERS)]
        try:
            asked = [(client, [(name, client.send(name, **params)) for name, params in requests[part::len(requests) // 8]])
                     for part, client in ((number % (len(requests) // 8), one) for number, one in enumerate(crowd))]
            seen = set()
            for client, calls in asked:
                for name, number in calls:
                    with self.assertRpcError("broker_locked"):
                        client.answer(number)
                    seen.add(name)
            self.assertEqual(seen, {name for name, _ in requests})
        finally:
            for client in crowd:
                client.close()
        wait_until(lambda: json.loads(self.ok("status", "--json").out)["locked"], "the broker, which is locked as before")
