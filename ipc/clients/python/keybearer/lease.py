"""A credential that a program holds for long, and hears about when it changes."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Type

from .connection import Connection
from .credentials import Call, Request, text
from .errors import KeybearerError, connection_lost
from .models import Resolution

DEFAULT_WAIT = 60
_LONGEST_WAIT = 300  # the broker refuses more
_GRACE = 40.0  # seconds, for the answer to a call that has waited to its end and begun to renew a token


class Lease:
    """A provider's credential on a connection of its own; use it in a ``with`` statement, or close it.

    ``Client.auth_lease`` opens one. Iterating over it gives "renewed" and "removed" as they come; it ends after
    "removed" or when the lease is closed, also by another thread. A connection that breaks, as when the broker is
    started anew, is made again once; if that fails, KeybearerError "connection_lost" is raised. One thread at a time
    waits or iterates; ``credential`` may be read by any.
    """

    def __init__(
        self, connect: Callable[[], Connection], timeout: float, formed: Callable[[Call], Request]
    ) -> None:
        self._connect = connect
        self._timeout = timeout
        self._closed = False
        self._lock = threading.Lock()  # between close() and a new connection
        self._connection = connect()
        try:
            self._request = formed(self._call)
            self._credential = self._request.resolve(self._call)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Lease":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<keybearer.Lease {self._credential.provider}{' (closed)' if self._closed else ''}>"

    @property
    def credential(self) -> Resolution:
        """What is held now. A Resolution that was taken earlier stays as it is."""
        return self._credential

    def close(self) -> None:
        """Ends the connection, and with it a wait or an iteration; a second time does nothing."""
        with self._lock:
            self._closed = True
            self._connection.close()

    def wait(self, seconds: int = DEFAULT_WAIT) -> str:
        """Blocks until something happens to the credential, at most so many seconds (0 to 300).

        "renewed": ``credential`` is the new one. "removed": there is none any more, and ``credential`` is what it was.
        "none": nothing changed. A token that would end is renewed meanwhile.
        Raises KeybearerError: "connection_lost" (open another lease, or iterate), "login_required", ...
        """
        answer = self._connection.call(
            "credential.watch",
            {**self._request.params, "version": self._credential.version, "wait": seconds},
            seconds + _GRACE,
        )
        event = text(answer, "event")
        if event == "renewed":
            return self._renewed()
        return event if event == "removed" else "none"

    def __iter__(self) -> Iterator[str]:
        event = "none"
        while event != "removed" and not self._closed:
            try:
                event = self._next_event()
            except KeybearerError:
                if self._closed:
                    return
                raise
            if event != "none":
                yield event

    def _next_event(self) -> str:
        try:
            return self.wait(_LONGEST_WAIT)
        except KeybearerError as error:
            if error.kind != "connection_lost" or self._closed:
                raise
            broken = error
        try:
            return self._connected_again()
        except KeybearerError as error:
            # What no connection was made for is still the break; the rest, as a locked keychain, is news.
            raise (broken if error.kind in ("no_broker", "connection_lost") else error) from None

    def _connected_again(self) -> str:
        self._connection.close()
        connection = self._connect()
        with self._lock:
            if self._closed:
                connection.close()
                raise connection_lost("it is closed")
            self._connection = connection
        before = self._credential.version
        event = self._renewed()
        return "none" if event == "renewed" and self._credential.version == before else event

    def _renewed(self) -> str:
        try:
            self._credential = self._request.resolve(self._call)
        except KeybearerError as error:
            if error.kind != "no_credential":
                raise
            return "removed"  # since the broker said that there is another one, or while it was away
        return "renewed"

    def _call(self, method: str, params: Mapping[str, Any]) -> Dict[str, Any]:
        return self._connection.call(method, params, self._timeout)
