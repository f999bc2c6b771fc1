"""One connection to the broker: the checks before anything is sent, lines of JSON, answers by id."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
import time
from typing import Any, Dict, Mapping, Optional

from .errors import KeybearerError, connection_lost, error_from_answer
from .paths import check_folder_of, no_broker

_MAX_LINE = 1 << 20
_CHUNK = 1 << 16
# A program that wants to die of SIGPIPE elsewhere must not die of a broker that went away.
_SEND_FLAGS = getattr(socket, "MSG_NOSIGNAL", 0)


class Connection:
    """An open connection; ``call`` may be used from several threads, which then wait for each other."""

    def __init__(self, path: str, timeout: float) -> None:
        check_folder_of(path)
        self._socket: Optional[socket.socket] = _connected(path, timeout)
        self._buffer = bytearray()
        self._last_id = 0
        self._lock = threading.Lock()
        self._process = os.getpid()

    def close(self) -> None:
        opened, self._socket = self._socket, None
        if opened is not None:
            if os.getpid() == self._process:  # else it would be shut for the parent, too
                _shut(opened)
            opened.close()

    @property
    def closed(self) -> bool:
        return self._socket is None

    def call(self, method: str, params: Mapping[str, Any], timeout: float) -> Dict[str, Any]:
        """The ``result`` of one call; ``timeout`` in seconds, for all of it."""
        if os.getpid() != self._process:
            # Parent and child would read each other's answers.
            raise connection_lost("it belongs to the process that this one was forked from; connect again")
        deadline = time.monotonic() + timeout
        if not self._lock.acquire(timeout=min(timeout, threading.TIMEOUT_MAX)):
            raise _timed_out()
        try:
            answer = self._exchange(method, params, deadline)
        finally:
            self._lock.release()
        if isinstance(answer.get("error"), dict):
            raise error_from_answer(answer["error"])
        result: Dict[str, Any] = answer["result"]
        return result

    def _exchange(self, method: str, params: Mapping[str, Any], deadline: float) -> Dict[str, Any]:
        number = self._last_id = self._last_id + 1
        line = _encoded(number, method, params)
        sent = False
        try:
            self._send(line, deadline)
            sent = True
            return self._answer_to(number, deadline)
        except BaseException as error:
            # After half a request or a lost piece of an answer the next call would be out of step. A late answer
            # is none of that: it is passed over.
            if not (sent and isinstance(error, KeybearerError) and error.kind == "timeout"):
                self.close()
            raise

    def _opened(self, deadline: float) -> socket.socket:
        opened = self._socket
        if opened is None:
            raise connection_lost("it is closed")
        left = deadline - time.monotonic()
        if left <= 0:
            raise _timed_out()
        opened.settimeout(left)
        return opened

    def _send(self, line: bytes, deadline: float) -> None:
        try:
            self._opened(deadline).sendall(line, _SEND_FLAGS)
        except socket.timeout:
            raise _timed_out() from None
        except OSError as error:
            raise connection_lost(error.strerror or "it cannot be written to") from None

    def _read_line(self, deadline: float) -> bytes:
        while True:
            end = self._buffer.find(b"\n")
            if max(end, len(self._buffer) if end < 0 else 0) > _MAX_LINE:
                raise connection_lost("its answer is too long")
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                return line
            try:
                chunk = self._opened(deadline).recv(_CHUNK)
            except socket.timeout:
                raise _timed_out() from None
            except OSError as error:
                raise connection_lost(error.strerror or "it cannot be read") from None
            if not chunk:
                raise connection_lost("it closed the connection")
            self._buffer += chunk

    def _answer_to(self, number: int, deadline: float) -> Dict[str, Any]:
        while True:
            message = _decoded(self._read_line(deadline))
            if message is None:
                raise connection_lost("its answer is not JSON")
            if "method" in message:
                continue  # a notification
            name = message.get("id", 0)
            is_error = isinstance(message.get("error"), dict)
            if name is None and is_error:
                return message  # the broker could not read the request, and closes
            if type(name) is not int or name != number:
                continue
            if not is_error and not isinstance(message.get("result"), dict):
                raise connection_lost("its answer is neither a result nor an error")
            return message


def _connected(path: str, timeout: float) -> socket.socket:
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        opened.settimeout(timeout)
        try:
            opened.connect(path)
        except socket.timeout:
            raise _timed_out() from None
        except OSError as error:
            raise no_broker(f"{path}: {error.strerror or 'it cannot be connected to'}") from None
        _check_peer(opened)
        return opened
    except BaseException:
        opened.close()
        raise


def _check_peer(opened: socket.socket) -> None:
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return  # the standard library cannot ask here; the folder's owner and mode were checked
    layout = struct.Struct("iII")
    _, uid, _ = layout.unpack(opened.getsockopt(socket.SOL_SOCKET, option, layout.size))
    if uid != os.geteuid():
        raise KeybearerError("unsafe", "another user answers on the broker's socket; nothing was sent to it")


def _shut(opened: socket.socket) -> None:
    """Wakes a thread that waits for an answer."""
    try:
        opened.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the other end was faster


def _timed_out() -> KeybearerError:
    return KeybearerError("timeout", "the broker did not answer in time")


def _encoded(number: int, method: str, params: Mapping[str, Any]) -> bytes:
    request = {"jsonrpc": "2.0", "id": number, "method": method, "params": dict(params)}
    line: Optional[bytes] = None
    try:
        line = json.dumps(request, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except (TypeError, ValueError, RecursionError):
        pass  # raised below: an error raised here would carry this one along, and with it the parameters
    if line is None:
        raise KeybearerError("invalid_params", f"the parameters of {method} are not JSON in UTF-8")
    if len(line) > _MAX_LINE:
        raise KeybearerError("invalid_params", f"the parameters of {method} are longer than 1 MiB")
    return line + b"\n"


def _decoded(line: bytes) -> Optional[Dict[str, Any]]:
    """None for what is no JSON object; never an error, as that would carry the line along, and with it a secret."""
    try:
        message = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None
