"""The bridge to a client that lets its answers wait."""
import collections

from kbtest import wait_until
from kbtest.mcp import BridgeTest, held_back

LARGE = 3_900_000  # three of them are more than the bridge lets wait


class LateReaderTest(BridgeTest):
    def setUp(self):
        super().setUp()
        self.sign_in_first()
        self.server.set(json=True)

    def wait_until_answered(self, count):
        """By the server; and the bridge has taken of it what it takes."""
        wait_until(lambda: self.statuses().count(200) == count, "the server's answers", 30)
        seen = collections.deque(maxlen=30)

        def is_at_rest():
            seen.append(held_back(self.url))
            return len(seen) == seen.maxlen and all(one == seen[0] for one in seen)

        wait_until(is_at_rest, "a bridge that takes no more", 30)

    def test_answers_that_came_meanwhile_reach_a_client_that_reads_late(self):
        bridge = self.bridge()
        bridge.initialize()
        bridge.stop_reading()
        large, small = range(1, 7), range(11, 18)
        for number in large:
            bridge.call(number, "large", bytes=LARGE)
        self.wait_until_answered(len(large))
        for number in small:
            bridge.call(number, "echo", text="x")
        self.wait_until_answered(len(large) + len(small))
        bridge.read_on()
        for number in (*large, *small):
            self.assertIn("result", bridge.answer(number) or {}, number)
        bridge.call(20, "echo", text="x")
        self.assertIn("result", bridge.answer(20))
