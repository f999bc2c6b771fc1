"""The pages of the window, with the real broker and the certified provider behind them."""
import hashlib
import json
import subprocess

from kbtest import wait_until
from kbtest.gui import DesktopTest
from kbtest.home import BIN_DIR

KEY = "sk-test-0123456789abcdefghijklmnopqrstuvwxyz"
PAGES = ("Accounts and keys", "Activity", "Coming up", "Settings", "Check-up")


class WindowTest(DesktopTest):
    policy = "ask"

    def setUp(self):
        super().setUp()
        broker = self.start_broker()
        self.sign_in(self.rpc(), account="work")
        self.ok("provider", "set", "openai", "--file", "-", input=KEY)
        broker.stop()
        self.home.write_config("config.toml", self.grants())
        self.home.set_policy(self.policy)
        self.broker = self.start_broker()
        self.tray = self.desktop.start(BIN_DIR / "keybearer-tray")
        self.window = self.desktop.display.find("Keybearer", pid=self.tray.pid)
        self.app = self.desktop.application(self.tray)

    def grants(self):
        return ""

    def page(self, name):
        self.desktop.click(self.app.find("list item", name))
        return self.app.find("filler", name)

    def json(self, *command):
        return json.loads(self.ok(*command, "--json").out)


class PagesTest(WindowTest):
    def test_everything_that_can_be_used_has_a_name(self):
        for name in PAGES:
            with self.subTest(name):
                self.page(name)
                self.assertEqual(self.app.unnamed(), [])

    def test_a_key_is_added(self):
        self.app.find("push button", "Add a key ...").press()
        dialog = self.app.find("dialog", "Add a key")
        dialog.find("text", "Search").set_text("groq")
        self.desktop.click(dialog.find("list item", "Groq"))
        dialog.find("push button", "Continue").press()
        dialog.find("password text", "API key.*|.*[Kk]ey.*").set_text("gsk_0123456789abcdefghijklmnopqrstuvwxyz")
        dialog.find("push button", "Save").press()
        self.app.find("cell", "Groq")
        stored = self.json("provider", "list")["credentials"]
        self.assertIn("groq", [one["provider"] for one in stored])

    def test_what_is_removed_can_be_taken_back(self):
        self.desktop.click(self.app.find("cell", "OpenAI"))
        self.app.find("push button", "Remove").press()
        self.app.all("push button", "Undo")[0].press()
        self.desktop.click(self.app.find("cell", "OpenAI"))
        self.app.find("push button", "Remove").press()
        self.assertIn("openai", [one["provider"] for one in self.json("provider", "list")["credentials"]])
        self.page("Settings")  # nobody looks any more: it is done
        wait_until(lambda: not self.json("provider", "list")["credentials"], "the end of the key")
        self.page("Accounts and keys")
        self.app.gone("cell", "OpenAI")

    def test_a_change_elsewhere_is_seen(self):
        self.app.find("cell", "work")
        self.ok("account", "rename", "work", "office")
        self.app.find("cell", "office")
        self.app.gone("cell", "work")

    def test_settings_are_the_brokers(self):
        self.page("Settings")
        wait_until(lambda: self.app.find("check box", "Before the machine goes to sleep").enabled, "the settings")
        self.app.find("check box", "Before the machine goes to sleep").press()
        wait_until(lambda: {row["name"]: row["value"] for row in self.rpc().call("settings.get")["settings"]}["lock.on_suspend"],
                   "the setting")
        self.desktop.choose(self.app.find("combo box", "Ask me"), "Give nothing to any program")
        wait_until(lambda: self.rpc().call("policy.get")["policy"] == "deny", "the policy")
        self.app.find("check box", "Start with the session").press()
        entry = self.home.user / ".config" / "autostart" / "keybearer-tray.desktop"
        wait_until(entry.exists, "the autostart entry")
        self.assertIn("--background", entry.read_text(encoding="utf-8"))


class CheckUpTest(WindowTest):
    policy = "allow"

    def test_it_mends(self):
        self.provider.revoke_all()
        self.fails(4, "token", "work", "--refresh")
        self.page("Check-up")
        self.app.find("push button", "Sign in ...").press()
        self.app.find("label", "You are signed in")
        wait_until(lambda: not self.json("status")["sign_in_needed"], "the sign-in")


class ActivityTest(WindowTest):
    """A program of the person's own, which may have a token."""

    def grants(self):
        self.script = self.home.user / "asker"
        self.script.write_text("#!/bin/sh\nexec 3>&1\nkeybearer token work\n", encoding="utf-8")
        self.script.chmod(0o755)
        digest = hashlib.sha256(self.script.read_bytes()).hexdigest()
        return f'[[grant]]\nscript = "{self.script}"\nsha256 = "{digest}"\ncredential = "account:work"\n'

    def asks(self):
        self.assertTrue(subprocess.run([self.script], env=self.env(), capture_output=True, check=True, timeout=60).stdout)

    def test_the_kill_switch(self):
        self.asks()
        self.page("Activity")
        self.desktop.click(self.app.find("cell", "asker"))
        self.app.find("push button", "What it ever received").press()
        self.app.find("push button", "Revoke everything ...").press()
        self.app.find("push button", "Revoke everything").press()
        self.app.find("label", "Not all of it.*")  # the grant of config.toml is the person's own to remove
        self.assertEqual(self.json("lease", "list", "--client", str(self.script))["leases"][0]["state"], "revoked")

    def test_what_happens_now_is_seen(self):
        self.page("Activity")
        self.app.find("text", "Search")
        self.asks()
        self.app.find("cell", "asker")
