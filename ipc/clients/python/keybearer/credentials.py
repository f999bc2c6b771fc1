"""The caller's own part of a resolution. Names go to the broker and a plan comes back; the values stay here."""

from __future__ import annotations

import os
import stat
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional

from .errors import KeybearerError, connection_lost
from .models import Field, FieldMap, Resolution, folded

_MAX_FILE = 64 << 10
_VARIABLE_LISTS = ("variables", "path_variables", "configured_variables", "configured_path_variables")

Call = Callable[[str, Mapping[str, Any]], Dict[str, Any]]
"""Asks a broker: method, parameters -> result."""


class Request:
    """One question for a credential, formed once and asked as often as needed.

    ``params``: of credential.resolve; names alone. ``given`` and ``made_with``: the caller's own values.
    ``variables``: those that are named in ``params``, as they are set in ``environment``.
    """

    def __init__(
        self,
        params: Mapping[str, Any],
        given: FieldMap,
        made_with: FieldMap,
        variables: Mapping[str, str],
        environment: Mapping[str, str],
    ) -> None:
        self.params = dict(params)
        self._given = given
        self._made_with = made_with
        self._variables = FieldMap(variables, variables)  # masked when somebody prints it
        self._environment = environment

    def resolve(self, call: Call) -> Resolution:
        answer = call("credential.resolve", self.params)
        # The names were formed once. A variable may have another value by now; one that is gone keeps what it had.
        variables = {name: self._environment.get(name) or value for name, value in self._variables.items()}
        return resolution_of(
            answer, {"call": self._given, "instance": self._made_with, "environment": variables}
        )


def own_values(layer: str, given: Optional[Mapping[str, Optional[str]]]) -> FieldMap:
    """What the caller has, by field; None counts as not given.

    An empty value is refused: falling back to somebody else's key without a word is what nobody meant by it.
    """
    values: Dict[str, str] = {}
    for name, value in (given or {}).items():
        if value is None:
            continue
        if not isinstance(name, str) or not isinstance(value, str) or not value:
            raise KeybearerError("invalid_value", f"{name} of the {layer} credential is not text, or is empty")
        values[name] = value
    return FieldMap(values, values)


def client_key_of(environment: Mapping[str, str]) -> Optional[str]:
    """The client key of this process, from a variable or from the file that one names; None when neither is set."""
    key = environment.get("KEYBEARER_CLIENT_KEY")
    if key:
        return key
    path = environment.get("KEYBEARER_CLIENT_KEY_FILE")
    return read_named_file("KEYBEARER_CLIENT_KEY_FILE", path) if path else None


def variables_set(described: Iterable[Mapping[str, Any]], environment: Mapping[str, str]) -> Dict[str, str]:
    """The variables of these providers (answers of provider.describe) that are set to something, with their values."""
    found: Dict[str, str] = {}
    for provider in described:
        for field in objects(provider, "fields"):
            for name in (name for names in _VARIABLE_LISTS for name in texts(field, names)):
                value = environment.get(name)
                if value:
                    found[name] = value
    return found


def resolution_of(answer: Mapping[str, Any], own: Mapping[str, Mapping[str, str]]) -> Resolution:
    """The answer of credential.resolve, with the caller's own values put in; ``own`` has them by layer."""
    fields = []
    for item in objects(answer, "fields"):
        field = {key: text(item, key) for key in ("field", "source", "from")}
        value = item.get("value")
        if not isinstance(value, str):
            value = _own_value(field, item.get("file") is True, own)
        # A broker that does not say so leaves it a secret.
        secret = item.get("secret") is not False
        fields.append(
            Field(field["field"], field["source"], field["from"], secret, value, whole(item, "expires_at"))
        )
    return Resolution(
        provider=text(answer, "provider"),
        tenant=text(answer, "tenant"),
        name=text(answer, "name"),
        fields=tuple(fields),
        warnings=tuple(texts(answer, "warnings")),
        shadowed=tuple(objects(answer, "shadowed")),
        ignored=tuple(objects(answer, "ignored")),
        version=text(answer, "version"),
    )


def instance_for(
    described: Mapping[str, Any], asked: str, instances: Mapping[str, FieldMap]
) -> FieldMap:
    """The instance credential of a provider, under whichever of its names the caller filed it, or an empty one."""
    by_name = {folded(name): fields for name, fields in instances.items()}
    for name in (asked, text(described, "provider"), *texts(described, "aliases")):
        if folded(name) in by_name:
            return by_name[folded(name)]
    return FieldMap({})


def read_named_file(variable: str, path: str) -> str:
    """The text of the file that a path variable names, without the line feeds at its end.

    Raises KeybearerError "invalid_value": it names the variable, never the content, and not the path, which may be a
    key that somebody put into the wrong variable.
    """
    try:
        # O_NONBLOCK: not to hang on a pipe, which is refused.
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise _unreadable(variable, f"cannot be read: {getattr(error, 'strerror', None) or 'no such path'}") from None
    try:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode):
            raise _unreadable(variable, "is not a regular file")
        if info.st_mode & 0o077:
            raise _unreadable(variable, "is open to other users; run chmod 600 on it")
        content = _read_all(fd)
    finally:
        os.close(fd)
    if len(content) > _MAX_FILE:
        raise _unreadable(variable, "is longer than 64 KiB")
    found = _decoded(content)
    if found is None:
        raise _unreadable(variable, "is not UTF-8 text")
    return found.rstrip("\r\n")


def _unreadable(variable: str, why: str) -> KeybearerError:
    return KeybearerError("invalid_value", f"the file that {variable} names {why}")


def _read_all(fd: int) -> bytes:
    """The content, or a byte more than is allowed of it."""
    content = b""
    while len(content) <= _MAX_FILE:
        chunk = os.read(fd, _MAX_FILE + 1 - len(content))
        if not chunk:
            break
        content += chunk
    return content


def _decoded(content: bytes) -> Optional[str]:
    """None for what is not UTF-8; never an error, as that would carry the content along."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _own_value(field: Mapping[str, str], is_file: bool, own: Mapping[str, Mapping[str, str]]) -> str:
    source, name = field["source"], field["from"]
    offered = own.get(source, {})
    # Only what was offered: an answer does not choose which variable or file is read. A field is found by any spelling;
    # a variable, or the name that the configuration gives to a value of the call, only as it is written.
    by_field = not name and source != "environment"
    value = offered.get(field["field"]) if by_field else dict(offered).get(name)
    if value is None:
        raise connection_lost("its answer has a field without a value, from a place that was not offered")
    return read_named_file(name, value) if source == "environment" and is_file else value


def text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def whole(item: Mapping[str, Any], key: str) -> Optional[int]:
    value = item.get(key)
    return value if type(value) is int else None  # for isinstance, True is an int


def texts(item: Mapping[str, Any], key: str) -> List[str]:
    value = item.get(key)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def objects(item: Mapping[str, Any], key: str) -> List[Dict[str, Any]]:
    value = item.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
