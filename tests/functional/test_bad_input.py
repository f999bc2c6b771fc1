"""What a person or the browser does wrong, and what is said then."""
import time
import urllib.parse

from kbtest import KeybearerTest, browse, callback_url


class BadNamesTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.start_broker()

    def test_names_that_do_not_exist(self):
        for args in (("token", "nobody"), ("logout", "nobody"), ("account", "rename", "nobody", "x"), ("login", "nowhere")):
            with self.subTest(args=args):
                self.fails(2, *args)

    def test_issuers_that_cannot_be_used(self):
        for issuer in ("http://example.com", "https://user@example.com", "https://example.com/#f",
                       "ftp://example.com", "https://", "http://127.0.0.1.example.com"):
            with self.subTest(issuer=issuer):
                self.fails(2, "login", issuer, "--client-id", "x")

    def test_command_lines_that_cannot_be_understood(self):
        for args in (("nonsense",), ("token",), ("token", "lab", "--min-valid", "-1"), ("login", "lab", "--timeout", "1"),
                     ("token", "lab", "extra"), ("account",), ("logout",)):
            with self.subTest(args=args):
                self.fails(2, *args)

    def test_a_secret_among_the_arguments_is_not_repeated(self):
        result = self.fails(2, "login", "lab", "--client-secret", "hunter2hunter2")
        self.assertNotIn("hunter2", result.err)


class CallbackTest(KeybearerTest):
    """What comes back from the browser."""

    def setUp(self):
        super().setUp()
        self.start_broker()
        self.client = self.rpc()
        self.login = self.begin_login(self.client)

    def state(self):
        return self.client.call("account.login_status", login_id=self.login["login_id"])["state"]

    def returned(self):
        return callback_url(self.login["authorization_url"], self.login["redirect_uri"])

    def with_query(self, url, **changes):
        parts = urllib.parse.urlsplit(url)
        query = {**dict(urllib.parse.parse_qsl(parts.query)), **changes}
        return parts._replace(query=urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})).geturl()

    def test_a_request_without_the_right_state_leaves_the_login_pending(self):
        url = self.returned()
        for change in ({"state": None}, {"state": "guessed"}, {"state": ""}):
            with self.subTest(change=change):
                self.assertGreaterEqual(browse(self.with_query(url, **change)).status, 400)
                self.assertEqual(self.state(), "waiting_for_browser")
        self.assertEqual(browse(url).status, 200)
        self.assertEqual(self.login_end(self.client, self.login)["state"], "done")

    def test_other_paths_leave_the_login_pending(self):
        base = self.login["redirect_uri"].rpartition("/")[0]
        for path in ("/", "/favicon.ico", "/callback"):
            self.assertGreaterEqual(browse(base + path).status, 400)
        self.assertEqual(self.state(), "waiting_for_browser")

    def test_the_wrong_issuer_ends_the_login(self):
        """RFC 9207 section 2.4."""
        browse(self.with_query(self.returned(), iss="https://attacker.example"))
        self.assertEqual(self.login_end(self.client, self.login)["state"], "failed")
        self.assertEqual(self.provider.requests("/token"), [])

    def test_a_missing_issuer_ends_the_login_where_the_server_promised_one(self):
        browse(self.with_query(self.returned(), iss=None))
        self.assertEqual(self.login_end(self.client, self.login)["state"], "failed")
        self.assertEqual(self.provider.requests("/token"), [])

    def test_the_server_refuses(self):
        self.provider.set(decision="deny")
        page = browse(self.login["authorization_url"])
        ended = self.login_end(self.client, self.login)
        self.assertEqual(ended["state"], "failed")
        self.assertEqual(ended["error"]["kind"], "login_failed")
        self.assertEqual(page.status, 200)

    def test_what_the_server_says_is_shown_as_text(self):
        self.provider.set(decision="temporarily_unavailable")
        page = browse(self.login["authorization_url"])
        self.assertNotIn("<b>", page.body)
        self.assertEqual(self.login_end(self.client, self.login)["state"], "failed")

    def test_cancelling_closes_the_listener(self):
        url = self.returned()
        self.client.call("account.login_cancel", login_id=self.login["login_id"])
        with self.assertRaises(OSError):
            browse(url)

    def test_a_closed_connection_ends_its_logins(self):
        url = self.returned()
        self.client.close()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                browse(url)
            except OSError:
                return
        self.fail("the listener is still there")

    def test_a_login_of_another_connection_cannot_be_seen(self):
        other = self.rpc()
        for method in ("account.login_status", "account.login_cancel"):
            with self.assertRpcError("unknown_login"):
                other.call(method, login_id=self.login["login_id"])


class NobodyComesBackTest(KeybearerTest):
    def test_a_login_that_nobody_finishes_is_given_up(self):
        self.start_broker()
        result = self.fails(4, "login", "lab", "--timeout", "10", BROWSER="/bin/true")
        self.assertIn("not finished in time", result.err)
