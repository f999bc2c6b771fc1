"""The window beside a Qt program that shows an empty one: memory, and the time until the window manager has it."""
import contextlib
import select
import socket
import statistics
import subprocess
import time

from kbtest.gui import DesktopTest
from kbtest.home import BIN_DIR
from kbtest.process import wait_until

SECONDS = 20
PANEL = 1  # its window is in the list, too


class _Windows:
    """The window manager's list, as it changes."""

    def __init__(self, env):
        self._xprop = subprocess.Popen(["xprop", "-root", "-spy", "_NET_CLIENT_LIST"], env=env, stdout=subprocess.PIPE,
                                       bufsize=0)  # select() sees no buffer of ours
        self.count = self._next()

    def _next(self):
        if not select.select([self._xprop.stdout], [], [], SECONDS)[0]:
            raise AssertionError("no window came or went")
        return self._xprop.stdout.readline().count(b"0x")

    def wait(self, count):
        while self.count != count:
            self.count = self._next()

    def stop(self):
        self._xprop.terminate()
        self._xprop.stdout.close()
        self._xprop.wait()


class WindowBench(DesktopTest):
    provider_options = None

    def runTest(self):
        self.fail("not a test: tests/bench/run")

    def measure(self, empty_program, rounds, resident):
        self.setUp()
        self.start_broker()
        windows = _Windows(self.desktop.env)
        self.addCleanup(windows.stop)
        windows.wait(PANEL)
        found = {"empty": [], "tray": [], "opened": []}
        memory = {}
        for _ in range(rounds):
            for name, command in (("empty", [empty_program]), ("tray", [BIN_DIR / "keybearer-tray"])):
                begin = time.perf_counter()
                program = self.desktop.start(*command)
                windows.wait(PANEL + 1)
                found[name].append(time.perf_counter() - begin)
                memory[f"{name}, window open"] = resident(program.pid)
                program.stop()
                windows.wait(PANEL)
        tray = self.desktop.start(BIN_DIR / "keybearer-tray", "--background")
        path = self.home.socket.parent / "tray.sock"
        wait_until(path.exists, "the tray")
        self.desktop.panel.icon(tray.pid)
        memory["tray, in the background"] = resident(tray.pid)
        for _ in range(rounds):
            begin = time.perf_counter()
            with contextlib.closing(socket.socket(socket.AF_UNIX)) as again:
                again.connect(str(path))
                windows.wait(PANEL + 1)
            found["opened"].append(time.perf_counter() - begin)
            self.desktop.display.close(self.desktop.display.find("Keybearer", pid=tray.pid))
            windows.wait(PANEL)
        return {"seconds": {name: statistics.median(times) for name, times in found.items()}, "memory": memory}


def measure(empty_program, rounds, resident):
    bench = WindowBench()
    try:
        return bench.measure(empty_program, rounds, resident)
    finally:
        bench.doCleanups()


def rows(found):
    """For the table of what has to hold; the aims of 60 MB and 300 ms stand beside the ratios."""
    seconds, memory = found["seconds"], found["memory"]
    return [
        ("window open from a start, against an empty Qt window's", seconds["tray"] / seconds["empty"], "<=", 2),
        ("... ms", seconds["tray"] * 1000, "<=", 300),
        ("window of a program that runs, ms", seconds["opened"] * 1000, "<=", 300),
        ("memory with the window open, against an empty Qt window's", memory["tray, window open"] / memory["empty, window open"],
         "<=", 1.5),
        ("... MB", memory["tray, window open"] * 1024 / 1e6, "<=", 60),
        ("memory in the background, MB", memory["tray, in the background"] * 1024 / 1e6, "<=", 60),
    ]
