"""Modules of the FAPI2 Security Profile client plan, and two of FAPI1 Advanced, that ask nothing of a confidential client."""
import urllib.parse

from kbtest import browse
from module import DISCOVERY, ModuleTest

SIX_MINUTES = 6 * 60
WEEK = 7 * 24 * 3600


class AuthorizationResponseTest(ModuleTest):
    """RFC 9207 section 2.4 and RFC 6749 section 10.12: after a wrong response, the client calls no endpoint."""

    def assertNothingAsked(self):
        for path in ("/token", "/jwks", "/me", "/token/revocation"):
            self.assertEqual(self.provider.requests(path), [], path)

    def assertIssuerRefused(self, iss):
        self.provider.change_redirect(iss=iss)
        self.assertRefused("another authorization server", kind="login_failed")
        self.assertNothingAsked()
        self.assertAccepted()

    def assertStateRefused(self, change):
        """The response counts for nothing: not even the login that it pretends to belong to ends by it."""
        login = self.begin_login(self.client)
        sent = urllib.parse.parse_qs(urllib.parse.urlsplit(login["authorization_url"]).query)["state"][0]
        self.provider.change_redirect(state=change(sent))
        page = browse(login["authorization_url"])
        self.assertEqual(page.status, 400)
        self.assertTrue(page.body)
        self.assertEqual(self.client.call("account.login_status", login_id=login["login_id"])["state"], "waiting_for_browser")
        self.assertNothingAsked()
        self.assertNothingKept()
        self.assertEqual(browse(login["authorization_url"]).status, 200)
        self.assertEqual(self.login_end(self.client, login)["state"], "done")

    def test_fapi2_security_profile_final_client_test_invalid_authorization_response_iss(self):
        """The response's iss has a character too many."""
        self.assertIssuerRefused(self.provider.issuer + "1")

    def test_fapi2_security_profile_final_client_test_remove_authorization_response_iss(self):
        """The response has no iss, which the metadata promises."""
        self.assertIssuerRefused(None)

    def test_fapi2_security_profile_final_client_test_ensure_authorization_response_with_invalid_state_fails(self):
        """The response's state has a character too many."""
        self.assertStateRefused(lambda state: state + "1")

    def test_fapi2_security_profile_final_client_test_ensure_authorization_response_with_invalid_missing_state_fails(self):
        """The response has no state."""
        self.assertStateRefused(lambda state: None)


class IdTokenTest(ModuleTest):
    def test_fapi2_security_profile_final_client_test_invalid_iss(self):
        """The ID token's issuer has a character too many."""
        self.assertDefectRefused("another issuer", claims={"iss": self.provider.issuer + "1"})

    def test_fapi2_security_profile_final_client_test_invalid_missing_iss(self):
        """The ID token has no issuer."""
        self.assertDefectRefused("another issuer", claims={"iss": None})

    def test_fapi2_security_profile_final_client_test_invalid_aud(self):
        """The ID token is meant for another client."""
        self.assertDefectRefused("another client", claims={"aud": "native-anypath1"})

    def test_fapi2_security_profile_final_client_test_invalid_missing_aud(self):
        """The ID token is meant for nobody."""
        self.assertDefectRefused("another client", claims={"aud": None})

    def test_fapi2_security_profile_final_client_test_invalid_secondary_aud(self):
        """The ID token is meant for a second client, too, which nobody knows."""
        self.assertDefectRefused("another client", claims={"aud": ["native-anypath", "native-anypath1"]})

    def test_fapi2_security_profile_final_client_test_valid_aud_as_array(self):
        """The ID token's audience is a list with one entry: the client accepts it."""
        self.assertDefectAccepted(claims={"aud": ["native-anypath"]})

    def test_fapi2_security_profile_final_client_test_invalid_expired_exp(self):
        """The ID token expired six minutes ago."""
        self.assertDefectRefused("expired", claims={"exp": f"now-{SIX_MINUTES}"})

    def test_fapi2_security_profile_final_client_test_invalid_missing_exp(self):
        """The ID token does not say when it expires."""
        self.assertDefectRefused("when it expires", claims={"exp": None})

    def test_fapi1_advanced_final_client_test_iat_is_week_in_past(self):
        """The ID token was issued a week ago."""
        self.assertDefectRefused("too long ago", claims={"iat": f"now-{WEEK}"})

    def test_fapi2_security_profile_final_client_test_invalid_nonce(self):
        """The ID token's nonce is not the one that was sent."""
        self.assertDefectRefused("nonce", claims={"nonce": "another one"})

    def test_fapi2_security_profile_final_client_test_invalid_missing_nonce(self):
        """The ID token has no nonce."""
        self.assertDefectRefused("nonce", claims={"nonce": None})

    def test_fapi2_security_profile_final_client_test_invalid_null_alg(self):
        """The ID token says that it is not signed, in whatever spelling."""
        for alg, word in (("none", "algorithm"), ("None", "algorithm"), ("NONE", "algorithm"), ("", "algorithm"), (None, "alg")):
            with self.subTest(alg=alg):
                self.provider.reset()
                self.provider.fault("/token", "idtoken", sign="none", header={"alg": alg})
                self.assertRefused(word)
        self.provider.reset()
        self.assertAccepted()

    def test_fapi2_security_profile_final_client_test_invalid_alternate_alg(self):
        """The ID token is signed properly, with an algorithm that is not the expected one."""
        self.change_metadata(id_token_signing_alg_values_supported=["ES256"])
        self.provider.fault("/token", "idtoken", alg="RS256")
        self.assertRefused("algorithm", "es256")
        self.provider.reset()
        self.change_metadata(id_token_signing_alg_values_supported=["ES256"])
        self.assertAccepted("es256")


class TokenResponseTest(ModuleTest):
    def test_fapi2_security_profile_final_client_test_token_type_case_insensitivity(self):
        """The token type has the case of each letter inverted: the client accepts it (RFC 6749 section 5.1)."""
        self.assertDefectAccepted(kind="patch", patch={"token_type": "bEARER"})

    def test_fapi2_security_profile_final_client_test_token_endpoint_response_without_expires_in(self):
        """The response does not say how long the token lives: the client accepts it, and does not pretend to know."""
        self.assertDefectAccepted(kind="patch", patch={"expires_in": None})
        self.assertIsNone(self.client.call("token.get", account="lab")["expires_at"])
        self.provider.reset()
        self.assertAccepted()
        self.assertIsInstance(self.client.call("token.get", account="lab")["expires_at"], int)

    def test_fapi1_advanced_final_client_test_no_scope_in_token_endpoint_response(self):
        """The response does not say what was granted: the client takes it that all was that it asked for."""
        asked = self.begin_login(self.client)["scopes"]
        ended = self.assertDefectAccepted(kind="patch", patch={"scope": None, "expires_in": None})
        self.assertEqual(ended["scope"].split(), asked)
        self.provider.reset()
        ended = self.assertDefectAccepted(kind="patch", patch={"scope": "openid"})
        self.assertEqual(ended["scope"], "openid")


class DiscoveryTest(ModuleTest):
    def test_fapi2_security_profile_final_client_test_discovery_issuer_mismatch(self):
        """The issuer in the metadata is not the prefix of the address that it was fetched from: the client stops there."""
        right = self.provider.issuer
        for issuer in (right + "INVALID", right + "/", right.replace("http:", "https:")):
            with self.subTest(issuer=issuer):
                self.provider.reset()
                self.change_metadata(issuer=issuer)
                with self.assertRpcError("provider_error") as refused:
                    self.begin_login(self.client)
                self.assertIn("another issuer", str(refused.exception))
                self.assertEqual({request["url"] for request in self.provider.requests()}, set(DISCOVERY))
                self.assertNothingKept()
        self.provider.reset()
        self.assertAccepted()
