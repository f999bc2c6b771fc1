"""The broker's memory, read with a debugger: B13 of README.md."""
import os
import pathlib
import subprocess
import sys

from kbtest import LocationTest, children_named

CANARY = "sk-canary-of-the-memory-0123456789abcdef"
# Yama may let a process be looked into by its ancestors alone; this one lets anybody.
HOLDS_A_CANARY = "import ctypes, sys; ctypes.CDLL(None).prctl(0x59616d61, ctypes.c_ulong(-1)); word = sys.stdin.readline(); " \
                 "print('holds it', flush=True); sys.stdin.read()"
WITHOUT_CAPABILITIES = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []


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
        other.stdin.write(CANARY + "\n")
        other.stdin.flush()
        other.stdout.readline()
        self.assertIn(CANARY.encode(), self.gcore(other.pid, *WITHOUT_CAPABILITIES) or b"",
                      "a process that hides nothing shows what it holds, or this test would prove nothing")
        self.begin('policy = "allow"\n')
        self.store(CANARY)
        self.assertEqual(self.value(), CANARY)
        helpers = [*children_named("keybearer-spawn", self.broker.pid), *children_named("keybearer-ids", self.broker.pid)]
        self.assertEqual(len(helpers), 2)
        for pid in (self.broker.pid, *helpers):
            with self.subTest(pid=pid):
                self.assertIsNone(self.gcore(pid, *WITHOUT_CAPABILITIES))
