"""Signing in, and everything that a person then does with the account."""
import json
import urllib.error
import urllib.parse
import urllib.request

from kbtest import KeybearerTest, browse, userinfo


class LoginTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.start_broker()

    def accounts(self):
        return json.loads(self.ok("account", "list", "--json").out)["accounts"]

    def revocations(self):
        return self.provider.requests("/token/revocation", "POST")

    def test_a_login_by_command_line_ends_with_an_account_whose_token_works(self):
        login = self.ok("login", "lab")
        self.assertIn("alice@example.com", login.out)
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", self.token())["sub"], "alice")
        self.assert_no_secret_leaks()

    def test_login_prints_json_for_programs(self):
        done = json.loads(self.ok("login", "lab", "--json").out)
        self.assertEqual((done["state"], done["account"], done["subject"]), ("done", "lab", "alice"))
        self.assertIn("profile", done["scope"].split())

    def test_the_page_at_the_end_loads_nothing_and_keeps_no_code(self):
        client = self.rpc()
        login = self.begin_login(client)
        page = browse(login["authorization_url"])
        self.assertEqual(self.login_end(client, login)["state"], "done")
        self.assertEqual(page.status, 200)
        self.assertNotIn("code=", page.url)
        self.assertNotIn("?", page.url)
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertNotIn("http", page.body)
        self.assertTrue(all(secret not in page.body for secret in self.provider.tokens()))

    def test_the_request_carries_what_the_standards_ask_of_a_native_client(self):
        """RFC 8252 section 7.3 and 8.10, RFC 7636 section 4.3, OpenID Connect Core section 3.1.2.1."""
        client = self.rpc()
        first, second = self.begin_login(client), self.begin_login(client, account="another")
        queries = [urllib.parse.parse_qs(urllib.parse.urlsplit(login["authorization_url"]).query) for login in (first, second)]
        for login, query in zip((first, second), queries):
            self.assertEqual(query["code_challenge_method"], ["S256"])
            self.assertEqual(query["response_type"], ["code"])
            self.assertEqual(query["redirect_uri"], [login["redirect_uri"]])
            self.assertTrue(login["redirect_uri"].startswith("http://127.0.0.1:"), login["redirect_uri"])
            self.assertNotIn("client_secret", query)
        for name in ("state", "nonce", "code_challenge", "redirect_uri"):
            self.assertNotEqual(queries[0][name], queries[1][name], name)

    def test_login_by_issuer_without_a_profile(self):
        done = json.loads(self.ok("login", self.provider.issuer, "--client-id", "native-app", "--redirect",
                                  "http://127.0.0.1/callback", "--account", "typed", "--json").out)
        self.assertEqual(done["account"], "typed")
        self.assertTrue(self.token("typed"))

    def test_without_a_browser_the_address_is_printed(self):
        result = self.fails(4, "login", "lab", "--timeout", "10", BROWSER="/nonexistent")
        self.assertIn(f"{self.provider.issuer}/auth?", result.err)

    def test_status_shows_the_account_and_no_secret(self):
        self.ok("login", "lab")
        self.token()
        self.assertIn("lab", self.ok("status").out)
        status = json.loads(self.ok("status", "--json").out)
        self.assertEqual(status["keychain"]["backend"], "secret-service")
        self.assertEqual(status["keychain"]["state"], "ready")
        (account,) = [row for row in status["accounts"] if row["account"] == "lab"]
        self.assertEqual(account["status"], "signed_in")
        self.assertEqual(account["issuer"], self.provider.issuer)
        self.assertIsInstance(account["expires_at"], int)
        self.assert_no_secret_leaks()

    def test_token_json_says_where_the_token_came_from(self):
        self.ok("login", "lab")
        first = json.loads(self.ok("token", "lab", "--json", secret_output=True).out)
        again = json.loads(self.ok("token", "lab", "--json", secret_output=True).out)
        fresh = json.loads(self.ok("token", "lab", "--json", "--refresh", secret_output=True).out)
        self.assertEqual(first["token_type"], "Bearer")
        self.assertEqual(again["access_token"], first["access_token"])
        self.assertEqual(again["source"], "cache")
        self.assertEqual(fresh["source"], "refresh")
        self.assertNotEqual(fresh["access_token"], first["access_token"])

    def test_accounts_are_listed_and_renamed(self):
        self.ok("login", "lab")
        self.ok("login", "lab", "--account", "second", BROWSER=self.browser_for("bob"))
        self.assertEqual({row["account"]: row["subject"] for row in self.accounts()}, {"lab": "alice", "second": "bob"})
        self.ok("account", "rename", "second", "work")
        self.assertEqual({row["account"] for row in self.accounts()}, {"lab", "work"})
        self.assertTrue(self.token("work"))
        self.fails(2, "token", "second")
        self.fails(2, "account", "rename", "work", "lab")
        self.fails(2, "account", "rename", "work", "no/slash")

    def browser_for(self, subject):
        """Whoever signs in next is this person."""
        self.provider.set(sub=subject)
        return self.env()["BROWSER"]

    def test_a_second_login_renews_the_account_and_makes_no_other(self):
        self.ok("login", "lab")
        before = self.token()
        self.ok("login", "lab")
        self.assertEqual(len(self.accounts()), 1)
        self.assertNotEqual(self.token(), before)

    def test_logout_revokes_the_refresh_token_at_the_provider_then_forgets(self):
        self.ok("login", "lab")
        token = self.token()
        refresh = [secret["value"] for secret in self.provider._ask("tokens") if secret["kind"] == "refresh_token"][-1]
        self.ok("logout", "lab")
        self.assertGreaterEqual(len(self.revocations()), 1)
        self.assertEqual(self.redeem(refresh), "invalid_grant")
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", token), 401)
        self.assertEqual(self.accounts(), [])
        self.fails(2, "token", "lab")
        self.assert_no_secret_leaks()

    def test_logout_also_revokes_what_a_program_still_has_of_older_tokens(self):
        self.ok("login", "lab")
        programs_have = [self.token(), self.ok("token", "lab", "--refresh", secret_output=True).out.strip()]
        self.provider.fault("/token/revocation", "form", times=9, body="{}")
        self.ok("logout", "lab")
        self.assertLessEqual(set(programs_have), {entry["form"]["token"] for entry in self.revocations()})

    def redeem(self, refresh_token):
        """What the provider says to this refresh token."""
        form = urllib.parse.urlencode({"grant_type": "refresh_token", "client_id": "native-anypath",
                                       "refresh_token": refresh_token}).encode()
        try:
            urllib.request.urlopen(f"{self.provider.issuer}/token", form, timeout=10).close()
            return "accepted"
        except urllib.error.HTTPError as error:
            with error:
                return json.load(error)["error"]

    def test_logout_forgets_and_says_so_when_the_provider_does_not_revoke(self):
        self.ok("login", "lab")
        self.provider.fault("/token/revocation", "status", times=9, status=503)
        result = self.ok("logout", "lab")
        self.assertIn("did not revoke", result.out)
        self.assertEqual(self.accounts(), [])

    def test_logout_all(self):
        self.ok("login", "lab")
        self.ok("login", "lab", "--account", "second", BROWSER=self.browser_for("bob"))
        self.ok("logout", "--all")
        self.assertEqual(self.accounts(), [])

    def test_accounts_outlive_the_broker(self):
        self.ok("login", "lab")
        self.ok("daemon", "stop")
        self.start_broker()
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", self.token())["sub"], "alice")
        self.assert_no_secret_leaks()
