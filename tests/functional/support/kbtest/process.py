"""Programs that a test starts: ended by their process id, and by the kernel when the test itself is killed."""
import ctypes
import os
import signal
import socket
import subprocess
import time

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
STOP_SECONDS = 10


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A program in the background with its output in files. Start it from the main thread only: its life is tied to
    the thread that started it."""

    def __init__(self, args, env, log, stdin=None, pass_fds=()):
        self.log = log
        with open(log, "ab") as output:
            self._popen = subprocess.Popen([str(arg) for arg in args], env=env, stdin=stdin or subprocess.DEVNULL,
                                           stdout=output, stderr=output, pass_fds=pass_fds, preexec_fn=_die_with_parent)
        self.pid = self._popen.pid

    @property
    def stdin(self):
        return self._popen.stdin

    def running(self):
        return self._popen.poll() is None

    def wait(self, timeout=STOP_SECONDS):
        return self._popen.wait(timeout)

    def kill(self):
        if self.running():
            self._popen.kill()
        return self._popen.wait()

    def stop(self):
        """Asks it to end, insists after a while; the exit code."""
        if self.running():
            self._popen.terminate()
        try:
            return self._popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return self.kill()

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()


def wait_until(condition, what, seconds=10):
    """Polls until the condition holds; its value. Fails with `what` otherwise."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} seconds in vain: {what}")
        time.sleep(0.01)


def accepts(path):
    """True when a server listens on that socket: it is there a moment before."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(path)) == 0


def alive(pid):
    """True while the process exists and is more than a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def adopt_orphans():
    """Programs that our programs leave behind become our children, so that a test can find and end them."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def children_named(name, parent=None):
    """Process ids of the living children, ours if not of `parent`, with this name (the first 15 characters of the
    program's)."""
    found = []
    parent = parent or os.getpid()
    with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as children:
        for pid in children.read().split():
            try:
                with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as comm:
                    if comm.read().strip() == name and alive(pid):
                        found.append(int(pid))
            except OSError:
                continue
    return found
