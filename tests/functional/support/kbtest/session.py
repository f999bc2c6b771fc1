"""Logind and a screen saver on the private bus: doubles with the interfaces of the real ones (python-dbusmock)."""
import contextlib
import os
import signal
import subprocess
import sys

from .process import Process, wait_until

_LOGIND = "org.freedesktop.login1"
_MOCK = "org.freedesktop.DBus.Mock"


class Session:
    """The private bus stands for both the session's and the system's; `environment` says so to a broker."""

    def __init__(self, home, keyring):
        self._home = home
        self._env = home.environment(DBUS_SESSION_BUS_ADDRESS=keyring.address, DBUS_SYSTEM_BUS_ADDRESS=keyring.address)
        self.environment = {"DBUS_SYSTEM_BUS_ADDRESS": keyring.address}
        self._services = []
        self._session = None

    def _gdbus(self, service, path, method, *arguments):
        command = ["gdbus", "call", "--session", f"--dest={service}", f"--object-path={path}", f"--method={method}",
                   *arguments]
        return subprocess.run(command, env=self._env, capture_output=True, text=True, timeout=20, check=False)

    def _call(self, *question):
        answer = self._gdbus(*question)
        if answer.returncode != 0:
            raise AssertionError(answer.stderr)
        return answer.stdout

    def _start(self, template, bus, service, path):
        # Debian's python3 has the module; the one that runs the tests may be another.
        python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
        log = self._home.path / f"{template}.log"
        self._services.append(Process([python, "-B", "-m", "dbusmock", bus, "--template", template], self._env, log))
        wait_until(lambda: self._gdbus(service, path, "org.freedesktop.DBus.Peer.Ping").returncode == 0, template)

    def start_logind(self):
        """One session of this user, on a display."""
        self._start("logind", "--system", _LOGIND, "/org/freedesktop/login1")
        uid = str(os.geteuid())
        self._session = self._call(_LOGIND, "/org/freedesktop/login1", f"{_MOCK}.AddSession", "c1", "seat0", uid, "someone",
                                   "true").split("'")[1]
        # Debian 12's template adds the number to a text and fails.
        self._call(_LOGIND, "/org/freedesktop/login1", f"{_MOCK}.AddMethod", f"{_LOGIND}.Manager", "GetUser", "u", "o",
                   'ret = "/org/freedesktop/login1/user/%d" % args[0]')
        self._call(_LOGIND, f"/org/freedesktop/login1/user/{uid}", "org.freedesktop.DBus.Properties.Set",
                   f"{_LOGIND}.User", "Display", f"<('c1', objectpath '{self._session}')>")

    def add_callers_session(self, idle):
        """The session that a caller belongs to, which logind finds by itself: on the screen, idle or not."""
        path = self._call(_LOGIND, "/org/freedesktop/login1", f"{_MOCK}.AddSession", "auto", "seat0", str(os.geteuid()), "someone",
                          "true").split("'")[1]
        self._call(_LOGIND, path, f"{_MOCK}.UpdateProperties", f"{_LOGIND}.Session", f"{{'IdleHint': <{str(idle).lower()}>}}")

    def lock_session(self, locked=True):
        self._call(_LOGIND, self._session, f"{_LOGIND}.Session.SetLockedHint", str(locked).lower())

    def ask_for_lock(self):
        """As `loginctl lock-session` does."""
        self._call(_LOGIND, self._session, f"{_MOCK}.EmitSignal", f"{_LOGIND}.Session", "Lock", "", "@av []")

    def prepare_for_sleep(self, begins):
        self._call(_LOGIND, "/org/freedesktop/login1", f"{_MOCK}.EmitSignal", f"{_LOGIND}.Manager", "PrepareForSleep", "b",
                   f"[<{str(begins).lower()}>]")

    def inhibitors(self):
        """How many programs delay its sleep."""
        return self._call(_LOGIND, "/org/freedesktop/login1", f"{_LOGIND}.Manager.ListInhibitors").count("Keybearer")

    def start_screen_saver(self):
        self._start("gnome_screensaver", "--session", "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver")

    def cover_screen(self, covered=True):
        self._call("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", "org.gnome.ScreenSaver.SetActive",
                   str(covered).lower())

    @contextlib.contextmanager
    def held(self):
        """They answer when this is over."""
        for service in self._services:
            os.kill(service.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for service in self._services:
                os.kill(service.pid, signal.SIGCONT)

    def stop(self):
        for service in self._services:
            service.stop()
