"""Windows that nobody would see, or has answered: they do not open, and the sign-in waits for a person."""
import json
import os
import pty

from kbtest import CLI, KeybearerTest, browse
from kbtest.session import Session
from kbtest.process import Process

TEN_SECONDS = 10  # the shortest that a login may wait


class SignInNeededTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.session = Session(self.home, self.keyring)
        self.addCleanup(self.session.stop)

    def begin(self):
        self.broker = self.start_broker(**self.session.environment)
        return self.rpc()

    def waiting(self):
        return [(one["provider"], one["account"], one["reason"])
                for one in json.loads(self.ok("status", "--json").out)["sign_in_needed"]]

    def assertHeld(self, client, reason, word):
        opened = len(self.provider.requests("/auth"))
        with self.assertRpcError("login_required") as caught:
            client.call("account.login", provider="lab")
        self.assertIn(word, str(caught.exception))
        self.assertIn("keybearer login lab", str(caught.exception))
        self.assertEqual(self.waiting(), [("lab", "lab", reason)])
        result = self.fails(4, "login", "lab")  # without a terminal it is a program like any other
        self.assertIn(word, result.err)
        self.assertEqual(len(self.provider.requests("/auth")), opened)

    def assertOpens(self, client, **params):
        login = client.call("account.login", provider="lab", **params)
        self.assertFalse(login["screen_locked"])
        client.call("account.login_cancel", login_id=login["login_id"])

    def test_nothing_opens_while_the_session_is_locked(self):
        self.session.start_logind()
        client = self.begin()
        self.assertOpens(client)
        self.session.lock_session()
        self.assertHeld(client, "screen_locked", "the screen is locked")
        self.assertIn("while the screen was locked; run: keybearer login lab", self.ok("status").out)
        self.session.lock_session(False)
        self.ok("login", "lab")
        self.assertEqual(self.waiting(), [])

    def test_nothing_opens_under_a_screen_saver(self):
        self.session.start_screen_saver()
        client = self.begin()
        self.session.cover_screen()
        self.assertHeld(client, "screen_locked", "the screen is locked")
        self.session.cover_screen(False)
        self.assertOpens(client)

    def test_a_person_behind_a_locked_screen_gets_the_address(self):
        """Over ssh, for one: the login goes on, and only the window is missing."""
        self.session.start_screen_saver()
        client = self.begin()
        self.session.cover_screen()
        login = client.call("account.login", provider="lab", attended=True)
        self.assertTrue(login["screen_locked"])
        browse(login["authorization_url"])
        self.assertEqual(self.login_end(client, login)["state"], "done")

    def test_the_command_line_shows_the_address_then(self):
        self.session.start_screen_saver()
        self.begin()
        self.session.cover_screen()
        browser = self.home.path / "browser-was-here"
        control, terminal = pty.openpty()
        self.addCleanup(os.close, control)
        login = Process([CLI, "login", "lab", "--timeout", "60"],
                        self.env(BROWSER=f"touch {browser} %s"), self.home.path / "login.log", terminal)
        os.close(terminal)
        self.addCleanup(login.stop)
        seen = b""
        while b"Open this address" not in seen:
            seen += login.output().encode()
        self.assertIn(b"The screen is locked", seen)
        self.assertFalse(browser.exists())

    def test_a_code_to_enter_elsewhere_opens_nothing_here(self):
        self.session.start_screen_saver()
        client = self.begin()
        self.session.cover_screen()
        login = client.call("account.login", provider="lab", flow="device")
        self.assertFalse(login["screen_locked"])

    def test_after_two_windows_that_nobody_answered(self):
        client = self.begin()
        for _ in range(2):
            login = client.call("account.login", provider="lab", timeout=TEN_SECONDS)
            self.assertEqual(self.login_end(client, login)["error"]["kind"], "login_cancelled")
        self.assertHeld(client, "not_answered", "nobody answered")
        self.assertOpens(client, account="other")  # another account is another question
        # A person asks, and is not kept waiting; from then on programs may ask again.
        self.assertOpens(client, attended=True)
        self.assertEqual(self.waiting(), [])
        self.assertOpens(client)

    def test_programs_that_give_up_and_ask_again(self):
        client = self.begin()
        for _ in range(2):
            self.assertOpens(client)
        self.assertHeld(client, "not_answered", "nobody answered")

    def test_an_answer_makes_up_for_what_was_ignored(self):
        client = self.begin()
        self.assertOpens(client)
        self.sign_in(client, attended=False)
        self.assertOpens(client)
        self.assertOpens(client, fresh=True)

    def test_an_account_that_has_ended_is_on_the_list(self):
        client = self.begin()
        self.sign_in(client)
        self.provider.fault("/token", "raw", status=400, body='{"error": "invalid_grant"}')
        self.fails(4, "token", "lab", "--refresh")
        self.assertEqual(self.waiting(), [("lab", "lab", "ended")])
        self.assertIn("the provider wants a new sign-in; run: keybearer login lab", self.ok("status").out)
        self.sign_in(client)
        self.assertEqual(self.waiting(), [])

    def test_words_for_an_end(self):
        """With the status that each server gives them; the refresh token may be good for what a person does next."""
        client = self.begin()
        for status, code, kept in ((200, "bad_refresh_token", 0), (400, "interaction_required", 1), (400, "login_required", 1),
                                   (400, "account_selection_required", 1), (400, "consent_required", 1)):
            with self.subTest(code):
                self.sign_in(client)
                self.provider.fault("/token", "raw", status=status, body=json.dumps({"error": code}))
                self.fails(4, "token", "lab", "--refresh")
                self.assertEqual((self.waiting(), self.keyring.kept()), ([("lab", "lab", "ended")], kept))

    def test_nobody_waits_for_the_sign_in_of_a_program_that_has_gone(self):
        self.session.start_screen_saver()
        client = self.begin()
        with self.session.held():  # whether the screen is locked is asked first
            gone = self.rpc()
            gone.send("account.login", provider="lab", attended=True)
            gone.call("system.hello")  # so it has been taken
            gone.close()
            client.call("system.hello")
        login = self.begin_login(client)
        self.assertFalse(login["joined"])
