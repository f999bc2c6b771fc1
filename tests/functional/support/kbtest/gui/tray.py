"""Base of the tests with keybearer-tray."""
import json
import os
import signal
import subprocess

from ..browser import browse
from ..home import BIN_DIR
from ..process import wait_until
from .bus import BusError
from .case import DesktopTest

TRAY = BIN_DIR / "keybearer-tray"
SIGN_IN = "Sign in"  # titles of its windows
QUESTION = "a program asks"
MAIN = "^Keybearer$"
WELL = "Keybearer: All is well"
_ASKER = """#!/bin/sh
keybearer {options}
exit $?
"""


class TrayTest(DesktopTest):
    """A broker under `policy` with the accounts that `accounts` names, and keybearer-tray as `self.tray` where the panel is
    of the new kind; `self.app` are its widgets. `tray_options` None starts no such program. `language` is LANG."""

    desktop_options = {"tray": "sni"}
    policy = "ask"
    accounts = ()
    tray_options = ("--background",)
    language = "C.UTF-8"

    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        for account in self.accounts:
            self.sign_in(self.rpc(), account=account)
        if self.policy != "allow":
            self.broker.stop()
            self.home.set_policy(self.policy)
            self.broker = self.start_broker()
        if self.tray_options is not None:
            self.start_tray(*self.tray_options)

    def start_tray(self, *options, **env):
        self.tray = self.desktop.start(TRAY, *options, LANG=self.language, **env)
        self.app = self.desktop.application(self.tray)
        return self.tray

    @property
    def icon(self):
        return self.desktop.host.item(self.tray.pid)

    def wait_tip(self, text, seconds=15):
        """Waits until the icon's tool tip says this."""
        def said():
            try:
                return self.icon.tool_tip()[0]
            except BusError:
                return None  # an icon that was found may go, as when a program becomes its own upgrade
        wait_until(lambda: said() == text, f"the tool tip {text!r}", seconds)

    def wait_well(self, times=1):
        """Waits until all is well and it answers questions; `times` counts its connections to a broker."""
        self.wait_tip(WELL)

        def attached():
            rows = [json.loads(row) for row in self.ok("audit", "--client", "keybearer-tray", "--json").out.splitlines()]
            events = [row["event"] for row in rows if row["event"] in ("approval.attach", "approval.list")]
            return events.count("approval.attach") >= times and events[-1:] == ["approval.list"]
        wait_until(attached, "the window to answer questions")

    def lines(self):
        """What the icon's menu offers."""
        return list(self.icon.menu().lines())

    def window(self, title):
        return self.desktop.display.find(title, pid=self.tray.pid)

    def windows(self):
        """Titles of its windows."""
        return [window.title for window in self.desktop.display.matching(pid=self.tray.pid)]

    def no_window(self, title):
        self.desktop.display.wait_gone(title, pid=self.tray.pid)

    def label(self, pattern, **options):
        return self.app.find("label", pattern, **options)

    def button(self, name, **options):
        return self.app.find("push button", name, **options)

    # --- signing in -------------------------------------------------------------------------------------------------

    def open_sign_in(self):
        self.icon.choose("Sign in ...")
        return self.window(SIGN_IN)

    def begin_sign_in(self, provider="lab", account=""):
        """As a person does: the icon's menu, a few letters of the provider's name, Continue."""
        self.open_sign_in()
        self.app.find("list item", "Lab")
        self.app.find("text", "Search").set_text(provider)
        if account:
            self.app.find("text", "Account").set_text(account)
        self.button("Continue").press()

    def visit(self, count=1):
        """Goes to the address that the browser was given."""
        return browse(self.desktop.browser.wait_opened(count))

    # --- programs that ask ------------------------------------------------------------------------------------------

    def script(self, name="asker", account="work", options=""):
        """A program of the person's own, which asks for a token."""
        path = self.home.user / name
        path.write_text(_ASKER.format(options=f"token {account} {options}"), encoding="utf-8")
        path.chmod(0o755)
        return path

    def ask(self, *command):
        """Starts a program that asks; its output, a token, is for communicate()."""
        process = subprocess.Popen(list(map(str, command)), env=self.env(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, process_group=0)
        self.addCleanup(self.give_up, process)
        return process

    @staticmethod
    def give_up(process):
        """Ends a program that asks, and what it has started."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def assertGets(self, process):
        """The program gets its token."""
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, err)
        self.assertGreater(len(out.strip()), 20)
        return out.strip()

    def assertRefused(self, process):
        """The program gets nothing, and the code that says so."""
        out, err = process.communicate(timeout=30)
        self.assertEqual((process.returncode, out), (5, ""), err)
        return err

    # --- what every window is held to -------------------------------------------------------------------------------

    def assertAccessible(self):
        """A screen reader has a name for everything that shows and is used."""
        self.assertEqual(self.app.unnamed(), [], self.app.tree(showing=True))

    def tab_order(self, title, steps):
        """Names of what has the keyboard, the first as it is, then after each Tab."""
        self.desktop.display.activate(self.window(title))
        names = [self._focused_name()]
        for _ in range(steps):
            before = self._focused()
            self.desktop.display.keys("Tab")
            wait_until(lambda last=before: (now := self._focused()) and now != last, "the keyboard to go on")
            names.append(self._focused_name())
        return names

    def _focused(self):
        """Without list items, which count as focused as long as they are the list's current ones."""
        return next((widget for _, widget, facts in self.app.walk()
                     if "focused" in facts["states"] and facts["role"] != "list item"), None)

    def _focused_name(self):
        return wait_until(self._focused, "something with the keyboard").name
