"""A broker that plays a script on a real socket: what it expects, and the lines that it answers with."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import threading
from types import TracebackType
from typing import Any, Dict, List, Mapping, Optional, Sequence, Type

# A test that hangs ends here, with a failure.
PATIENCE = 20.0


def answered(result: Mapping[str, Any]) -> str:
    """An answer line of a script; the broker puts the request's id in for $ID."""
    return '{"jsonrpc":"2.0","id":$ID,"result":' + json.dumps(result) + "}"


def step(
    *answer: Optional[str], method: str = "system.hello", params: Optional[Mapping[str, Any]] = None
) -> Dict[str, Any]:
    """One request of a script with the lines that it is answered with; None closes the connection."""
    return {"method": method, "params": dict(params or {}), "answer": list(answer)}


class FakeBroker:
    """Serves a connection for each script, in the order in which they are made.

    ``folder`` is an empty one of mode 0700, ``socket`` lies in a folder of its own below.
    """

    def __init__(self, *scripts: Sequence[Mapping[str, Any]]) -> None:
        self._scripts = scripts
        self.problems: List[str] = []
        self.requests: List[Dict[str, Any]] = []
        self.folder = tempfile.mkdtemp(prefix="kb")
        self.run = os.path.join(self.folder, "run")
        os.mkdir(self.run, 0o700)
        self.socket = os.path.join(self.run, "broker.sock")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.settimeout(PATIENCE)
        self._listener.bind(self.socket)
        self._listener.listen(1)
        self._came = threading.Condition()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> "FakeBroker":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self._done.set()
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(self.socket)  # ends an accept() that nobody came to
        self._thread.join(PATIENCE)
        self._listener.close()
        shutil.rmtree(self.folder)

    def wait_for(self, method: str) -> None:
        """Returns once such a request has come."""
        with self._came:
            if not self._came.wait_for(lambda: method in [one["method"] for one in self.requests], PATIENCE):
                raise AssertionError(f"{method} was not asked")

    def _accept(self) -> None:
        threads = []
        for script in self._scripts:
            try:
                connection, _ = self._listener.accept()
            except OSError as error:
                self.problems.append(f"a connection was not made: {error}")
                break
            if self._done.is_set():
                connection.close()
                break  # the test is about a client that does not connect
            threads.append(threading.Thread(target=self._serve, args=(connection, script), daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join(PATIENCE)

    def _serve(self, connection: socket.socket, script: Sequence[Mapping[str, Any]]) -> None:
        with connection:
            connection.settimeout(PATIENCE)
            try:
                with connection.makefile("rb") as lines:
                    self._play(connection, lines, script)
            except OSError as error:
                self.problems.append(f"the socket: {error}")

    def _play(self, connection: socket.socket, lines: Any, script: Sequence[Mapping[str, Any]]) -> None:
        for step in script:
            line = lines.readline()
            if not line:
                self.problems.append(f"{step['method']} was not asked")
                return
            request = json.loads(line)
            with self._came:
                self.requests.append(request)
                self._came.notify_all()
            if (request["method"], request.get("params", {})) != (step["method"], step["params"]):
                self.problems.append(f"expected {step['method']} {step['params']}, came {line.decode()}")
                return
            for answer in step["answer"]:
                if answer is None:
                    return
                connection.sendall(answer.replace("$ID", json.dumps(request["id"])).encode() + b"\n")
        # What the script does not have must not come; the client closes first.
        if not self._done.is_set() and lines.readline():
            self.problems.append("more was asked than the script has")
