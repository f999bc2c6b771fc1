"""A desktop leaves nothing behind, and the command that starts one."""
import pathlib
import signal
import subprocess

from kbtest import wait_until
from kbtest.gui import Desktop, DesktopTest
from kbtest.gui.case import SAMPLE
from kbtest.process import alive

WITH_DESKTOP = pathlib.Path(__file__).with_name("with-desktop")


def programs_of(home):
    """Processes that were started with this KEYBEARER_HOME, or name it: Chromium's write over their environment."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_text().replace("\0", " ")
            if alive(int(folder.name)) and (f"KEYBEARER_HOME={home}\0".encode() in (folder / "environ").read_bytes() or str(home) in command):
                found.append(command)
        except OSError:
            continue
    return found


class EndTest(DesktopTest):
    provider_options = None

    def test_nothing_is_left(self):
        self.start_sample()
        self.desktop.browser.use_chromium_window()
        self.desktop.start("xdg-open", "http://127.0.0.1:9/")  # where nobody answers
        self.desktop.display.find("127.0.0.1", seconds=40)
        socket = pathlib.Path(f"/tmp/.X11-unix/X{self.desktop.display.name[1:]}")
        self.assertTrue(socket.exists())
        self.assertGreater(len(programs_of(self.home.path)), 5)
        self.desktop.stop()
        self.keyring.stop()
        self.assertEqual(programs_of(self.home.path), [])
        self.assertFalse(socket.exists())

    def test_two_desktops_are_two(self):
        home = type(self.home)()
        self.addCleanup(home.remove)
        keyring = type(self.keyring)(home)
        self.addCleanup(keyring.stop)
        other = Desktop(home, keyring)
        self.addCleanup(other.stop)
        self.start_sample()
        self.assertNotEqual(other.display.name, self.desktop.display.name)
        self.assertEqual(other.display.matching("Sample"), [])


class CommandTest(DesktopTest):
    """tests/gui/with-desktop."""
    provider_options = None

    def test_it_runs_a_command(self):
        picture = self.home.path / "picture.png"
        done = subprocess.run([WITH_DESKTOP, "--size", "640x480", "--picture", picture, "sh", "-c", "xwininfo -root; exit 7"],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn("Width: 640", done.stdout)
        self.assertEqual(picture.read_bytes()[:4], b"\x89PNG")

    def test_killing_it_ends_everything(self):
        script = f'{SAMPLE} & xdotool search --sync --name "^Sample$" >/dev/null; echo "$KEYBEARER_HOME"; wait'
        with subprocess.Popen([WITH_DESKTOP, "sh", "-c", script], stdout=subprocess.PIPE, text=True) as command:
            home = pathlib.Path(command.stdout.readline().strip())
            self.assertTrue(any(program.startswith(str(SAMPLE)) for program in programs_of(home)))
            command.send_signal(signal.SIGKILL)
        wait_until(lambda: not programs_of(home), "the end of everything")
        subprocess.run(["rm", "-r", home], check=True)
