"""The browser of a private desktop: what xdg-open, QDesktopServices and BROWSER start."""
import contextlib
import os
import pathlib
import shlex
import signal

from ..home import HEADLESS_BROWSER
from ..process import alive, wait_until

_ENTRY = """[Desktop Entry]
Type=Application
Name=Browser of the tests
Exec={script} %u
MimeType=x-scheme-handler/http;x-scheme-handler/https;text/html;
NoDisplay=true
"""
_DEFAULTS = """[Default Applications]
x-scheme-handler/http=test-browser.desktop
x-scheme-handler/https=test-browser.desktop
text/html=test-browser.desktop
"""
_CHROMIUM = ("chromium --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --no-default-browser-check --no-proxy-server"
             " --password-store=basic --disable-background-networking")


class Browser:
    """Follows links without a window at first (packaging/demo-browser). Every address that it was given is remembered."""

    def __init__(self, home):
        self._home = home
        self._script = home.path / "test-browser"
        self._opened = home.path / "test-browser.opened"
        self._pids = home.path / "test-browser.pids"
        self._page = home.path / "page.html"
        self._profile = home.path / "chromium"
        self._write(home.user / ".local/share/applications/test-browser.desktop", _ENTRY.format(script=self._script))
        self._write(home.user / ".config/mimeapps.list", _DEFAULTS)
        # With a display xdg-open reads the files above, and BROWSER without one.
        self.environment = {"BROWSER": str(self._script)}
        self.use_headless()

    @staticmethod
    def _write(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def use(self, command):
        """A shell command, which has the address in "$1"."""
        new = self._script.with_suffix(".new")
        new.write_text("#!/bin/sh\n"
                       # A session of its own is what all of Chromium's processes have in common: they write over their environment.
                       'test "$TEST_BROWSER" || exec env TEST_BROWSER=yes setsid --wait "$0" "$@"\n'
                       f"echo $$ >>{self._pids}\n"
                       f"printf '%s\\n' \"$1\" >>{self._opened}\n"
                       f"{command}\n", encoding="utf-8")
        new.chmod(0o700)
        new.replace(self._script)  # never written while it runs

    def use_headless(self):
        """Follows every redirect without a window, at once."""
        self.use(f'exec {shlex.quote(str(HEADLESS_BROWSER))} "$1"')

    def use_nothing(self):
        """A person who does not come to the browser."""
        self.use("exit 0")

    def use_broken(self):
        """A browser that does not start."""
        self.use("exit 1")

    def use_chromium(self):
        """Chromium without a window; page() is where it ends."""
        self.use(f"{_CHROMIUM} --headless=new --user-data-dir={self._profile} --virtual-time-budget=5000 --dump-dom \"$1\""
                 f" >{self._page}.part 2>{self._page}.err\nmv {self._page}.part {self._page}")

    def use_chromium_window(self):
        """Chromium with its window on the display; it stays until the desktop's end."""
        self.use(f'exec {_CHROMIUM} --user-data-dir={self._profile} "$1" >{self._page}.err 2>&1')

    def opened(self):
        """The addresses so far, oldest first."""
        return self._opened.read_text(encoding="utf-8").splitlines() if self._opened.exists() else []

    def wait_opened(self, count=1, seconds=10):
        """Waits until so many were opened; the latest of these."""
        return wait_until(lambda: len(opened := self.opened()) >= count and opened, f"{count} pages to open", seconds)[count - 1]

    def page(self, seconds=30):
        """The page on which Chromium ended, as HTML."""
        wait_until(self._page.exists, "Chromium's page", seconds)
        return self._page.read_text(encoding="utf-8")

    def _processes(self, sessions):
        """Those of these sessions; and Chromium's crash handlers, which leave it and keep the environment."""
        ours = f"KEYBEARER_HOME={self._home.path}\0".encode()
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            pid = int(folder.name)
            with contextlib.suppress(OSError):
                handler = b"chrome_crashpad" in (folder / "cmdline").read_bytes() and ours in (folder / "environ").read_bytes()
                if alive(pid) and (handler or os.getsid(pid) in sessions):
                    yield pid

    def stop(self):
        sessions = set(map(int, self._pids.read_text(encoding="ascii").split())) if self._pids.exists() else set()
        self._signal([pid for pid in sessions if alive(pid)], signal.SIGTERM)
        wait_until(lambda: not any(map(alive, sessions)), "the browser's end", seconds=20)
        self._signal(self._processes(sessions), signal.SIGKILL)  # helpers that have lost it
        wait_until(lambda: not list(self._processes(sessions)), "the end of the browser's helpers")

    @staticmethod
    def _signal(pids, number):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
