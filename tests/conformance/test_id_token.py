"""Modules of the OpenID Connect relying party plans that are about a login's ID token (OpenID Connect Core 3.1.3.7)."""
from module import ModuleTest, without_kid


class IdTokenTest(ModuleTest):
    def test_oidcc_client_test(self):
        """The client makes an authentication, a token and a userinfo request."""
        self.assertAccepted()
        for path, method in (("/auth", "GET"), ("/token", "POST"), ("/me", "GET")):
            self.assertEqual(len(self.provider.requests(path, method)), 1, path)

    def test_oidcc_client_test_invalid_iss(self):
        """The ID token's issuer has a character too many."""
        self.assertDefectRefused("another issuer", claims={"iss": self.provider.issuer + "1"})

    def test_oidcc_client_test_missing_sub(self):
        """The ID token has no subject."""
        self.assertDefectRefused("no subject", claims={"sub": None})

    def test_oidcc_client_test_invalid_aud(self):
        """The ID token is meant for another client."""
        self.assertDefectRefused("another client", claims={"aud": "native-anypath1"})

    def test_oidcc_client_test_missing_aud(self):
        """The ID token is meant for nobody."""
        self.assertDefectRefused("another client", claims={"aud": None})

    def test_oidcc_client_test_missing_iat(self):
        """The ID token does not say when it was issued."""
        self.assertDefectRefused("when it was issued", claims={"iat": None})

    def test_oidcc_client_test_nonce_invalid(self):
        """The ID token's nonce is not the one that was sent."""
        self.assertDefectRefused("nonce", claims={"nonce": "another one"})

    def test_oidcc_client_test_invalid_athash(self):
        """The ID token belongs to another access token."""
        self.assertDefectRefused("at_hash", claims={"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"})

    def test_oidcc_client_test_kid_absent_single_jwks(self):
        """The ID token names no key, and the server publishes one: it is used, and must fit."""
        own, other = self.rsa_keys()
        for key, fits in ((other, False), (own, True)):
            self.fresh_broker()
            self.provider.reset()
            self.publish([without_kid(key)])
            self.provider.fault("/token", "idtoken", header={"kid": None})
            if fits:
                self.assertAccepted()
            else:
                self.assertRefused("does not publish")

    def test_oidcc_client_test_kid_absent_multiple_jwks(self):
        """The ID token names no key, and the server publishes many: Keybearer tries all, and one of them must fit."""
        own, other = self.rsa_keys()
        elliptic = [without_kid(key) for key in self.published_keys() if key["kty"] != "RSA"]
        others = [*elliptic, without_kid(other), without_kid(other)]
        for keys, fits in ((others, False), ([*others, without_kid(own)], True)):
            self.fresh_broker()
            self.provider.reset()
            self.publish(keys)
            self.provider.fault("/token", "idtoken", header={"kid": None})
            if fits:
                self.assertAccepted()
            else:
                self.assertRefused("does not publish")

    def rsa_keys(self):
        """The key that the server signs with, and another one of the same kind; no account is left."""
        self.provider._ask("rotate-keys", {"retire": False})
        self.assertAccepted()
        self.ok("logout", "lab")
        keys = [key for key in self.published_keys() if key["kty"] == "RSA"]
        kid = self.signer()["kid"]
        (own,) = (key for key in keys if key["kid"] == kid)
        (other,) = (key for key in keys if key["kid"] != kid)
        return own, other

    def test_oidcc_client_test_idtoken_sig_rs256(self):
        """An ID token signed with RS256 is accepted."""
        self.assertAccepted()
        self.assertEqual(self.signer()["alg"], "RS256")

    def test_oidcc_client_test_idtoken_sig_none(self):
        """An ID token without a signature may be accepted or refused: Keybearer refuses it, whatever the server offers."""
        self.change_metadata(id_token_signing_alg_values_supported=["none", "RS256"])
        self.assertDefectRefused("algorithm", sign="none")

    def test_oidcc_client_test_invalid_sig_rs256(self):
        """The RS256 signature is wrong."""
        self.assertDefectRefused("wrong signature", sign="bad")

    def test_oidcc_client_test_invalid_sig_es256(self):
        """The ES256 signature is wrong."""
        self.assertDefectRefused("wrong signature", provider="es256", sign="bad")
        self.assertEqual(self.signer()["alg"], "ES256")

    def test_oidcc_client_test_invalid_sig_hs256(self):
        """A public client has no secret that HS256 could be made with: it is refused, whatever the key and the metadata."""
        (published,) = (key["n"] for key in self.published_keys() if key["kty"] == "RSA")
        for secret in ("guessable", "native-anypath", published, ""):
            with self.subTest(secret=secret):
                self.provider.reset()
                self.change_metadata(id_token_signing_alg_values_supported=["RS256", "HS256"])
                self.provider.fault("/token", "idtoken", sign="hs256", secret=secret)
                self.assertRefused("algorithm")
        self.provider.reset()
        self.assertAccepted()
