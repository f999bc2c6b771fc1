"""Modules of the OpenID Connect relying party refresh token plan (OpenID Connect Core 12)."""
import json

from module import ModuleTest

ALL_VSCHARS = "".join(map(chr, range(0x20, 0x7F)))  # RFC 6749 appendix A.17


class RefreshTokenTest(ModuleTest):
    def setUp(self):
        super().setUp()
        self.assertAccepted()
        self.first = self.access_token()

    def assertRefreshRefused(self, word, **claims):
        """The refreshed token is neither served nor used; the one before and the account stay as they were."""
        used = len(self.provider.requests("/me"))
        self.provider.fault("/token", "idtoken", claims=claims)
        with self.assertRpcError("provider_error") as refused:
            self.access_token(refresh=True)
        self.assertIn(word, str(refused.exception))
        self.assertNotEqual(self.issued("access_token")[-1], self.first)
        self.assertEqual(self.access_token(), self.first)
        self.assertEqual(len(self.provider.requests("/me")), used)
        (account,) = self.client.call("account.list")["accounts"]
        self.assertEqual((account["subject"], account["issuer"]), ("alice", self.provider.issuer))
        self.assertRefreshed()

    def assertRefreshed(self):
        second = self.access_token(refresh=True)
        self.assertNotEqual(second, self.first)
        self.assertEqual(second, self.issued("access_token")[-1])
        self.assertEqual(self.owner_of(second), "alice")

    def test_oidcc_client_test_refresh_token(self):
        """The client gets a new access token for its refresh token, and asks userinfo with it."""
        self.assertRefreshed()
        self.assertEqual(len(self.provider.requests("/token", "POST")), 2)

    def test_oidcc_client_test_refresh_token_with_every_character_that_one_may_have(self):
        """A refresh token is made of VSCHAR, the space among them; the suite's have five punctuation characters each."""
        self.provider.fault("/token", "patch", patch={"refresh_token": ALL_VSCHARS})
        self.assertAccepted()
        self.provider.fault("/token", "form", body=json.dumps({"access_token": "another", "token_type": "Bearer"}))
        self.assertEqual(self.access_token(refresh=True), "another")
        sent = self.provider.requests("/token", "POST")[-1]["form"]
        self.assertEqual((sent["grant_type"], sent["refresh_token"]), ("refresh_token", ALL_VSCHARS))
        self.assert_no_secret_leaks(ALL_VSCHARS)

    def test_oidcc_client_test_refresh_token_invalid_issuer(self):
        """The refreshed ID token has another issuer than the first one."""
        self.assertRefreshRefused("another issuer", iss=self.provider.issuer + "1")

    def test_oidcc_client_test_refresh_token_invalid_sub(self):
        """The refreshed ID token is about another subject than the first one."""
        self.assertRefreshRefused("another person", sub="aliceinvalid")
