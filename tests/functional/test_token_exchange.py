"""Tokens for one audience, got in exchange for the account's own (RFC 8693)."""
import concurrent.futures
import json

from kbtest import KeybearerTest, Plain, RpcClient, free_port, userinfo

REPORTS = "urn:plain:reports"  # audiences that tests/lab/plain knows
API = "https://api.plain.example/"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


class TokenExchangeTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        port = free_port()
        redirect = f"http://127.0.0.1:{port}/callback"
        self.provider = Plain(self.home, "oauth", redirect)
        self.addCleanup(self.provider.stop)
        self.addCleanup(self._assert_no_secret_was_left)
        self.provider.set(exchange=True, emptyErrors=False)
        self.home.write_provider("lab", self.provider.issuer, client_id="plain-app", assume_pkce=True, redirect=redirect,
                                 scopes=["read", "write", "offline"], audiences=[REPORTS, API, "urn:nobody"])
        self.broker = self.start_broker()
        self.ok("login", "lab")

    def asked(self):
        return [entry for entry in self.provider.requests("/token", "POST") if entry.get("grant") == EXCHANGE]

    def about(self, token):
        answer = userinfo(f"{self.provider.issuer}/resource", token)
        return answer if isinstance(answer, int) else (answer["audience"], answer["scope"])

    def test_an_audience_has_a_token_of_its_own(self):
        whole = self.token()
        token = self.token("lab", "--audience", REPORTS)
        self.assertNotEqual(token, whole)
        self.assertEqual(self.about(token), ([REPORTS], "read write offline"))
        self.assertEqual(self.token("lab", "--audience", REPORTS), token)
        self.assertEqual(self.token(), whole)
        self.assertEqual(len(self.asked()), 1)

    def test_scopes_narrow_it_further(self):
        narrow = self.token("lab", "--audience", API, "--scope", "read")
        self.assertEqual(self.about(narrow), ([API], "read"))
        self.assertNotEqual(narrow, self.token("lab", "--audience", API))

    def test_many_at_once_are_one_exchange(self):
        def ask(_):
            with RpcClient(self.home.socket) as client:
                return client.call("token.get", account="lab", audience=REPORTS)["access_token"]
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            self.assertEqual(len(set(pool.map(ask, range(20)))), 1)
        self.assertEqual(len(self.asked()), 1)

    def test_what_the_provider_ended_is_renewed_first(self):
        self.provider.revoke_access()
        token = self.token("lab", "--audience", REPORTS)
        self.assertEqual(self.about(token)[0], [REPORTS])
        self.assertEqual(len(self.asked()), 2)

    def test_a_refresh_makes_a_new_one(self):
        first = self.token("lab", "--audience", REPORTS)
        self.assertNotEqual(self.token("lab", "--audience", REPORTS, "--refresh"), first)

    def test_a_refresh_token_that_comes_along_is_not_the_account_s(self):
        self.provider.patch(token={"refresh_token": "of-the-exchange-and-nothing-else"})
        self.token("lab", "--audience", REPORTS)
        self.provider.patch(token={})
        self.assertEqual(self.about(self.token("lab", "--refresh"))[1], "read write offline")

    def test_refusals(self):
        self.assertIn("audiences", self.fails(2, "token", "lab", "--audience", "urn:other").err)
        self.assertEqual(self.asked(), [])
        self.assertIn("invalid_target", self.fails(7, "token", "lab", "--audience", "urn:nobody").err)
        # It is remembered for this audience, and for no other token of the account.
        self.fails(7, "token", "lab", "--audience", "urn:nobody")
        self.assertEqual(len(self.asked()), 1)
        self.assertEqual(self.about(self.token("lab", "--refresh"))[1], "read write offline")
        self.token("lab", "--audience", REPORTS)

    def test_other_types_of_token_are_no_answer(self):
        for issued in ("urn:ietf:params:oauth:token-type:saml2", "N_A"):
            with self.subTest(issued):
                self.provider.patch(token={"issued_token_type": issued})
                self.assertIn("another type", self.fails(7, "token", "lab", "--audience", REPORTS, "--refresh").err)

    def test_a_wider_token_than_was_asked_for_is_not_handed_out(self):
        self.provider.patch(token={"scope": "read write offline"})
        refused = self.fails(7, "token", "lab", "--audience", API, "--scope", "read")
        self.assertIn("added write", refused.err)

    def test_a_server_without_it(self):
        self.provider.set(exchange=False)
        self.broker.stop()
        self.start_broker()
        self.assertIn("does not offer token exchange", self.fails(2, "token", "lab", "--audience", REPORTS).err)
        self.assertTrue(json.loads(self.ok("token", "lab", "--json", secret_output=True).out)["access_token"])
