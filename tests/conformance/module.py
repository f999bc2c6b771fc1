"""What the tests of modules share: a login at a certified server with one defect, and the same login without it."""
import base64
import json
import urllib.request

from kbtest import KeybearerTest, userinfo

DISCOVERY = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
OFTEN = 9  # more often than one test asks


class ModuleTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        # The second one's client is registered for ID tokens with ES256.
        self.home.write_provider("es256", self.provider.issuer, client_id="native-es256", redirect="http://127.0.0.1/callback")
        self.broker = self.client = None
        self.fresh_broker()

    def fresh_broker(self):
        """One that has seen no key of the server yet."""
        if self.broker:
            self.client.close()
            self.broker.stop()
        self.broker = self.start_broker()
        self.client = self.rpc()

    # --- both outcomes ------------------------------------------------------------------------------------------------

    def assertAccepted(self, provider="lab"):
        """The login ends with an account whose token works; its final state."""
        _, ended = self.sign_in(self.client, provider)
        self.assertEqual(ended["state"], "done", ended)
        self.assertEqual(self.owner_of(self.access_token(provider)), "alice")
        return ended

    def assertRefused(self, word, provider="lab", kind="provider_error"):
        """The login fails, program and page say why, and nothing of it is left."""
        page, ended = self.sign_in(self.client, provider)
        self.assertEqual(ended["state"], "failed", ended)
        self.assertEqual(ended["error"]["kind"], kind, ended)
        self.assertIn(word, ended["error"]["message"])
        self.assertIn("Sign-in failed", page.body)
        self.assertNothingKept(provider)

    def assertNothingKept(self, provider="lab"):
        """No account, no token, nothing in the keyring, and nobody has used what the server issued."""
        self.assertEqual(self.client.call("account.list")["accounts"], [])
        with self.assertRpcError("unknown_account"):
            self.client.call("token.get", account=provider)
        self.assertEqual(self.keyring.kept(), 0)
        self.assertEqual(self.provider.requests("/me"), [])

    def assertDefectRefused(self, word, path="/token", kind="idtoken", provider="lab", **defect):
        """A login with the defect is refused; the next one, without it, is not."""
        self.provider.fault(path, kind, **defect)
        self.assertRefused(word, provider)
        self.provider.reset()
        self.assertAccepted(provider)

    def assertDefectAccepted(self, path="/token", kind="idtoken", provider="lab", **defect):
        """The server's answer is changed, and right all the same."""
        self.provider.fault(path, kind, **defect)
        ended = self.assertAccepted(provider)
        self.assertEqual(self.provider.requests(path)[0]["fault"], kind)
        return ended

    # --- parts --------------------------------------------------------------------------------------------------------

    def access_token(self, account="lab", **params):
        return self.client.call("token.get", account=account, **params)["access_token"]

    def owner_of(self, token):
        said = userinfo(f"{self.provider.issuer}/me", token)
        return said["sub"] if isinstance(said, dict) else said

    def change_metadata(self, **patch):
        for path in DISCOVERY:
            self.provider.fault(path, "patch", times=OFTEN, patch=patch)

    def published_keys(self):
        with urllib.request.urlopen(f"{self.provider.issuer}/jwks", timeout=10) as answer:
            return json.load(answer)["keys"]

    def publish(self, keys, path="/jwks"):
        self.provider.fault(path, "raw", times=OFTEN, body=json.dumps({"keys": keys}))

    def issued(self, kind):
        """Every token of this kind that the server issued to somebody, oldest first."""
        return [entry["value"] for entry in self.provider._ask("tokens") if entry["kind"] == kind]

    def signer(self):
        """Header of the last ID token."""
        header = self.issued("id_token")[-1].partition(".")[0]
        return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))


def without_kid(key):
    return {name: value for name, value in key.items() if name != "kid"}
