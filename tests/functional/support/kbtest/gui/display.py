"""A private X display with a window manager, and a person's hands and eyes on it."""
import os
import re
import secrets
import struct
import subprocess
import time
from typing import NamedTuple

from ..process import Process, wait_until

TOOL_SECONDS = 20
_DOUBLE_CLICK_SECONDS = 0.5  # Qt's is 0.4
_FRAME = 16  # pixels of a title bar, at least
_OPENBOX = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <placement><policy>Smart</policy></placement>
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <mouse><context name="Client"><mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind></context>
    <context name="Titlebar"><mousebind button="Left" action="Press"><action name="Close"/></mousebind></context></mouse>
</openbox_config>
"""


class Window(NamedTuple):
    """Place and size in pixels of the screen, without the window manager's frame; `pid` is None where a program did not
    say it."""
    id: int
    title: str
    pid: int | None
    x: int
    y: int
    width: int
    height: int

    @property
    def center(self):
        return self.x + self.width // 2, self.y + self.height // 2


def _authority(path):
    """A cookie for whatever display number the server takes (FamilyWild, Xau(3))."""
    def counted(data):
        return struct.pack(">H", len(data)) + data
    entry = struct.pack(">H", 0xFFFF) + counted(b"") + counted(b"") + counted(b"MIT-MAGIC-COOKIE-1") + counted(secrets.token_bytes(16))
    path.write_bytes(entry)
    path.chmod(0o600)


class Display:
    """`size` in pixels; `scale` is what a person chose for a fine screen: 2 doubles what programs draw."""

    def __init__(self, folder, env, size=(1280, 800), scale=1):
        self.size = size
        self._clicked = 0.0
        authority = folder / "Xauthority"
        _authority(authority)
        reader, writer = os.pipe()
        self._server = Process(["Xvfb", "-displayfd", writer, "-screen", "0", f"{size[0]}x{size[1]}x24", "-auth", authority,
                                "-nolisten", "tcp", "-noreset"], env, folder / "xvfb.log", pass_fds=(writer,))
        os.close(writer)
        with os.fdopen(reader, "rb") as told:
            number = told.readline().strip().decode()  # ends also when the server does
        if not number:
            self._server.stop()
            raise AssertionError(self._server.output())
        self.name = f":{number}"
        self.environment = {"DISPLAY": self.name, "XAUTHORITY": str(authority)}
        self._env = {**env, **self.environment}
        if scale != 1:  # where desktops leave it, and Qt reads it
            self.announce("RESOURCE_MANAGER", f"Xft.dpi:\t{round(96 * scale)}\n")
        settings = folder / "openbox.xml"
        settings.write_text(_OPENBOX, encoding="utf-8")
        self._manager = Process(["openbox", "--sm-disable", "--config-file", settings], self._env, folder / "openbox.log")
        wait_until(lambda: "window id #" in self._property("-root", "_NET_SUPPORTING_WM_CHECK"), "the window manager")

    def _run(self, *command):
        done = subprocess.run([str(part) for part in command], env=self._env, capture_output=True, text=True,
                              timeout=TOOL_SECONDS, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))}: {done.stderr}")
        return done.stdout

    def _try(self, *command):
        """As _run, "" about a window that has gone meanwhile."""
        try:
            return self._run(*command)
        except AssertionError:
            return ""

    def _property(self, *about):
        return self._try("xprop", "-notype", *about)

    def announce(self, name, text):
        """Sets a property of the root window, where programs look at their start."""
        self._run("xprop", "-root", "-format", name, "8s", "-set", name, text)

    # --- eyes -------------------------------------------------------------------------------------------------------

    def window(self, number):
        """What there is to know of a window; None when it has gone."""
        facts = self._try("xwininfo", "-id", number)
        names = self._property("-id", number, "_NET_WM_NAME", "WM_NAME", "_NET_WM_PID")
        place = [re.search(rf"{what}: +(-?\d+)", facts) for what in ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")]
        if not all(place) or not names:
            return None
        title = re.search(r'NAME = "(.*)"', names)
        pid = re.search(r"PID = (\d+)", names)
        return Window(number, re.sub(r"\\(.)", r"\1", title[1]) if title else "", int(pid[1]) if pid else None,
                      *(int(found[1]) for found in place))

    def windows(self):
        """The windows that a person sees in a list of tasks, oldest first."""
        numbers = re.findall(r"0x[0-9a-f]+", self._property("-root", "_NET_CLIENT_LIST"))
        return [window for window in map(self.window, (int(number, 16) for number in numbers)) if window]

    def popups(self, pid):
        """Menus, tips and the like of a process: visible windows that the window manager does not know."""
        known = {window.id for window in self.windows()}
        shown = []
        for number in re.findall(r"^ +(0x[0-9a-f]+)", self._run("xwininfo", "-root", "-children"), re.M):
            window = self.window(int(number, 16))
            if window and window.pid == pid and window.id not in known and self.visible(window.id):
                shown.append(window)
        return shown

    def below(self, number):
        """Every window inside this one, however deep."""
        numbers = re.findall(r"^ +(0x[0-9a-f]+)", self._try("xwininfo", "-tree", "-id", number), re.M)
        return [window for window in map(self.window, (int(found, 16) for found in numbers)) if window]

    def visible(self, number):
        return "Map State: IsViewable" in self._try("xwininfo", "-id", number)

    def matching(self, title=None, pid=None):
        return [window for window in self.windows()
                if (title is None or re.search(title, window.title)) and (pid is None or window.pid == pid)]

    def find(self, title=None, pid=None, seconds=10):
        """Waits for a window whose title holds the pattern, of that process."""
        return wait_until(lambda: self.matching(title, pid), f"a window {title or ''} of {pid or 'any process'}", seconds)[0]

    def wait_gone(self, title=None, pid=None, seconds=10):
        wait_until(lambda: not self.matching(title, pid), f"the end of window {title or ''} of {pid or 'any process'}", seconds)

    def focused(self):
        """The window that gets what is typed; None when none of the listed ones does."""
        number = re.search(r"# (0x[0-9a-f]+)", self._property("-root", "_NET_ACTIVE_WINDOW"))
        return self.window(int(number[1], 16)) if number and int(number[1], 16) else None

    def screenshot(self, path, window=None):
        """Writes the screen, or one window, to a file; the suffix says how (.png)."""
        self._run("import", "-silent", "-window", window.id if window else "root", path)
        return path

    # --- hands ------------------------------------------------------------------------------------------------------

    def activate(self, window):
        """Gives a window the focus, as a click in the list of tasks does."""
        self._run("xdotool", "windowactivate", window.id)
        wait_until(lambda: (now := self.focused()) and now.id == window.id, f"the focus of {window.title}")

    def place(self, window, x, y, width, height):
        """Moves a window, and gives it a size."""
        self._run("xdotool", "windowsize", "--sync", window.id, width, height, "windowmove", "--sync", window.id, x, y)

    def close(self, window):
        """Asks a window to close, as a person does: a click on its frame. Not by a key, which a program that ends leaves to
        the accessibility bus (Qt 6.4), and a leak check to us."""
        self.activate(window)
        self.click(window.center[0], window.y - _FRAME // 2)

    def keys(self, *keys):
        """Presses keys by xdotool's names, such as "ctrl+q" or "Tab", in the focused window."""
        self._run("xdotool", "key", "--clearmodifiers", *keys)

    def type(self, text):
        self._run("xdotool", "type", "--clearmodifiers", "--", text)

    def click(self, x, y, button=1):
        """Button 1 is the left, 3 the right one. Never half of a double click: it lets that time pass first."""
        wait_until(lambda: time.monotonic() > self._clicked + _DOUBLE_CLICK_SECONDS, "the time of a double click")
        self._run("xdotool", "mousemove", x, y, "click", button)
        self._clicked = time.monotonic()

    def move(self, x, y):
        self._run("xdotool", "mousemove", x, y)

    def stop(self):
        self._manager.stop()
        self._server.stop()
