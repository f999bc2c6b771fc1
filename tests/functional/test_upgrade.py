"""An upgrade under a running broker: the file is another one, and nobody tells the process."""
import os
import shutil
import subprocess

from kbtest import BROKER, CLI, KeybearerTest, Process, wait_until
from kbtest.browser import browse
from kbtest.process import alive


class InstalledTest(KeybearerTest):
    """Programs of its own, which it may replace."""

    def setUp(self):
        super().setUp()
        self.programs = self.home.path / "installed" / "bin"
        self.programs.mkdir(parents=True)
        for program in (CLI, BROKER):
            shutil.copy2(program, self.programs)
        (self.home.path / "installed" / "share").symlink_to(BROKER.parent.parent / "share")

    def run_cli(self, *args):
        done = subprocess.run([self.programs / "keybearer", *args], env=self.env(), capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def broker(self):
        (pid,) = self.broker_pids()
        return pid

    def replace(self, name, program):
        """As dpkg does it: the new file takes the name in one step."""
        fresh = self.programs / f"{name}.dpkg-new"
        shutil.copy2(program, fresh)
        os.rename(fresh, self.programs / name)

    def upgrade(self):
        self.replace("keybearerd", BROKER)


class UpgradeTest(InstalledTest):
    def test_the_next_program_is_served_by_the_new_one(self):
        self.run_cli("account", "list")
        old = self.broker()
        self.upgrade()
        wait_until(lambda: not alive(old), "the end of the broker that was replaced")
        self.run_cli("account", "list")
        self.assertNotEqual(self.broker(), old)

    def test_what_is_under_way_is_let_finish(self):
        self.run_cli("account", "list")
        old = self.broker()
        client = self.rpc()
        login = self.begin_login(client)
        self.upgrade()
        wait_until(lambda: any("upgraded" in warning for warning in client.call("system.status")["warnings"]), "the warning")
        browse(login["authorization_url"])
        self.assertEqual(self.login_end(client, login)["state"], "done")
        wait_until(lambda: not alive(old), "the end of the broker that was replaced")
        self.assertIn("lab", self.run_cli("account", "list"))

    def test_a_session_with_another_machine_ends_with_it_and_says_why(self):
        self.run_cli("account", "list")
        old = self.broker()
        client = self.rpc()
        self.sign_in(client)
        session = client.call("forward.begin", host="elsewhere", scopes=["account:lab"])["session_id"]
        self.upgrade()
        event = client.call("forward.wait", session_id=session, wait=30)
        self.assertEqual((event["kind"], event["reason"]), ("ended", "Keybearer was upgraded or removed"))
        wait_until(lambda: not alive(old), "the end of the broker that was replaced")

    def test_a_program_that_is_added_is_known_from_then_on(self):
        """As by the window's package, which people install after the broker's."""
        self.run_cli("account", "list")
        old = self.broker()
        self.replace("keybearer-tray", CLI)  # whatever it is
        wait_until(lambda: not alive(old), "the end of the broker that did not know it")

    def test_a_broker_that_was_removed_ends(self):
        self.run_cli("account", "list")
        old = self.broker()
        (self.programs / "keybearerd").unlink()
        wait_until(lambda: not alive(old), "the end of the broker that was removed")
        self.assertFalse(self.home.socket.exists())

    def test_a_new_command_line_brings_a_new_broker(self):
        """The old one would not know it as its own."""
        self.home.set_policy("ask")
        self.run_cli("account", "list")
        old = self.broker()
        self.replace("keybearer", CLI)
        wait_until(lambda: not alive(old), "the end of the broker that knew the one before")
        self.run_cli("account", "list")


class OutOfStepTest(InstalledTest):
    """Between the upgrade and the end of the broker from before, where that knows its programs."""

    def setUp(self):
        super().setUp()
        self.home.set_policy("ask")
        self.run_cli("account", "list")
        self.old = self.broker()

    def newer(self):
        """Another program in the same place, as an upgrade brings it."""
        fresh = self.home.path / "newer"
        fresh.write_bytes(CLI.read_bytes() + b"newer")
        fresh.chmod(0o755)
        self.replace("keybearer", fresh)
        return fresh

    def test_a_question_that_nobody_waits_for_holds_nothing_up(self):
        with self.assertRpcError("consent_required"):
            self.rpc().call("account.list")
        self.upgrade()
        wait_until(lambda: not alive(self.old), "the end of the broker that was replaced")

    def test_the_new_command_line_waits_for_the_new_broker(self):
        client = self.rpc()
        login = self.begin_login(client)
        self.newer()
        asking = Process([self.programs / "keybearer", "account", "list"], self.env(), self.home.path / "asking.log")
        self.addCleanup(asking.stop)
        wait_until(lambda: "ends as soon as" in self.audit(), "its first try")
        self.assertTrue(asking.running())
        client.call("account.login_cancel", login_id=login["login_id"])
        self.assertEqual(asking.wait(60), 0, asking.output())
        self.assertFalse(alive(self.old))

    def audit(self):
        return (self.home.path / "state" / "audit.log").read_text(encoding="utf-8")

    def test_the_new_command_line_ends_the_broker_and_nothing_else_does(self):
        self.begin_login(self.rpc())
        elsewhere = self.newer()
        with self.assertRpcError("consent_required"):
            self.rpc().call("system.stop")
        copy = subprocess.run([elsewhere, "daemon", "stop"], env=self.env(), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(copy.returncode, 5, copy.stderr)
        self.assertTrue(alive(self.old))
        self.run_cli("daemon", "stop")
        self.assertFalse(alive(self.old))

    def test_another_program_in_the_place_of_one_is_none_while_the_broker_is_new(self):
        self.newer()
        wait_until(lambda: not alive(self.old), "the end of the broker that was replaced")
        self.run_cli("account", "list")
        program = self.programs / "keybearer"
        with open(program, "ab") as file:  # the same file, which is not how programs are installed
            file.write(b"more")
        changed = subprocess.run([program, "daemon", "stop"], env=self.env(), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(changed.returncode, 5, changed.stderr)


class NegotiationTest(KeybearerTest):
    provider_options = None

    def test_the_newest_version_that_both_speak(self):
        self.start_broker()
        client = self.rpc()
        for said in (None, 1, 2, 99):
            with self.subTest(said=said):
                self.assertEqual(client.call("system.hello", protocol=said)["protocol"], 1)
        for said in (0, -1):
            with self.subTest(said=said), self.assertRpcError("unsupported"):
                client.call("system.hello", protocol=said)
