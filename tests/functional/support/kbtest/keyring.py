"""A private session bus with a gnome-keyring of its own."""
import base64
import contextlib
import re
import subprocess

from .process import Process, accepts, wait_until

_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
_PASSWORD = b"test"  # an empty one creates no keyring, and every write fails


class Keyring:
    """The bus starts no service by itself, so a keyring that was not started is really absent."""

    def __init__(self, home):
        self._home = home
        self._keyring = None
        folder = home.path / "bus"
        folder.mkdir(mode=0o700)
        self.data = home.path / "keyrings"
        self.data.mkdir(mode=0o700)
        socket = folder / "socket"
        (folder / "conf").write_text(_BUS.format(socket=socket), encoding="utf-8")
        self.address = f"unix:path={socket}"
        self._control = folder / "control"
        self._bus = Process(["dbus-daemon", "--nofork", f"--config-file={folder / 'conf'}"], home.environment(),
                            folder / "bus.log")
        wait_until(lambda: accepts(socket), "the session bus")

    def _environment(self):
        return self._home.environment(DBUS_SESSION_BUS_ADDRESS=self.address, XDG_DATA_HOME=self.data)

    def _call(self, path, method, *arguments):
        command = ["gdbus", "call", "--session", "--dest=org.freedesktop.secrets", f"--object-path={path}",
                   f"--method={method}", *arguments]
        return subprocess.run(command, env=self._environment(), capture_output=True, text=True, timeout=20, check=False)

    def call(self, path, method, *arguments):
        """What the service answers, as gdbus prints it."""
        answer = self._call(path, method, *arguments)
        if answer.returncode != 0:
            raise AssertionError(answer.stderr)
        return answer.stdout

    def _search(self, attributes):
        found = self.call("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.SearchItems", attributes)
        return re.findall(r"'(/org/freedesktop/secrets/collection/\S+?)'", found)

    def _attributes(self, path):
        return self.call(path, "org.freedesktop.DBus.Properties.Get", "org.freedesktop.Secret.Item", "Attributes")

    def items(self):
        """Attributes of Keybearer's items, as gdbus prints them, but the audit record's key, which is there from the start."""
        told = [self._attributes(path) for path in self._search("{'server': 'keybearer'}")]
        return [attributes for attributes in told if "'user': 'audit/" not in attributes]

    def look_up(self, name):
        """What an item of Keybearer's holds."""
        found = subprocess.run(["secret-tool", "lookup", "server", "keybearer", "user", name], env=self._environment(),
                               capture_output=True, timeout=20, check=True)
        return base64.b64decode(found.stdout).decode()  # as QtKeychain writes it

    def rename(self, name, new):
        """Lets an item of Keybearer's stand in the place of another."""
        (path,) = self._search(f"{{'server': 'keybearer', 'user': '{name}'}}")
        (value,) = re.findall(r"<.*>", self._attributes(path))
        self.call(path, "org.freedesktop.DBus.Properties.Set", "org.freedesktop.Secret.Item", "Attributes",
                  value.replace(f"'{name}'", f"'{new}'"))

    def kept(self):
        """How many items of Keybearer's it has."""
        return len(self.items())

    @property
    def pid(self):
        return self._keyring.pid

    def _present(self):
        return self._call("/org/freedesktop/secrets", "org.freedesktop.DBus.Peer.Ping").returncode == 0

    def start(self):
        """Starts the keyring, unlocked."""
        self._keyring = Process(["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets",
                                 f"--control-directory={self._control}"],
                                self._environment(), self._home.path / "bus" / "keyring.log", stdin=subprocess.PIPE)
        self._keyring.stdin.write(_PASSWORD)
        self._keyring.stdin.close()
        wait_until(self._present, "the keyring")
        return self

    def lock(self):
        """Locks it with nobody there to unlock it."""
        self.call("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock",
                  "['/org/freedesktop/secrets/collection/login']")

    def forget(self, name):
        """Deletes an item of Keybearer's, as a person may do with a keyring program."""
        subprocess.run(["secret-tool", "clear", "server", "keybearer", "user", name], env=self._environment(),
                       capture_output=True, timeout=20, check=True)

    def kill(self):
        """Ends the keyring and leaves the bus."""
        if self._keyring:
            self._keyring.kill()
            self._keyring = None

    def restart(self):
        self.kill()
        return self.start()

    @contextlib.contextmanager
    def calls(self):
        """Counts the calls that come for it from here on, also while it is stopped: a function that says how many."""
        log = self._home.path / "bus" / "calls.log"
        log.unlink(missing_ok=True)
        watching = Process(["dbus-monitor", "--address", self.address, "--profile",
                            "type='method_call',destination='org.freedesktop.secrets'"],
                           self._environment(), log)
        try:
            wait_until(lambda: "NameLost" in watching.output(), "the monitor of the bus")  # as one that only listens
            yield lambda: watching.output().count("\nmc\t")
        finally:
            watching.stop()

    def stop(self):
        self.kill()
        self._bus.stop()
