"""A bare client of the broker's socket."""
import json
import socket


class RpcError(Exception):
    """An error answer; `kind` is data.kind."""

    def __init__(self, error):
        super().__init__(error.get("message"))
        self.code = error.get("code")
        self.data = error.get("data") or {}
        self.kind = self.data.get("kind")


class RpcClient:
    errors = []  # every error answer of the test that runs, as it came

    def __init__(self, path, timeout=60):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(path))  # one with a time of its own does not wait for room in the queue
        self._socket.settimeout(timeout)
        self._reader = self._socket.makefile("rb")
        self._last_id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._reader.close()
        self._socket.close()

    def send(self, method, **params):
        """Sends a request without waiting; its id."""
        self._last_id += 1
        request = {"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params}
        self.send_raw(json.dumps(request).encode() + b"\n")
        return self._last_id

    def send_raw(self, data):
        self._socket.sendall(data)

    def read_line(self):
        """The next line, b"" when the broker has closed the connection."""
        try:
            return self._reader.readline()
        except ConnectionResetError:
            return b""

    def answer(self, wanted):
        """The answer to the request with this id; notifications and other answers before it are skipped."""
        while line := self.read_line():
            message = json.loads(line)
            if message.get("id") == wanted:
                if "error" in message:
                    RpcClient.errors.append(line)
                    raise RpcError(message["error"])
                return message["result"]
        raise ConnectionError("the broker closed the connection")

    def call(self, method, **params):
        return self.answer(self.send(method, **params))
