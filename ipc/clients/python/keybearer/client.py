"""The client: one connection, and a method for each thing that a program asks of the broker."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any, Dict, List, Mapping, Optional, Sequence, Type, Union, overload

from .accounts import AccountCalls
from .autostart import start_broker
from .connection import Connection
from .credentials import Call, Request, client_key_of, instance_for, objects, own_values, text, variables_set, whole
from .errors import KeybearerError, connection_lost
from .lease import Lease
from .models import Resolution
from .params import given, names
from .paths import checked_path, socket_path

DEFAULT_TIMEOUT = 120.0
_MOST_NAMES = 64  # of a list parameter; the broker refuses more

Fields = Mapping[str, Optional[str]]
"""A credential by field. None counts as not given; an empty text is refused."""


class Client(AccountCalls):
    """A connection to the broker of this user; use it in a ``with`` statement, or close it.

    ``path``: of the socket; PROTOCOL.md's order of places when None.
    ``instance``: credentials that this client is made with, provider -> fields, for every ``auth_resolve`` of it.
    ``environment``: what is looked into for the providers' variables, and for a client key (``KEYBEARER_CLIENT_KEY``, or
    ``KEYBEARER_CLIENT_KEY_FILE`` with the path of a file), which is shown on each connection; the process's own when None.
    ``timeout``: seconds that a call may take, and connecting.
    ``start``: whether ``keybearer daemon start`` is run, once, when no broker listens.

    Every method raises KeybearerError: with the broker's kind, or "connection_lost" (the client is of no use then:
    make another), "timeout", "invalid_params". Making a client raises "no_broker" or "unsafe", and with a client key
    "denied", or "invalid_value" for its file.
    Threads may share a client; after a fork the child makes its own.
    """

    def __init__(
        self,
        path: Union[str, "os.PathLike[str]", None] = None,
        *,
        instance: Optional[Mapping[str, Fields]] = None,
        environment: Optional[Mapping[str, str]] = None,
        timeout: float = DEFAULT_TIMEOUT,
        start: bool = True,
    ) -> None:
        self._instances = {name: own_values("instance", fields) for name, fields in (instance or {}).items()}
        self._environment = os.environ if environment is None else environment
        self._timeout = timeout
        self._start = start
        self._explicit = None if path is None else checked_path(os.fspath(path))
        self._path = self._explicit or socket_path()
        self._connection = self._connect()

    def _connect(self) -> Connection:
        # First: a key whose file is gone is one of a session that is over, and a broker that is started here would not
        # know it.
        key = client_key_of(self._environment)
        connection = self._connected()
        try:
            if key is not None:
                connection.call("system.authenticate", {"key": key}, self._timeout)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connected(self) -> Connection:
        try:
            return Connection(self._path, self._timeout)
        except KeybearerError as error:
            if error.kind != "no_broker" or not self._start:
                raise
        start_broker(self._explicit)
        return Connection(self._path, self._timeout)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<keybearer.Client {self._path}{' (closed)' if self._connection.closed else ''}>"

    def close(self) -> None:
        """Ends the connection; a second time does nothing."""
        self._connection.close()

    def call(
        self, method: str, params: Optional[Mapping[str, Any]] = None, *, timeout: Optional[float] = None
    ) -> Dict[str, Any]:
        """The ``result`` of any method of PROTOCOL.md. ``timeout``: seconds, the client's own when None.

        The result may hold a secret and is not masked.
        """
        return self._connection.call(method, params or {}, self._timeout if timeout is None else timeout)

    @overload
    def auth_status(self, provider: str, *, tenant: Optional[str] = None) -> Dict[str, Any]: ...

    @overload
    def auth_status(self, provider: None = None, *, tenant: Optional[str] = None) -> List[Dict[str, Any]]: ...

    def auth_status(
        self, provider: Optional[str] = None, *, tenant: Optional[str] = None
    ) -> Union[Dict[str, Any], List[Dict[str, Any]]]:
        """Whether a provider could be used right now, and with what: the row of provider.status, without a secret.

        Without a provider: the rows of all of them, in a list.
        Raises KeybearerError: "unknown_provider", "keychain_locked", ...
        """
        if provider is not None:
            named = [provider]
        else:
            named = [text(row, "provider") for row in objects(self.call("provider.list"), "providers")]
        described = [self.call("provider.describe", {"provider": name}) for name in named]
        answer = self.call(
            "provider.status",
            given(
                provider=provider, tenant=tenant, environment=[*variables_set(described, self._environment)][:_MOST_NAMES]
            ),
        )
        rows = objects(answer, "providers")
        if provider is None:
            return rows
        if len(rows) != 1:
            raise connection_lost("its answer is not about one provider")
        return rows[0]

    def auth_set_credential(
        self,
        provider: str,
        value: Union[str, Mapping[str, str]],
        *,
        name: Optional[str] = None,
        tenant: Optional[str] = None,
        shared: bool = False,
        next: bool = False,
    ) -> Dict[str, Any]:
        """Stores a provider's key, or several fields of its credential: all of them or none.

        ``value``: the key (the provider's ``main_field``), or a map of fields. ``name``: which of several keys.
        ``shared``: for every tenant. ``next``: as the value that is to follow the one in use.
        Gives ``provider``, ``tenant``, ``name``, ``fields`` (names) and ``warnings``.
        Raises KeybearerError: "unknown_provider", "invalid_value", "keychain_unset", "keychain_locked", ...
        """
        if isinstance(value, str):
            main = self.call("provider.describe", {"provider": provider}).get("main_field")
            if not isinstance(main, str):
                raise KeybearerError("invalid_value", f"{provider} has no main field; name the fields")
            value = {main: value}
        elif not isinstance(value, Mapping):
            raise KeybearerError("invalid_value", "a credential is text, or a map from field to text")
        return self.call(
            "credential.set",
            given(provider=provider, fields=dict(value), name=name, tenant=tenant, shared=shared, next=next),
        )

    def auth_resolve(
        self,
        provider: str,
        *,
        call: Optional[Fields] = None,
        instance: Optional[Fields] = None,
        name: Optional[str] = None,
        tenant: Optional[str] = None,
        only: Optional[Sequence[str]] = None,
        next: bool = False,
        fields: Optional[Sequence[str]] = None,
        purpose: Optional[str] = None,
    ) -> Resolution:
        """A provider's credential, field by field, each from the strongest place that has it.

        ``call``: what was given with this request, by field or by a name that config.toml has in a ``dynamic::``
        location. ``instance``: in the place of the client's own. Of both, and of the environment, only names are sent.
        ``only``: the only layers that may be looked at. ``fields``: only these.
        ``next``: the stored value that is to follow the one in use. ``purpose``: what it is for, in words for a person who
        is asked.
        Raises KeybearerError: "no_credential" (``data["looked_at"]`` names the places), "unknown_provider",
        "invalid_value" (as of a file that a variable names), "location_failed", "denied", "keychain_locked", ...
        """
        return self._request(
            self.call, provider, call, instance,
            name=name, tenant=tenant, only=only, next=next, fields=fields, purpose=purpose,
        ).resolve(self.call)

    def auth_lease(
        self,
        provider: str,
        *,
        call: Optional[Fields] = None,
        instance: Optional[Fields] = None,
        name: Optional[str] = None,
        tenant: Optional[str] = None,
        only: Optional[Sequence[str]] = None,
        next: bool = False,
        fields: Optional[Sequence[str]] = None,
        purpose: Optional[str] = None,
    ) -> Lease:
        """What ``auth_resolve`` gives, and word of its changes; for a program that runs long.

        On a connection of its own: this client's other calls go on, and the lease stays when the client is closed.
        The names of the caller's own values are formed once, when it is opened.
        Raises what making a Client and ``auth_resolve`` raise.
        """
        def formed(ask: Call) -> Request:
            return self._request(
                ask, provider, call, instance,
                name=name, tenant=tenant, only=only, next=next, fields=fields, purpose=purpose,
            )

        return Lease(self._connect, self._timeout, formed)

    def _request(
        self,
        ask: Call,
        provider: str,
        call: Optional[Fields],
        instance: Optional[Fields],
        *,
        only: Optional[Sequence[str]],
        fields: Optional[Sequence[str]],
        **chosen: Any,
    ) -> Request:
        """``chosen``: the parameters of credential.resolve that go as they are."""
        of_call = own_values("call", call)
        described = ask("provider.describe", {"provider": provider})
        if instance is None:
            made_with = instance_for(described, provider, self._instances)
        else:
            made_with = own_values("instance", instance)
        variables = variables_set([described], self._environment)
        params = given(
            provider=provider, call=[*of_call] or None, instance=[*made_with] or None, environment=[*variables],
            only=names("only", only), fields=names("fields", fields), **chosen,
        )
        return Request(params, of_call, made_with, variables, self._environment)

    def list(self, tenant: Optional[str] = None) -> Dict[str, Any]:
        """What is stored, with masked previews: ``credentials``, as credential.list gives them."""
        return self.call("credential.list", given(tenant=tenant))

    def remove(
        self,
        provider: str,
        *,
        field: Optional[str] = None,
        name: Optional[str] = None,
        tenant: Optional[str] = None,
        shared: bool = False,
    ) -> Dict[str, Any]:
        """Takes one field, or the whole credential, out of the vault. Gives ``provider`` and ``removed``, a number."""
        return self.call(
            "credential.remove", given(provider=provider, field=field, name=name, tenant=tenant, shared=shared)
        )

    def rename(
        self,
        provider: str,
        new_name: str,
        *,
        name: Optional[str] = None,
        tenant: Optional[str] = None,
        shared: bool = False,
    ) -> Dict[str, Any]:
        """Gives a stored credential another name; grants, client keys and config.toml go by the name and do not follow.

        Gives ``provider``, ``tenant`` and ``name``. Raises KeybearerError: "no_credential", "invalid_value" (a name that
        is taken, or cannot be one), "consent_required" or "denied", ...
        """
        return self.call(
            "credential.rename",
            given(provider=provider, name=name, new_name=new_name, tenant=tenant, shared=shared),
        )

    def switch(
        self, provider: str, *, name: Optional[str] = None, tenant: Optional[str] = None, shared: bool = False
    ) -> Dict[str, Any]:
        """Puts the next values in the place of those in use, which are the next ones then. Gives ``provider``.

        Raises KeybearerError: "no_credential" when there are no next values, ...
        """
        return self.call("credential.switch", given(provider=provider, name=name, tenant=tenant, shared=shared))

    def rotate(
        self, provider: Optional[str] = None, *, tenant: Optional[str] = None, shared: bool = False
    ) -> Dict[str, Any]:
        """A new data key; seals this provider's values anew, or all of the tenant. Gives ``tenant`` and ``sealed``."""
        return self.call("credential.rotate", given(provider=provider, tenant=tenant, shared=shared))


def connect(
    path: Union[str, "os.PathLike[str]", None] = None,
    *,
    instance: Optional[Mapping[str, Fields]] = None,
    environment: Optional[Mapping[str, str]] = None,
    timeout: float = DEFAULT_TIMEOUT,
    start: bool = True,
) -> Client:
    """The same as ``Client(...)``."""
    return Client(path, instance=instance, environment=environment, timeout=timeout, start=start)
