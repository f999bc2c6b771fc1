"""Another machine: a real sshd on a port of this one, with a home and a home of Keybearer of its own."""
import json
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile

from .case import KeybearerTest
from .home import BIN_DIR, CLI
from .process import Process, wait_until

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin") or "/usr/sbin/sshd"


def _said(command):
    return subprocess.run([str(one) for one in command], check=True, capture_output=True, text=True).stdout


class Remote:
    """`user` is whom it knows: whoever runs the test. `config` is more of sshd_config."""

    def __init__(self, config=""):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="rm.", dir="/tmp"))
        self.home = self.path / "home"
        self.tmp = self.path / "tmp"
        for folder in (self.home, self.tmp, self.path / "kb"):
            folder.mkdir(mode=0o700)
        self.identity = self.path / "id"
        for name in ("id", "host"):
            _said(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path / name])
        shutil.copy(self.path / "id.pub", self.path / "authorized")
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self.log = self.path / "sshd.log"
        self.port = self._start(config)
        public = (self.path / "host.pub").read_text().split()[:2]
        (self.path / "known").write_text(f"[127.0.0.1]:{self.port} {' '.join(public)}\n")
        (self.path / "config").write_text(
            f"Host remote\n HostName 127.0.0.1\n Port {self.port}\n User {self.user}\n IdentityFile {self.identity}\n"
            f" IdentitiesOnly yes\n UserKnownHostsFile {self.path / 'known'}\n StrictHostKeyChecking yes\n BatchMode yes\n")

    def _start(self, config):
        os.makedirs("/run/sshd", exist_ok=True) if os.getuid() == 0 else None
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            file = self.path / "sshd_config"
            file.write_text(
                f"ListenAddress 127.0.0.1:{port}\nHostKey {self.path / 'host'}\nAuthorizedKeysFile {self.path / 'authorized'}\n"
                f"PidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin yes\nPrintMotd no\n"
                f"SetEnv HOME={self.home} PATH={BIN_DIR}:/usr/bin:/bin TMPDIR={self.tmp} KEYBEARER_HOME={self.path / 'kb'} "
                f"XDG_RUNTIME_DIR= SHELL=/bin/bash\n{config}")
            file.chmod(0o600)
            self._process = Process([SSHD, "-D", "-e", "-f", file], {"PATH": "/usr/bin:/bin"}, self.log)
            said = wait_until(lambda: not self._process.running() or "Server listening" in self._process.output(), "sshd")
            if said and self._process.running():
                return port
            if "Address already in use" not in self._process.output():
                raise AssertionError(self._process.output())
            self.log.unlink()

    @property
    def pid(self):
        return self._process.pid

    def options(self):
        """What makes `remote` a name that ssh knows, behind --ssh-option."""
        lines = (self.path / "config").read_text().splitlines()[1:]
        return [part for line in lines for part in ("-o", "=".join(line.split(None, 1)))]

    def folders(self):
        """Those that Keybearer has there."""
        return sorted(self.tmp.glob("keybearer.*"))

    def stop(self):
        self._process.stop()
        shutil.rmtree(self.path)


class ForwardTest(KeybearerTest):
    remote_config = ""

    def setUp(self):
        super().setUp()
        self.remote = Remote(self.remote_config)
        self.addCleanup(self.remote.stop)
        self.broker = self.start_broker()
        self.person = self.rpc()
        for account in ("work", "home"):
            self.sign_in(self.person, account=account)

    def forward(self, *arguments, command=(), **options):
        behind = ["--", *command] if command else []
        return self.cli("forward", *self.remote.options(), *arguments, "remote", *behind, **options)

    def over_there(self, script, *arguments, **options):
        """A script that runs on the other machine; its output."""
        return self.forward("-a", "work", *arguments, command=["sh", "-c", script], **options)

    def begin(self, script="echo there; cat", *arguments):
        """The same in the background, until its standard input ends; it says "there" first."""
        command = [CLI, "forward", *self.remote.options(), "-a", "work", *arguments, "remote", "--", "sh", "-c", script]
        reader, writer = os.pipe()
        process = Process(command, self.env(), self.home.path / "forward.log", stdin=reader)
        os.close(reader)
        self.addCleanup(process.stop)
        self.writer = os.fdopen(writer, "wb")
        self.addCleanup(self.writer.close)
        wait_until(lambda: "there" in process.output() or not process.running(), "the other machine")
        self.assertIn("there", process.output())
        return process

    def sessions(self):
        return self.person.call("forward.list")["sessions"]

    def audit(self, event):
        rows = [json.loads(line) for line in (self.home.path / "state" / "audit.log").read_text().splitlines()]
        return [row for row in rows if row["event"] == event]

    def revoked(self):
        return self.provider.requests("/token/revocation", "POST")
