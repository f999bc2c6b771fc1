"""A sign-in that a program has begun."""

from __future__ import annotations

import math
import time
from types import TracebackType
from typing import Any, Callable, Dict, Mapping, Optional, Type

from .connection import Connection
from .credentials import text, texts, whole
from .errors import KeybearerError, connection_lost
from .models import SignedIn

_STEP = 60  # seconds that one question waits; the broker refuses more than 300
_GRACE = 40.0  # seconds, for the answer to one that has waited to its end


class Login:
    """A sign-in on a connection of its own; use it in a ``with`` statement, or close it.

    ``Client.login`` begins one. The program shows ``authorization_url`` to the person, or opens it in their browser, and
    waits. The broker keeps what comes of it; no token and no code is ever here.

    ``account``: the name that the account will have. ``provider``, ``issuer``, ``resource`` (what the tokens will be for,
    or None) and ``scopes`` say what is signed in to. ``redirect_uri``: where the broker listens, None for the flow
    "device"; that one has ``user_code`` and ``verification_uri``, which are None else. ``expires_at``: UTC seconds, when
    the broker gives up. ``url_expires_at``: UTC seconds, until when ``authorization_url`` opens, or None.
    ``joined``: the same sign-in is under way, and its page is open; only wait. ``screen_locked``: nobody would see a page
    that opens now.
    """

    def __init__(self, connect: Callable[[], Connection], timeout: float, params: Mapping[str, Any]) -> None:
        self._timeout = timeout
        self._closed = False
        self._connection = connect()
        try:
            answer = self._call("account.login", params)
            self._login_id = text(answer, "login_id")
            if not self._login_id:
                raise connection_lost("its answer names no login")
        except BaseException:
            self.close()
            raise
        self._state = "waiting_for_browser"
        self.account = text(answer, "account")
        self.provider = text(answer, "provider")
        self.issuer = text(answer, "issuer")
        self.resource = text(answer, "resource") or None
        self.scopes = tuple(texts(answer, "scopes"))
        self.authorization_url = text(answer, "authorization_url")
        self.url_expires_at = whole(answer, "url_expires_at")
        self.redirect_uri = text(answer, "redirect_uri") or None
        self.user_code = text(answer, "user_code") or None
        self.verification_uri = text(answer, "verification_uri") or None
        self.expires_at = whole(answer, "expires_at") or 0
        self.joined = answer.get("joined") is True
        self.screen_locked = answer.get("screen_locked") is True

    def __enter__(self) -> "Login":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<keybearer.Login {self.account}{' (closed)' if self._closed else ''}>"

    def close(self) -> None:
        """Gives the sign-in up, unless it is done or another program waits for it too; a second time does nothing.

        Also from another thread: a ``wait`` there raises KeybearerError "connection_lost".
        """
        self._closed = True
        self._connection.close()

    def wait(self, seconds: Optional[float] = None) -> Optional[SignedIn]:
        """Blocks until the sign-in ends, or for so many seconds: None then, and ``wait`` may be called again.

        Without ``seconds`` it ends by itself at ``expires_at``.
        Raises KeybearerError: "login_failed", "login_cancelled" (also when nobody finished it in time), the provider's,
        the keychain's; "connection_lost" when the broker went away, or after ``close()``: begin another one.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while True:
            left = _STEP if deadline is None else min(_STEP, max(0, math.ceil(deadline - time.monotonic())))
            answer = self._connection.call(
                "account.login_status",
                {"login_id": self._login_id, "known_state": self._state, "wait": left},
                left + _GRACE,
            )
            ended = _end_of(answer)
            if ended is not None:
                return ended
            self._state = text(answer, "state")
            if deadline is not None and time.monotonic() >= deadline:
                return None

    def url(self) -> str:
        """The page's address once more: one that opens now.

        For a page that is opened later, or a second time, where ``url_expires_at`` is not None; ``authorization_url`` and
        ``url_expires_at`` are the new ones afterwards.
        """
        answer = self._call("account.login_url", {"login_id": self._login_id})
        self.authorization_url = text(answer, "authorization_url")
        self.url_expires_at = whole(answer, "url_expires_at")
        return self.authorization_url

    def callback(self, url: str) -> None:
        """The address that a browser on another machine ended at, in the place of its request; ``wait`` goes on.

        Raises KeybearerError "invalid_value" for one that is not this sign-in's, which changes nothing.
        """
        self._call("account.login_callback", {"login_id": self._login_id, "url": url})

    def _call(self, method: str, params: Mapping[str, Any]) -> Dict[str, Any]:
        return self._connection.call(method, params, self._timeout)


def _end_of(answer: Mapping[str, Any]) -> Optional[SignedIn]:
    """None: it has not ended. Raises what it ended with."""
    state = text(answer, "state")
    if state == "done":
        return SignedIn(
            account=text(answer, "account"),
            subject=text(answer, "subject") or None,
            label=text(answer, "label") or None,
            scope=text(answer, "scope") or None,
            credential=text(answer, "credential") or None,
        )
    if state == "failed":
        error = answer.get("error")
        why = error if isinstance(error, dict) else {}
        raise KeybearerError(text(why, "kind") or "login_failed", text(why, "message") or "the sign-in failed")
    if state == "cancelled":
        raise KeybearerError("login_cancelled", "the sign-in was given up before anybody finished it")
    if not state:
        raise connection_lost("its answer does not say how the sign-in stands")
    return None
