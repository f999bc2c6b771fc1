"""SIGKILL and SIGTERM at random moments of a login, a refresh and a logout, against a server that rotates refresh tokens and ends
the whole family when one is used twice (RFC 9700 section 4.14.2).

KEYBEARER_KILLS: how many (50, and half as many SIGTERMs). KEYBEARER_SEED: the seed of an earlier run, to repeat its plan; the moments themselves
are the machine's."""
import json
import os
import random
import time

from kbtest import KeybearerTest, RpcClient, browse, userinfo, wait_until

KILLS = int(os.environ.get("KEYBEARER_KILLS", "50"))
SEED = int(os.environ.get("KEYBEARER_SEED", random.SystemRandom().randrange(1 << 32)))
LATEST_KILL = 0.08  # seconds: a little more than the longest of the three takes


class KillTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.broker = self.start_broker()
        self.polite = False
        self.ok("login", "lab")

    def restart(self):
        self.broker = self.start_broker()

    def rotations(self):
        return self.provider.issued("RefreshToken")

    def settled(self):
        """True when the provider has carried out all that reached it, whether anybody was there to read it or not."""
        return all(entry.get("done") for entry in self.provider.requests("/token", "POST"))

    def account(self):
        accounts = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertLessEqual(len(accounts), 1)
        return accounts[0] if accounts else None

    def kill_soon(self):
        time.sleep(self.random.uniform(0, LATEST_KILL))  # the random moment itself
        if self.polite:
            self.assertEqual(self.broker.stop(), 0)
        else:
            self.broker.kill()

    def cut_off(self, method, **params):
        """Sends a request and kills the broker; the answer, if it was quicker."""
        with RpcClient(self.home.socket) as client:
            asked = client.send(method, **params)
            self.kill_soon()
            try:
                return client.answer(asked)
            except OSError:
                return None

    # --- the three, each cut off --------------------------------------------------------------------------------------

    def refresh(self):
        before = self.rotations()
        answer = self.cut_off("token.get", account="lab", refresh=True)
        wait_until(self.settled, "the provider's answers")
        rotated = self.rotations() > before
        self.restart()
        result = self.cli("token", "lab", secret_output=True)
        if answer is not None or not rotated or self.polite:
            # What we have received is ours, and what was never carried out has changed nothing.
            self.assertEqual(result.code, 0, str(result))
        if result.code == 0:
            self.assertEqual(userinfo(f"{self.provider.issuer}/me", result.out.strip())["sub"], "alice")
            return "kept" if answer is not None else "unharmed"
        self.assertEqual(result.code, 4, str(result))
        self.assertIn("cut off", result.err)
        asked = len(self.provider.requests("/token", "POST"))
        self.fails(4, "token", "lab")
        self.assertEqual(len(self.provider.requests("/token", "POST")), asked)  # told once, not tried again
        self.ok("login", "lab")
        return "login asked for"

    def login(self):
        with RpcClient(self.home.socket) as client:
            login = client.call("account.login", provider="lab")
            try:
                browse(login["authorization_url"], timeout=5)
            except OSError:
                pass
            client.send("account.login_status", login_id=login["login_id"], known_state="waiting_for_browser", wait=5)
            self.kill_soon()
        self.restart()
        # The old grant or the new one, and never half of either.
        self.assertEqual(self.account()["status"], "signed_in")
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", self.token("lab", "--refresh"))["sub"], "alice")
        return "kept"

    def early_login(self):
        """Killed while the browser is still on its way, or in the exchange."""
        with RpcClient(self.home.socket) as client:
            login = client.call("account.login", provider="lab")
            pid = os.fork()
            if pid == 0:
                try:
                    browse(login["authorization_url"], timeout=5)
                finally:
                    os._exit(0)
            self.kill_soon()
            os.waitpid(pid, 0)
        self.restart()
        self.assertEqual(self.account()["status"], "signed_in")
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", self.token("lab", "--refresh"))["sub"], "alice")
        return "kept"

    def logout(self):
        answer = self.cut_off("account.logout", account="lab")
        self.restart()
        if self.account() is None:
            self.ok("login", "lab")
            return "gone"
        self.assertIsNone(answer)  # who was told "done" finds it done
        result = self.cli("token", "lab", secret_output=True)
        self.assertIn(result.code, (0, 4), str(result))
        self.ok("logout", "lab")
        self.assertIsNone(self.account())
        self.ok("login", "lab")
        return "still there"

    def run_plan(self, count):
        print(f"seed {SEED}, {count} times", flush=True)
        plan = [self.refresh] * 5 + [self.login, self.early_login, self.logout]
        ends = {}
        for number in range(count):
            step = self.random.choice(plan)
            try:
                end = f"{step.__name__}: {step()}"
            except Exception as error:
                error.add_note(f"number {number} of seed {SEED}, in {step.__name__}")
                raise
            ends[end] = ends.get(end, 0) + 1
        print(", ".join(f"{end} {count}" for end, count in sorted(ends.items())), flush=True)
        self.assert_no_secret_leaks()

    def test_T11_B20_no_token_that_we_received_is_lost(self):
        self.run_plan(KILLS)

    def test_B20_what_is_under_way_when_the_broker_is_told_to_end_is_finished(self):
        self.polite = True
        self.run_plan(KILLS // 2)
