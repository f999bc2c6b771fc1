#!/usr/bin/env python3
"""The .deb packages in a Debian of their own: the life of an installation, from apt to purge.

    tests/packages/debian.py [SUITE] [FOLDER]      bookworm, build/packages; needs root and debootstrap

systemd is not process 1 there, but the person has one as in any session (user-manager).
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "functional" / "support"))

from kbtest.browser import browse  # noqa: E402
from kbtest.gui.display import Display  # noqa: E402
from kbtest.home import Home  # noqa: E402
from kbtest.process import Process, alive, wait_until  # noqa: E402
from kbtest.provider import Provider  # noqa: E402

MANAGER = HERE / "user-manager"
FRESH = str(ROOT / "tests" / "lab" / "fresh.sh")
LATER = "99.0.0"  # a later release
SUITE = "bookworm"
FOLDER = ROOT / "build" / "packages"
RUNTIME = "/run/user/1000"
STATE = "home/user/.local/state/keybearer"
APT = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0")


class Machine:
    """A bare Debian with an ordinary user, who has a session bus and an open keyring once they are installed."""

    def __init__(self, suite):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="kb-debian.", dir="/var/tmp"))
        self.path.chmod(0o755)
        subprocess.run([FRESH, str(self.path), suite], check=True)
        (self.path / "packages").mkdir()
        (self.path / RUNTIME[1:]).mkdir(parents=True, mode=0o700)
        os.chown(self.path / RUNTIME[1:], 1000, 1000)
        self._parts = []
        self._manager = None
        # Who opens addresses there is nobody: the test does.
        browser = self.path / "usr/local/bin/leave-address"
        browser.write_text('#!/bin/sh\nprintf %s "$1" >~/address.new && mv ~/address.new ~/address\n',
                           encoding="utf-8")
        browser.chmod(0o755)
        (self.path / "etc/apt/apt.conf.d/99nobody-is-asked").write_text('APT::Get::Assume-Yes "true";\n', encoding="utf-8")

    def root(self, *command, code=0):
        return self._run(["--in", self.path, "env", "DEBIAN_FRONTEND=noninteractive", *command], code)

    def user(self, *command, code=0, **env):
        # Who has a manager sees what it sees.
        place = ["nsenter", "--mount", "--target", self._manager.pid] if self._manager else []
        return self._run(self.as_user(*command, **env), code, place)

    @staticmethod
    def environment(**env):
        return [f"{name}={value}" for name, value in {"XDG_RUNTIME_DIR": RUNTIME, "BROWSER": "leave-address",
                                                      "DBUS_SESSION_BUS_ADDRESS": f"unix:path={RUNTIME}/bus", **env}.items()]

    def as_user(self, *command, **env):
        return ["--as", "1000", self.path, "env", "-C", "/home/user", *self.environment(**env), *command]

    def _run(self, command, code, place=()):
        done = subprocess.run([*map(str, (*place, FRESH, *command))], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=600, check=False)
        if done.returncode != code:
            raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + (done.stderr if code else "")

    def start(self, *command, stdin=None, **env):
        return self._start([FRESH, *map(str, self.as_user(*command, **env))], stdin)

    def _start(self, command, stdin=None):
        process = Process(command, dict(os.environ), self.path / f"{len(self._parts)}.log", stdin=stdin)
        self._parts.append(process)
        return process

    def start_session(self):
        self.start("dbus-daemon", "--session", "--nofork", f"--address=unix:path={RUNTIME}/bus")
        wait_until((self.path / RUNTIME[1:] / "bus").exists, "the session bus")
        keyring = self.start("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets", stdin=subprocess.PIPE)
        keyring.stdin.write(b"test")
        keyring.stdin.close()
        wait_until((self.path / "home/user/.local/share/keyrings/login.keyring").exists, "the keyring")

    def start_manager(self):
        """The person's systemd. The session's bus and keyring are there already."""
        mine = ".config/systemd/user"
        self.user("mkdir", "-p", mine)
        for unit in ("dbus.socket", "dbus.service", "gnome-keyring-daemon.socket", "gnome-keyring-daemon.service"):
            self.user("ln", "-sf", "/dev/null", f"{mine}/{unit}")
        self._manager = self._start([MANAGER, self.path, "1000", *self.environment()])
        wait_until((self.path / RUNTIME[1:] / "systemd/private").exists, "the person's systemd", seconds=30)

    def systemctl(self, *words):
        return self.user("systemctl", "--user", *words, SYSTEMD_IGNORE_CHROOT="1").strip()

    def main_pid(self):
        return int(self.systemctl("show", "-P", "MainPID", "keybearer.service"))

    def install(self, *names):
        self.root(*APT, "install", "-y", *(f"/packages/{name}" for name in names))

    def add(self, deb, version=None):
        """A package, with another version where one is wanted: what a later release would be."""
        current = deb.name.split("_")[1]
        if version is None:
            shutil.copy(deb, self.path / "packages")
            return
        tree = self.path / "packages" / "tree"
        subprocess.run(["dpkg-deb", "-R", deb, tree], check=True)
        for name in ("control", "preinst"):
            path = tree / "DEBIAN" / name
            if path.exists():
                path.write_text(path.read_text(encoding="utf-8").replace(current, version), encoding="utf-8")
        name = deb.name.replace(current, version)
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, self.path / "packages" / name], check=True,
                       stdout=subprocess.DEVNULL)
        shutil.rmtree(tree)

    def brokers(self):
        """Process ids of brokers, their helpers aside."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                inside = os.readlink(entry / "root") == str(self.path)
                if inside and (entry / "comm").read_text(encoding="utf-8").strip() == "keybearerd" and alive(int(entry.name)):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def remove(self):
        for process in reversed(self._parts):
            process.stop()
        subprocess.run([FRESH, "--rm", str(self.path)], check=True)


class LifeTest(unittest.TestCase):
    def setUp(self):
        self.debs = {path.name.split("_")[0]: path for path in FOLDER.glob("*.deb")}
        self.assertEqual(len(self.debs), 4, f"packaging/build has made no packages in {FOLDER}")
        self.version = self.debs["keybearer"].name.split("_")[1]
        self.machine = Machine(SUITE)
        self.addCleanup(self.machine.remove)
        self.lab = Home()
        self.addCleanup(self.lab.remove)
        self.provider = Provider(self.lab)
        self.addCleanup(self.provider.stop)

    def deb(self, name, later=False):
        return self.debs[name].name.replace(self.version, f"{LATER}-1" if later else self.version)

    def test_from_apt_to_purge(self):
        machine = self.machine
        machine.root(*APT, "update")
        for deb in self.debs.values():
            machine.add(deb)
        for name in ("keybearer", "keybearer-tray"):
            machine.add(self.debs[name], f"{LATER}-1")
        for step in (self.install_it, self.sign_in, self.activation, self.taking_over, self.tray, self.library, self.upgrade,
                     self.downgrade, self.remove_it, self.purge, self.portable, self.install_again, self.purge):
            print(f"  {SUITE}: {step.__name__}", flush=True)
            step()

    def install_it(self):
        self.machine.install(self.deb("keybearer"))
        listed = self.machine.root("dpkg", "--audit")
        self.assertEqual(listed, "")
        self.assertTrue((self.machine.path / "etc/systemd/user/sockets.target.wants/keybearer.socket").is_symlink())
        self.machine.start_session()

    def sign_in(self):
        machine = self.machine
        profile = f'id = "lab"\ndisplay_name = "Lab"\nissuer = "{self.provider.issuer}"\nclient_id = "native-anypath"\n' \
                  'scopes = ["openid", "email", "offline_access"]\n'
        machine.user("mkdir", "-p", ".config/keybearer/providers.d")
        place = machine.path / "home/user/.config/keybearer"
        for name, text in (("providers.d/lab.toml", profile), ("config.toml", 'policy = "allow"\n')):
            (place / name).write_text(text, encoding="utf-8")
            os.chown(place / name, 1000, 1000)
        login = machine.start("keybearer", "login", "lab")
        address = machine.path / "home/user/address"
        wait_until(address.exists, "the address of the sign-in", seconds=30)
        browse(address.read_text(encoding="utf-8"))
        self.assertEqual(login.wait(), 0, login.output())
        self.assertIn("signed_in", machine.user("keybearer", "status"))
        self.assertTrue(self.token())
        self.assertIn("secret-service, ready", machine.user("keybearer", "status"))
        self.assertTrue((machine.path / STATE / "broker.log").exists())
        machine.user("keybearer", "daemon", "stop")

    def token(self):
        return self.machine.user("keybearer", "token", "lab").strip()

    def activation(self):
        """The first connection starts the broker. Nobody has enabled anything but the package."""
        machine = self.machine
        machine.start_manager()
        wait_until((machine.path / RUNTIME[1:] / "keybearer/broker.sock").is_socket, "the socket")
        self.assertEqual((machine.systemctl("is-active", "keybearer.socket"), machine.brokers()), ("active", []))
        self.assertTrue(self.token())
        broker = machine.main_pid()
        self.assertEqual(machine.brokers(), [broker])
        self.assertEqual(os.readlink(f"/proc/{broker}/exe"), f"{machine.path}/usr/bin/keybearerd")
        machine.user("keybearer", "daemon", "stop")
        wait_until(lambda: machine.systemctl("show", "-P", "ActiveState,SubState", "keybearer.service") == "inactive\ndead",
                   "the end of the service")
        self.assertTrue(self.token())
        os.kill(machine.main_pid(), signal.SIGKILL)
        wait_until(lambda: machine.brokers() == [], "the broker's end")
        self.assertTrue(self.token())

    def taking_over(self):
        """The socket is started while a front end's broker runs: that one ends and makes room."""
        machine = self.machine
        machine.systemctl("stop", "keybearer.socket", "keybearer.service")
        self.assertTrue(self.token())
        (broker,) = machine.brokers()
        self.assertEqual(machine.main_pid(), 0)
        machine.systemctl("start", "keybearer.socket")
        wait_until(lambda: not alive(broker), "the end of the front end's broker", seconds=30)
        self.assertTrue(self.token())
        self.assertEqual(machine.brokers(), [machine.main_pid()])

    def tray(self):
        """Installed beside a broker that runs, which gives way to one that knows the window."""
        machine = self.machine
        self.assertTrue(self.token())
        (old,) = machine.brokers()
        machine.install(self.deb("keybearer-tray"))
        wait_until(lambda: not alive(old), "the end of the broker that knows no window", seconds=30)
        folder = self.lab.path / "display"
        folder.mkdir()
        display = Display(folder, dict(os.environ), (1280, 800), 1)
        self.addCleanup(display.stop)
        environment = {name: value for name, value in display.environment.items() if name != "XAUTHORITY"}
        if "XAUTHORITY" in display.environment:
            authority = machine.path / "home/user/.Xauthority"
            shutil.copy(display.environment["XAUTHORITY"], authority)
            os.chown(authority, 1000, 1000)
        window = machine.start("keybearer-tray", **environment)

        def shown():
            tree = subprocess.run(["xwininfo", "-root", "-tree"], env={**os.environ, **display.environment},
                                  capture_output=True, text=True, check=False).stdout
            return '"keybearer-tray"' in tree and "Keybearer" in tree

        wait_until(shown, f"the window: {window.output()}", seconds=30)
        self.assertTrue(window.running(), window.output())
        display.close(display.find("Keybearer"))
        wait_until((machine.path / STATE / "tray.ini").exists, "what the window remembers")
        window.stop()

    def library(self):
        """A C++ and a C program of another project, compiled where the packages are installed."""
        machine = self.machine
        machine.install(self.deb("libkeybearer-client1"), self.deb("libkeybearer-client-dev"))
        machine.root(*APT, "install", "-y", "--no-install-recommends", "cmake", "g++", "make", "pkg-config")
        for name in ("cmake_client", "frozen"):
            shutil.copytree(HERE / name, machine.path / "home/user" / name)
        machine.root("chown", "-R", "1000:1000", "/home/user")
        machine.user("sh", "-ec", "cmake -S cmake_client -B built >/dev/null && cmake --build built >/dev/null && "
                     "rm frozen/keybearer.h && cc frozen/fetch.c $(pkg-config --cflags --libs keybearer-client) -o built/fetch-c")
        for program in ("built/fetch", "built/fetch-c"):
            self.assertEqual(machine.user(program, "lab").strip(), self.token())

    def upgrade(self):
        """Over a running broker, with data in place."""
        machine = self.machine
        before = self.token()
        (old,) = machine.brokers()
        machine.install(self.deb("keybearer", later=True), self.deb("keybearer-tray", later=True))
        wait_until(lambda: not alive(old), "the end of the broker that was replaced", seconds=30)
        self.assertTrue(before and self.token())
        self.assertNotEqual(machine.brokers(), [old])
        self.assertEqual(machine.brokers(), [machine.main_pid()])
        self.assertIn("signed_in", machine.user("keybearer", "status"))

    def downgrade(self):
        """Of both at once: neither is left without the other."""
        machine, names = self.machine, ("keybearer", "keybearer-tray")
        said = machine.root("dpkg", "-i", *(f"/packages/{self.deb(name)}" for name in names), code=1)
        for name in names:
            self.assertIn(f"{name}: going back from {LATER}-1 to {self.version} is refused", said)
            self.assertEqual(machine.root("dpkg-query", "-W", "-f=${db:Status-Abbrev} ${Version}", name), f"ii  {LATER}-1")
        self.assertEqual(machine.root("dpkg", "--audit"), "")
        self.assertTrue(self.token())

    def remove_it(self):
        machine = self.machine
        (broker,) = machine.brokers()
        machine.root(*APT, "remove", "-y", "keybearer", "keybearer-tray")
        wait_until(lambda: not alive(broker), "the end of the broker that was removed", seconds=30)
        self.assertFalse((machine.path / "usr/bin/keybearer").exists())
        self.assertTrue((machine.path / "home/user/.local/share/keybearer/accounts.json").exists())
        self.assertTrue((machine.path / "etc/xdg/autostart/keybearer-tray.desktop").exists())

    def purge(self):
        """Of what was removed, and of the broker's package alone."""
        machine = self.machine
        self.as_the_readme_says("The .deb", root=True)
        wait_until(lambda: machine.brokers() == [], "the end of the broker that was purged", seconds=30)
        left = machine.root("find", "/usr", "/etc", "/var", "-xdev", "-iname", "*keybearer*")
        self.assertEqual(left, "")
        self.assertTrue((machine.path / "home/user/.local/share/keybearer/accounts.json").exists())

    def as_the_readme_says(self, title, version="", root=False):
        """The person runs the commands of that block of the README, where the packages are; or root does, without sudo."""
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        (block,) = re.findall(rf"```sh\n# {re.escape(title)}\n(.+?)```", text, re.S)
        script = "cd /packages\n" + block.replace("VERSION", version)
        if root:
            return self.machine.root("sh", "-ec", script.replace("sudo ", ""))
        return self.machine.user("sh", "-ec", script, PATH="/home/user/.local/bin:/usr/bin:/bin", SYSTEMD_IGNORE_CHROOT="1")

    def portable(self):
        """Unpacked by the person alone: programs and providers find each other, and what the packages' broker stored."""
        machine, mine = self.machine, "/home/user/.local"
        (archive,) = FOLDER.glob("*.tar.gz")
        current = self.version.rsplit("-", 1)[0]
        old = archive.name.removesuffix(".tar.gz")
        new = old.replace(current, LATER)
        shutil.copy(archive, machine.path / "packages")
        machine.root("sh", "-ec", f"cd /packages && tar xzf {archive.name} && mv {old} {new} && tar czf {new}.tar.gz {new}")
        for version, folder in ((current, old), (LATER, new)):
            self.as_the_readme_says("Without root", version)
            self.assertIn("signed_in", machine.user("sh", "-ec", f"{mine}/bin/keybearer daemon start && {mine}/bin/keybearer status"))
            if version == LATER:  # which cannot see that another link names another folder
                self.assertEqual([os.readlink(f"/proc/{pid}/exe").split("/")[-3] for pid in machine.brokers()], [old])
                machine.user(f"{mine}/bin/keybearer", "daemon", "stop")
            self.assertIn("openai", machine.user(f"{mine}/bin/keybearer", "provider", "list", "--all"))
            self.assertTrue(machine.user(f"{mine}/bin/keybearer", "token", "lab").strip())
            (broker,) = machine.brokers()
            self.assertEqual(os.readlink(f"/proc/{broker}/exe"), f"{machine.path}{mine}/opt/{folder}/bin/keybearerd")
            machine.user(f"{mine}/bin/keybearer", "daemon", "stop")
            self.under_systemd(f"{mine}/opt/{folder}/bin/keybearerd")
        self.as_the_readme_says("Its units, where they were copied")
        self.as_the_readme_says("The .tar.gz")
        self.assertEqual(machine.brokers(), [])
        self.assertEqual(machine.user("find", mine, "-iname", "*keybearer*", "-not", "-path", f"{mine}/share/keybearer*",
                                      "-not", "-path", f"{mine}/state/keybearer*"), "")

    def under_systemd(self, program):
        machine, unit = self.machine, "/home/user/.local/share/systemd/user/keybearer.service"
        # The unit of the package that is gone has tried to start its broker too often, which counts for ten seconds.
        machine.systemctl("reset-failed")
        self.as_the_readme_says("Its units, where systemd runs")
        self.assertEqual(machine.user("systemd-analyze", "--user", "verify", "--man=no", unit), "")
        self.assertTrue(machine.user("/home/user/.local/bin/keybearer", "token", "lab").strip())
        broker = machine.main_pid()
        self.assertEqual((machine.brokers(), os.readlink(f"/proc/{broker}/exe")), ([broker], f"{machine.path}{program}"))

    def install_again(self):
        machine = self.machine
        machine.install(self.deb("keybearer"))
        self.assertTrue(self.token())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        SUITE = sys.argv[1]
    if len(sys.argv) > 2:
        FOLDER = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1], verbosity=2)
