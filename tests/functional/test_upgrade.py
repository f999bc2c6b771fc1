"""An upgrade under a running broker: the file is another one, and nobody tells the process."""
import os
import shutil
import subprocess

from kbtest import BROKER, CLI, KeybearerTest, wait_until
from kbtest.browser import browse
from kbtest.process import alive


class UpgradeTest(KeybearerTest):
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
