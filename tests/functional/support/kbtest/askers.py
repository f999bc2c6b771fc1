"""Programs of the person's own that ask under the policy "ask", and what they are answered."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

from .case import KeybearerTest

KEY = "sk-0123456789abcdef-canary"

# Begins a command in other namespaces, which any program can have in a user namespace; root needs none of that.
UNSHARE = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]

# What each of them can do; a test adds what it does.
PEER = '''
import json, os, select, socket, subprocess, sys
def connect():
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(30)
    one.connect(os.environ["ASKED_SOCKET"])
    one.set_inheritable(True)
    return one
def adopt(descriptor):
    one = socket.socket(fileno=int(descriptor))
    one.settimeout(30)
    return one
def call(one, method, **params):
    one.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\\n")
    said = b""
    while not said.endswith(b"\\n"):
        got = one.recv(65536)
        if not got:
            return None
        said += got
    return json.loads(said)
def ask(one, method="credential.resolve", **params):
    if method == "credential.resolve":
        params = {"provider": "openai", **params}
    answer = call(one, method, **params)
    if answer is None:
        return "closed"
    if "error" in answer:
        return answer["error"]["data"]["kind"]
    given = answer["result"]
    return "given" if "access_token" in given or any(f.get("value") for f in given.get("fields", [])) else "success"
def ended(pid):
    select.select([os.pidfd_open(pid)], [], [])
def say(word):
    os.write(1, word.encode() + b"\\n")
'''


class AskerTest(KeybearerTest):
    """A key lies in a file, so that no keychain is needed. Programs are copies of the Python that runs this, by another
    name: nothing but a program, then, to whoever looks at it."""

    keyring_mode = "none"
    provider_options = None

    def setUp(self):
        super().setUp()
        self.bin = self.home.user / "bin"
        self.bin.mkdir()
        key = self.home.user / "key"
        key.write_text(KEY)
        key.chmod(0o600)
        self.locations = f'[locations]\nopenai = ["file::{key}"]\n'
        self.kept = {key}
        self.asker, self.other = self.program("asker"), self.program("other")
        self.addCleanup(self._assert_key_stayed_secret)

    def _assert_key_stayed_secret(self):
        if not self._has_failed():
            for path in self.kept:
                path.unlink(missing_ok=True)
            self._assert_absent([KEY])

    def program(self, name):
        return pathlib.Path(shutil.copy(os.path.realpath(sys.executable), self.bin / name))

    def script(self, name, text):
        path = self.bin / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def grant(self, path, credential="key:default/openai/default", kind="program", digest=True, more=""):
        """A section of config.toml."""
        sha256 = f'sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"\n' if digest else ""
        return f'[[grant]]\n{kind} = "{path}"\n{sha256}credential = "{credential}"\n{more}'

    def begin(self, *grants, more=""):
        """A broker where these grants are all there is."""
        self.home.write_config("config.toml", 'policy = "ask"\n' + more + self.locations + "".join(grants))
        self.broker = self.start_broker()

    def command(self, program, body, *args):
        return [str(one) for one in (program, "-B", "-c", PEER + body, *args)]

    def asking_env(self, **more):
        """A copy of Python looks for its library where it lies, unless it is told."""
        return self.env(ASKED_SOCKET=self.home.socket, PYTHONHOME=sys.base_prefix, **more)

    def runs(self, command, **options):
        """The words that a command writes."""
        env = self.asking_env(**options.pop("env", {}))
        ran = subprocess.run([str(one) for one in command], env=env, capture_output=True, text=True, timeout=60, check=False,
                             **options)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout.split()

    def does(self, program, body, *args, before=(), **options):
        return self.runs([*before, *self.command(program, body, *args)], **options)

    def answered(self, program, *, before=(), **options):
        """What it gets when it simply asks."""
        (word,) = self.does(program, "say(ask(connect()))", before=before, **options)
        return word
