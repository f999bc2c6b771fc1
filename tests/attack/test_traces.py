"""B13, B14, B15: what is left of secrets in arguments, environments, descriptors, logs and core files, while programs ask
under the policy "ask"."""
import os
import pathlib
import re
import shutil
import subprocess
import threading

from kbtest import BROKER, HEADLESS_BROWSER, KeybearerTest, Process, wait_until
from kbtest.askers import KEY, AskerTest
from kbtest.shell import PROMPT, Shell

STORED = "sk-proj-0123456789abcdef-canary"
PRINTED = "gsk_0123456789abcdef-canary"
OWN = "sk-proj-fedcba9876543210-canary"  # what a caller has in its own environment
HOLDS_KEYS = "cat"  # the child of `keybearer run`: its environment is where its keys are meant to be


class Watcher:
    """Arguments and environments of every process that belongs to this home, as often as they can be read."""

    def __init__(self, home):
        self._home = str(home).encode()
        self._seen = set()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self):
        while not self._end.wait(0.002):
            for folder in pathlib.Path("/proc").glob("[0-9]*"):
                try:
                    name = (folder / "comm").read_text("utf-8", "replace").strip()
                    found = {kind: (folder / kind).read_bytes() for kind in ("cmdline", "environ")}
                    became = (folder / "comm").read_text("utf-8", "replace").strip()
                except OSError:
                    continue  # it has ended, or hides its environment
                # What became another program meanwhile has that one's environment, and is seen again under its name.
                if name == became and any(self._home in data for data in found.values()):
                    self._seen |= {(name, kind, data) for kind, data in found.items()}

    def seen(self):
        return set(self._seen)

    def stop(self):
        self._end.set()
        self._thread.join()


class TraceTest(AskerTest):
    keyring_mode = "unlocked"
    provider_options = ()

    def setUp(self):
        super().setUp()
        self.watcher = Watcher(self.home.path)
        self.addCleanup(self.watcher.stop)
        self.given = self.home.user / "given"  # what children of ours say that they were given
        self.given.mkdir()

    def telling(self, name, then):
        """A program that notes its environment, arguments and descriptors, and then does something."""
        return self.script(name, f'#!/bin/sh\nexec 9>"{self.given}/{name}"\nls -l /proc/$$/fd | grep -v " 9 -> " >&9\n'
                                 f'tr "\\0" "\\n" </proc/$$/environ >&9\necho "$@" >&9\nexec 9>&-\n{then}\n')

    def told(self, name):
        return (self.given / name).read_text(encoding="utf-8")

    def at_terminal(self, command, answer=None):
        self.shell.type(command)
        if answer is not None:
            self.shell.expect(r"Allow it .*\? ")
            self.shell.type(answer)
        return self.shell.expect(r"(?s).*\n" + re.escape(PROMPT))

    def begin_with_everything(self):
        printer = self.telling("printer", f'printf %s "{PRINTED}"')
        self.kept.add(printer)  # it holds what it prints
        self.locations += f'groq = ["command::{printer}"]\n'
        self.home.write_config("config.toml", f'policy = "ask"\n{self.locations.replace("openai =", "anthropic =")}'
                               + self.grant(self.asker, "*"))
        self.broker = self.start_broker(QT_LOGGING_RULES="*=true")
        self.shell = Shell(self.env(), self.home.user)
        self.addCleanup(self.shell.stop)

    def test_B14_B15_nothing_secret_is_left_by_any_way_of_asking(self):
        self.begin_with_everything()
        browser = self.telling("browser", f'exec "{HEADLESS_BROWSER}" "$@"')
        self.ok("login", "lab", "--account", "work", BROWSER=browser, OPENAI_API_KEY=OWN)
        self.ok("provider", "set", "openai", "--file", "-", input=STORED)
        # A program with a grant, one without, and a person who says yes, no, and yes for a while.
        body = "one = connect(); say(ask(one, 'token.get', account='work')); [say(ask(one, provider=p)) for p in PROVIDERS]"
        body = f"PROVIDERS = ['openai', 'groq', 'anthropic']; {body}"
        self.assertEqual(self.watched(self.asker, body), ["given"] * 4)
        self.assertEqual(self.watched(self.other, body), ["consent_required"] * 4)
        self.assertIn("said no", self.at_terminal("keybearer resolve openai | wc -c", "n"))
        self.assertRegex(self.at_terminal("keybearer token work | wc -c", "s"), r"\n\d{2,}\n")
        self.broker.stop()  # it remembers a no for a while
        self.broker = self.start_broker(QT_LOGGING_RULES="*=true")
        client_key = self.use_a_client_key()
        self.run_with_keys()
        self.provider.fault("/token", "html")
        self.assertEqual(self.does(self.asker, "say(ask(connect(), 'token.get', account='work', refresh=True))"), ["provider_error"])
        self.ok("logout", "work")
        self.watcher.stop()
        self.look_through({STORED, PRINTED, KEY, OWN, client_key} | {one for one in self.provider.tokens() if len(one) >= 8})

    def watched(self, program, body):
        """What it gets; it asks again until the watcher has caught it, whose look takes longer than its life where much runs."""
        answers = self.does(program, body)
        wait_until(lambda: any(name == program.name for name, _, _ in self.watcher.seen()) or not self.does(program, body),
                   f"{program.name} to be seen", 30)
        return answers

    def use_a_client_key(self):
        file = self.home.user / "ci.key"
        self.at_terminal(f"(umask 077; keybearer key create ci --scope 'openai/*' >{file})")
        key = file.read_text(encoding="utf-8").strip()
        self.assertRegex(key, r"^kb_live_\w{49}$")
        self.kept.add(file)
        self.ok("resolve", "openai", KEYBEARER_CLIENT_KEY_FILE=file, secret_output=True)
        self.fails(5, "resolve", "groq", KEYBEARER_CLIENT_KEY_FILE=file)
        return key

    def run_with_keys(self):
        """The one place where a key is meant to be in an environment, which shows that the watcher sees such."""
        pipe = self.home.user / "pipe"
        os.mkfifo(pipe)
        self.shell.type(f"keybearer run --provider openai -- {HOLDS_KEYS} {pipe}")
        self.shell.expect(r"Allow it .*\? ")
        self.shell.type("s")
        wait_until(lambda: any(name == HOLDS_KEYS and STORED.encode() in data for name, _, data in self.watcher.seen()),
                   "the child of keybearer run to be seen")
        pipe.write_text("done\n", encoding="utf-8")
        self.shell.expect(r"(?s)done\n.*" + re.escape(PROMPT))

    def look_through(self, secrets):
        for path in self.kept:
            path.unlink()
        self.kept = set()
        self._assert_absent(secrets)
        names = set()
        pattern = re.compile(b"|".join(re.escape(secret.encode()) for secret in secrets))
        for name, kind, data in self.watcher.seen():
            names.add(name)
            if (name, kind) != (HOLDS_KEYS, "environ"):
                others = data.replace(f"OPENAI_API_KEY={OWN}\0".encode(), b"") if kind == "environ" else data
                self.assertIsNone(pattern.search(others), f"a secret in the {kind} of {name}")
        self.assertLessEqual({"asker", "other", "keybearer", "bash", HOLDS_KEYS}, names)
        for name in ("browser", "printer"):
            self.assertNotIn("canary", self.told(name))
            self.assertNotIn("socket:", self.told(name), "a connection of ours in a child")
            self.assertNotIn(str(self.home.path / "data"), self.told(name))


ORDINARY, ANOTHER = 65534, 65533


def as_user(uid):
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if os.geteuid() == 0 else []


class CoreTest(KeybearerTest):
    keyring_mode = "none"
    provider_options = None

    def begin(self):
        """A broker of an ordinary user, whom root's rights do not help."""
        if os.geteuid() != 0:
            return self.start_broker()
        copy = shutil.copy(BROKER, self.home.path)  # from where this user can reach it
        for path in (self.home.path, *self.home.path.rglob("*")):
            os.chown(path, ORDINARY, ORDINARY, follow_symlinks=False)
        return self.start_broker([*as_user(ORDINARY), "sh", "-c", 'shift && exec "$0" "$@"', copy])

    def gcore(self, uid, pid):
        """Whether a core file comes of it."""
        core = self.home.user / f"core-{uid}"
        ran = subprocess.run([*as_user(uid), "gcore", "-o", core, str(pid)], env={"PATH": os.environ["PATH"], "HOME": "/"}, cwd="/",
                             capture_output=True, text=True, timeout=60, check=False)
        self.assertRegex(ran.stdout + ran.stderr, "gcore|ptrace|Attaching|attach|core")  # it has been there and tried
        return core.with_name(f"{core.name}.{pid}").exists()

    def test_B13_gcore_writes_no_core_of_the_broker(self):
        """As a program of the same, ordinary user, and of another. Root can: SECURITY.md says so."""
        broker = self.begin()
        for path in (self.home.path, self.home.user):
            path.chmod(0o777)
        other = Process([*as_user(ORDINARY), "sleep", "60"], {"PATH": os.environ["PATH"]}, self.home.path / "sleep.log")
        self.addCleanup(other.stop)
        wait_until(lambda: pathlib.Path(f"/proc/{other.pid}/comm").read_text(encoding="ascii") == "sleep\n", "another process")
        yama = pathlib.Path("/proc/sys/kernel/yama/ptrace_scope")
        if not yama.exists() or yama.read_text(encoding="ascii").strip() == "0":
            self.assertTrue(self.gcore(ORDINARY, other.pid))  # where a process does not hide, one gets a core of it
        self.assertFalse(self.gcore(ORDINARY, broker.pid))
        if os.geteuid() == 0:
            self.assertFalse(self.gcore(ANOTHER, broker.pid))
