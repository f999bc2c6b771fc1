"""A connection with a client key under each policy: it is that key, and nothing else."""
from kbtest import wait_until
from kbtest.client_keys import LIVE, TEST, ClientKeyTest

CALLERS = "sk-proj-of-the-callers-own"


class PolicyTest(ClientKeyTest):
    """Where programs are asked about, a key is asked about no more than where they are not."""

    def setUp(self):
        super().setUp()
        self.store()
        self.store("gsk-0123456789-canary", provider="groq")
        self.key = self.make("ci", "--scope", "openai/*")

    def test_nobody_is_asked_on_behalf_of_a_key(self):
        for policy in ("ask", "observe", "allow"):
            with self.subTest(policy):
                self.restart(policy)
                client = self.client(self.key)
                self.assertEqual(self.value(client), {"api_key": LIVE})
                with self.assertRpcError("denied") as refused:
                    self.value(client, provider="groq")
                self.assertIn("keybearer key create NAME --scope key:default/groq/default", str(refused.exception))
                for method, params in (("client_key.list", {}), ("client_key.create", {"name": "x"}),
                                       ("policy.set", {"policy": "allow"}), ("approval.attach", {}),
                                       ("grant.allow", {"credential": "*", "kind": "program", "path": "/usr/bin/env"}),
                                       ("account.login", {"provider": "openrouter"})):
                    with self.subTest(method), self.assertRpcError("denied"):
                        client.call(method, **params)

    def test_under_ask_a_program_without_the_key_is_asked_about(self):
        self.restart("ask")
        with self.assertRpcError("consent_required"):
            self.value(self.person)
        self.person.call("system.authenticate", key=self.key)  # from here on the same connection is the key
        self.assertEqual(self.value(self.person), {"api_key": LIVE})

    def test_nothing_is_observed_of_a_key(self):
        self.restart("observe")  # a program would get it, and the grant for it would be proposed
        with self.assertRpcError("denied"):
            self.value(self.client(self.key), provider="groq")
        self.assertEqual(self.person.call("grant.propose")["grants"], [])

    def test_what_the_caller_brings_is_free_and_both_keys_go_together(self):
        client = self.client(self.make("none"))
        for policy in ("ask", "allow"):
            with self.subTest(policy):
                self.restart(policy)
                client = self.client(self.key)
                for provider in ("openai", "groq"):
                    answer = client.call("credential.resolve", provider=provider, call=["api_key"])
                    taken = {field["field"]: field["source"] for field in answer["fields"]}
                    self.assertEqual(taken["api_key"], "call")
                self.assertEqual(self.value(client), {"api_key": LIVE})  # without one of its own, the stored one
        self.restart("deny")
        with self.assertRpcError("denied"):
            self.client(self.key).call("credential.resolve", provider="openai", call=["api_key"])

    def test_the_command_line_takes_both_keys(self):
        file = self.home.user / "ci.key"
        file.write_text(self.key)
        file.chmod(0o600)
        self.written.add(file)
        env = {"KEYBEARER_CLIENT_KEY_FILE": file}
        script = 'test "$OPENAI_API_KEY" = "$WANTED"'
        self.ok("run", "--provider", "openai", "--", "sh", "-c", script, WANTED=LIVE, **env)
        self.ok("run", "--provider", "openai", "--", "sh", "-c", script, OPENAI_API_KEY=CALLERS, WANTED=CALLERS, **env)


class TenantTest(ClientKeyTest):
    def test_a_scope_names_its_tenant(self):
        self.store()
        self.store("sk-proj-of-acme", tenant="acme")
        self.store("sk-proj-of-all", shared=True, name="team")
        client = self.client(self.make("ci", "--scope", "key:acme/openai/*", "--scope", "key:shared/openai/team"))
        self.assertEqual(self.value(client, tenant="acme"), {"api_key": "sk-proj-of-acme"})
        self.assertEqual(self.value(client, name="team"), {"api_key": "sk-proj-of-all"})
        for params in ({}, {"tenant": "zenith"}):
            with self.subTest(**params), self.assertRpcError("denied"):
                self.value(client, **params)


class MarkTest(ClientKeyTest):
    def test_where_a_value_comes_from_says_that_it_is_for_test(self):
        self.ok("provider", "set", "openai", "--name", "sandbox", "--file", "-", "--test", input=TEST)
        self.store(LIVE)
        for name, is_test in (("sandbox", True), ("default", False)):
            for method in ("credential.resolve", "credential.explain"):
                with self.subTest(name, method=method):
                    (field,) = (field for field in self.person.call(method, provider="openai", name=name)["fields"]
                                if field["field"] == "api_key")
                    self.assertIs(field["test"], is_test)
        self.assertRegex(self.ok("explain", "openai", "--name", "sandbox").out, r"api_key .*\(for test\)")
        self.assertNotIn("for test", self.ok("explain", "openai").out)
        with self.assertRpcError("denied") as refused:
            self.value(self.client(self.make("tests", "--test", "--scope", "openai/*")))
        self.assertIn("keybearer provider set openai --test", str(refused.exception))

    def test_a_live_value_in_the_place_of_one_for_test_is_kept_while_a_call_waits(self):
        self.store(TEST, test=True)
        key = self.make("tests", "--test", "--scope", "openai/*")
        client = self.client(key)
        version = client.call("credential.resolve", provider="openai")["version"]
        waiting = client.send("credential.watch", provider="openai", version=version, wait=60)
        self.store(LIVE)
        client.answer(waiting)  # that it is another one, and nothing of it
        with self.assertRpcError("denied"):
            self.value(client)


class TokenTest(ClientKeyTest):
    provider_options = ()

    def setUp(self):
        super().setUp()
        for account in ("work", "home"):
            self.sign_in(self.person, account=account)
        self.key = self.make("ci", "--scope", "account:work", "--scope", "account:home scope=email")

    def test_tokens_of_the_accounts_that_it_names(self):
        client = self.client(self.key)
        self.assertTrue(client.call("token.get", account="work")["access_token"])
        for params in ({"account": "home"}, {"account": "nobody"}, {"account": "home", "scopes": ["email", "profile"]}):
            with self.subTest(**params), self.assertRpcError("denied"):
                client.call("token.get", **params)
        self.assertTrue(client.call("token.get", account="home", scopes=["email"])["access_token"])

    def test_an_address_tells_nothing_of_accounts_that_it_does_not_name(self):
        there, nowhere = self.provider.issuer + "/rs", self.provider.issuer + "/nowhere"
        self.sign_in(self.person, there, account="corp")
        for key in (self.key, self.make("none"), self.make("tests", "--test", "--scope", "*")):
            client = self.client(key)
            said = []
            for which in ({"account": there}, {"account": nowhere}, {}):
                with self.assertRpcError("denied") as refused:
                    client.call("token.get", **which)
                said.append(str(refused.exception))
            self.assertEqual(said[0].replace(there, nowhere), said[1])
            self.assertNotIn("corp", str(said))
        self.assertTrue(self.client(self.make("all", "--scope", "account:corp")).call("token.get", account=there)["access_token"])

    def test_an_account_in_the_place_of_a_key_is_not_named(self):
        self.home.write_config("config.toml", '[locations]\nopenai = ["oauth::home"]\n')
        self.restart()
        client = self.client(self.make("other", "--scope", "account:work"))
        said = []
        for provider in ("openai", "groq"):
            with self.assertRpcError("denied") as refused:
                client.call("credential.resolve", provider=provider)
            said.append(str(refused.exception).replace(provider, "PROVIDER"))
        self.assertEqual(said[0], said[1])

    def test_a_key_for_test_gets_no_token(self):
        client = self.client(self.make("tests", "--test", "--scope", "*"))
        with self.assertRpcError("denied") as refused:
            client.call("token.get", account="work")
        self.assertIn("live", str(refused.exception))

    def test_scopes_go_with_the_account(self):
        client = self.client(self.key)
        self.person.call("account.rename", account="work", new_name="office")
        self.assertTrue(client.call("token.get", account="office")["access_token"])
        self.person.call("account.logout", account="office")
        self.sign_in(self.person, account="office")  # whoever that is
        with self.assertRpcError("denied"):
            client.call("token.get", account="office")

    def test_a_token_that_is_fetched_while_the_key_is_revoked_is_kept(self):
        client = self.client(self.key)
        before = len(self.provider.requests("/token"))
        self.provider.set(delayMs=1500)
        waiting = client.send("token.get", account="work", refresh=True)
        wait_until(lambda: len(self.provider.requests("/token")) > before, "the refresh")
        self.person.call("client_key.revoke", client_key_id=self.id_of())
        with self.assertRpcError("denied"):
            client.answer(waiting)
        self.assertEqual([record["verdict"] for record in self.audit("token.release")], ["deny"])
