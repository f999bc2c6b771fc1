"""The display and its windows."""
import os
import subprocess

from kbtest import wait_until
from kbtest.gui import DesktopTest
from kbtest.gui.case import SAMPLE


class WindowsTest(DesktopTest):
    provider_options = None

    def message(self, title):
        self.desktop.start("xmessage", "-title", title, "text")
        return self.desktop.display.find(title)

    def test_windows_have_title_process_and_place(self):
        sample, _ = self.start_sample()
        window = self.desktop.display.find("Sample")
        self.assertEqual((window.title, window.pid, window.width, window.height), ("Sample", sample.pid, 320, 300))
        self.assertEqual(self.desktop.display.window(window.id), window)
        self.assertEqual(self.desktop.display.matching("Other"), [])
        self.assertEqual(self.desktop.display.matching(pid=os.getpid()), [])

    def test_a_new_window_has_the_focus_until_another_gets_it(self):
        display = self.desktop.display
        self.assertIsNone(display.focused())
        first = self.message("First")
        wait_until(lambda: display.focused() and display.focused().id == first.id, "the first one's focus")
        second = self.message("Second")
        wait_until(lambda: display.focused().id == second.id, "the second one's focus")
        display.activate(first)
        self.assertEqual(display.focused().title, "First")

    def test_keys_text_and_clicks_arrive(self):
        _, widgets = self.start_sample()
        display = self.desktop.display
        display.click(*widgets.find("text", "Name").center)
        display.type("Alice & Bob")
        wait_until(lambda: widgets.find("text", "Name").text == "Alice & Bob", "the text")
        display.keys("BackSpace", "Tab")
        wait_until(lambda: widgets.find("password text", "Password").focused, "the next field")
        self.assertEqual(widgets.find("text", "Name").text, "Alice & Bo")
        display.click(*widgets.find("push button", "Greet").center)
        widgets.find("label", "Hello Alice & Bo")

    def test_a_window_is_closed_by_its_frame(self):
        self.start_sample()
        self.desktop.display.close(self.desktop.display.find("Sample"))
        self.desktop.display.wait_gone("Sample")

    def test_a_window_that_does_not_come_is_told(self):
        with self.assertRaisesRegex(AssertionError, "a window Nowhere of any process"):
            self.desktop.display.find("Nowhere", seconds=0.1)

    def test_a_picture_shows_the_screen(self):
        sample, _ = self.start_sample()
        icon = self.desktop.panel.icon(sample.pid)
        # The sample paints its icon in this color.
        wait_until(lambda: self.picture("%wx%h %[hex:p{{{},{}}}]".format(*icon.center)) == "1280x800 2080E0", "the icon's blue")
        self.assertEqual(self.picture("%wx%h", self.desktop.display.find("Sample")), "320x300")

    def picture(self, about, window=None):
        file = self.desktop.display.screenshot(self.home.path / "screen.png", window)
        return subprocess.run(["convert", file, "-format", about, "info:"], capture_output=True, text=True, timeout=20,
                              check=True).stdout

    def test_nobody_else_gets_to_the_display(self):
        command = ["xwininfo", "-root"]
        self.assertEqual(subprocess.run(command, env=self.desktop.env, capture_output=True, check=False).returncode, 0)
        stranger = {**self.desktop.env, "XAUTHORITY": "/dev/null"}
        self.assertNotEqual(subprocess.run(command, env=stranger, capture_output=True, check=False).returncode, 0)


class BusTest(DesktopTest):
    provider_options = None
    desktop_options = {"tray": "sni"}

    def test_programs_start_while_nobody_reads_answers(self):
        """More of them than a socket holds. The same program is the panel, which the sample asks something at its start."""
        call = ("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner", "s", ("org.example.Nobody",))
        sent = [self.desktop.bus.agent.send_call(self.desktop.bus.name, *call) for _ in range(3000)]
        sample = self.desktop.start(SAMPLE)
        self.desktop.display.find("Sample", pid=sample.pid)
        self.assertEqual([self.desktop.bus.agent.outcome(number) for number in sent], [False] * 3000)


class FineScreenTest(DesktopTest):
    provider_options = None
    desktop_options = {"size": (1600, 900), "scale": 2}

    def test_programs_draw_twice_as_large(self):
        self.start_sample()
        window = self.desktop.display.find("Sample")
        self.assertEqual((window.width, window.height), (640, 600))
        self.assertEqual(self.desktop.display.window(self.root()).width, 1600)

    def root(self):
        told = subprocess.run(["xwininfo", "-root", "-int"], env=self.desktop.env, capture_output=True, text=True, check=True)
        return int(told.stdout.split("Window id: ")[1].split()[0])
