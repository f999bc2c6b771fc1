"""Refreshing: once however many ask, and never a token lost."""
import concurrent.futures
import json
import time

from kbtest import KeybearerTest, Provider, RpcClient, RpcError, userinfo, wait_until

CALLERS = 50


class RefreshTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()

    def refreshes(self):
        return len(self.provider.requests("/token", "POST"))

    def ask(self, **params):
        """What one caller of its own gets: a token, or the kind of an error."""
        with RpcClient(self.home.socket) as client:
            try:
                return client.call("token.get", account="lab", **params)["access_token"]
            except RpcError as error:
                return error.kind

    def ask_all(self, **params):
        with concurrent.futures.ThreadPoolExecutor(CALLERS) as pool:
            return list(pool.map(lambda _: self.ask(**params), range(CALLERS)))

    def test_many_callers_of_an_expired_token_cause_one_refresh(self):
        self.provider.set(atTtl=1)
        self.ok("login", "lab")
        self.provider.set(atTtl=300, delayMs=300)
        time.sleep(1.1)  # the token's lifetime is the provider's: one second is the shortest
        before = self.refreshes()
        tokens = self.ask_all()
        self.assertEqual(self.refreshes() - before, 1)
        self.assertEqual(len(set(tokens)), 1)
        self.provider.set(delayMs=0)
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", tokens[0])["sub"], "alice")

    def test_many_callers_after_a_restart_cause_one_refresh(self):
        self.ok("login", "lab")
        self.broker.stop()
        self.start_broker()
        self.provider.set(delayMs=300)
        before = self.refreshes()
        self.assertEqual(len(set(self.ask_all())), 1)
        self.assertEqual(self.refreshes() - before, 1)

    def test_a_good_token_is_served_without_the_provider(self):
        self.ok("login", "lab")
        self.token()
        before = self.refreshes()
        self.assertEqual(len(set(self.ask_all())), 1)
        self.assertEqual(self.refreshes(), before)

    def test_a_rotated_refresh_token_survives_the_broker(self):
        self.ok("login", "lab")
        for _ in range(3):
            self.token("lab", "--refresh")
            self.broker.kill()
            self.broker = self.start_broker()
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", self.token())["sub"], "alice")

    def test_a_provider_that_fails_for_a_while_costs_no_login(self):
        self.ok("login", "lab")
        for kind, more in (("status", {"status": 503}), ("html", {}), ("reset", {}), ("status", {"status": 429})):
            with self.subTest(kind=kind, more=more):
                self.provider.fault("/token", kind, times=1, **more)
                self.fails(7, "token", "lab", "--refresh")
        self.provider.reset()
        wait_until(lambda: self.cli("token", "lab", "--refresh", secret_output=True).code == 0, "the provider's return", 30)
        (account,) = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertEqual(account["status"], "signed_in")

    def test_a_failed_refresh_still_serves_the_good_token(self):
        self.ok("login", "lab")
        token = self.token()
        self.provider.stop()
        self.fails(7, "token", "lab", "--refresh")
        self.assertEqual(self.token(), token)

    def test_other_accounts_do_not_wait_for_a_slow_provider(self):
        other = Provider(self.home)
        self.addCleanup(other.stop)
        self.ok("login", "lab")
        self.ok("login", other.issuer, "--client-id", "native-app", "--redirect", "http://127.0.0.1/callback", "--account", "other")
        self.provider.fault("/token", "hang")
        with RpcClient(self.home.socket) as stuck, RpcClient(self.home.socket) as free:
            stuck.send("token.get", account="lab", refresh=True)
            wait_until(lambda: any(entry.get("fault") for entry in self.provider.requests("/token")), "the hanging request")
            self.assertTrue(free.call("token.get", account="other", refresh=True)["access_token"])
            self.assertTrue(stuck.call("system.hello")["pid"])

    def test_a_minimum_lifetime_is_kept(self):
        self.provider.set(atTtl=100)
        self.ok("login", "lab")
        first = self.token()
        self.assertEqual(self.token("lab", "--min-valid", "50"), first)
        wait_until(lambda: self.token("lab", "--min-valid", "99") != first, "a token that lives 99 seconds")

    def test_a_lifetime_that_the_provider_never_gives_is_refused_without_asking_it(self):
        self.provider.set(atTtl=100)
        self.ok("login", "lab")
        before = self.refreshes()
        result = self.fails(2, "token", "lab", "--min-valid", "200")
        self.assertIn("100 seconds", result.err)
        self.assertEqual(self.refreshes(), before)

    def test_a_subject_that_changes_is_refused(self):
        """OpenID Connect Core section 12.2: the refreshed ID token is about the same person."""
        self.ok("login", "lab")
        self.provider.fault("/token", "idtoken", claims={"sub": "mallory"})
        self.fails(7, "token", "lab", "--refresh")
