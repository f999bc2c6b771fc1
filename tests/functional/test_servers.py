"""One end-to-end suite for every server, and the first of them: the certified oidc-provider."""
import json
import time

from kbtest import KeybearerTest, userinfo


class EndToEnd:
    """What a person does, the same at each server. A class with a server says what may differ: in its profile, and here."""

    provider_options = None
    scopes = ("openid",)
    narrower = None  # a scope of which a token can be had by itself; None: the server gives the whole, and says so
    open_id = True  # the server says who has signed in
    label = ""  # ... and by what name
    revokes = True  # a public client's tokens

    def begin_server(self):
        """Starts the server; what its profile says besides issuer and scopes."""
        raise NotImplementedError

    def owner(self, token):
        """The subject that the server has this token for, or the status with which it refuses it."""
        raise NotImplementedError

    def scope_of(self, token):
        """The scope that the server has this token for."""
        raise NotImplementedError

    def browser(self):
        """Stands for the person at this server."""
        return self.env()["BROWSER"]

    def asked(self):
        """How often the token endpoint was asked; None where nobody counts."""
        return len(self.provider.requests("/token", "POST"))

    def setUp(self):
        super().setUp()
        profile = self.begin_server()
        self.addCleanup(self.provider.stop)
        if hasattr(self.provider, "tokens"):
            self.addCleanup(self._assert_no_secret_was_left)
        self.home.write_provider("lab", self.provider.issuer, **{"scopes": self.scopes, **profile})
        self.broker = self.start_broker()

    def log_in(self, *options):
        return self.ok("login", "lab", *options, BROWSER=self.browser())

    def accounts(self):
        return json.loads(self.ok("account", "list", "--json").out)["accounts"]

    def details(self, *options):
        return json.loads(self.ok("token", "lab", "--json", *options, secret_output=True).out)

    def kept(self):
        """How many items of Keybearer's are in the keyring."""
        return self.keyring.kept()

    def assertWorks(self, token):
        subject = self.owner(token)
        self.assertIsInstance(subject, str)
        self.assertEqual([row["subject"] for row in self.accounts()], [subject if self.open_id else ""])

    def test_a_login_ends_with_an_account_that_is_named_after_the_person(self):
        login = self.log_in()
        self.assertIn(self.label or "account lab", login.out)
        (account,) = self.accounts()
        self.assertEqual((account["account"], account["label"], account["issuer"], account["status"]),
                         ("lab", self.label, self.provider.issuer, "signed_in"))
        self.assertEqual(self.kept(), 1)

    def test_the_token_works_and_is_kept_for_as_long_as_the_server_says(self):
        self.log_in()
        first = self.details()
        self.assertWorks(first["access_token"])
        self.assertEqual((first["token_type"], sorted(first["scope"].split())), ("Bearer", sorted(self.scopes)))
        self.assertAlmostEqual(first["expires_at"], time.time() + 300, delta=30)
        asked = self.asked()
        again = self.details()
        self.assertEqual((again["access_token"], again["source"]), (first["access_token"], "cache"))
        self.assertEqual(self.asked(), asked)

    def test_a_refresh_and_one_after_a_restart(self):
        self.log_in()
        tokens = [self.token(), self.token("lab", "--refresh"), self.token("lab", "--refresh")]
        for _ in range(2):
            self.broker.stop()
            self.broker = self.start_broker()
            tokens.append(self.token())
            self.assertEqual(self.details()["source"], "cache")
        self.assertEqual(len(set(tokens)), len(tokens))
        self.assertWorks(tokens[2])
        self.assertWorks(tokens[4])

    def test_a_token_for_a_part_of_the_scopes(self):
        self.log_in()
        whole = self.token()
        if self.narrower is None:  # it ignores what a refresh asks for: nobody gets more and takes it for less
            self.assertIn("no token for these scopes alone", self.fails(7, "token", "lab", "--scope", self.scopes[0]).err)
        else:
            part = self.details("--scope", self.narrower)
            self.assertEqual(self.scope_of(part["access_token"]), self.narrower)
            self.assertEqual(part["scope"], self.narrower)
        self.assertEqual(self.token(), whole)
        self.assertEqual(self.scope_of(self.token("lab", "--refresh")), self.scope_of(whole))

    def test_a_second_login_renews_and_makes_no_second_account(self):
        self.log_in()
        before = self.token()
        self.log_in()
        after = self.token()
        self.assertNotEqual(before, after)
        self.assertWorks(after)
        self.assertWorks(self.token("lab", "--refresh"))
        self.assertEqual((len(self.accounts()), self.kept()), (1, 1))

    def test_a_logout_revokes_or_says_that_it_did_not(self):
        self.log_in()
        token = self.token()
        subject = self.owner(token)
        result = self.ok("logout", "lab")
        self.assertIn("revoked its tokens" if self.revokes else "did not revoke", result.out)
        self.assertEqual(self.owner(token), 401 if self.revokes else subject)
        self.assertEqual((self.accounts(), self.kept()), ([], 0))
        with self.assertRpcError("unknown_account"):
            self.rpc().call("token.get", account="lab")

    def test_a_dead_refresh_token_asks_for_one_login(self):
        self.log_in()
        self.provider.revoke_all()
        refused = self.fails(4, "token", "lab", "--refresh")
        self.assertIn("keybearer login lab", refused.err)
        self.assertEqual(self.accounts()[0]["status"], "login_required")
        asked = self.asked()
        self.fails(4, "token", "lab", "--refresh")
        self.fails(4, "token", "lab")
        self.assertEqual(self.asked(), asked)
        self.log_in()
        self.assertWorks(self.token("lab", "--refresh"))
        self.assertEqual((len(self.accounts()), self.kept()), (1, 1))


class OidcProviderTest(EndToEnd, KeybearerTest):
    """npm oidc-provider: any loopback port, rotation, revocation, `iss`."""

    provider_options = ()
    scopes = ("openid", "profile", "email", "offline_access")
    narrower = "openid"
    label = "alice@example.com"

    def begin_server(self):
        return {"client_id": "native-app", "redirect": "http://127.0.0.1/callback"}

    def owner(self, token):
        answer = userinfo(f"{self.provider.issuer}/me", token)
        return answer if isinstance(answer, int) else answer["sub"]

    def scope_of(self, token):
        """By the claims that it opens."""
        claims = userinfo(f"{self.provider.issuer}/me", token)
        return " ".join(["openid", *(["profile", "email", "offline_access"] if {"name", "email"} <= set(claims) else [])])
