"""A person at a terminal: an interactive bash on a pty of its own."""
import errno
import os
import pty
import re
import select
import signal
import time

SECONDS = 30
PROMPT = "ready> "


class Shell:
    def __init__(self, env, folder):
        env = {**env, "PS1": PROMPT, "TERM": "dumb", "HISTFILE": ""}
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], env)
        self._seen = ""
        self.expect(PROMPT)

    def type(self, text):
        """A line, as a person types it."""
        self._seen = ""
        os.write(self._terminal, text.encode() + b"\n")

    def expect(self, pattern):
        """Waits for text that matches; what came since the last line was typed."""
        end = time.monotonic() + SECONDS
        while not re.search(pattern, self._seen):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._terminal], [], [], left)[0]:
                raise AssertionError(f"{pattern!r} did not come, but:\n{self._seen}")
            try:
                part = os.read(self._terminal, 4096)
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                part = b""
            if not part:
                raise AssertionError(f"the shell ended; it had said:\n{self._seen}")
            self._seen += part.decode("utf-8", "replace").replace("\r", "")
        return self._seen

    def run(self, command):
        """What a command says until the next prompt."""
        self.type(command)
        return self.expect(r"(?s).*\n" + re.escape(PROMPT))

    def interrupt(self):
        os.write(self._terminal, b"\x03")

    def stop(self):
        os.kill(self.pid, signal.SIGHUP)
        os.close(self._terminal)
        os.waitpid(self.pid, 0)
