"""Clocks that jump and machines that sleep: T15 and B19 of README.md."""
import mmap
import struct
import time

from kbtest import BROKER, KeybearerTest

SHIFTED_CLOCK = BROKER.parent.parent / "tests" / "shifted-clock.so"
HOUR = 3600
YEAR = 365 * 24 * HOUR


class ClockTest(KeybearerTest):
    """A broker whose clocks this test sets; the provider's are right."""

    def setUp(self):
        super().setUp()
        self.assertTrue(SHIFTED_CLOCK.exists(), SHIFTED_CLOCK)
        path = self.home.path / "clock"
        path.write_bytes(bytes(16))
        with open(path, "r+b") as file:
            self._shifts = mmap.mmap(file.fileno(), 16)
        self.addCleanup(self._shifts.close)
        self._clock = {"LD_PRELOAD": SHIFTED_CLOCK, "SHIFTED_CLOCK": path}
        self.provider.set(atTtl=HOUR)
        self.broker = self.start_broker(**self._clock)
        self.ok("login", "lab")
        self.first = self.token()
        self.asked = self.refreshes()

    def shift(self, wall=0, boot=0):
        """`wall`: seconds that the wall clock is ahead; `boot`: seconds that the machine has slept."""
        self._shifts[:] = struct.pack("=qq", wall, boot)

    def refreshes(self):
        return len(self.provider.requests("/token", "POST"))

    def answer(self, **params):
        with self.broker.rpc() as client:
            return client.call("token.get", account="lab", **params)

    def test_T15_B19_a_wall_clock_that_is_set_changes_no_lifetime(self):
        for name, wall in (("forward", YEAR), ("back", -YEAR), ("an hour, as in spring", HOUR), ("right again", 0)):
            with self.subTest(name):
                self.shift(wall=wall)
                answer = self.answer()
                self.assertEqual(answer["access_token"], self.first)
                # Its end is told on the caller's clock, which is the one that was set.
                self.assertAlmostEqual(answer["expires_at"], time.time() + wall + HOUR, delta=120)
        self.assertEqual(self.refreshes(), self.asked)

    def test_T15_B19_a_refresh_works_whatever_the_wall_clock_says(self):
        for wall in (YEAR, -YEAR):
            self.shift(wall=wall)
            self.assertNotEqual(self.answer(refresh=True)["source"], "cache")
        self.shift()
        self.assertEqual(self.answer()["source"], "cache")

    def test_T15_B19_a_login_with_a_wrong_clock_says_so(self):
        self.shift(wall=YEAR)
        refused = self.fails(7, "login", "lab", "--account", "late")
        self.assertIn("clock", refused.err)
        self.fails(2, "token", "late")

    def test_B19_a_token_that_expired_while_the_machine_slept_is_not_served(self):
        self.shift(wall=2 * HOUR, boot=2 * HOUR)
        answer = self.answer()
        self.assertEqual(answer["source"], "refresh")
        self.assertNotEqual(answer["access_token"], self.first)
        self.assertEqual(self.refreshes(), self.asked + 1)
        self.assertAlmostEqual(answer["expires_at"], time.time() + 3 * HOUR, delta=120)
        self.assertEqual(self.answer()["source"], "cache")

    def test_B19_a_broker_that_starts_with_a_wrong_clock_still_serves(self):
        self.broker.stop()
        self.shift(wall=-YEAR)
        self.broker = self.start_broker(**self._clock)
        self.assertEqual(self.answer()["source"], "refresh")
        self.assertEqual(self.answer()["source"], "cache")
