"""keybearerd in the foreground."""
import os
import select

from .home import BROKER
from .process import Process
from .rpc import RpcClient

READY_SECONDS = 20


class BrokerRefused(Exception):
    """The broker did not start; the text is the sentence it gave."""


class Broker:
    """`before` is a command that runs the one that follows it; `stdin` goes to that command."""

    def __init__(self, home, env, before=(), stdin=None):
        self.home = home
        self.log = home.path / "broker.log"
        reader, writer = os.pipe()
        self.process = Process([*before, BROKER, "--ready-fd", writer], env, self.log, stdin, (writer,))
        os.close(writer)
        self.pid = self.process.pid
        with os.fdopen(reader, "rb") as ready:
            said = b""
            while not said.endswith(b"\n") and select.select([ready], [], [], READY_SECONDS)[0]:
                part = os.read(ready.fileno(), 4096)
                if not part:
                    break
                said += part
        if said != b"ready\n":
            self.process.stop()
            raise BrokerRefused(said.decode("utf-8", "replace") + self.process.output())

    def rpc(self):
        return RpcClient(self.home.socket)

    def output(self):
        return self.process.output()

    def stop(self):
        return self.process.stop()

    def kill(self):
        return self.process.kill()
