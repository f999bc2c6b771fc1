"""The process that the broker forks at its start: what it runs ends with the broker, and its own end is said."""
import contextlib
import os
import signal
import threading

from kbtest import KEY, LocationTest, RpcError, alive, children_named, wait_until


class HelperTest(LocationTest):
    def helper(self, name="keybearer-spawn"):
        (found,) = wait_until(lambda: children_named(name, self.broker.pid), f"{name} to have its name")
        return found

    def test_commands_end_with_the_broker_even_when_it_is_killed(self):
        for end in (self.kill_broker, lambda: self.broker.stop()):
            fifo = self.home.user / "fifo"
            os.mkfifo(fifo, 0o600)
            self.script("get-key", "trap '' TERM", f"echo $$ > {fifo}", "sleep 1000")
            self.list(f"command::{self.home.user}/get-key")
            asking = threading.Thread(target=self.ask_in_vain, args=(self.rpc(),))
            asking.start()
            command = int(fifo.read_text())
            helper = self.helper()
            end()
            asking.join(30)
            wait_until(lambda: not alive(command) and not alive(helper), "the end of what the broker ran")
            fifo.unlink()

    def kill_broker(self):
        self.broker.kill()

    @staticmethod
    def ask_in_vain(client):
        with contextlib.suppress(OSError, ValueError, RpcError):
            client.call("credential.resolve", provider="openai")

    def test_a_helper_that_is_gone_is_said(self):
        fifo = self.home.user / "fifo"
        os.mkfifo(fifo, 0o600)
        self.script("get-key", f"echo $$ > {fifo}", "sleep 1000")
        path = self.file("key", KEY)
        self.begin(f'[locations]\nopenai = ["command::{self.home.user}/get-key"]\ngroq = ["file::{path}"]\n')
        self.assertEqual(self.value("groq"), KEY)
        refused = []

        def ask(client):
            try:
                client.call("credential.resolve", provider="openai")
            except RpcError as error:
                refused.append(error)

        asking = threading.Thread(target=ask, args=(self.rpc(),))
        asking.start()
        command = int(fifo.read_text())
        os.kill(self.helper(), signal.SIGKILL)
        asking.join(30)
        self.assertEqual([error.kind for error in refused], ["location_failed"])
        wait_until(lambda: not alive(command), "the end of what it ran")
        self.assert_failed("get-key", "has ended", "keybearer daemon stop")
        self.assert_failed("cannot be opened", provider="groq")
        with self.rpc() as another:  # which nobody can name any more, and which is served
            self.assertTrue(another.call("system.hello"))

    def test_without_the_process_that_tells_who_asks_nobody_is_known(self):
        path = self.file("key", KEY)
        self.begin(f'policy = "ask"\n[locations]\nopenai = ["file::{path}"]\n')
        ids = self.helper("keybearer-ids")
        with self.assertRpcError("consent_required") as known:
            self.resolve()
        self.assertIn("python", str(known.exception))
        os.kill(ids, signal.SIGKILL)
        wait_until(lambda: not alive(ids), "its end")
        with self.rpc() as another, self.assertRpcError("denied") as unknown:
            another.call("credential.resolve", provider="openai")
        self.assertRegex(str(unknown.exception), r"cannot be told which program asks: \w+ \w+")  # and why

    def test_both_end_with_the_broker(self):
        for end in (lambda: self.broker.kill(), lambda: self.broker.stop()):
            self.begin("")
            helpers = [self.helper(), self.helper("keybearer-ids")]
            for pid in helpers:
                for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                    os.kill(pid, number)  # which are for the broker to follow
            self.assertTrue(self.client.call("system.hello"))
            self.assertTrue(all(alive(pid) for pid in helpers))
            end()
            wait_until(lambda: not any(alive(pid) for pid in helpers), "the end of its helpers")
