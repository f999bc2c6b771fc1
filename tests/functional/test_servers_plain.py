"""The end-to-end suite at two servers of one's own kind (tests/lab/plain), and what each of their habits looks like broken."""
import http.client
import json
import socket
import urllib.parse

from kbtest import KeybearerTest, Plain, browse, callback_url, free_port, userinfo
from test_servers import EndToEnd


class PlainTest(EndToEnd):
    revokes = False

    def begin_server(self):
        port = free_port()
        self.redirect = f"http://127.0.0.1:{port}/callback"
        self.provider = Plain(self.home, self.style, self.redirect)
        return {"client_id": self.provider.facts["client_id"], "assume_pkce": True, **self.redirect_setting(port)}

    def redirect_setting(self, port):
        return {"redirect": self.redirect}

    def rewrite(self, **more):
        """The profile with other settings, for a new broker."""
        profile = {"client_id": "plain-app", "assume_pkce": True, "scopes": self.scopes, "redirect": self.redirect, **more}
        self.home.write_provider("lab", profile.pop("issuer", self.provider.issuer), **profile)
        self.broker.stop()
        self.broker = self.start_broker()

    def owner(self, token):
        answer = userinfo(f"{self.provider.issuer}/resource", token)
        return answer if isinstance(answer, int) else answer["sub"]

    def scope_of(self, token):
        return userinfo(f"{self.provider.issuer}/resource", token)["scope"]

    def assertNothingKept(self):
        self.assertEqual((self.accounts(), self.kept()), ([], 0))
        with self.assertRpcError("unknown_account"):
            self.rpc().call("token.get", account="lab")

    def assertEndsBadly(self, kind, word):
        """A login over the socket that fails for this reason."""
        _, ended = self.sign_in(self.rpc())
        self.assertEqual((ended["state"], ended["error"]["kind"]), ("failed", kind), ended)
        self.assertIn(word, ended["error"]["message"])
        self.assertNothingKept()

    # --- the profile's part -----------------------------------------------------------------------------------------

    def test_without_assume_pkce_the_login_is_refused(self):
        self.rewrite(assume_pkce=None)
        self.assertIn("assume_pkce", self.fails(2, "login", "lab").err)
        self.assertNothingKept()
        self.assertEqual(self.provider.requests("/authorize"), [])

    def test_a_server_that_promises_pkce_needs_no_word_in_the_profile(self):
        self.provider.patch(metadata={"code_challenge_methods_supported": ["S256"]})
        self.rewrite(assume_pkce=None)
        self.log_in()

    def test_another_port_is_refused_by_the_server(self):
        self.rewrite(redirect=f"http://127.0.0.1:{free_port()}/callback")
        client = self.rpc()
        login = self.begin_login(client)
        page = browse(login["authorization_url"])
        self.assertEqual((page.status, "not registered" in page.body), (400, True))
        client.call("account.login_cancel", login_id=login["login_id"])
        self.assertNothingKept()

    def test_one_of_several_ports_is_enough(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            busy, right = taken.getsockname()[1], urllib.parse.urlsplit(self.redirect).port
            self.rewrite(redirect="http://127.0.0.1/callback", redirect_ports=[busy, right])
            self.log_in()

    def test_the_port_of_a_login_is_the_next_ones_before_the_browser_has_its_page(self):
        client = self.rpc()
        login = self.begin_login(client)
        target = callback_url(login["authorization_url"], self.redirect)
        browser = http.client.HTTPConnection("127.0.0.1", urllib.parse.urlsplit(self.redirect).port, timeout=30)
        self.addCleanup(browser.close)
        browser.request("GET", target.removeprefix(f"http://{browser.host}:{browser.port}"))
        self.assertEqual(browser.getresponse().status, 303)  # to the page, which it does not ask for
        self.assertEqual(self.login_end(client, login)["state"], "done")
        self.sign_in(client)
        self.assertEqual(len(self.accounts()), 1)

    # --- metadata ---------------------------------------------------------------------------------------------------

    def test_metadata_is_believed_at_its_place_and_from_its_issuer_only(self):
        other = self.provider.issuer + "/other"
        self.rewrite(issuer=other)
        self.assertIn(other, self.fails(7, "login", "lab").err)
        self.rewrite()
        for lie in (other, self.provider.issuer + "/", None):
            with self.subTest(lie):
                self.provider.patch(metadata={"issuer": lie})
                self.assertIn("issuer", self.fails(7, "login", "lab").err)
        self.assertNothingKept()

    # --- answers ----------------------------------------------------------------------------------------------------

    def test_token_answers_that_go_too_far(self):
        for member, value, word in (("token_type", "mac", "token_type"), ("token_type", None, "token_type"),
                                    ("expires_in", "soon", "expires_in"), ("expires_in", ["300"], "expires_in"),
                                    ("access_token", None, "access_token"), ("access_token", "two words", "access_token"),
                                    ("refresh_token", "line\n", "refresh_token"), ("scope", ["read"], "scope")):
            with self.subTest(member=member, value=value):
                self.provider.patch(token={member: value})
                self.assertEndsBadly("provider_error", word)

    def test_a_scope_that_is_said_is_what_was_granted(self):
        self.provider.patch(token={"scope": self.narrower})
        self.log_in()
        self.assertEqual(self.details()["scope"], self.narrower)

    def test_a_lifetime_that_is_not_said(self):
        self.provider.patch(token={"expires_in": None})
        self.log_in()
        self.assertIsNone(self.details()["expires_at"])

    def test_a_person_who_says_no(self):
        self.provider.set(decision="access_denied")
        self.assertEndsBadly("login_failed", "refused")

    def test_an_answer_for_another_login_is_none(self):
        self.provider.patch(authorization={"state": "other"})
        client = self.rpc()
        login = self.begin_login(client)
        self.assertEqual(browse(login["authorization_url"]).status, 400)
        self.assertEqual(client.call("account.login_status", login_id=login["login_id"])["state"], "waiting_for_browser")
        client.call("account.login_cancel", login_id=login["login_id"])
        self.assertNothingKept()

    def test_a_code_that_is_too_old(self):
        client = self.rpc()
        login = self.begin_login(client)
        callback = callback_url(login["authorization_url"], self.redirect)
        self.provider.forward(60)
        browse(callback)
        ended = self.login_end(client, login)
        self.assertEqual((ended["state"], ended["error"]["kind"]), ("failed", "provider_error"))
        self.assertNothingKept()

    def test_a_refresh_token_with_a_space(self):
        """RFC 6749 appendix A.17: a refresh token is VSCHAR, of which the space is one."""
        self.provider.set(spaces=True)
        self.log_in()
        self.assertWorks(self.token("lab", "--refresh"))

    def test_refresh_tokens_that_rotate(self):
        self.provider.set(rotate=True)
        self.log_in()
        tokens = {self.token("lab", "--refresh") for _ in range(3)}
        self.assertEqual(len(tokens), 3)
        self.broker.stop()
        self.broker = self.start_broker()
        self.assertWorks(self.token())


class PlainOAuthTest(PlainTest, KeybearerTest):
    """RFC 8414 alone, its path component inserted; no ID token; errors without a body."""

    style = "oauth"
    scopes = ("read", "write", "offline")
    narrower = "read"
    open_id = False

    def redirect_setting(self, port):
        return {"redirect": "http://127.0.0.1/callback", "redirect_ports": [port]}

    def test_an_error_with_a_body_ends_the_grant_too(self):
        self.provider.set(emptyErrors=False)
        self.test_a_dead_refresh_token_asks_for_one_login()

    def test_openid_cannot_be_had_here(self):
        self.rewrite(scopes=["openid", "read"])
        self.assertEndsBadly("login_failed", "invalid_scope")

    def test_who_has_no_name_leaves_no_gap(self):
        self.assertNotIn("  ", self.log_in().out)

    def test_two_people_are_told_apart_by_the_names_of_their_accounts(self):
        self.log_in()
        self.provider.set(sub="bob")
        self.log_in("--account", "second")
        self.assertEqual([(row["account"], row["subject"]) for row in self.accounts()], [("lab", ""), ("second", "")])
        self.assertEqual([self.owner(self.token(account, "--refresh")) for account in ("lab", "second")], ["alice", "bob"])

    def test_no_other_place_is_asked_once_there_is_metadata(self):
        self.log_in()
        asked = [entry["whole"] for entry in self.provider.requests() if ".well-known" in entry["whole"]]
        self.assertEqual(set(asked), {"/.well-known/oauth-authorization-server/tenants/one"})


class PlainOpenIdTest(PlainTest, KeybearerTest):
    """OpenID's place alone, appended to the issuer's path; a key without a name; the mail address in userinfo."""

    style = "openid"
    scopes = ("openid", "email", "read", "write")
    narrower = "read"
    label = "alice@plain.example"

    def test_errors_without_a_body_end_the_grant_too(self):
        self.provider.set(emptyErrors=True)
        self.test_a_dead_refresh_token_asks_for_one_login()

    def test_id_tokens_that_must_not_be_believed(self):
        """OpenID Connect Core section 3.1.3.7."""
        for claims, word in (({"iss": "http://127.0.0.1:1"}, "issuer"), ({"aud": ["other"]}, "another client"),
                             ({"nonce": "other"}, "nonce"), ({"nonce": None}, "nonce"), ({"sub": None}, "sub"), ({"exp": 1}, "expired"),
                             ({"azp": "other"}, "another client")):
            with self.subTest(claims):
                self.provider.patch(idToken=claims)
                self.assertEndsBadly("provider_error", word)

    def test_signatures_that_must_not_be_believed(self):
        for sign, word in (("foreign", "key"), ("none", "algorithm")):
            with self.subTest(sign):
                self.provider.set(sign=sign)
                self.assertEndsBadly("provider_error", word)
        self.provider.set(sign="own", patch={"keys": {"keys": []}})
        self.rewrite()
        self.assertEndsBadly("provider_error", "key")

    def test_a_missing_id_token_is_missed(self):
        self.provider.patch(token={"id_token": None})
        self.assertEndsBadly("provider_error", "no ID token")

    def test_the_issuer_that_was_announced_must_come(self):
        """RFC 9207 section 2.4."""
        for value in (None, self.provider.issuer + "/"):
            with self.subTest(value):
                self.provider.patch(authorization={"iss": value})
                self.assertEndsBadly("login_failed", "another authorization server")

    def test_names_of_somebody_else_are_not_taken(self):
        """OpenID Connect Core section 5.3.2."""
        self.provider.patch(userinfo={"sub": "mallory", "email": "mallory@plain.example"})
        self.assertNotIn("mallory", self.log_in().out)
        self.assertEqual([(row["subject"], row["label"]) for row in self.accounts()], [("alice", "")])

    def test_another_person_gets_an_account_beside_the_first(self):
        self.log_in()
        self.provider.set(sub="bob")
        self.log_in()
        self.assertEqual([(row["account"], row["label"]) for row in self.accounts()],
                         [("lab", "alice@plain.example"), ("lab-2", "bob@plain.example")])
        self.assertEqual(json.loads(self.ok("status", "--json").out)["accounts"][1]["account"], "lab-2")
