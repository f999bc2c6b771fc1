"""When a session at the provider ends: as its answers say it, or by the profile."""
import json
import time

from kbtest import KeybearerTest

DAY = 86_400
SLACK = 60  # seconds that a slow machine may take between the answer and the question


class RefreshEndTest(KeybearerTest):
    profile = {}

    def setUp(self):
        super().setUp()
        if self.profile:
            self.home.write_provider("lab", self.provider.issuer, **self.profile)
        self.broker = self.start_broker()

    def says(self, **members):
        self.provider.fault("/token", "patch", patch=members, times=1)

    def assertEnds(self, seconds):
        (account,) = self.rpc().call("account.list")["accounts"]
        end = account["refresh_expires_at"]
        if seconds is None:
            self.assertIsNone(end)
        else:
            self.assertLessEqual(abs(end - time.time() - seconds), SLACK)

    def login(self, **members):
        self.says(**members)
        self.ok("login", "lab")

    def refresh(self, **members):
        self.says(**members)
        self.rpc().call("token.get", account="lab", refresh=True)


class StatedTest(RefreshEndTest):
    def test_the_sign_in_and_each_refresh_say_it(self):
        self.login(refresh_expires_in=3 * DAY)
        self.assertEnds(3 * DAY)
        self.refresh(refresh_token_expires_in=5 * DAY)
        self.assertEnds(5 * DAY)
        self.broker.stop()
        self.broker = self.start_broker()
        self.assertEnds(5 * DAY)
        self.refresh()  # another refresh token, and nothing is said of its end
        self.assertEnds(None)
        self.refresh(refresh_expires_in=0)
        self.assertEnds(None)

    def test_a_refresh_token_that_stays_keeps_its_end(self):
        self.provider.set(rotate="never")
        self.login(refresh_expires_in=3 * DAY)
        self.refresh(refresh_token=None)
        self.assertEnds(3 * DAY)
        self.refresh()  # which sends the same one again
        self.assertEnds(3 * DAY)
        self.refresh(refresh_token=None, refresh_expires_in=7 * DAY)
        self.assertEnds(7 * DAY)

    def test_a_refresh_token_that_is_saved_from_a_bad_answer_has_no_known_end(self):
        self.login(refresh_expires_in=3 * DAY)
        self.assertEnds(3 * DAY)
        self.says(refresh_expires_in=5 * DAY, expires_in="soon")
        with self.assertRpcError("provider_error"):
            self.rpc().call("token.get", account="lab", refresh=True)
        self.assertEnds(None)

    def test_a_session_that_was_ended_has_no_end_to_come(self):
        self.login(refresh_expires_in=3 * DAY)
        self.assertEnds(3 * DAY)
        self.provider.revoke_all()
        with self.assertRpcError("login_required"):
            self.rpc().call("token.get", account="lab", refresh=True)
        self.assertEnds(None)

    def test_a_new_sign_in_says_it_anew(self):
        self.login(refresh_expires_in=3 * DAY)
        self.assertEnds(3 * DAY)
        self.login()
        self.assertEnds(None)
        self.login(refresh_expires_in=4 * DAY)
        accounts = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertEqual(len(accounts), 1)
        self.assertEnds(4 * DAY)
        self.assertRegex(self.ok("account", "list").out, r"Token ends +Sign-in ends\n.* in [34] d\n")


class ProfileTest(RefreshEndTest):
    profile = {"refresh_lifetime_days": 30}

    def test_the_profile_says_it_where_the_answer_does_not(self):
        self.login()
        self.assertEnds(30 * DAY)
        self.refresh(refresh_expires_in=2 * DAY)
        self.assertEnds(2 * DAY)
        self.refresh()
        self.assertEnds(30 * DAY)
        self.refresh(refresh_expires_in=0)
        self.assertEnds(30 * DAY)


class WithoutTest(RefreshEndTest):
    profile = {"refresh_lifetime_days": 30}

    def test_without_a_refresh_token_there_is_nothing_that_ends(self):
        self.login(refresh_token=None, refresh_expires_in=3 * DAY)
        self.assertEnds(None)
