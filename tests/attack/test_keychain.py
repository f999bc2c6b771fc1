"""B16: the keyring in every state that it can be in. Each has a name in `status` and a kind in errors, and what heals it
needs no new broker."""
import contextlib
import json
import os
import re
import signal
import subprocess

from kbtest import KeybearerTest, RpcClient, RpcError, wait_until

ITEMS = 500
DOUBLES = 8


class KeychainTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.ok("login", "lab")

    def state(self):
        return json.loads(self.ok("status", "--json").out)["keychain"]["state"]

    def ask(self):
        with RpcClient(self.home.socket) as client:
            return client.call("token.get", account="lab", refresh=True)["access_token"]

    def kind(self):
        with self.assertRaises(RpcError) as caught:
            self.ask()
        return caught.exception.kind

    def assertHealed(self):
        wait_until(lambda: self.state() == "ready", "the keyring")
        self.assertTrue(self.ask())
        self.assertEqual(self.broker.process.running(), True)

    def tool(self, *args, **options):
        environment = self.env(XDG_DATA_HOME=str(self.keyring.data))
        return subprocess.run(["secret-tool", *args], env=environment, capture_output=True, text=True, timeout=20, check=True,
                              **options).stdout

    def attributes(self):
        """Of the account's item, as the keyring has them."""
        (told,) = self.keyring.items()
        return [word for pair in re.findall(r"'(\w+)': '([^']*)'", told) for word in pair]

    # --- states -----------------------------------------------------------------------------------------------------

    def test_B16_locked(self):
        self.keyring.lock()
        self.assertEqual(self.state(), "locked")
        self.assertEqual(self.kind(), "keychain_locked")
        self.assertTrue(self.token())  # what is in memory is served
        self.keyring.restart()  # unlocks it
        self.assertHealed()

    def test_B16_ended_and_started_again(self):
        self.keyring.kill()
        self.assertEqual(self.state(), "unavailable")
        self.assertEqual(self.kind(), "keychain_unavailable")
        self.assertTrue(self.token())
        self.keyring.start()
        self.assertHealed()

    def test_B16_frozen(self):
        os.kill(self.keyring.pid, signal.SIGSTOP)
        try:
            with RpcClient(self.home.socket) as stuck, RpcClient(self.home.socket) as free:
                asked = stuck.send("token.get", account="lab", refresh=True)
                self.assertTrue(free.call("token.get", account="lab")["access_token"])  # nobody else waits
                with self.assertRaises(RpcError) as caught:
                    stuck.answer(asked)
                self.assertEqual(caught.exception.kind, "keychain_timeout")
        finally:
            os.kill(self.keyring.pid, signal.SIGCONT)
        self.assertHealed()

    def test_B16_the_bus_is_gone(self):
        self.keyring.stop()
        self.assertEqual(self.state(), "unavailable")
        self.assertEqual(self.kind(), "keychain_unavailable")
        self.assertTrue(self.token())

    def test_B16_started_without_a_bus(self):
        """As cron does."""
        self.broker.stop()
        self.start_broker(DBUS_SESSION_BUS_ADDRESS="")
        self.assertEqual(self.state(), "unavailable")
        self.assertEqual(self.kind(), "keychain_unavailable")
        self.assertFalse((self.home.path / "data" / "keychain.json").exists())  # no second life in a file

    # --- items ------------------------------------------------------------------------------------------------------

    def test_B16_an_item_that_was_deleted_by_hand(self):
        attributes = self.attributes()
        kept = self.tool("lookup", *attributes)
        self.tool("clear", *attributes)
        self.assertEqual(self.kind(), "login_required")
        self.assertTrue(self.token())
        self.tool("store", "--label=back", *attributes, input=kept)
        self.assertTrue(self.ask())  # the person has brought it back

    def test_B16_an_item_that_another_program_has_changed(self):
        attributes = self.attributes()
        for text in ("nonsense", "{}", json.dumps({"version": 2}), "x" * 100_000):
            with self.subTest(text=text[:20]):
                self.tool("store", "--label=changed", *attributes, input=text)
                self.assertEqual(self.kind(), "login_required")
        self.ok("login", "lab")
        self.assertTrue(self.ask())

    def test_B16_items_of_others_that_look_like_ours(self):
        attributes = self.attributes()
        for number in range(DOUBLES):
            self.tool("store", "--label=double", *attributes, "more", str(number), input="nonsense")
        self.ok("login", "lab")
        for _ in range(3):
            self.assertTrue(self.ask())

    def test_B16_five_hundred_items_of_others(self):
        for number in range(ITEMS // 10):  # each write rewrites the whole keyring
            with contextlib.ExitStack() as running:
                for part in range(10):
                    process = running.enter_context(subprocess.Popen(
                        ["secret-tool", "store", "--label=other", "server", "other", "user", f"{number}-{part}"],
                        env=self.env(XDG_DATA_HOME=str(self.keyring.data)), stdin=subprocess.PIPE))
                    process.stdin.write(b"secret")
                    process.stdin.close()
        self.assertHealed()
