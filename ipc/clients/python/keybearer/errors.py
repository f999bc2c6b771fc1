"""The one error of this library."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional


class KeybearerError(Exception):
    """Why a call gave nothing. No part of it holds a secret.

    ``kind`` is the name to program against: ``data.kind`` of the broker's answer (PROTOCOL.md, "Errors"), or one of
    this side: ``no_broker``, ``connection_lost``, ``timeout``, ``unsafe``, ``invalid_value``, ``invalid_params``.
    ``message`` is a sentence for the person. ``data`` is what the broker added, as ``looked_at`` or ``retry_after``
    (seconds).
    """

    kind: str
    message: str
    data: Dict[str, Any]

    def __init__(self, kind: str, message: str, data: Optional[Mapping[str, Any]] = None) -> None:
        self.kind = kind
        self.message = message
        self.data = dict(data or {})
        super().__init__(kind, message, self.data)

    def __str__(self) -> str:
        return self.message


def connection_lost(why: str) -> KeybearerError:
    return KeybearerError("connection_lost", f"the connection to the broker was lost: {why}")


def error_from_answer(error: Mapping[str, Any]) -> KeybearerError:
    """The ``error`` member of an answer; a kind that this version does not know is kept as it is."""
    data = error.get("data")
    details = data if isinstance(data, dict) else {}
    kind = details.get("kind")
    message = error.get("message")
    return KeybearerError(
        kind if isinstance(kind, str) else "internal",
        message if isinstance(message, str) else "the broker refused without a reason",
        details,
    )
