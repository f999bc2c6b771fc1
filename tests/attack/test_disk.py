"""A disk that is full, and one that cannot be written: B18 of README.md, on a file system of its own."""
import hashlib
import json
import os
import pathlib
import subprocess

from kbtest import BrokerRefused, KeybearerTest, wait_until

SMALL_DISK = pathlib.Path(__file__).with_name("small_disk.sh")
MANY = 300
BLOCK = 64  # more lines than fit into a block of 4 KiB


def namespace():
    """A command that runs another with mounts of its own."""
    return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]


class DiskTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        if subprocess.run([*namespace(), "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("this machine lets its users have no namespaces, so no disk can be made small")
        user = "same" if os.geteuid() == 0 else os.geteuid()
        self.broker = self.start_broker([*namespace(), SMALL_DISK, self.home.path, user], subprocess.PIPE)
        self.addCleanup(self.broker.process.stdin.close)
        self.orders = 0

    def order(self, what):
        self.broker.process.stdin.write(what.encode() + b"\n")
        self.broker.process.stdin.flush()
        self.orders += 1
        wait_until(lambda: len((self.home.path / "orders").read_text("ascii").splitlines()) == self.orders, what)

    def refreshes(self):
        return len(self.provider.requests("/token", "POST"))

    def answers_to_many(self):
        """What comes back for many requests in one write, which the broker records together."""
        request = {"jsonrpc": "2.0", "id": 1, "method": "token.get", "params": {"account": "lab"}}
        with self.broker.rpc() as client:
            for _ in range(MANY // 50):  # a connection may have 64 unanswered
                client.send_raw((json.dumps(request) + "\n").encode() * 50)
                yield from (json.loads(client.read_line()) for _ in range(50))

    def test_B18_a_full_disk_releases_nothing_and_loses_nothing(self):
        self.ok("login", "lab")
        token = self.token()
        asked = self.refreshes()
        self.order("fill")
        answers = list(self.answers_to_many())
        refused = [answer["error"] for answer in answers if "error" in answer]
        self.assertTrue(refused)
        self.assertEqual({error["data"]["kind"] for error in refused}, {"storage_error"})
        self.assertIn("audit", refused[0]["message"])
        # The last block of the file has room for some lines yet.
        fitting = 0
        while (last := self.cli("token", "lab", secret_output=True)).code == 0 and fitting < BLOCK:
            fitting += 1
        self.assertEqual((last.code, last.out), (6, ""))
        self.assertIn("No space left on device", last.err)
        self.fails(6, "token", "lab", "--refresh")
        self.assertEqual(self.refreshes(), asked)  # what cannot be journalled is not sent
        status = self.ok("status")
        self.assertIn("lab", status.out)
        self.order("free")
        self.assertEqual(self.token(), token)
        self.assertNotEqual(self.token("lab", "--refresh"), token)
        released = 1 + len(answers) - len(refused) + fitting + 2
        self.assertEqual(sum(line["event"] == "token.release" for line in self.audit_lines()), released)

    def audit_lines(self):
        """The audit file's lines, after their chain was followed."""
        self.order("copy")
        lines = (self.home.path / "audit.copy").read_bytes().splitlines()
        previous = "0" * 64
        for line in lines:
            self.assertEqual(json.loads(line)["prev"], previous)
            previous = hashlib.sha256(line).hexdigest()
        return [json.loads(line) for line in lines]

    def test_B18_a_login_on_a_full_disk_fails_as_a_whole(self):
        self.order("fill")
        self.fails(6, "login", "lab")
        self.order("free")
        self.fails(2, "token", "lab")
        self.ok("login", "lab")
        self.token()

    def test_B18_a_key_that_cannot_be_stored_leaves_the_one_that_was(self):
        self.ok("provider", "set", "openai", "--file", "-", input="sk-old-0123456789")
        self.order("fill")
        for _ in range(BLOCK):  # the audit file's last block may have room for some lines yet
            refused = self.fails(6, "provider", "set", "openai", "--file", "-", input="sk-new-0123456789")
        self.assertNotIn("sk-new", refused.err)
        self.order("free")
        self.assertEqual(self.ok("resolve", "openai", secret_output=True).out, "sk-old-0123456789\n")
        self.ok("provider", "set", "openai", "--file", "-", input="sk-new-0123456789")
        self.ok("tenant", "rotate")
        self.assertEqual(self.ok("resolve", "openai", secret_output=True).out, "sk-new-0123456789\n")

    def test_B18_a_vault_that_cannot_be_written_is_said_and_other_places_serve(self):
        self.broker.stop()
        (self.home.path / "disk").rmdir()
        broker = self.start_broker()
        self.ok("provider", "set", "openai", "--file", "-", input="sk-old-0123456789")
        broker.stop()
        read_only = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
        self.start_broker([*namespace(), "sh", "-c", read_only, self.home.path / "data" / "vault"])
        refused = self.fails(6, "resolve", "openai")
        self.assertIn("Read-only file system", refused.err)
        self.assertEqual(self.ok("resolve", "openai", secret_output=True, OPENAI_API_KEY="sk-mine").out, "sk-mine\n")

    def test_B18_a_folder_that_cannot_be_written_is_named(self):
        self.broker.stop()
        read_only = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
        for name in ("data", "state"):
            with self.subTest(name), self.assertRaises(BrokerRefused) as caught:
                self.start_broker([*namespace(), "sh", "-c", read_only, self.home.path / name])
            self.assertIn("Read-only file system", str(caught.exception))
            self.assertIn(str(self.home.path / name), str(caught.exception))
