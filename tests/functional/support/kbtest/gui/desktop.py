"""A person's whole desktop, private to one test."""
import contextlib
import re

from ..process import Process, adopt_orphans
from .accessibility import Accessibility
from .browser import Browser
from .bus import Agent, Bus
from .display import Display
from .notifications import Notifications
from .panel import Panel
from .status_notifier import StatusNotifierHost


class Desktop:
    """A display with a window manager, a panel with a tray, notifications, a browser, and accessibility, on the session bus
    of `keyring`. `tray` says which kind of tray runs at first: "xembed", "sni" or None. `size` is in pixels, `scale` what
    the person chose for a fine screen. The thread that made it ends it."""

    def __init__(self, home, keyring, tray="xembed", size=(1280, 800), scale=1, notifications=True):
        adopt_orphans()  # so that no process id that the browser wrote down gets another owner
        self._parts = contextlib.ExitStack()
        self._started = 0
        folder = home.path / "desktop"
        folder.mkdir(mode=0o700)
        self._folder = folder
        env = home.environment(DBUS_SESSION_BUS_ADDRESS=keyring.address, LANG="C.UTF-8", QT_QPA_PLATFORM="xcb")
        try:
            self.display = self._own(Display(folder, env, size, scale))
            env |= self.display.environment
            self._agent = self._own(Agent(env, folder / "agent.log"))
            self.bus = Bus(self._agent, "session", keyring.address)
            self.accessibility = self._own(Accessibility(self.bus, env, folder))
            env |= self.accessibility.environment
            self.browser = self._own(Browser(home))
            env |= self.browser.environment
            self.notifications = self._own(Notifications(self.bus, env, folder))
            if notifications:
                self.notifications.start()
            self.panel = self._own(Panel(self.display, env, folder / "trayer.log"))
            if tray == "xembed":
                self.panel.start()
            self.host = self._own(StatusNotifierHost(self.bus))
            if tray == "sni":
                self.host.start()
        except BaseException:
            self.stop()
            raise
        self.running = True
        self.env = env  # all that a program sees, and without what a Home says:
        self.environment = {name: value for name, value in env.items()
                            if name not in ("KEYBEARER_HOME", "HOME", "PATH", "XDG_RUNTIME_DIR")}

    def _own(self, part):
        self._parts.callback(part.stop)
        return part

    def start(self, *command, **env):
        """Starts a program on this desktop, which ends before it; a Process."""
        self._started += 1
        return self._own(Process(command, {**self.env, **env}, self._folder / f"program{self._started}.log"))

    def application(self, process, seconds=10):
        """A program's widgets, as a screen reader sees them."""
        return self.accessibility.application(getattr(process, "pid", process), seconds)

    def menu(self, process, seconds=10):
        """The menu that a program opened last."""
        return self.accessibility.menu(getattr(process, "pid", process), seconds)

    def click(self, widget, button=1):
        """Clicks a widget with the mouse, where the mouse itself matters."""
        self.display.click(*widget.center, button)

    def choose(self, combo, name):
        """An entry of a combo box, by its name: opens the box and clicks the entry."""
        combo.act("ShowMenu")
        self.click(combo.find("list item", re.escape(name)))
        combo.gone("list")

    def describe(self):
        """What is on the screen, as text: for a person who reads why a test failed."""
        if not self.running:
            return "the desktop has ended"
        lines = ["windows:", *(f"  {window}" for window in self.display.windows()), f"focus: {self.display.focused()}", "notifications:",
                 *(f"  {one}" for one in self.notifications.all()), "addresses:", *(f"  {url}" for url in self.browser.opened())]
        for pid, application in self.accessibility.applications().items():
            lines += [f"program {pid}:", application.tree(showing=True)]
        return "\n".join(lines)

    def stop(self):
        """Ends everything that it started, the latest first."""
        self.running = False
        self._parts.close()
