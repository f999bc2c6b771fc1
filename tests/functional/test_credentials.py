"""Providers' keys over the socket: stored, resolved, explained, switched, rotated; in a real keyring's keeping."""
import hashlib
import json
import sqlite3

from kbtest import KeybearerTest

KEY = "sk-proj-0123456789abcdef-canary"


class CredentialTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.client = self.rpc()

    def set(self, provider="openai", value=KEY, **params):
        return self.client.call("credential.set", provider=provider, fields={"api_key": value}, **params)

    def resolve(self, provider="openai", **params):
        return self.client.call("credential.resolve", provider=provider, **params)

    def field(self, answer, name="api_key"):
        (found,) = (field for field in answer["fields"] if field["field"] == name)
        return found

    def value(self, provider="openai", **params):
        return self.field(self.resolve(provider, **params))["value"]

    def restart(self):
        self.client.close()
        self.broker.stop()
        self.broker = self.start_broker()
        self.client = self.rpc()

    def test_a_stored_key_is_resolved_with_its_place(self):
        self.assertEqual(self.set()["fields"], ["api_key"])
        self.restart()
        answer = self.resolve("OpenAI")
        self.assertEqual(self.field(answer), {"field": "api_key", "source": "store", "from": "default/default", "test": False,
                                              "secret": True, "file": False, "value": KEY})
        self.assertEqual(self.field(answer, "base_url")["source"], "default")
        self.assertEqual(self.field(answer, "base_url")["value"], "https://api.openai.com/v1")
        self.assertEqual((answer["shadowed"], answer["ignored"], answer["warnings"]), ([], [], []))

    def test_the_callers_own_travels_as_a_name_and_comes_back_as_a_plan(self):
        self.set()
        answer = self.resolve(environment=["OPENAI_API_KEY", "OPENAI_BASE_URL", "PATH"])
        field = self.field(answer)
        self.assertEqual((field["source"], field["from"]), ("environment", "OPENAI_API_KEY"))
        self.assertNotIn("value", field)
        self.assertEqual(self.field(answer, "base_url")["from"], "OPENAI_BASE_URL")
        self.assertEqual(answer["shadowed"], [{"field": "api_key", "source": "store", "from": "default/default"}])
        self.assertIn("hides", answer["warnings"][0])
        self.assertEqual(self.field(self.resolve(call=["apiKey"], instance=["api_key"]))["source"], "call")

    def test_a_repositorys_endpoint_never_gets_the_stored_key(self):
        self.set()
        answer = self.resolve(environment=["OPENAI_BASE_URL"])
        self.assertEqual(self.field(answer, "base_url")["source"], "default")
        self.assertEqual(answer["ignored"], [{"field": "base_url", "source": "environment", "from": "OPENAI_BASE_URL",
                                              "why": "secrets_come_from_elsewhere"}])
        self.assertIn("address", answer["warnings"][0])

    def test_only_looks_nowhere_else(self):
        self.set()
        self.assertEqual(self.value(only=["store"]), KEY)
        for only in (["environment"], ["shared"], ["call", "instance"], ["broker_environment"], ["default"], []):
            with self.subTest(only=only), self.assertRpcError("no_credential") as refused:
                self.resolve(only=only, environment=[])
            self.assertNotIn("store", refused.exception.data["looked_at"])
        with self.assertRpcError("invalid_value"):
            self.resolve(only=["env"])

    def test_several_keys_and_tenants(self):
        self.set(value="sk-default-key-0123")
        self.set(value="sk-work-key-012345", name="work")
        self.set(value="sk-acme-key-012345", tenant="acme")
        self.assertEqual(self.value(), "sk-default-key-0123")
        self.assertEqual(self.value(name="work"), "sk-work-key-012345")
        self.assertEqual(self.value(tenant="acme"), "sk-acme-key-012345")
        with self.assertRpcError("no_credential"):
            self.resolve(tenant="acme", name="work")
        with self.assertRpcError("no_credential"):
            self.resolve("anthropic")  # no provider's key is another's

    def test_what_is_shared_is_what_every_tenant_falls_back_to(self):
        self.set(value="sk-shared-key-0123", shared=True)
        self.assertEqual(self.field(self.resolve(tenant="acme"))["source"], "shared")
        self.set(value="sk-acme-key-012345", tenant="acme")
        answer = self.resolve(tenant="acme")
        self.assertEqual(self.field(answer)["value"], "sk-acme-key-012345")
        self.assertEqual(answer["shadowed"][0]["source"], "shared")
        self.client.call("credential.remove", provider="openai", tenant="acme")
        self.assertEqual(self.value(tenant="acme"), "sk-shared-key-0123")
        self.client.call("credential.remove", provider="openai", shared=True)
        with self.assertRpcError("no_credential") as refused:
            self.resolve(tenant="acme")
        self.assertIn("platform.openai.com", str(refused.exception))
        for params in ({"tenant": "shared"}, {"tenant": "acme", "shared": True}):
            with self.assertRpcError("invalid_value"):
                self.set(**params)

    def test_the_brokers_environment_is_given_only_where_it_is_named(self):
        self.client.close()
        self.broker.stop()
        self.broker = self.start_broker(GROQ_API_KEY="gsk_of-the-broker", OPENAI_API_KEY=KEY)
        self.client = self.rpc()
        with self.assertRpcError("no_credential"):
            self.resolve("groq")
        self.home.write_config("config.toml", '[resolution]\nenvironment = ["GROQ_API_KEY"]\n')
        self.client.close()
        self.broker.stop()
        self.broker = self.start_broker(GROQ_API_KEY="gsk_of-the-broker", OPENAI_API_KEY=KEY)
        self.client = self.rpc()
        field = self.field(self.resolve("groq"))
        self.assertEqual((field["source"], field["from"], field["value"]),
                         ("broker_environment", "GROQ_API_KEY", "gsk_of-the-broker"))
        with self.assertRpcError("no_credential"):
            self.resolve("openai")

    def test_hiding_can_be_forbidden(self):
        self.home.write_config("config.toml", '[resolution]\nshadow = "deny"\n')
        self.restart()
        self.set()
        self.assertEqual(self.value(), KEY)
        with self.assertRpcError("denied"):
            self.resolve(environment=["OPENAI_API_KEY"])
        self.home.write_config("config.toml", '[resolution]\nshadow = "allow"\n')
        self.restart()
        self.assertEqual(self.resolve(environment=["OPENAI_API_KEY"])["warnings"], [])

    def test_explaining_tells_places_and_fingerprints_and_no_value(self):
        self.set()
        answer = self.client.call("credential.explain", provider="openai", environment=["OPENAI_BASE_URL"])
        self.assertTrue(answer["complete"])
        self.assertEqual(self.field(answer)["fingerprint"], self.fingerprint(KEY))
        self.assertNotIn(KEY, str(answer))
        self.assertNotIn("value", self.field(answer))
        self.assertFalse(self.client.call("credential.explain", provider="groq")["complete"])

    def fingerprint(self, value):
        return hashlib.sha256(value.encode()).hexdigest()[:8]

    def test_the_list_masks(self):
        self.set()
        self.set(value="short-key", name="short")
        self.client.call("credential.set", provider="openai", fields={"organization": "org-1"})
        listed = self.client.call("credential.list")["credentials"]
        self.assertEqual([one["name"] for one in listed], ["default", "short"])
        previews = {field["field"]: field["preview"] for field in listed[0]["fields"]}
        self.assertEqual(previews, {"api_key": "sk-pr...ary", "organization": "org-1"})
        self.assertEqual(listed[1]["fields"][0]["preview"], "...")
        self.assertIsNone(listed[0]["used_at"])
        self.value()
        self.assertIsNotNone(self.client.call("credential.list")["credentials"][0]["used_at"])

    def test_the_next_key_is_tried_taken_and_given_back(self):
        self.set(value="sk-old-key-0123456")
        with self.assertRpcError("no_credential"):
            self.client.call("credential.switch", provider="openai")
        self.set(value="sk-new-key-0123456", next=True)
        self.assertEqual(self.value(), "sk-old-key-0123456")
        self.assertEqual(self.value(next=True), "sk-new-key-0123456")
        self.client.call("credential.switch", provider="openai")
        self.assertEqual(self.value(), "sk-new-key-0123456")
        self.client.call("credential.switch", provider="openai")
        self.assertEqual(self.value(), "sk-old-key-0123456")

    def test_another_name(self):
        self.set(value="sk-of-default-0123")
        self.set(value="sk-of-shared-01234", shared=True)
        self.set(value="sk-of-acme-0123456", tenant="acme")
        self.value()
        before = self.client.call("credential.list")["credentials"][0]
        self.assertEqual(self.client.call("credential.rename", provider="gpt", new_name="work"),
                         {"provider": "openai", "tenant": "default", "name": "work"})
        self.assertEqual(self.client.call("credential.list")["credentials"][0], {**before, "name": "work"})
        self.assertEqual(self.value(name="work"), "sk-of-default-0123")
        self.assertEqual(self.value(), "sk-of-shared-01234")
        self.client.call("credential.rename", provider="openai", new_name="both", shared=True)
        self.assertEqual(self.value(name="both"), "sk-of-shared-01234")
        self.client.call("credential.rename", provider="openai", new_name="own", tenant="acme")
        self.assertEqual(self.value(tenant="acme", name="own"), "sk-of-acme-0123456")
        self.restart()
        self.assertEqual(self.value(name="work"), "sk-of-default-0123")
        lines = [json.loads(line) for line in (self.home.path / "state" / "audit.log").read_text("ascii").splitlines()]
        self.assertEqual([(line["credential"], line["verdict"]) for line in lines if line["event"] == "credential.rename"],
                         [(credential, "allow") for credential in ("gpt", "default/openai/default", "openai", "shared/openai/default",
                                                                   "openai", "acme/openai/default")])

    def test_names_that_cannot_be_given(self):
        self.set()
        self.set(name="work")
        rows = [("invalid_value", {"new_name": "work"}, "already"), ("invalid_value", {"new_name": "default"}, "already"),
                ("invalid_value", {"new_name": "a/b"}, "1 to 64"), ("invalid_value", {"new_name": ""}, "1 to 64"),
                ("invalid_value", {"new_name": "new", "tenant": "acme", "shared": True}, "shared"),
                ("no_credential", {"new_name": "new", "name": "other"}, "nothing of OpenAI is stored as default/other"),
                ("no_credential", {"new_name": "new", "tenant": "acme"}, "nothing of OpenAI is stored as acme/default"),
                ("unknown_provider", {"new_name": "new", "provider": "opnai"}, "openai"),
                ("invalid_params", {}, "new_name")]
        for kind, params, says in rows:
            with self.subTest(**params), self.assertRpcError(kind) as refused:
                self.client.call("credential.rename", **{"provider": "openai", **params})
            self.assertIn(says, str(refused.exception))
        self.assertEqual(self.value(), KEY)
        self.assertEqual(self.value(name="work"), KEY)

    def test_rotation(self):
        self.set()
        self.set("groq", "gsk_0123456789abcdef")
        self.assertEqual(self.client.call("credential.rotate", provider="groq")["sealed"], 1)
        self.assertEqual(self.client.call("credential.rotate")["sealed"], 2)
        self.assertEqual(self.client.call("credential.rotate", limit=1), {"tenant": "default", "sealed": 1, "left": 1})
        self.assertEqual(self.value(), KEY)
        self.assertEqual(self.client.call("credential.rotate", limit=1, go_on=True),
                         {"tenant": "default", "sealed": 1, "left": 0})
        self.assertEqual(self.client.call("credential.rotate", go_on=True)["sealed"], 0)
        with self.assertRpcError("invalid_value"):
            self.client.call("credential.rotate", limit=0)
        self.restart()
        self.assertEqual(self.value(), KEY)
        self.assertEqual(self.value("groq"), "gsk_0123456789abcdef")
        with self.assertRpcError("no_credential"):
            self.client.call("credential.rotate", tenant="nobody")

    def test_bad_input_is_named_and_not_repeated(self):
        long = "x" * 20_000
        rows = [
            ("unknown_provider", "opnai", {"api_key": KEY}, "openai"),
            ("invalid_value", "openai", {"apikee": KEY}, "api_key"),
            ("invalid_value", "openai", {"api_key": ""}, "empty"),
            ("invalid_value", "openai", {"api_key": long}, "longer"),
            ("invalid_value", "openai", {"api_key": f"{KEY}\n"}, "one line"),
            ("invalid_value", "openai", {"api_key": f"{KEY}\x1b[0m"}, "one line"),
            ("invalid_value", "openai", {"base_url": f"https://user:{KEY}@example.com"}, "URL"),
            ("invalid_value", "vertex", {"service_account_key": f"{{{KEY}"}, "JSON"),
            ("invalid_value", "vertex", {"private_key": f"-----BEGIN X-----\n{KEY}"}, "PEM"),
            ("invalid_value", "openai", {"api_key": KEY, "apiKey": KEY}, "twice"),
            ("invalid_params", "openai", {}, "fields"),
            ("invalid_params", "openai", {"api_key": 1}, "fields"),
            ("invalid_params", "openai", {"api_key": "x" * 70_000}, "fields"),
        ]
        for kind, provider, fields, says in rows:
            with self.subTest(fields=str(fields)[:40]), self.assertRpcError(kind) as refused:
                self.client.call("credential.set", provider=provider, fields=fields)
            self.assertIn(says, str(refused.exception))
            self.assertNotIn(KEY, str(refused.exception))
        self.assertEqual(self.client.call("credential.list")["credentials"], [])

    def test_a_key_in_the_wrong_place_is_warned_of(self):
        self.assertIn("Anthropic", self.set(value="sk-ant-api03-0123456789")["warnings"][0])
        self.assertIn("Groq", self.set(value="gsk_0123456789abcdef")["warnings"][0])
        self.assertEqual(self.set(value="sk-proj-0123456789")["warnings"], [])
        self.assertEqual(self.set("deepseek", "sk-0123456789abcdef")["warnings"], [])
        self.assertEqual(self.set("together", "0123456789abcdef")["warnings"], [])
        self.assertEqual(self.set("openai-compatible", "sk-0123456789abcdef")["warnings"], [])

    def test_status_of_every_provider_at_once(self):
        self.set()
        self.set("groq", "gsk_0123456789abcdef", shared=True)
        rows = self.client.call("provider.status", environment=["MISTRAL_API_KEY"])["providers"]
        found = {row["provider"]: (row["status"], row["source"], row["from"]) for row in rows}
        self.assertEqual(found["openai"], ("authenticated", "store", "default/default"))
        self.assertEqual(found["groq"], ("authenticated", "shared", "shared/default"))
        self.assertEqual(found["mistral"], ("authenticated", "environment", "MISTRAL_API_KEY"))
        self.assertEqual(found["anthropic"], ("not_authenticated", None, None))
        self.assertEqual(found["ollama"], ("not_required", None, None))
        self.assertGreater(len(found), 25)
        self.keyring.lock()
        (row,) = self.client.call("provider.status", provider="gpt")["providers"]
        self.assertEqual(row["status"], "locked")

    def test_a_keyring_that_lost_the_data_key(self):
        self.set()
        self.keyring.forget("vault/default")
        self.restart()
        with self.assertRpcError("key_missing"):
            self.resolve()
        with self.assertRpcError("key_missing"):
            self.set(value="sk-new-key-0123456")
        self.assertIsNone(self.client.call("credential.list")["credentials"][0]["fields"][0]["preview"])
        self.set(tenant="other")  # nobody else is concerned
        self.client.call("credential.remove", provider="openai")
        self.set(value="sk-new-key-0123456")
        self.assertEqual(self.value(), "sk-new-key-0123456")

    def test_a_damaged_vault_is_said_and_other_layers_serve(self):
        self.set()
        self.set(tenant="other")
        self.client.close()
        self.broker.stop()
        with sqlite3.connect(self.home.path / "data" / "vault" / "default.db") as database:
            database.execute("UPDATE fields SET sealed = x'00'")
        database.close()
        self.broker = self.start_broker()
        self.client = self.rpc()
        with self.assertRpcError("vault_damaged"):
            self.resolve()
        self.assertEqual(self.value(tenant="other"), KEY)
        (self.home.path / "data" / "vault" / "default.db").write_bytes(b"nonsense" * 100)
        self.restart()
        with self.assertRpcError("vault_damaged"):
            self.resolve()
        answer = self.resolve(environment=["OPENAI_API_KEY"])
        self.assertEqual(self.field(answer)["source"], "environment")
        self.assertIn("damaged", answer["warnings"][0])
        status = {row["provider"]: row for row in self.client.call("provider.status")["providers"]}
        self.assertIn("damaged", status["openai"]["detail"])
        self.assertEqual((status["ollama"]["status"], status["ollama"]["detail"]), ("not_required", None))

    def test_every_release_has_its_line(self):
        self.set()
        self.value()
        self.value(name="default")
        lines = [json.loads(line) for line in (self.home.path / "state" / "audit.log").read_text("ascii").splitlines()]
        events = [(line["event"], line["credential"]) for line in lines]
        self.assertEqual(events, [("credential.set", "openai"), ("credential.release", "openai"),
                                  ("credential.release", "openai/default")])
        for path in self.home.files():
            self.assertNotIn(KEY.encode(), path.read_bytes(), path.name)

    def test_a_migration_takes_the_data_keys_along(self):
        self.set()
        self.client.call("keychain.migrate", backend="file-plain")
        self.keyring.kill()
        self.restart()
        self.assertEqual(self.value(), KEY)

    def test_two_exports_at_once_are_sealed_each_with_its_own_passphrase(self):
        self.set()
        self.set(tenant="other", value="sk-of-the-other-0123")
        asked = [(tenant, client, client.send("vault.export", tenant=tenant, passphrase=f"of {tenant}"))
                 for tenant, client in (("default", self.client), ("other", self.rpc()))]
        for tenant, client, number in asked:
            document = client.answer(number)["document"]
            self.client.call("vault.import", tenant=f"{tenant}-again", document=document, passphrase=f"of {tenant}")
            self.assertEqual(self.value(tenant=f"{tenant}-again"), self.value(tenant=tenant))
