"""The device authorization grant (RFC 8628) at servers of one's own kind, which count how patient a client is."""
from kbtest import KeybearerTest, Plain, userinfo, wait_until


class PlainDeviceTest:
    def setUp(self):
        super().setUp()
        self.provider = Plain(self.home, self.style)
        self.addCleanup(self.provider.stop)
        self.addCleanup(self._assert_no_secret_was_left)
        self.provider.set(device=True, interval=1)
        self.home.write_provider("lab", self.provider.issuer, client_id="plain-app", scopes=self.scopes)
        self.start_broker()
        self.client = self.rpc()

    def begin(self):
        return self.begin_login(self.client, flow="device")

    def polls(self):
        """Those that were answered so far, oldest first."""
        return [entry for entry in self.provider.requests("/token", "POST")
                if entry["grant"] == "urn:ietf:params:oauth:grant-type:device_code" and "status" in entry]

    def answers(self):
        """What the polls were told; None for tokens."""
        return [entry.get("error") for entry in self.polls()]

    def wait_for_polls(self, count):
        wait_until(lambda: len(self.polls()) >= count, f"{count} polls", 20)

    def pauses(self):
        """Milliseconds before each poll. A client waits from the answer on, so that the server sees no less."""
        (first,) = self.provider.requests("/device_authorization")
        times = [entry["t"] for entry in (first, *self.polls())]
        return [after - before for before, after in zip(times, times[1:])]

    def owner(self, token):
        return userinfo(f"{self.provider.issuer}/resource", token)["sub"]

    def assertDone(self, login, subject="alice"):
        ended = self.login_end(self.client, login)
        self.assertEqual(ended["state"], "done", ended)
        (account,) = self.client.call("account.list")["accounts"]
        self.assertEqual((account["account"], account["subject"], account["status"]),
                         ("lab", subject if self.open_id else "", "signed_in"))
        self.assertEqual(self.keyring.kept(), 1)
        self.assertEqual(self.owner(self.token()), subject)

    def assertFailed(self, login, kind, *words):
        ended = self.login_end(self.client, login)
        self.assertEqual((ended["state"], ended["error"]["kind"]), ("failed", kind), ended)
        for word in words:
            self.assertIn(word, ended["error"]["message"])
        self.assertEqual((self.client.call("account.list")["accounts"], self.keyring.kept()), ([], 0))

    def test_a_code_that_is_approved_becomes_an_account_that_can_be_refreshed(self):
        login = self.begin()
        self.assertEqual(login["verification_uri"], f"{self.provider.issuer}/device")
        self.provider.decide_device(login["user_code"])
        self.assertDone(login)
        first, second = self.token(), self.token("lab", "--refresh")
        self.assertNotEqual(first, second)
        self.assertEqual(self.owner(second), "alice")
        self.assertEqual(userinfo(f"{self.provider.issuer}/resource", second)["scope"], " ".join(self.scopes))

    def test_it_is_asked_until_the_person_has_decided_and_never_too_early(self):
        self.provider.set(interval=2)
        login = self.begin()
        self.wait_for_polls(1)
        self.provider.set(sub="bob")  # whoever enters the code
        self.provider.decide_device(login["user_code"])
        self.assertDone(login, "bob")
        self.assertEqual(self.answers(), ["authorization_pending", None])
        self.assertGreaterEqual(min(self.pauses()), 2000)

    def test_slow_down_makes_it_wait_five_seconds_more(self):
        """RFC 8628 section 3.5; `interval` stays what it was for the server that says it."""
        self.provider.set(slowDown=1)
        login = self.begin()
        self.wait_for_polls(2)  # the server tells it again if it comes too early again
        self.assertEqual(self.answers(), ["slow_down", "authorization_pending"])
        self.assertGreaterEqual(self.pauses()[1], 6000)
        self.client.call("account.login_cancel", login_id=login["login_id"])
        self.assertEqual(self.keyring.kept(), 0)

    def test_a_person_who_says_no(self):
        login = self.begin()
        self.provider.decide_device(login["user_code"], "deny")
        self.assertFailed(login, "login_failed", "refused", self.provider.issuer)
        self.assertEqual(self.answers(), ["access_denied"])

    def test_a_code_that_has_expired_at_the_server(self):
        login = self.begin()
        self.provider.forward(600)
        self.assertFailed(login, "login_failed", "expired", self.provider.issuer)
        self.assertEqual(self.answers(), ["expired_token"])

    def test_a_server_that_does_not_offer_it(self):
        self.provider.set(device=False)
        with self.assertRpcError("unsupported"):
            self.begin()
        self.assertEqual(self.provider.requests("/device_authorization"), [])


class OAuthTest(PlainDeviceTest, KeybearerTest):
    provider_options = None
    style = "oauth"
    scopes = ("read", "offline")
    open_id = False

    def test_a_server_that_says_no_interval_is_asked_every_five_seconds(self):
        """RFC 8628 section 3.2."""
        self.provider.set(interval=None)
        login = self.begin()
        self.provider.decide_device(login["user_code"])
        self.assertDone(login)
        self.assertEqual(self.answers(), [None])
        self.assertGreaterEqual(self.pauses()[0], 5000)


class OpenIdTest(PlainDeviceTest, KeybearerTest):
    provider_options = None
    style = "openid"
    scopes = ("openid", "email", "read")
    open_id = True
