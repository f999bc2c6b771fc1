"""keybearer lock: nothing is given out, nothing is left in memory, and a restart opens nothing."""
import json
import os
import re

from kbtest import KeybearerTest
from kbtest.session import Session
from kbtest.process import wait_until
from kbtest.shell import PROMPT, Shell

KEY = "sk-test-0123456789abcdefghij"
PHRASE = "a passphrase of the test's\n"


class LockTest(KeybearerTest):
    config = ""

    def setUp(self):
        super().setUp()
        self.home.write_config("config.toml", self.config)
        self.broker = self.start_broker()
        self.sign_in(self.rpc(), account="work")
        self.ok("provider", "set", "openai", "--file", "-", input=KEY)

    def at_terminal(self, command):
        """What a person's shell shows of it."""
        shell = Shell(self.env(), self.home.user)
        self.addCleanup(shell.stop)
        shell.type(command)
        return shell.expect(PROMPT)

    def locked(self):
        return self.rpc().call("system.status")["locked"]

    def assertServes(self):
        self.assertGreater(len(self.cli("token", "work", secret_output=True).out.strip()), 20)
        self.assertEqual(self.cli("resolve", "openai", secret_output=True).out.strip(), KEY)

    def assertLocked(self):
        for command in (("token", "work"), ("resolve", "openai"), ("account", "list"), ("audit",), ("grant", "list"),
                        ("login", "lab"), ("provider", "list"), ("daemon", "stop")):
            with self.subTest(command):
                self.assertIn("keybearer unlock", self.fails(6, *command).err)


class CommandTest(LockTest):
    def test_only_three_methods_answer_and_a_person_opens_it(self):
        self.assertServes()
        self.assertIsNone(self.locked())
        self.ok("lock")
        self.assertEqual(self.locked()["by"], "command")
        self.assertIn("keybearer unlock", self.ok("status").out)
        self.assertLocked()
        self.rpc().call("system.hello")
        # The policy of this test is "allow", and that opens no lock.
        self.fails(5, "unlock")
        with self.assertRpcError("consent_required"):
            self.rpc().call("system.unlock")
        self.assertLocked()
        self.assertIn("Unlocked", self.at_terminal("keybearer unlock"))
        self.assertIsNone(self.locked())
        self.assertServes()

    def test_the_approver_opens_it_for_a_program(self):
        self.ok("lock")
        shell = Shell(self.env(), self.home.user)
        self.addCleanup(shell.stop)
        shell.type("keybearer approve")
        shell.expect("Waiting")
        asking = self.rpc()
        question = asking.send("system.unlock")
        shell.expect(r"Allow it .*\? ")
        shell.type("o")
        self.assertEqual(asking.answer(question)["state"], "ready")
        self.assertServes()

    def test_a_restart_opens_nothing(self):
        self.ok("lock")
        since = self.locked()["since"]
        self.broker.stop()
        self.start_broker()
        self.assertEqual(self.locked(), {"by": "command", "since": since})
        self.assertLocked()

    def test_a_lock_that_cannot_be_read_holds(self):
        self.broker.stop()
        (self.home.path / "data" / "lock.json").write_text("{", encoding="utf-8")
        (self.home.path / "data" / "lock.json").chmod(0o600)
        self.start_broker()
        self.assertEqual(self.locked()["by"], "unknown")
        self.assertLocked()

    def test_the_record_has_the_lock_and_what_was_refused(self):
        self.ok("lock")
        self.fails(6, "token", "work")
        self.at_terminal("keybearer unlock")
        rows = [(row["event"], row["verdict"]) for row in self.rpc().call("audit.query")["rows"]]
        self.assertEqual([row for row in rows if row[0].startswith("system.") or row[1] == "deny"],
                         [("system.lock", "allow"), ("token.release", "deny"), ("system.unlock", "allow")])

    def test_a_new_token_is_fetched_after_the_lock(self):
        before = self.rpc().call("token.get", account="work")
        self.ok("lock")
        self.at_terminal("keybearer unlock")
        after = self.rpc().call("token.get", account="work")
        self.assertEqual((before["source"], after["source"]), ("cache", "refresh"))
        self.assertNotEqual(before["access_token"], after["access_token"])


class SealedTest(LockTest):
    keyring_mode = "none"

    def setUp(self):
        KeybearerTest.setUp(self)
        self.broker = self.start_broker()
        self.ok("keychain", "migrate", "--to", "file", "--passphrase-file", "-", input=PHRASE)
        self.sign_in(self.rpc(), account="work")
        self.ok("provider", "set", "openai", "--file", "-", input=KEY)

    def test_the_passphrase_opens_it_and_nothing_else(self):
        self.ok("lock")
        self.assertLocked()
        self.fails(6, "unlock", "--passphrase-file", "-", input="another\n")
        with self.assertRpcError("invalid_value"):
            self.rpc().call("system.unlock")
        self.assertLocked()
        self.ok("unlock", "--passphrase-file", "-", input=PHRASE)
        self.assertServes()


class KeyringTest(LockTest):
    config = "[lock]\nkeyring = true\n"

    def test_the_keyring_is_locked_as_well(self):
        self.ok("lock")
        self.assertEqual(self.rpc().call("system.status")["keychain"]["state"], "locked")
        self.assertIn("locked", self.at_terminal("keybearer unlock"))
        self.assertIsNotNone(self.locked())
        self.keyring.restart()  # as a person who answers its prompt: it is open
        self.assertIn("Unlocked", self.at_terminal("keybearer unlock"))
        self.assertServes()


class DesktopTest(LockTest):
    config = "[lock]\non_screen_lock = true\non_suspend = true\n"

    def setUp(self):
        KeybearerTest.setUp(self)
        self.home.write_config("config.toml", self.config)
        self.session = Session(self.home, self.keyring)
        self.addCleanup(self.session.stop)
        self.session.start_logind()
        self.session.start_screen_saver()
        self.broker = self.start_broker(**self.session.environment)
        self.sign_in(self.rpc(), account="work")

    def wait_for_lock(self, by):
        wait_until(self.locked, "the lock")
        self.assertEqual(self.locked()["by"], by)
        self.assertIn("Unlocked", self.at_terminal("keybearer unlock"))

    def test_the_session_and_the_screen_saver_lock_it(self):
        for lock in (self.session.lock_session, self.session.cover_screen, self.session.ask_for_lock):
            with self.subTest(lock.__name__):
                lock()
                self.wait_for_lock("screen")
                self.session.lock_session(False)
                self.session.cover_screen(False)
        self.assertIsNone(self.locked())

    def test_sleep_waits_until_it_is_locked(self):
        wait_until(lambda: self.session.inhibitors() == 1, "the inhibitor")
        self.session.prepare_for_sleep(True)
        wait_until(lambda: self.session.inhibitors() == 0, "the machine to be let go")
        self.assertEqual(self.locked()["by"], "suspend")
        self.session.prepare_for_sleep(False)
        wait_until(lambda: self.session.inhibitors() == 1, "the inhibitor for the next time")
        self.assertIsNotNone(self.locked())  # waking up opens nothing
        reasons = re.findall(r'"reason":"([^"]*)"', (self.home.path / "state" / "audit.log").read_text(encoding="utf-8"))
        self.assertIn("the machine goes to sleep", reasons)


class FetchingTest(KeybearerTest):
    keyring_mode = "none"
    provider_options = None

    def test_what_was_being_fetched_is_not_given(self):
        gate = self.home.user / "gate"
        os.mkfifo(gate)
        script = self.home.user / "key"
        script.write_text(f'#!/bin/sh\nexec cat "{gate}"\n', encoding="utf-8")
        script.chmod(0o700)
        self.home.write_config("config.toml", f'[locations]\ngroq = ["command::{script}"]\n')
        self.start_broker()
        self.ok("keychain", "migrate", "--to", "file", "--no-passphrase")
        client = self.rpc()
        question = client.send("credential.resolve", provider="groq")
        with open(gate, "wb") as answer:  # which waits until the command reads
            self.ok("lock")
            answer.write(KEY.encode())
        with self.assertRpcError("broker_locked"):
            client.answer(question)
        last = self.rows()[-1]
        self.assertEqual((last["event"], last["verdict"]), ("credential.release", "deny"))

    def rows(self):
        lines = (self.home.path / "state" / "audit.log").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]
