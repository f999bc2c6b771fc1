"""system.status waits for a change when it is told what the caller knows."""
from kbtest import KeybearerTest


class StatusWaitTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.client = self.rpc()
        self.known = self.client.call("system.status")["revision"]

    def change_after(self, action):
        """What a waiting front end is told once the action was done."""
        waiting = self.client.send("system.status", known_revision=self.known, wait=300)
        self.client.call("system.hello")  # the question has arrived: lines are read in order
        action()
        status = self.client.answer(waiting)
        self.assertNotEqual(status["revision"], self.known)
        self.known = status["revision"]
        return status

    def test_nothing_new_is_said_when_the_time_is_up(self):
        status = self.client.call("system.status", known_revision=self.known, wait=0)
        self.assertEqual(status["revision"], self.known)

    def test_another_revision_is_answered_at_once(self):
        self.assertEqual(self.client.call("system.status", known_revision="other", wait=300)["revision"], self.known)

    def test_a_wait_that_is_too_long(self):
        for wait in (-1, 301):
            with self.subTest(wait), self.assertRpcError("invalid_value"):
                self.client.call("system.status", wait=wait)

    def test_each_thing_that_it_shows_ends_the_wait(self):
        status = self.change_after(lambda: self.sign_in(self.rpc(), account="work"))
        self.assertEqual([row["account"] for row in status["accounts"]], ["work"])
        self.change_after(lambda: self.ok("account", "rename", "work", "home"))
        self.assertEqual(self.change_after(lambda: self.ok("lock"))["locked"]["by"], "command")
        self.broker.stop()

    def test_a_new_token_ends_the_wait(self):
        self.change_after(lambda: self.sign_in(self.rpc(), account="work"))
        before = self.client.call("system.status")
        self.known = before["revision"]
        self.provider.fault("/token", "patch", patch={"expires_in": 100})
        status = self.change_after(lambda: self.ok("token", "work", "--refresh", secret_output=True))
        self.assertLess(status["accounts"][0]["expires_at"], before["accounts"][0]["expires_at"])

    def test_a_dead_session_ends_the_wait(self):
        self.change_after(lambda: self.sign_in(self.rpc(), account="work"))
        self.provider.revoke_all()
        status = self.change_after(lambda: self.fails(4, "token", "work", "--refresh"))
        self.assertEqual([row["reason"] for row in status["sign_in_needed"]], ["ended"])

    def test_the_policy_ends_the_wait(self):
        self.assertEqual(self.change_after(lambda: self.rpc().call("policy.set", policy="observe"))["policy"], "observe")
