"""Against a real broker: KEYBEARER_BIN_DIR names the folder with its programs."""

from __future__ import annotations

import json
import os
import unittest
from pathlib import Path

import keybearer
from real_broker import RealBrokerTest

KEY = "sk-proj-stored-canary-0123456789"
OTHER_KEY = "sk-proj-local-canary-9876543210"


class CredentialsTest(RealBrokerTest):
    def setUp(self) -> None:
        super().setUp()
        self.start()

    def all_that_the_broker_wrote(self) -> bytes:
        files = [path for path in Path(self.home).rglob("*") if path.is_file()]
        self.assertTrue(files)
        # A file on its way to another's place may be gone by now; what it held is read there.
        return b"".join(path.read_bytes() for path in files if not path.name.endswith(".new"))

    def test_what_is_set_is_resolved(self) -> None:
        client = self.connect()
        stored = client.auth_set_credential("openai", KEY)
        self.assertEqual((stored["provider"], stored["fields"]), ("openai", ["api_key"]))
        resolved = client.auth_resolve("openai")
        self.assertEqual(resolved.values["apiKey"], KEY)
        self.assertEqual(resolved.sources["api_key"], "store")
        self.assertEqual((resolved.tenant, resolved.name), ("default", "default"))

    def test_several_fields_a_name_and_a_tenant(self) -> None:
        client = self.connect()
        fields = {"access_key_id": "AKIACANARY0123456789", "secret_access_key": "canary/secret"}
        client.auth_set_credential("bedrock", fields, name="work", tenant="acme")
        resolved = client.auth_resolve("bedrock", name="work", tenant="acme", only=["store"])
        self.assertEqual(resolved.values, fields)
        self.assertEqual(client.rotate("bedrock", tenant="acme")["sealed"], 2)
        self.assertEqual(client.auth_resolve("bedrock", name="work", tenant="acme", only=["store"]).values, fields)
        with self.assertRaises(keybearer.KeybearerError) as raised:
            client.auth_resolve("bedrock", only=["store"])
        self.assertEqual(raised.exception.kind, "no_credential")

    def test_the_next_value_stands_beside_the_one_in_use(self) -> None:
        client = self.connect()
        client.auth_set_credential("openai", KEY)
        client.auth_set_credential("openai", OTHER_KEY, next=True)
        self.assertEqual(client.auth_resolve("openai").values["api_key"], KEY)
        self.assertEqual(client.auth_resolve("openai", next=True).values["api_key"], OTHER_KEY)

    def test_the_next_value_takes_its_place(self) -> None:
        client = self.connect()
        client.auth_set_credential("openai", KEY)
        client.auth_set_credential("openai", OTHER_KEY, next=True)
        self.assertEqual(client.switch("gpt"), {"provider": "openai"})
        self.assertEqual(client.auth_resolve("openai").values["api_key"], OTHER_KEY)
        self.assertEqual(client.auth_resolve("openai", next=True).values["api_key"], KEY)
        with self.assertRaises(keybearer.KeybearerError) as raised:
            client.switch("groq")
        self.assertEqual(raised.exception.kind, "no_credential")

    def test_another_name(self) -> None:
        client = self.connect()
        client.auth_set_credential("openai", KEY)
        renamed = client.rename("gpt", "work")
        self.assertEqual((renamed["provider"], renamed["tenant"], renamed["name"]), ("openai", "default", "work"))
        self.assertEqual(client.auth_resolve("openai", name="work", purpose="a test").values["api_key"], KEY)
        client.auth_set_credential("openai", OTHER_KEY)
        for new_name, kind in (("work", "invalid_value"), ("no name", "invalid_value")):
            with self.assertRaises(keybearer.KeybearerError) as raised:
                client.rename("openai", new_name)
            self.assertEqual(raised.exception.kind, kind)
        with self.assertRaises(keybearer.KeybearerError) as raised:
            client.rename("groq", "work")
        self.assertEqual(raised.exception.kind, "no_credential")

    def test_a_shared_value_serves_every_tenant(self) -> None:
        client = self.connect()
        client.auth_set_credential("openai", KEY, shared=True)
        self.assertEqual(client.auth_resolve("openai", tenant="acme").sources["api_key"], "shared")

    def test_the_list_shows_a_masked_preview(self) -> None:
        client = self.connect()
        client.auth_set_credential("openai", KEY)
        listed = client.list()
        field = listed["credentials"][0]["fields"][0]
        self.assertEqual((field["field"], field["slot"]), ("api_key", "current"))
        self.assertIn("...", field["preview"])
        self.assertNotIn("canary", json.dumps(listed))

    def test_the_environment_wins_and_its_value_stays_here(self) -> None:
        client = self.connect(OPENAI_API_KEY=OTHER_KEY)
        client.auth_set_credential("openai", KEY)
        resolved = client.auth_resolve("openai")
        self.assertEqual(resolved.values["api_key"], OTHER_KEY)
        self.assertEqual(resolved.sources["api_key"], "environment")
        self.assertEqual([one["source"] for one in resolved.shadowed], ["store"])
        self.assertEqual(len(resolved.warnings), 1)
        self.assertNotIn(OTHER_KEY.encode(), self.all_that_the_broker_wrote())
        self.assertEqual(client.auth_resolve("openai", only=["store"]).values["api_key"], KEY)

    def test_an_address_from_elsewhere_is_ignored(self) -> None:
        client = self.connect(OPENAI_BASE_URL="http://elsewhere.example")
        client.auth_set_credential("openai", KEY)
        resolved = client.auth_resolve("openai")
        self.assertEqual([one["field"] for one in resolved.ignored], ["base_url"])
        self.assertNotIn("elsewhere", resolved.values.get("base_url", ""))

    def test_a_file_that_a_variable_names(self) -> None:
        path = Path(self.home, "key.json")
        path.write_text('{"type":"service_account"}\n', encoding="utf-8")
        path.chmod(0o600)
        resolved = self.connect(GOOGLE_APPLICATION_CREDENTIALS=str(path)).auth_resolve("vertex")
        self.assertEqual(resolved.values["service_account_key"], '{"type":"service_account"}')

    def test_removed_is_gone(self) -> None:
        client = self.connect()
        client.auth_set_credential("openai", KEY)
        self.assertEqual(client.remove("openai")["removed"], 1)
        with self.assertRaises(keybearer.KeybearerError) as raised:
            client.auth_resolve("openai")
        self.assertEqual(raised.exception.kind, "no_credential")
        self.assertIn("store", raised.exception.data["looked_at"])

    def test_without_a_grant_a_program_has_what_it_brings(self) -> None:
        self.keybearer("daemon", "stop")
        self.policy = "ask"
        self.configure("")
        self.keybearer("daemon", "start")
        file = Path(self.home, "key")
        file.write_text(KEY, encoding="utf-8")
        self.keybearer("provider", "set", "openai", "--file", str(file))
        with self.assertRaises(keybearer.KeybearerError) as raised:
            self.connect().auth_resolve("openai")
        self.assertEqual(raised.exception.kind, "consent_required")
        self.assertIn("question_id", raised.exception.data)
        own = self.connect(OPENAI_API_KEY="sk-of-the-environment").auth_resolve("openai")
        self.assertEqual(own.sources["api_key"], "environment")

    def test_an_unknown_provider_names_the_nearest(self) -> None:
        with self.assertRaises(keybearer.KeybearerError) as raised:
            self.connect().auth_resolve("opnai")
        self.assertEqual(raised.exception.kind, "unknown_provider")
        self.assertIn("openai", raised.exception.message)

    def test_a_refused_value_is_not_repeated(self) -> None:
        with self.assertRaises(keybearer.KeybearerError) as raised:
            self.connect().auth_set_credential("openai", "canary with spaces")
        self.assertEqual(raised.exception.kind, "invalid_value")
        self.assertNotIn("canary", repr(raised.exception))

    def test_status_of_one_and_of_all(self) -> None:
        client = self.connect(GROQ_API_KEY=OTHER_KEY)
        self.assertEqual(client.auth_status("openai")["status"], "not_authenticated")
        self.assertEqual(client.auth_status("groq")["from"], "GROQ_API_KEY")
        rows = {row["provider"]: row["status"] for row in client.auth_status()}
        self.assertEqual((rows["openai"], rows["groq"]), ("not_authenticated", "authenticated"))

    def test_instance_credentials_under_an_alias(self) -> None:
        aliases = self.connect().call("provider.describe", {"provider": "bedrock"})["aliases"]
        own = {"accessKeyId": "AKIACANARY0123456789", "secretAccessKey": "canary/instance"}
        path = os.path.join(self.home, "run", "broker.sock")
        with keybearer.connect(path, instance={aliases[0]: own}, environment={}, start=False) as client:
            resolved = client.auth_resolve("bedrock", fields=["secret_access_key"])
            self.assertEqual(resolved.values, {"secret_access_key": "canary/instance"})
            self.assertEqual(resolved.sources["secret_access_key"], "instance")
        self.assertNotIn(b"canary/instance", self.all_that_the_broker_wrote())

    def test_the_functions_of_the_module(self) -> None:
        self.patched()
        keybearer.auth_set_credential("openai", KEY)
        self.assertEqual(keybearer.auth_resolve("openai").values["api_key"], KEY)
        self.assertEqual(keybearer.auth_status("openai")["source"], "store")
        with self.assertRaises(keybearer.KeybearerError) as raised:
            keybearer.token("nobody")
        self.assertEqual(raised.exception.kind, "unknown_account")


class StartTest(RealBrokerTest):
    def test_a_broker_is_started_when_none_listens(self) -> None:
        self.patched()
        with keybearer.connect() as client:
            self.assertEqual(client.call("system.hello", {"client": "test/1"})["broker"], "keybearerd")

    def test_a_client_key_whose_file_is_gone_starts_no_broker(self) -> None:
        self.patched()
        os.environ["KEYBEARER_CLIENT_KEY_FILE"] = os.path.join(self.home, "gone")
        with self.assertRaises(keybearer.KeybearerError) as raised:
            keybearer.connect()
        self.assertEqual(raised.exception.kind, "invalid_value")
        self.assertIn("KEYBEARER_CLIENT_KEY_FILE", raised.exception.message)
        self.assertEqual(os.listdir(self.home), ["config"])

    def test_a_broker_is_started_at_the_path_that_was_asked_for(self) -> None:
        self.patched()
        folder = os.path.join(self.home, "own")
        os.mkdir(folder, 0o700)
        self.environment["KEYBEARER_SOCKET"] = os.path.join(folder, "s")
        with keybearer.connect(os.path.join(folder, "s")) as client:
            self.assertEqual(client.call("system.status")["socket"], os.path.join(folder, "s"))


if __name__ == "__main__":
    unittest.main()
