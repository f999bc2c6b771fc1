"""Where the broker's socket is, and whether its folder is one that nobody else can have made."""

from __future__ import annotations

import os
import pwd
import stat
import sys
from typing import Mapping, Optional

from .errors import KeybearerError

# What sockaddr_un has room for, without the NUL at the end.
_MAX_SOCKET_PATH = 103 if sys.platform == "darwin" else 107


def socket_path(environment: Optional[Mapping[str, str]] = None) -> str:
    """The first of PROTOCOL.md's places that applies, seen from ``environment`` (the process's own when None).

    Raises KeybearerError "no_broker" when a variable names a place that cannot be used.
    """
    variables = os.environ if environment is None else environment
    for name in ("KEYBEARER_SOCKET", "KEYBEARER_HOME"):
        value = variables.get(name)
        if value and not value.startswith("/"):
            raise KeybearerError("no_broker", f"{name} must be an absolute path")
    explicit = variables.get("KEYBEARER_SOCKET")
    return checked_path(explicit or os.path.join(_runtime_folder(variables), "broker.sock"))


def checked_path(path: str) -> str:
    """``path`` when a socket can be there, else KeybearerError "no_broker"."""
    if not path.startswith("/") or "\0" in path:
        raise KeybearerError("no_broker", f"the broker's socket must be an absolute path: {path!r}")
    size = len(os.fsencode(path))
    if size > _MAX_SOCKET_PATH:
        raise KeybearerError(
            "no_broker",
            f"the socket path is {size} bytes long and the system allows {_MAX_SOCKET_PATH}; "
            f"set KEYBEARER_SOCKET to a shorter one: {path}",
        )
    return path


def check_folder_of(path: str) -> None:
    """Refuses a socket whose folder another user could have put there or could reach into.

    Raises KeybearerError "unsafe", or "no_broker" when there is no such folder.
    """
    folder = os.path.dirname(path)
    try:
        info = os.lstat(folder)
    except (FileNotFoundError, NotADirectoryError):
        raise no_broker(f"{path} does not exist") from None
    except OSError as error:
        raise KeybearerError("unsafe", f"{folder}: {error.strerror}") from None
    if stat.S_ISLNK(info.st_mode):
        why = f"{folder} is a symbolic link; Keybearer uses a real folder only, remove the link"
    elif not stat.S_ISDIR(info.st_mode):
        why = f"{folder} is not a folder"
    elif info.st_uid != os.geteuid():
        why = f"{folder} belongs to user {info.st_uid}, not to user {os.geteuid()}"
    elif info.st_mode & 0o077:
        why = f"{folder} can be entered by other users; run: chmod 700 {folder}"
    else:
        return
    raise KeybearerError("unsafe", why)


def no_broker(why: str) -> KeybearerError:
    return KeybearerError("no_broker", f"no broker is running: {why}; start one with: keybearer daemon start")


def _runtime_folder(variables: Mapping[str, str]) -> str:
    home = variables.get("KEYBEARER_HOME")
    if home:
        return os.path.join(home, "run")
    runtime = variables.get("XDG_RUNTIME_DIR") or ""
    if runtime.startswith("/"):  # the XDG specification tells programs to ignore a relative one
        return os.path.join(runtime, "keybearer")
    of_user = f"/run/user/{os.geteuid()}"
    if _is_own_folder(of_user):
        return os.path.join(of_user, "keybearer")
    return os.path.join(_home_of_user(variables), ".local/state/keybearer/run")


def _is_own_folder(path: str) -> bool:
    try:
        info = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISDIR(info.st_mode) and info.st_uid == os.geteuid()


def _home_of_user(variables: Mapping[str, str]) -> str:
    home = variables.get("HOME")
    if not home:
        # cron and some service managers start programs without HOME.
        try:
            home = pwd.getpwuid(os.geteuid()).pw_dir
        except KeyError:
            home = ""
    if not home.startswith("/"):
        raise KeybearerError(
            "no_broker", "HOME is not set to an absolute path; set HOME or KEYBEARER_HOME"
        )
    return home
