"""A panel with a system tray of the old kind (XEmbed): trayer."""
from ..process import Process, wait_until


class Panel:
    """Starts and ends as often as a test likes: a desktop without a tray, a panel that crashes and comes back."""

    def __init__(self, display, env, log):
        self._display = display
        self._env = env
        self._log = log
        self._process = None

    def start(self):
        self._process = Process(["trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request", "--heighttype", "pixel",
                                 "--height", "32", "--expand", "false", "--SetDockType", "true", "--monitor", "0"],
                                self._env, self._log)
        wait_until(self._window, "the panel")

    def stop(self):
        if self._process:
            self._process.stop()
            self._process = None

    def kill(self):
        """As a crash does."""
        self._process.kill()
        self._process = None

    def restart(self):
        self.stop()
        self.start()

    def running(self):
        return self._process is not None and self._process.running()

    def _window(self):
        found = [window for window in self._display.windows() if window.pid == self._process.pid]
        return found[0] if found else None

    def icons(self, pid):
        """The icons of a process in the panel, as windows; none without a panel."""
        panel = self._window() if self.running() else None
        return [window for window in self._display.below(panel.id) if window.pid == pid] if panel else []

    def icon(self, pid, seconds=10):
        """Waits for the process's icon: embedded, drawn and of a size."""
        def embedded():
            return [icon for icon in self.icons(pid) if icon.width > 1 and self._display.visible(icon.id)]
        return wait_until(embedded, f"an icon of {pid} in the panel", seconds)[0]

    def click(self, pid, button=1):
        """Clicks the process's icon: 1 what the program does at once, 3 its menu."""
        self._display.click(*self.icon(pid).center, button)
