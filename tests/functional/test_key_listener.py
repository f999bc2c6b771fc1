"""The second socket, for containers: a client key comes first there."""
import json
import os
import subprocess
import sys
import unittest

from kbtest import CLI, BrokerRefused, KeybearerTest, RpcClient

VALUE = "sk-proj-0123456789abcdef-canary"
OTHER_UID = 64998

# Another network, other mounts and other process ids: what a container is to the kernel.
CONTAINER = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc"]
if os.getuid() != 0:
    CONTAINER += ["--user", "--map-current-user"]

# Each line of standard input is a request; the answers, and where this program was, are printed.
SCRIPT = """
import json, os, socket, sys
answers = []
client = socket.socket(socket.AF_UNIX)
client.settimeout(20)
client.connect(sys.argv[1])
reader = client.makefile("rb")
for number, line in enumerate(sys.stdin):
    client.sendall(json.dumps({"jsonrpc": "2.0", "id": number, **json.loads(line)}).encode() + b"\\n")
    answers.append(json.loads(reader.readline()))
print(json.dumps({"answers": answers, "pid": os.getpid(),
                  "spaces": {name: os.readlink(f"/proc/self/ns/{name}") for name in ("net", "mnt", "pid")}}))
"""


def request(method, **params):
    return {"method": method, "params": params}


class KeyListenerTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.path = self.home.path / "shared" / "keys.sock"

    def begin(self, more=""):
        self.home.write_config("config.toml", f'[listener]\npath = "{self.path}"\n{more}')
        broker = self.start_broker()
        self.person = self.rpc()
        self.person.call("credential.set", provider="openai", fields={"api_key": VALUE})
        made = self.person.call("client_key.create", name="ci", scopes=["openai/*"])
        self.key, self.key_id = made["key"], made["client_key_id"]
        return broker

    def connect(self):
        client = RpcClient(self.path)
        self.addCleanup(client.close)
        return client

    def inside(self, before, *requests):
        """What a program behind the command `before` is answered."""
        lines = "".join(json.dumps(one) + "\n" for one in requests)
        ran = subprocess.run([*before, sys.executable, "-B", "-c", SCRIPT, str(self.path)], input=lines, capture_output=True,
                             text=True, timeout=60, check=False)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return json.loads(ran.stdout)

    def value(self, resolved):
        (value,) = (field["value"] for field in resolved["fields"] if field["field"] == "api_key")
        return value

    def kind(self, answer):
        return answer["error"]["data"]["kind"] if "error" in answer else "success"

    def test_there_is_none_unless_it_is_asked_for(self):
        self.start_broker()
        self.assertFalse(self.path.exists())

    def test_folder_and_socket_belong_to_their_owner_alone(self):
        broker = self.begin()
        self.assertEqual(os.stat(self.path.parent).st_mode & 0o777, 0o700)
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)
        broker.stop()
        self.assertFalse(self.path.exists())

    def test_nothing_is_for_whoever_has_shown_no_key(self):
        self.begin()
        client = self.connect()
        self.assertTrue(client.call("system.hello"))
        for method, params in (("system.status", {}), ("provider.list", {}), ("credential.resolve", {"provider": "openai"}),
                               ("token.get", {}), ("credential.list", {}), ("client_key.list", {}), ("system.stop", {}),
                               ("account.login_status", {"login_id": "x"})):
            with self.subTest(method), self.assertRpcError("denied") as refused:
                client.call(method, **params)
            self.assertIn("system.authenticate", str(refused.exception))
        client.call("system.authenticate", key=self.key)
        self.assertEqual(self.value(client.call("credential.resolve", provider="openai")), VALUE)
        with self.assertRpcError("denied"):
            client.call("credential.list")
        self.assertTrue(self.person.call("credential.list"))  # the ordinary socket is as it was

    def test_from_another_container(self):
        self.begin()
        seen = self.inside(CONTAINER, request("credential.resolve", provider="openai"),
                           request("system.authenticate", key=self.key), request("credential.resolve", provider="openai"),
                           request("credential.resolve", provider="groq"))
        for name, space in seen["spaces"].items():
            self.assertNotEqual(space, os.readlink(f"/proc/self/ns/{name}"))
        self.assertEqual([self.kind(answer) for answer in seen["answers"]], ["denied", "success", "success", "denied"])
        self.assertEqual(self.value(seen["answers"][2]["result"]), VALUE)
        records = [json.loads(line) for line in (self.home.path / "state" / "audit.log").read_text().splitlines()]
        (released,) = [record for record in records if record["event"] == "credential.release" and record["verdict"] == "allow"]
        self.assertEqual(released["client_key"], self.key_id)
        self._assert_absent([self.key])

    def test_the_command_line_from_another_container(self):
        self.begin()
        env = self.env(KEYBEARER_SOCKET=self.path, KEYBEARER_CLIENT_KEY=self.key)
        ran = subprocess.run([*CONTAINER, CLI, "resolve", "openai"], env=env, capture_output=True, text=True, timeout=60,
                             check=False)
        self.assertEqual((ran.returncode, ran.stdout.strip()), (0, VALUE), ran.stderr)

    @unittest.skipUnless(os.getuid() == 0, "becoming another user needs root")
    def test_another_user_comes_only_where_the_person_says_so(self):
        other = ["setpriv", f"--reuid={OTHER_UID}", f"--regid={OTHER_UID}", "--clear-groups"]
        broker = self.begin()
        for path, mode in ((self.home.path, 0o711), (self.path.parent, 0o711), (self.path, 0o666)):
            os.chmod(path, mode)
        ran = subprocess.run([*other, sys.executable, "-B", "-c", SCRIPT, str(self.path)], capture_output=True, text=True,
                             input=json.dumps(request("system.hello")), timeout=60, check=False)
        self.assertNotEqual(ran.returncode, 0)
        broker.stop()
        self.begin_any_uid()
        seen = self.inside(other, request("system.hello"), request("system.status"),
                           request("system.authenticate", key=self.key), request("credential.resolve", provider="openai"),
                           request("credential.list"))
        self.assertEqual([self.kind(answer) for answer in seen["answers"]],
                         ["success", "denied", "success", "success", "denied"])
        self.assertTrue(any(str(self.path) in warning for warning in self.person.call("system.status")["warnings"]))

    def begin_any_uid(self):
        self.person.close()
        self.path.parent.chmod(0o711)
        self.home.write_config("config.toml", f'[listener]\npath = "{self.path}"\nany_uid = true\n')
        self.start_broker()
        self.person = self.rpc()
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o666)

    def test_what_cannot_be_a_socket_is_refused(self):
        self.path.parent.mkdir(mode=0o755)
        for config, why in ((f'[listener]\npath = "{self.path}"\n', "chmod"),
                            (f'[listener]\npath = "{self.home.socket}"\n', "another broker"),
                            ('[listener]\npath = "relative"\n', "absolute")):
            with self.subTest(config):
                self.home.write_config("config.toml", config)
                with self.assertRaises(BrokerRefused) as refused:
                    self.start_broker()
                self.assertIn(why, str(refused.exception))
