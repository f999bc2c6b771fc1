"""Tokens for a part of the scopes or for a resource: each kept by itself, all from the one refresh token."""
import base64
import concurrent.futures
import json

from kbtest import KeybearerTest, RpcClient, RpcError

API = "https://api.example.com/v1"


class TokenKindsTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.start_broker()
        self.ok("login", "lab")

    def refreshes(self):
        return [entry for entry in self.provider.requests("/token", "POST")]

    def ask(self, **params):
        with RpcClient(self.home.socket) as client:
            return client.call("token.get", account="lab", **params)

    def test_twenty_requests_for_a_scope_make_one_refresh(self):
        before = len(self.refreshes())
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda n: self.ask(scopes=["openid", "email"][:: 1 if n % 2 else -1]), range(20)))
        self.assertEqual(len({answer["access_token"] for answer in answers}), 1)
        self.assertEqual(len(self.refreshes()) - before, 1)
        self.assertEqual(sorted(answers[0]["scope"].split()), ["email", "openid"])

    def test_each_kind_has_a_token_of_its_own(self):
        whole = self.token()
        part = self.token("lab", "--scope", "openid")
        self.assertNotEqual(part, whole)
        before = len(self.refreshes())
        self.assertEqual(self.token("lab", "--scope", "openid"), part)
        self.assertEqual(self.token(), whole)
        self.assertEqual(len(self.refreshes()), before)

    def test_many_kinds_at_once_are_refreshed_one_after_the_other(self):
        """The provider ends the whole family when a refresh token is used twice (RFC 9700 section 4.14.2)."""
        kinds = [{}, {"scopes": ["openid"]}, {"scopes": ["email"]}, {"scopes": ["openid", "email"]}] * 5
        before = len(self.refreshes())
        with concurrent.futures.ThreadPoolExecutor(len(kinds)) as pool:
            answers = list(pool.map(lambda kind: self.ask(**kind), kinds))
        self.assertEqual(len({answer["access_token"] for answer in answers}), 4)
        self.assertEqual(len(self.refreshes()) - before, 3)  # the login brought the whole one
        self.assertTrue(self.ask(refresh=True)["access_token"])

    def test_the_account_keeps_its_scopes(self):
        self.token("lab", "--scope", "openid")
        (account,) = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertIn("email", account["scope"].split())

    def test_a_scope_that_was_never_granted_is_refused_and_costs_nothing(self):
        result = self.fails(7, "token", "lab", "--scope", "api:read")
        self.assertIn("invalid_scope", result.err)
        self.assertTrue(self.token("lab", "--refresh"))

    def refuse(self, code, times=1):
        self.provider.fault("/token", "raw", times=times, status=400, body=json.dumps({"error": code}))

    def status(self):
        (account,) = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        return account["status"]

    def test_a_part_that_is_refused_costs_the_whole_nothing(self):
        """Some servers say so of a scope that nobody has agreed to."""
        for code in ("invalid_grant", "consent_required", "interaction_required"):
            with self.subTest(code):
                self.refuse(code)
                self.assertIn(code, self.fails(7, "token", "lab", "--scope", code).err)
                self.assertEqual((self.status(), self.keyring.kept()), ("signed_in", 1))
                self.assertTrue(self.token("lab", "--refresh"))

    def test_a_part_of_what_has_ended_ends_it(self):
        self.refuse("invalid_grant", times=2)
        self.fails(4, "token", "lab", "--scope", "openid")
        self.assertEqual((self.status(), self.keyring.kept()), ("login_required", 0))

    def test_an_unknown_resource_is_refused_without_asking_the_provider(self):
        """This provider would use up the refresh token and then refuse."""
        before = len(self.refreshes())
        result = self.fails(2, "token", "lab", "--resource", "https://nobody.example.com/")
        self.assertIn("resources", result.err)
        self.assertEqual(len(self.refreshes()), before)

    def test_bad_kinds(self):
        before = len(self.refreshes())
        for params in ({"scopes": ["a b"]}, {"scopes": [""]}, {"scopes": ['"']},
                       {"scopes": ["x" * 256]}, {"resource": "no scheme"}, {"resource": API + "#part"}):
            with self.subTest(params=params):
                with self.assertRaises(RpcError) as caught:
                    self.ask(**params)
                self.assertEqual(caught.exception.kind, "invalid_value")
        self.assertEqual(len(self.refreshes()), before)


class ResourceTest(KeybearerTest):
    def test_a_resource_has_a_token_of_its_own(self):
        self.home.write_provider("lab", self.provider.issuer, resources=[API],
                                 scopes=["openid", "offline_access", "api:read"])
        self.start_broker()
        self.ok("login", "lab")
        before = len(self.provider.requests("/token", "POST"))
        first = self.token("lab", "--resource", API)
        self.assertEqual(self.token("lab", "--resource", API), first)
        self.assertEqual(len(self.provider.requests("/token", "POST")) - before, 1)
        payload = first.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        self.assertEqual(claims["aud"], API)  # RFC 9068 section 2.2
