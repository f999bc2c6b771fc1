"""The broker's memory, read with a debugger: B13 of README.md."""
import os
import pathlib
import subprocess
import sys
import unittest

from kbtest import LocationTest, children_named

STORED, FROM_FILE, PRINTED = (f"sk-canary-{place}-0123456789abcdef" for place in ("of-the-vault", "of-a-file", "of-a-command"))
# Yama may let a process be looked into by its ancestors alone; this one lets anybody.
HOLDS_A_CANARY = "import ctypes, sys; ctypes.CDLL(None).prctl(0x59616d61, ctypes.c_ulong(-1)); word = sys.stdin.readline(); " \
                 "print('holds it', flush=True); sys.stdin.read()"
MOST = 1 << 30  # a sanitizer's own tables are larger, and hold nothing of the broker's
WITHOUT_CAPABILITIES = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []


def memory_of(pid):
    """All that a process may read or write, its locked memory too; for root alone."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            place, rights = line.split()[:2]
            begin, end = (int(part, 16) for part in place.split("-"))
            if rights.startswith("rw") and end - begin < MOST:
                memory.seek(begin)
                yield memory.read(end - begin)


class ScanTest(LocationTest):
    def gcore(self, pid, *before):
        """What the debugger got of a process; None when it got nothing."""
        path = self.home.path / "core"
        for old in self.home.path.glob("core.*"):
            old.unlink()
        subprocess.run([*before, "gcore", "-o", path, str(pid)], env={**os.environ, "DEBUGINFOD_URLS": ""}, cwd="/",
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        core = pathlib.Path(f"{path}.{pid}")
        return core.read_bytes() if core.exists() else None

    def test_B13_a_debugger_of_the_same_user_gets_nothing(self):
        other = subprocess.Popen([*WITHOUT_CAPABILITIES, sys.executable, "-c", HOLDS_A_CANARY], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (other.communicate(), other.wait()))
        other.stdin.write(STORED + "\n")
        other.stdin.flush()
        other.stdout.readline()
        self.assertIn(STORED.encode(), self.gcore(other.pid, *WITHOUT_CAPABILITIES) or b"",
                      "a process that hides nothing shows what it holds, or this test would prove nothing")
        for pid in self.serve_each():
            with self.subTest(pid=pid):
                self.assertIsNone(self.gcore(pid, *WITHOUT_CAPABILITIES))

    def serve_each(self):
        """A broker that has handed out a key of its vault, of a file and of a command: its process and its helpers'."""
        path = self.file("key", FROM_FILE)
        self.script("get-key", f"echo {PRINTED}")
        self.begin(f'policy = "allow"\n[locations]\ngroq = ["file::{path}"]\n'
                   f'mistral = ["command::{self.home.user}/get-key"]\n')
        self.store(STORED)
        for provider, value in (("openai", STORED), ("groq", FROM_FILE), ("mistral", PRINTED)):
            self.assertEqual(self.value(provider), value)
        pids = [self.broker.pid, *(pid for name in ("keybearer-spawn", "keybearer-ids")
                                   for pid in children_named(name, self.broker.pid))]
        self.assertEqual(len(pids), 3)
        return pids

    @unittest.skipIf(os.geteuid() != 0, "the broker's memory is root's to read alone")
    def test_B13_what_was_handed_out_is_wiped(self):
        pids = self.serve_each()
        with self.rpc() as another:
            self.assertTrue(another.call("system.hello"))
        for pid in pids:
            found = {key for part in memory_of(pid) for key in (STORED, FROM_FILE, PRINTED) if key.encode() in part}
            self.assertEqual(found, set(), f"process {pid}")
        # What is looked for can be found: the data folder's path stands in every broker's memory.
        self.assertTrue(any(str(self.home.path).encode() in part for part in memory_of(self.broker.pid)))
