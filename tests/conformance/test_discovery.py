"""Modules of the OpenID Connect relying party plans that are about metadata and keys (OpenID Connect Discovery 4)."""
from module import DISCOVERY, ModuleTest


class DiscoveryTest(ModuleTest):
    def test_oidcc_client_test_discovery_openid_config(self):
        """The client fetches the metadata and uses the endpoints that stand there."""
        self.provider.fault(DISCOVERY[0], "status", status=404)  # as at a server that knows OpenID Connect only
        self.change_metadata(token_endpoint=f"{self.provider.issuer}/elsewhere")
        _, ended = self.sign_in(self.client)
        self.assertEqual(ended["state"], "failed")
        self.assertEqual(len(self.provider.requests(DISCOVERY[1])), 1)
        self.assertEqual(len(self.provider.requests("/elsewhere", "POST")), 1)
        self.assertEqual(self.provider.requests("/token"), [])
        self.provider.reset()
        self.provider.fault(DISCOVERY[0], "status", status=404)
        self.assertAccepted()

    def test_oidcc_client_test_discovery_jwks_uri_keys(self):
        """The client fetches the keys from the jwks_uri of the metadata."""
        keys = self.published_keys()
        self.provider.reset()
        self.change_metadata(jwks_uri=f"{self.provider.issuer}/jwksQzXvBnMwLp")
        self.publish([], path="/jwksQzXvBnMwLp")
        self.assertRefused("does not publish")
        self.provider.reset()
        self.change_metadata(jwks_uri=f"{self.provider.issuer}/jwksRtYuIoPaSd")
        self.publish(keys, path="/jwksRtYuIoPaSd")
        self.assertAccepted()
        self.assertEqual(len(self.provider.requests("/jwksRtYuIoPaSd")), 1)
        self.assertEqual(self.provider.requests("/jwks"), [])

    def test_oidcc_client_test_discovery_issuer_mismatch(self):
        """The metadata is for another issuer than the one it was asked for: the client stops there."""
        self.change_metadata(issuer=self.provider.issuer + "INVALID")
        with self.assertRpcError("provider_error") as refused:
            self.begin_login(self.client)
        self.assertIn("another issuer", str(refused.exception))
        self.assertEqual({request["url"] for request in self.provider.requests()}, set(DISCOVERY))
        self.assertNothingKept()
        self.provider.reset()
        self.assertAccepted()


class KeyRotationTest(ModuleTest):
    def rotate(self):
        self.provider._ask("rotate-keys", {"retire": True})

    def test_oidcc_client_test_signing_key_rotation(self):
        """The server changes its keys between two logins: the client fetches them anew."""
        self.assertAccepted()
        first = self.signer()["kid"]
        self.rotate()
        self.assertAccepted()
        self.assertNotEqual(self.signer()["kid"], first)
        self.assertEqual(len(self.provider.requests("/jwks")), 2)

    def test_oidcc_client_test_signing_key_rotation_just_before_signing(self):
        """The server changes its keys right before it signs the ID token."""
        first = {key["kid"] for key in self.published_keys()}
        self.provider.fault("/token", "rotate")
        self.assertAccepted()
        self.assertNotIn(self.signer()["kid"], first)

    def test_oidcc_client_test_signing_key_rotation_just_before_signing_when_the_old_keys_are_known(self):
        """The same in the second login of a broker, which has the old keys in memory."""
        self.assertAccepted()
        first = self.signer()["kid"]
        self.provider.fault("/token", "rotate")
        self.assertAccepted()
        self.assertNotEqual(self.signer()["kid"], first)
