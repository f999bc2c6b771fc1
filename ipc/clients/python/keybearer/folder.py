"""The folder that chooses an account, as the broker compares it: absolute and without a symbolic link."""

from __future__ import annotations

import os
from typing import Dict, Optional, Union

from .errors import KeybearerError


def account_params(
    account: Optional[str], directory: Union[str, "os.PathLike[str]", None]
) -> Dict[str, Optional[str]]:
    """Which account token.get is to take: the named one, else that of ``directory``, else that of the current folder.

    Raises KeybearerError "invalid_value".
    """
    if account is None:
        return {"directory": _current() if directory is None else _real(directory)}
    if directory is not None:
        raise KeybearerError("invalid_value", "name an account or a directory, not both")
    return {"account": account}


def _current() -> Optional[str]:
    """None when there is none, as when it was deleted: the only account may still be meant."""
    try:
        path = os.getcwd()
    except OSError:
        return None
    return path if _can_be_sent(path) else None


def _real(directory: Union[str, "os.PathLike[str]"]) -> str:
    given = os.fspath(directory)
    try:
        # Of the path as it was given: realpath() takes "missing/.." for the folder that "missing" would be in.
        path = os.path.realpath(given) if os.path.isdir(given) else None
    except OSError:  # a relative one, and the current folder was deleted
        path = None
    if path is None:
        raise KeybearerError("invalid_value", f"{given!r} is no folder")
    if not _can_be_sent(path):
        raise KeybearerError("invalid_value", f"the path of the folder {given!r} is not UTF-8")
    return path


def _can_be_sent(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:  # a name of other bytes, which JSON cannot hold
        return False
    return True
