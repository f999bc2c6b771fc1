"""Client keys: made by a person, shown by a program, and what they open."""
import contextlib
import json
import os

from kbtest import RpcError, wait_until
from kbtest.client_keys import KEY, LIVE, TEST, UNKNOWN, ClientKeyTest


class MakingTest(ClientKeyTest):
    def test_a_key_is_printed_once(self):
        made = self.ok("key", "create", "ci", "--scope", "openai/*", "--expires", "30d", secret_output=True)
        key = made.out.strip()
        self.made.add(key)
        self.assertRegex(key, "^" + KEY.pattern + "$")
        self.assertIn("only time", made.err)
        self.assertNotIn(key, made.err)
        listed = self.ok("key", "list").out
        self.assertIn(key[:12], listed)
        self.assertNotIn(key[:20], listed)
        self.assertRegex(listed, r"ci +ck_[0-9a-f]{12} +kb_live_.... *\.\.\. +live +key:default/openai/\* +never +in (30|29) d")
        (row,) = json.loads(self.ok("key", "list", "--json").out)["client_keys"]
        self.assertEqual((row["name"], row["kind"], row["status"], row["use_count"]), ("ci", "live", "live", 0))
        self.assertEqual(row["expires_at"] - row["created_at"], 30 * 86400)
        self.assertTrue(row["created_by"].endswith("/keybearer"))
        self.assertEqual(os.stat(self.home.path / "data" / "client_keys.json").st_mode & 0o777, 0o600)

    def test_a_key_in_a_file(self):
        file = self.home.path / "ci.key"
        self.written.add(file)
        said = self.ok("key", "create", "ci", "--scope", "openai/*", "--file", file)
        self.made.add(file.read_text().strip())
        self.assertRegex(file.read_text(), "^" + KEY.pattern + "\n$")
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertNotRegex(said.out + said.err, KEY)
        self.fails(2, "key", "create", "other", "--file", file)  # is not written over
        before = file.read_text()
        self.ok("key", "rotate", "ci", "--file", file)
        self.made.add(file.read_text().strip())
        self.assertNotEqual(file.read_text(), before)
        self.assertNotRegex(json.loads(self.ok("key", "rotate", "ci", "--file", file, "--json").out)["client_key_id"], KEY)
        self.made.add(file.read_text().strip())

    def test_a_key_that_cannot_be_written_is_revoked(self):
        self.fails(6, "key", "create", "ci", "--file", self.home.path / "no" / "folder" / "key")
        (row,) = self.person.call("client_key.list")["client_keys"]
        self.assertEqual(row["status"], "revoked")

    def test_mistakes_are_named(self):
        self.assertIn("openai", self.fails(2, "key", "create", "ci", "--scope", "opnai/*").err)
        self.assertIn("account:NAME", self.fails(2, "key", "create", "ci", "--scope", "openai").err)
        self.assertIn("api_key", self.fails(2, "key", "create", "ci", "--scope", "openai/* field=apikee").err)
        self.assertIn("30d", self.fails(2, "key", "create", "ci", "--expires", "soon").err)
        self.fails(2, "key", "create", "ci", "--expires", "5s")
        self.fails(2, "key", "create", "c i")
        self.make("ci")
        self.assertIn("rotate", self.fails(2, "key", "create", "ci").err)
        self.assertIn("key list", self.fails(2, "key", "revoke", "nobody").err)
        self.assertIn("itself", self.fails(2, "key", "revoke", UNKNOWN).err)
        with self.assertRpcError("invalid_value"):
            self.person.call("client_key.create", name="x", kind="prod")
        with self.assertRpcError("invalid_value"):
            self.person.call("client_key.rotate", client_key_id=self.id_of(), overlap=30 * 86400 + 1)

    def test_scopes_get_the_catalogues_names(self):
        answer = self.person.call("client_key.create", name="ci", scopes=["claude/default field=apiKey", "account:work"])
        self.made.add(answer["key"])
        self.assertEqual(answer["scopes"], ["key:default/anthropic/default field=api_key", "account:work"])

    def test_keys_outlive_the_broker_and_their_uses_are_counted(self):
        self.store()
        key = self.make("ci", "--scope", "openai/*")
        self.value(self.client(key))
        self.broker.stop()
        self.broker = self.start_broker()
        self.person = self.rpc()
        (row,) = self.person.call("client_key.list")["client_keys"]
        self.assertEqual(row["use_count"], 2)  # shown, and used
        self.assertEqual(self.value(self.client(key)), {"api_key": LIVE})

    def test_a_keychain_that_lost_the_pepper(self):
        key = self.make("ci", "--scope", "openai/*")
        self.keyring.forget("client-key-pepper")
        self.broker.stop()
        self.start_broker()
        self.person = self.rpc()
        with self.assertRpcError("key_missing"):
            self.client(key)
        self.assertIn("key create", self.fails(6, "key", "create", "other").err)
        self.ok("key", "revoke", "ci")
        self.client(self.make("ci"))

    def test_a_locked_keychain_is_named(self):
        key = self.make("ci", "--scope", "openai/*")
        self.broker.stop()
        self.keyring.lock()
        self.start_broker()
        with self.assertRpcError("keychain_locked"):
            self.client(key)

    def test_the_pepper_moves_with_the_keychain(self):
        key = self.make("ci", "--scope", "openai/*")
        self.ok("keychain", "migrate", "--to", "file", "--no-passphrase")
        self.broker.stop()
        self.keyring.kill()
        self.start_broker()
        self.client(key)


class ScopeTest(ClientKeyTest):
    def test_a_key_opens_what_its_scopes_cover(self):
        self.store()
        self.store("gsk-0123456789-canary", provider="groq")
        self.store("sk-proj-work-canary", name="work")
        client = self.client(self.make("ci", "--scope", "openai/default"))
        self.assertEqual(self.value(client), {"api_key": LIVE})
        # What is not there is refused as what is there: a key does not tell which.
        for params in ({"provider": "groq"}, {"provider": "openai", "name": "work"}, {"provider": "openai", "tenant": "acme"},
                       {"provider": "anthropic"}):
            with self.subTest(**params), self.assertRpcError("denied"):
                client.call("credential.resolve", **params)
            with self.subTest("watch", **params), self.assertRpcError("denied"):
                client.call("credential.watch", version="x", wait=0, **params)
        everything = self.client(self.make("all", "--scope", "openai/*", "--scope", "groq/*"))
        self.assertEqual(self.value(everything, name="work"), {"api_key": "sk-proj-work-canary"})
        self.assertEqual(self.value(everything, provider="groq"), {"api_key": "gsk-0123456789-canary"})

    def test_a_key_without_scopes_opens_nothing(self):
        self.store()
        client = self.client(self.make())
        with self.assertRpcError("denied"):
            client.call("credential.resolve", provider="openai")

    def test_fields_are_limited(self):
        self.person.call("credential.set", provider="openai",
                         fields={"api_key": LIVE, "base_url": "https://proxy.example/v1"})
        client = self.client(self.make("ci", "--scope", "openai/* field=base_url"))
        self.assertEqual(self.value(client, fields=["baseURL"]), {"base_url": "https://proxy.example/v1"})
        for params in ({"fields": ["base_url", "api_key"]}, {}):
            with self.subTest(**params), self.assertRpcError("denied") as refused:
                self.value(client, **params)
            self.assertIn("ask for less", str(refused.exception))

    def test_a_key_manages_nothing_and_begins_no_sign_in(self):
        client = self.client(self.make("ci", "--scope", "openai/*", "--scope", "account:openrouter"))
        for method, params in (("credential.list", {}), ("account.list", {}), ("client_key.list", {}), ("system.stop", {}),
                               ("client_key.create", {"name": "more", "scopes": ["groq/*"]}),
                               ("credential.set", {"provider": "openai", "fields": {"api_key": "x"}}),
                               ("credential.explain", {"provider": "openai"}), ("doctor.run", {}),
                               ("account.login", {"provider": "openrouter", "attended": True})):
            with self.subTest(method), self.assertRpcError("denied"):
                client.call(method, **params)
        self.assertTrue(client.call("system.status"))
        self.assertEqual(self.person.call("client_key.list")["client_keys"][0]["name"], "ci")

    def test_the_policy_still_holds(self):
        self.store()
        key = self.make("ci", "--scope", "openai/*")
        self.broker.stop()
        self.home.write_config("config.toml", 'policy = "deny"\n')
        self.start_broker()
        client = self.client(key)
        with self.assertRpcError("denied") as refused:
            client.call("credential.resolve", provider="openai")
        self.assertTrue(str(refused.exception).startswith("the policy is"), refused.exception)

    def test_a_test_key_gets_what_is_for_test(self):
        self.store(TEST, name="sandbox", test=True)
        self.store(LIVE)
        client = self.client(self.make("tests", "--test", "--scope", "openai/*"))
        self.assertEqual(self.value(client, name="sandbox"), {"api_key": TEST})
        with self.assertRpcError("denied") as refused:
            client.call("credential.resolve", provider="openai")
        self.assertIn("--test", str(refused.exception))
        with self.assertRpcError("denied"):
            client.call("credential.watch", provider="openai", version="x", wait=0)
        self.store(LIVE, name="sandbox")  # another value in its place is not for test
        with self.assertRpcError("denied"):
            client.call("credential.resolve", provider="openai", name="sandbox")
        live = self.client(self.make("live", "--scope", "openai/*"))
        self.assertEqual(self.value(live), {"api_key": LIVE})

    def test_a_test_key_gets_nothing_from_other_places(self):
        file = self.home.user / "key"
        file.write_text(LIVE)
        file.chmod(0o600)
        self.broker.stop()
        self.home.write_config("config.toml", f'[resolution]\nenvironment = ["GROQ_API_KEY"]\n[locations]\nopenai = ["file::{file}"]\n')
        self.start_broker(GROQ_API_KEY="gsk-0123456789-of-the-broker")
        client = self.client(self.make("tests", "--test", "--scope", "openai/*", "--scope", "groq/*"))
        for provider in ("openai", "groq"):
            with self.subTest(provider), self.assertRpcError("denied"):
                client.call("credential.resolve", provider=provider)
        # What the caller has itself, and what the catalogue says, is nobody's secret.
        (field,) = client.call("credential.resolve", provider="groq", call=["api_key"], only=["call"])["fields"]
        self.assertEqual(field["source"], "call")

    def test_marks_are_listed_exported_and_imported(self):
        self.ok("provider", "set", "openai", "--file", "-", "--test", input=TEST)
        self.assertRegex(self.ok("provider", "list").out, r"openai +default +default +api_key \(test\)")
        phrase = self.home.path / "phrase"
        phrase.write_text("correct horse")
        exported = self.home.path / "export.json"
        self.ok("vault", "export", exported, "--passphrase-file", phrase)
        self.ok("provider", "remove", "openai")
        self.ok("vault", "import", exported, "--passphrase-file", phrase)
        (stored,) = self.person.call("credential.list")["credentials"]
        self.assertEqual([(field["field"], field["test"]) for field in stored["fields"]], [("api_key", True)])


class EndTest(ClientKeyTest):
    def test_an_open_connection_loses_access_at_once(self):
        self.store()
        key = self.make("ci", "--scope", "openai/*")
        client = self.client(key)
        self.assertEqual(self.value(client), {"api_key": LIVE})
        self.ok("key", "revoke", "ci")
        for method, params in (("credential.resolve", {"provider": "openai"}), ("system.status", {})):
            with self.subTest(method), self.assertRpcError("denied"):
                client.call(method, **params)
        self.assertTrue(client.call("system.hello"))
        with self.assertRpcError("denied"):
            client.call("system.authenticate", key=key)
        client.call("system.authenticate", key=self.make("other", "--scope", "openai/*"))
        self.assertEqual(self.value(client), {"api_key": LIVE})

    def test_what_waits_while_its_key_is_revoked_gets_nothing(self):
        self.store()
        client = self.client(self.make("ci", "--scope", "openai/*"))
        version = client.call("credential.resolve", provider="openai")["version"]
        waiting = client.send("credential.watch", provider="openai", version=version, wait=60)
        wait_until(lambda: self.person.call("client_key.list")["client_keys"][0]["use_count"] == 3, "the watch")
        self.ok("key", "revoke", "ci")
        self.store("sk-proj-another-canary")  # wakes the watch
        with self.assertRpcError("denied"):
            client.answer(waiting)

    def test_a_rotated_key(self):
        self.store()
        old = self.make("ci", "--scope", "openai/*")
        client = self.client(old)
        new = self.ok("key", "rotate", "ci", secret_output=True).out.strip()
        self.made.add(new)
        for good in (client, self.client(old), self.client(new)):
            self.assertEqual(self.value(good), {"api_key": LIVE})
        third = self.ok("key", "rotate", self.id_of(), "--overlap", "0", secret_output=True).out.strip()
        self.made.add(third)
        with self.assertRpcError("denied"):
            self.value(client)
        for wrong in (old, new):
            with self.assertRpcError("denied"):
                self.client(wrong)
        self.assertEqual(self.value(self.client(third)), {"api_key": LIVE})

    def test_three_wrong_keys_close_the_connection(self):
        self.make()
        client = self.rpc()
        for wrong in (UNKNOWN, UNKNOWN[:-1], "sk-proj-not-a-client-key"):
            with self.assertRpcError("denied") as refused:
                client.call("system.authenticate", key=wrong)
            self.assertNotIn(wrong[8:20], str(refused.exception))
        self.assertEqual(client.read_line(), b"")
        denied = self.audit("client_key.authenticate")
        self.assertEqual([record["verdict"] for record in denied], ["deny"] * 3)
        self.assertNotIn(UNKNOWN[8:20], json.dumps(self.audit()))
        with self.assertRpcError("denied"):
            self.client(UNKNOWN)  # another connection counts anew

    def test_the_record_names_the_key(self):
        self.store()
        key = self.make("ci", "--scope", "openai/*")
        client = self.client(key)
        self.value(client)
        with self.assertRaises(RpcError):
            client.call("credential.resolve", provider="groq")
        identity = self.id_of()
        allowed, denied = self.audit("credential.release")
        for record, verdict in ((allowed, "allow"), (denied, "deny")):
            self.assertEqual(record["verdict"], verdict)
            self.assertEqual(record["client_key"], identity)
        (shown,) = self.audit("client_key.authenticate")
        self.assertEqual((shown["verdict"], shown["client_key"]), ("allow", identity))


class CommandLineTest(ClientKeyTest):
    """The program itself shows the key of its environment."""

    def test_a_key_from_the_environment_and_from_a_file(self):
        self.store()
        key = self.make("ci", "--scope", "openai/*")
        for env in ({"KEYBEARER_CLIENT_KEY": key}, {"KEYBEARER_CLIENT_KEY_FILE": self.key_file(key)}):
            with self.subTest(list(env)):
                self.assertEqual(self.ok("resolve", "openai", secret_output=True, **env).out.strip(), LIVE)
                self.fails(5, "resolve", "groq", **env)
                self.fails(5, "key", "list", **env)

    def key_file(self, text, mode=0o600):
        path = self.home.user / "client.key"
        path.write_text(text + "\n")
        path.chmod(mode)
        self.written.add(path)
        return path

    def test_a_wrong_key_is_an_error_and_not_passed_by(self):
        self.store()
        key = self.make("ci", "--scope", "openai/*")
        self.fails(5, "resolve", "openai", KEYBEARER_CLIENT_KEY=UNKNOWN)
        self.assertIn("checksum", self.fails(5, "status", KEYBEARER_CLIENT_KEY=key[:-1] + ("a" if key[-1] != "a" else "b")).err)
        self.assertIn("KEYBEARER_CLIENT_KEY_FILE", self.fails(2, "status", KEYBEARER_CLIENT_KEY_FILE="/nonexistent").err)
        self.assertIn("chmod 600", self.fails(2, "status", KEYBEARER_CLIENT_KEY_FILE=self.key_file(key, 0o644)).err)
        self.ok("status", KEYBEARER_CLIENT_KEY="")  # is as good as unset

    def test_the_broker_that_is_started_does_not_inherit_it(self):
        key = self.make("ci", "--scope", "openai/*")
        self.broker.stop()
        self.ok("daemon", "start", KEYBEARER_CLIENT_KEY=key)
        (pid,) = self.broker_pids()
        with contextlib.suppress(PermissionError), open(f"/proc/{pid}/environ", "rb") as environment:
            self.assertNotIn(b"KEYBEARER_CLIENT_KEY", environment.read())
