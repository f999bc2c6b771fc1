"""Renewing ahead of the end, leaving a failing provider alone, and answers that never arrive."""
import json

from kbtest import KeybearerTest, RpcClient, RpcError, userinfo, wait_until


class RenewalTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.journal = self.home.path / "data" / "refresh-journal.json"

    def refreshes(self):
        return len(self.provider.requests("/token", "POST"))

    def ask(self, **params):
        with RpcClient(self.home.socket) as client:
            return client.call("token.get", account="lab", **params)

    def error(self, **params):
        with self.assertRaises(RpcError) as caught:
            self.ask(**params)
        return caught.exception

    def account(self):
        (account,) = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        return account

    # --- ahead of the end -------------------------------------------------------------------------------------------

    def test_a_token_in_use_is_renewed_before_it_ends(self):
        self.provider.set(atTtl=3)
        self.ok("login", "lab")
        before = self.refreshes()
        first = self.token()
        wait_until(lambda: self.refreshes() > before, "a renewal that nobody asked for")
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", first)["sub"], "alice")  # ahead of its end

    def test_a_token_that_nobody_uses_is_left_to_expire(self):
        self.provider.set(atTtl=2)
        self.ok("login", "lab")
        before = self.refreshes()
        self.token()
        wait_until(lambda: self.refreshes() == before + 1, "the one renewal")
        # The renewed one is not asked for, so it runs out; its two seconds are the provider's shortest useful lifetime.
        wait_until(lambda: json.loads(self.ok("status", "--json").out)["accounts"][0]["expires_at"] is None, "its end")
        self.assertEqual(self.refreshes(), before + 1)

    # --- a provider that fails --------------------------------------------------------------------------------------

    def test_retry_after_is_kept_also_by_those_who_insist(self):
        self.ok("login", "lab")
        self.provider.fault("/token", "status", times=100, status=429, headers={"Retry-After": "120"})
        self.fails(7, "token", "lab", "--refresh")
        before = self.refreshes()
        refused = self.error(refresh=True)
        self.assertEqual(refused.kind, "provider_unreachable")
        self.assertTrue(110 <= refused.data["retry_after"] <= 120, refused.data)
        self.assertEqual(self.refreshes(), before)
        self.assertTrue(self.token())  # the good one is served meanwhile

    def test_callers_cause_no_storm_at_a_provider_that_fails(self):
        self.provider.set(atTtl=1)
        self.ok("login", "lab")
        self.provider.fault("/token", "status", times=1000, status=503)
        wait_until(lambda: json.loads(self.ok("status", "--json").out)["accounts"][0]["expires_at"] is None, "its end")
        before = self.refreshes()
        for _ in range(50):
            self.assertEqual(self.error().kind, "provider_unreachable")
        self.assertLess(self.refreshes() - before, 8)  # 50 callers; at once, then after 0.5 to 1 s, 1 to 2 s, ...

    # --- answers that never arrive ----------------------------------------------------------------------------------

    def test_after_a_lost_answer_a_good_token_is_served_to_its_end(self):
        self.provider.set(atTtl=4)
        self.ok("login", "lab")
        token = self.token()
        self.provider.fault("/token", "lost")
        self.fails(7, "token", "lab", "--refresh")
        before = self.refreshes()
        served = set()

        def refused():
            try:
                served.add(self.ask()["access_token"])
                return None
            except RpcError as error:
                return error.kind

        self.assertEqual(wait_until(refused, "the end of the token"), "login_required")
        self.assertEqual(served, {token})
        self.assertEqual(self.refreshes() - before, 1)  # neither a caller nor the renewal sent it any sooner

    def test_a_rotation_whose_answer_was_lost_asks_for_one_login_and_says_why(self):
        self.ok("login", "lab")
        self.provider.fault("/token", "lost")
        self.fails(7, "token", "lab", "--refresh")
        result = self.fails(4, "token", "lab", "--refresh")
        self.assertIn("cut off", result.err)
        before = self.refreshes()
        self.fails(4, "token", "lab")
        self.assertEqual(self.refreshes(), before)
        self.ok("login", "lab")
        self.assertTrue(self.token("lab", "--refresh"))

    def test_a_request_that_never_arrived_costs_no_login(self):
        self.ok("login", "lab")
        self.provider.fault("/token", "reset")
        self.fails(7, "token", "lab", "--refresh")
        self.assertTrue(self.token("lab", "--refresh"))
        self.assertEqual(self.account()["status"], "signed_in")

    def kill_during(self, fault):
        """A broker that is killed while its refresh request is at the provider."""
        self.ok("login", "lab")
        self.provider.fault("/token", fault)
        with RpcClient(self.home.socket) as client:
            client.send("token.get", account="lab", refresh=True)
            wait_until(lambda: any(entry.get("fault") for entry in self.provider.requests("/token")), "the request")
            self.broker.kill()
        self.assertIn("sent_at", self.journal.read_text("utf-8"))
        self.start_broker()

    def test_killed_before_the_provider_has_rotated(self):
        self.kill_during("hang")
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", self.token())["sub"], "alice")
        self.assertNotIn("sent_at", self.journal.read_text("utf-8"))

    def test_killed_after_the_provider_has_rotated(self):
        self.kill_during("held")
        result = self.fails(4, "token", "lab")
        self.assertIn("cut off", result.err)
        self.ok("login", "lab")
        self.assertTrue(self.token("lab", "--refresh"))

    def test_no_refresh_without_a_journal(self):
        self.ok("login", "lab")
        token = self.token()
        blocked = self.journal.with_name("refresh-journal.json.new")
        blocked.mkdir()  # what is to be written cannot be
        before = self.refreshes()
        self.fails(6, "token", "lab", "--refresh")
        self.assertEqual(self.token(), token)
        self.assertEqual(self.refreshes(), before)
        blocked.rmdir()
        self.assertTrue(self.token("lab", "--refresh"))

    def test_a_damaged_journal_costs_nobody_a_token(self):
        self.ok("login", "lab")
        self.broker.stop()
        self.journal.write_text("{", encoding="utf-8")
        self.journal.chmod(0o600)
        self.start_broker()
        self.assertTrue(self.token())
        self.assertEqual(json.loads(self.journal.read_text("utf-8"))["version"], 1)
