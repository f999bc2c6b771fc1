"""The icon and its program: what it shows, what comes and goes around it, and what it leaves behind."""
import os
import pathlib
import re
import signal
import subprocess
import time

from kbtest import wait_until
from kbtest.gui import TRAY, TrayTest
from kbtest.gui.tray import MAIN, SIGN_IN, WELL
from kbtest.process import alive

GONE = "Keybearer: The broker is not running"
LOCKED = "Keybearer: Locked"
PAUSED = "Keybearer: Paused: no program gets anything"
PHRASE = "a passphrase of the test's"


class MenuTest(TrayTest):
    policy = "allow"
    accounts = ("work",)

    def test_lock_and_unlock(self):
        self.wait_tip(WELL)
        well = self.icon.pixels()
        self.icon.choose("Lock")
        self.wait_tip(LOCKED)
        self.assertNotEqual(self.icon.pixels(), well)
        self.assertEqual(self.lines(), ["Locked (disabled)", "----", "Unlock", "----", "Open Keybearer", "Quit"])
        self.fails(6, "token", "work")
        self.icon.choose("Open Keybearer")
        self.label("Keybearer is locked: nothing is given out, and nothing is shown.")
        self.assertAccessible()
        self.button("Unlock").press()
        self.wait_tip(WELL)
        self.app.gone("label", "Keybearer is locked.*")
        self.assertTrue(self.token("work"))

    def test_a_click_on_what_was_shown_before_a_change(self):
        self.wait_tip(WELL)
        entry = self.icon.find("Open Keybearer")
        self.icon.choose("Lock")
        self.wait_tip(LOCKED)
        self.icon.click(entry)
        self.window(MAIN)

    def test_pause_and_resume(self):
        self.wait_tip(WELL)
        self.icon.choose("Pause")
        self.wait_tip(PAUSED)
        self.fails(5, "token", "work")
        self.icon.choose("Resume")
        self.wait_tip(WELL)
        self.assertEqual(self.rpc().call("policy.get")["policy"], "allow")  # what it was
        self.assertTrue(self.token("work"))

    def test_a_broker_that_dies(self):
        self.wait_tip(WELL)
        self.icon.choose("Open Keybearer")
        self.window(MAIN)
        self.broker.kill()
        wait_until(lambda: [pid for pid in self.broker_pids() if pid != self.broker.pid], "another broker")
        self.wait_tip(WELL)
        self.assertIn("work", self.lines())
        self.app.gone("push button", "Try again")

    def test_a_broker_that_cannot_start(self):
        self.wait_tip(WELL)
        self.home.write_config("config.toml", "a = = 1\n")
        self.broker.kill()
        self.wait_tip(GONE)
        self.assertEqual(self.lines(), ["The broker is not running (disabled)", "----", "Open Keybearer", "Quit"])
        self.icon.choose("Open Keybearer")
        self.label(r".*config\.toml:1:5.*")
        self.home.write_config("config.toml", "")
        self.button("Try again").press()
        self.wait_tip(WELL)

    def test_a_second_start_opens_the_window_of_the_first(self):
        self.assertEqual(self.windows(), [])
        second = self.desktop.start(TRAY)
        self.assertEqual(second.wait(), 0)
        self.window(MAIN)

    def test_a_start_after_a_crash(self):
        self.icon.tool_tip()
        self.tray.kill()
        self.start_tray()
        self.window(MAIN)

    def test_quit_leaves_nothing(self):
        self.wait_tip(WELL)
        self.icon.choose("Open Keybearer")
        self.window(MAIN)
        children = pathlib.Path(f"/proc/{self.tray.pid}/task/{self.tray.pid}/children").read_text(encoding="ascii").split()
        self.icon.choose("Quit")
        self.assertEqual(self.tray.wait(), 0, self.tray.output())
        self.assertEqual([pid for pid in children if alive(int(pid))], [])
        self.assertTrue(alive(self.broker.pid))  # programs go on
        self.assertEqual(self.tray.output(), "")

    def test_the_end_of_the_session(self):
        self.wait_tip(WELL)
        os.kill(self.tray.pid, signal.SIGTERM)
        self.assertIn(self.tray.wait(), (0, -signal.SIGTERM))

    def test_the_window_is_where_it_was(self):
        self.icon.choose("Open Keybearer")
        window = self.window(MAIN)
        self.desktop.display.place(window, 150, 90, 1000, 620)
        placed = wait_until(lambda: (now := self.window(MAIN)) and (now.width, now.height) == (1000, 620) and now, "its new size")
        self.desktop.display.close(placed)
        self.no_window(MAIN)
        self.assertTrue(self.tray.running())
        self.icon.choose("Quit")
        self.tray.wait()
        self.start_tray()
        again = wait_until(lambda: (now := self.window(MAIN)) and (now.width, now.height) == (1000, 620) and now, "its old size")
        self.assertEqual((again.x, again.y), (placed.x, placed.y))

    def test_who_it_talks_to(self):
        self.wait_tip(WELL)
        self.icon.choose("Open Keybearer")
        self.window(MAIN)
        peers = self.peers()
        self.assertEqual(peers - {"the display", "a bus", "the broker", "its own"}, set())
        self.assertLessEqual({"the display", "a bus", "the broker"}, peers)

    def peers(self):
        """The other ends of its sockets, in words."""
        inodes = {match[1] for link in self.links() if (match := re.fullmatch(r"socket:\[(\d+)\]", link))}
        listing = subprocess.run(["ss", "-H", "-a", "-n", "-x"], capture_output=True, text=True, check=True).stdout
        named = {}
        for line in listing.splitlines():
            kind, _, _, _, local, inode, *others = line.split()
            peer = others[1] if len(others) > 1 else ""
            named[inode] = (kind, local, peer)
        words = set()
        for inode in inodes:
            kind, local, peer = named.get(inode, ("other", "", ""))
            other = next((value[1] for key, value in named.items() if key == peer), "") if kind.startswith("u_") else ""
            place = other if other not in ("", "*") else local
            # Qt binds a server's socket in a folder of its own, and renames it.
            words.add("its own" if re.match(rf"{self.home.path}/run/(tray.sock|\..*/s)", place) else
                      "the broker" if str(self.home.socket) in place else
                      "the display" if "X11-unix" in place else
                      "a bus" if "bus" in place or "at-spi" in place else f"{kind} {local} {other}")
        return words

    def links(self):
        for entry in pathlib.Path(f"/proc/{self.tray.pid}/fd").iterdir():
            yield os.readlink(entry)

    def switches(self):
        status = pathlib.Path(f"/proc/{self.tray.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.M)[1])

    def test_it_sleeps_while_nothing_happens(self):
        self.wait_tip(WELL)
        self.begin_sign_in()
        self.label("You are signed in")
        self.button("Close").press()
        self.no_window(SIGN_IN)

        def quiet():
            """Two seconds in which it wakes up at most twice; a timer of a second would be seen."""
            before, end = self.switches(), time.monotonic() + 2
            wait_until(lambda: time.monotonic() > end, "two seconds")
            return self.switches() - before <= 1
        wait_until(quiet, "a quiet moment", seconds=20)


class PanelTest(TrayTest):
    policy = "allow"
    desktop_options = {"tray": "xembed"}

    def test_clicks_and_a_panel_that_comes_back(self):
        self.desktop.panel.click(self.tray.pid)
        self.desktop.display.close(self.window(MAIN))
        self.no_window(MAIN)
        self.desktop.panel.kill()
        self.desktop.panel.start()
        self.desktop.panel.click(self.tray.pid, button=3)
        menu = self.desktop.menu(self.tray)
        self.assertEqual([entry.name for entry in menu.all("menu item")][-2:], ["Open Keybearer", "Quit"])
        menu.find("menu item", "Quit").press()
        self.assertEqual(self.tray.wait(), 0, self.tray.output())


class NewPanelTest(TrayTest):
    policy = "allow"

    def test_a_panel_that_comes_back(self):
        self.wait_tip(WELL)
        self.desktop.host.restart()
        self.wait_tip(WELL)
        self.assertEqual(self.windows(), [])


class NoPanelTest(TrayTest):
    policy = "allow"
    desktop_options = {"tray": None}
    tray_options = ()

    def test_the_window_is_all_there_is(self):
        self.desktop.display.close(self.window(MAIN))
        self.assertEqual(self.tray.wait(), 0, self.tray.output())

    def test_a_panel_that_comes_late(self):
        self.window(MAIN)
        self.desktop.panel.start()
        self.desktop.panel.icon(self.tray.pid)
        self.desktop.display.close(self.window(MAIN))
        self.no_window(MAIN)
        self.desktop.panel.click(self.tray.pid)
        self.window(MAIN)


class NoNotificationsTest(TrayTest):
    accounts = ("work",)
    desktop_options = {"tray": "sni", "notifications": False}

    def test_questions_come_all_the_same(self):
        self.wait_well()
        self.ask(self.script())
        self.label("asker asks")


class SealedFileTest(TrayTest):
    keyring_mode = "none"
    tray_options = None
    provider_options = None

    def test_the_passphrase(self):
        self.ok("keychain", "migrate", "--to", "file", "--passphrase-file", "-", input=PHRASE + "\n")
        self.start_tray("--background")
        self.wait_tip(WELL)
        self.icon.choose("Lock")
        self.wait_tip(LOCKED)
        for phrase, tip in (("another one", LOCKED), (PHRASE, WELL)):
            self.icon.choose("Unlock")
            window = self.window("Unlock Keybearer")
            field = self.app.find("password text", "Passphrase of the keychain file:")
            self.assertAccessible()
            wait_until(lambda one=field: one.focused and self.desktop.display.focused().title == window.title, "the keyboard")
            self.desktop.display.type(phrase)
            self.desktop.display.keys("Return")
            self.no_window("Unlock Keybearer")
            if tip == LOCKED:
                told = self.desktop.notifications.find("That did not work")
                self.assertIn("passphrase", told.body)
            self.wait_tip(tip)


class UsageTest(TrayTest):
    provider_options = None
    tray_options = None

    def runs(self, *options):
        return subprocess.run([TRAY, *options], env={**self.env(), "QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True,
                              timeout=60, check=False)

    def test_wrong_usage(self):
        for options, word in ((("--nonsense",), "nonsense"), (("--background=yes",), "background"), (("word",), "word")):
            with self.subTest(options):
                done = self.runs(*options)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(word, done.stderr)

    def test_help_and_version(self):
        for option, word in (("--help", "--background"), ("--version", "keybearer-tray")):
            with self.subTest(option):
                done = self.runs(option)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn(word, done.stdout)


class GermanTest(TrayTest):
    policy = "allow"
    language = "de_DE.UTF-8"

    def test_it_speaks_german(self):
        self.wait_tip("Keybearer: Alles in Ordnung")
        self.assertIn("Anmelden ...", self.lines())
        self.icon.choose("Anmelden ...")
        self.app.find("list item", "Lab")
        self.assertTrue(self.button("Weiter").enabled)
        self.assertAccessible()


class OtherLanguageTest(TrayTest):
    accounts = ("work",)
    language = "fr_FR.UTF-8"

    def test_a_language_that_is_not_there_is_english(self):
        self.wait_well()
        self.ask(self.script())
        self.label("1 call waiting, .* left")


class RightToLeftTest(TrayTest):
    accounts = ("work",)
    tray_options = ("--background", "-reverse")

    def assertNoOverlap(self):
        """No two things that a person reads or uses lie upon each other."""
        shown = [(one.extents, one) for role in ("label", "push button", "text", "password text", "check box", "button menu", "list")
                 for one in self.app.all(role) if one.name != "Clear the search" and one.extents[2] > 0]
        for number, ((left, top, width, height), one) in enumerate(shown):
            for (x, y, w, h), other in shown[number + 1:]:
                apart = x >= left + width or left >= x + w or y >= top + height or top >= y + h
                self.assertTrue(apart, f"{one} and {other}")

    def test_nothing_overlaps(self):
        self.wait_well()
        self.desktop.browser.use_nothing()
        self.begin_sign_in(account="other")
        self.label("Finish the sign-in in your browser")
        self.assertNoOverlap()
        place, name = self.label("At").extents, self.label(re.escape(self.provider.issuer)).extents
        self.assertGreater(place[0], name[0])  # the names of the rows are on the right
        self.button("Cancel").press()
        self.no_window(SIGN_IN)
        self.ask(self.script())
        self.label("asker asks")
        self.assertNoOverlap()
