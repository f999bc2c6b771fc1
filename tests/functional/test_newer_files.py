"""An older broker meets what a newer one has written: it says so, and changes nothing."""
import json
import sqlite3

from kbtest import BrokerRefused, KeybearerTest, wait_until

# Files that say their version, and what they hold in version 1.
FILES = {
    "data/accounts.json": {"version": 1, "accounts": []},
    "data/bindings.json": {"version": 1, "bindings": []},
    "data/client_keys.json": {"version": 1, "keys": []},
    "data/grants.json": {"version": 1, "grants": []},
    "data/keychain-choice.json": {"version": 1, "backend": "secret-service", "chosen_at": 1767225600},
    "data/observations.json": {"version": 1, "grants": []},
    "data/policy.json": {"version": 1, "policy": "observe"},
    "data/refresh-journal.json": {"version": 1, "sent": {}},
    "data/settings.json": {"version": 1, "lock.on_suspend": "true"},
}


class NewerFilesTest(KeybearerTest):
    provider_options = None

    def write(self, name, content):
        path = self.home.path / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
        path.chmod(0o600)
        return path

    def refused(self):
        with self.assertRaises(BrokerRefused) as refused:
            self.start_broker()
        return str(refused.exception)

    def test_what_this_version_writes_is_read(self):
        for name, content in FILES.items():
            self.write(name, content)
        self.start_broker()
        self.ok("status")

    def test_what_had_no_version_yet_is_read_and_gets_one(self):
        for name, content in (("data/policy.json", {"policy": "allow"}), ("data/settings.json", {"lock.on_suspend": "true"})):
            self.write(name, content)
        self.start_broker()
        self.assertEqual(self.rpc().call("system.status")["policy"], "allow")
        self.ok("settings", "lock.on_screen_lock", "true")
        self.ok("policy", "observe")
        for name, content in (("policy.json", {"version": 1, "policy": "observe"}),
                              ("settings.json", {"version": 1, "lock.on_suspend": "true", "lock.on_screen_lock": "true"})):
            self.assertEqual(json.loads((self.home.path / "data" / name).read_text(encoding="utf-8")), content)

    def test_a_newer_file_is_named_and_left_alone(self):
        for name, content in FILES.items():
            with self.subTest(name=name):
                path = self.write(name, {**content, "version": 2, "more": {"deeper": [[[[1]]]]}})
                before = path.read_bytes()
                why = self.refused()
                self.assertIn(str(path), why)
                self.assertIn("newer Keybearer", why)
                self.assertEqual(path.read_bytes(), before)
                self.assertEqual([p.name for p in path.parent.iterdir() if p.name.startswith(path.name)], [path.name])
                path.unlink()

    def test_a_newer_seal_is_no_tampering(self):
        broker = self.start_broker()
        path = self.home.path / "state" / "audit.head"
        self.ok("provider", "set", "openai", "--file", "-", input="sk-0123456789abcdef")
        wait_until(path.exists, "the seal")
        broker.stop()
        head = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**head, "version": 2}), encoding="utf-8")
        before = path.read_bytes()
        self.assertIn("newer Keybearer", self.refused())
        self.assertEqual(path.read_bytes(), before)

    def test_the_front_end_says_why_no_broker_starts(self):
        self.write("data/accounts.json", {"version": 2, "accounts": []})
        self.assertIn("newer Keybearer", self.fails(8, "account", "list").err)

    def test_a_newer_vault_is_refused_and_left_alone(self):
        broker = self.start_broker()
        self.ok("provider", "set", "openai", "--file", "-", input="sk-old-0123456789")
        broker.stop()
        path = self.home.path / "data" / "vault" / "default.db"
        with sqlite3.connect(path) as vault:
            vault.execute("PRAGMA user_version = 3")
        vault.close()
        before = path.read_bytes()
        broker = self.start_broker()
        for args in (("resolve", "openai"), ("provider", "set", "groq", "--file", "-")):
            self.assertIn("a newer Keybearer has written it", self.fails(6, *args, input="gsk_0123456789abcdef").err)
        broker.stop()
        self.assertEqual(path.read_bytes(), before)
        self.assertEqual([p.name for p in path.parent.iterdir()], ["default.db"])

    def test_a_newer_keychain_file_is_refused_and_left_alone(self):
        self.keyring.stop()
        broker = self.start_broker()
        self.ok("keychain", "migrate", "--to", "file", "--no-passphrase")
        self.ok("provider", "set", "openai", "--file", "-", input="sk-old-0123456789")
        broker.stop()
        path = self.home.path / "data" / "keychain.json"
        path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "version": 2}), encoding="utf-8")
        before = path.read_bytes()
        self.start_broker()
        self.fails(6, "resolve", "openai")
        self.fails(6, "provider", "set", "groq", "--file", "-", input="gsk_0123456789abcdef")
        self.assertEqual(path.read_bytes(), before)
