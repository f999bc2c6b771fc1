"""The account of a protected resource: what it answers to, whose client it has, and what its tokens are for."""
import json

from kbtest.provider import Provider
from kbtest.resource import ResourceTest, audience_of, fetch, query_of


SECRET = "desktop-secret-desktop-secret-desktop"  # of the client "native-secret" (tests/lab/provider/clients.mjs)
REDIRECT = "http://127.0.0.1/callback"


class WholeServerTest(ResourceTest):
    """A resource that calls itself by its whole server (RFC 9728): its account answers to what was typed."""

    def prepare(self):
        self.whole = self.provider.issuer
        self.other = self.whole + "/other"
        self.provider.set(resources={self.whole: "api:read api:write"})

    def signed_in(self, provider=None, **params):
        self.describe(resource=self.whole)
        return super().signed_in(provider, **params)

    def test_its_account_is_found_by_what_was_typed(self):
        login, _ = self.signed_in()
        self.assertEqual(query_of(login["authorization_url"])["resource"], [self.whole])
        (account,) = self.accounts()
        self.assertEqual(account["resource"], self.whole)
        token = self.token(self.resource)
        self.assertEqual(audience_of(token), self.whole)
        for address in (self.resource + "/", self.whole, self.whole + "/", "127.0.0.1"):
            self.assertEqual(self.token(address), token)
        with self.assertRpcError("unknown_account"):  # what that is nobody has asked yet
            self.client.call("token.get", account=self.other)

    def test_it_is_signed_in_anew_by_what_was_typed_and_by_its_name(self):
        self.signed_in(client_id="native-anypath", account="mine")
        for provider, add in ((self.resource, "api:write"), ("mine", "offline_access")):
            login, _ = self.signed_in(provider, add_scopes=[add])
            query = query_of(login["authorization_url"])
            self.assertEqual((query["resource"], query["client_id"]), ([self.whole], ["native-anypath"]))
            self.assertEqual(set(query["scope"][0].split()), {"api:read", "api:write", "offline_access"})
            self.assertEqual(login["provider"], self.resource)
            self.assertEqual([one["account"] for one in self.accounts()], ["mine"])

    def test_two_addresses_of_it_are_one_account(self):
        self.signed_in()
        self.provider.fault("/.well-known/oauth-protected-resource/other", "raw", body=json.dumps(
            {"resource": self.whole, "authorization_servers": [self.provider.issuer], "scopes_supported": ["api:read"]}))
        super().signed_in(self.other)
        self.assertEqual([one["resource"] for one in self.accounts()], [self.whole])
        token = self.token(self.other)
        self.assertEqual(self.token(self.resource), token)
        self.restart()
        self.assertEqual(audience_of(self.token(self.resource)), self.whole)

    def restart(self):
        self.client.close()
        self._stop_brokers()
        self.start_broker()
        self.client = self.rpc()

    def test_what_an_address_is_its_server_said_last(self):
        self.signed_in()
        super().signed_in()
        self.assertEqual([one["resource"] for one in self.accounts()], [self.whole, self.resource])
        self.assertEqual(fetch(self.resource, self.token(self.resource))["scope"], "api:read")
        self.signed_in()
        self.assertEqual(audience_of(self.token(self.resource)), self.whole)


class ClientTest(ResourceTest):
    """Whose client is whose, and its secret with it."""

    def client_of(self, provider=None, **params):
        login = self.begin_login(self.client, provider or self.resource, fresh=True, **params)
        return query_of(login["authorization_url"])["client_id"][0]

    def test_a_client_keeps_its_secret(self):
        self.signed_in(client_id="native-secret", client_secret=SECRET, account="mine", redirect=REDIRECT)
        for params in ({"provider": "mine"}, {}, {"client_id": "native-secret"}):
            login, _ = self.signed_in(**params, redirect=REDIRECT)  # which that server refuses to this client without its secret
            self.assertEqual(query_of(login["authorization_url"])["client_id"], ["native-secret"])
        self.assertTrue(self.token("mine", "--refresh"))
        self.assertEqual(len(self.accounts()), 1)

    def test_a_client_is_its_issuers(self):
        other = Provider(self.home)
        self.addCleanup(other.stop)
        self.signed_in(client_id="native-secret", client_secret=SECRET, account="mine", redirect=REDIRECT)
        for params in ({}, {"provider": "mine"}, {"client_secret": SECRET}):
            with self.subTest(**params):
                self.describe(authorization_servers=[other.issuer])
                self.assertNotEqual(self.client_of(**params), "native-secret")
        self.assertNotIn("native-secret", json.dumps(other.requests()))
        self.describe(authorization_servers=[other.issuer])
        self.assertEqual(self.client_of(client_id="native-anypath"), "native-anypath")
        self.assertEqual(self.client_of(), "native-secret")


class KnownSecretTest(ResourceTest):
    def prepare(self):
        self.home.write_provider("known", self.provider.issuer, client_id="native-secret", client_secret=True,
                                 redirect=REDIRECT)

    def test_a_profiles_client_keeps_its_secret(self):
        self.signed_in(client_secret=SECRET, account="mine")
        for provider in (self.resource, "mine"):
            self.signed_in(provider)
            self.assertTrue(self.token("mine", "--refresh"))


class BoundTest(ResourceTest):
    """An account for one resource has tokens for nothing else, whatever the profile lists for others."""

    def prepare(self):
        self.elsewhere = "https://api.example.com/v1"
        self.home.write_provider("known", self.provider.issuer, resources=[self.elsewhere], audiences=["urn:reports"])

    def test_an_account_for_one_resource_has_tokens_for_it_alone(self):
        self.signed_in(account="mine")
        before = len(self.provider.requests("/token", "POST"))
        for params in ({"resource": self.elsewhere}, {"audience": "urn:reports"}, {"resource": self.resource + "/deeper"},
                       {"resource": self.resource, "audience": "urn:reports"},
                       {"resource": self.elsewhere, "audience": "urn:reports"}):
            with self.subTest(**params):
                with self.assertRpcError("invalid_value") as caught:
                    self.client.call("token.get", account="mine", **params)
                self.assertIn(f"is for {self.resource} alone", str(caught.exception))
        self.assertEqual(len(self.provider.requests("/token", "POST")), before)
        self.assertEqual(audience_of(self.token("mine", "--resource", self.resource)), self.resource)
        self.assertEqual(audience_of(self.token("mine")), self.resource)
