"""The part of the client that is about accounts: tokens, and signing in."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Optional, Sequence, Union

from .connection import Connection
from .credentials import text, whole
from .errors import connection_lost
from .folder import account_params
from .sign_in import Login
from .models import DpopProof, Token
from .params import given, names


class AccountCalls:
    """What a ``Client`` has of it."""

    _timeout: float

    def call(
        self, method: str, params: Optional[Mapping[str, Any]] = None, *, timeout: Optional[float] = None
    ) -> Dict[str, Any]:
        raise NotImplementedError

    def _connect(self) -> Connection:
        raise NotImplementedError

    def token(
        self,
        account: Optional[str] = None,
        *,
        directory: Union[str, "os.PathLike[str]", None] = None,
        min_valid: Optional[int] = None,
        scopes: Optional[Sequence[str]] = None,
        resource: Optional[str] = None,
        audience: Optional[str] = None,
        purpose: Optional[str] = None,
        refresh: bool = False,
    ) -> Token:
        """An access token of an account.

        Without ``account``: of the one that the current folder, or the nearest one above it, is bound to
        (``keybearer account bind``), else of the only one. ``directory``: in the place of the current folder.
        ``min_valid``: seconds that it must live at least (0 to 86400, 60 when None). ``scopes``: a part of the granted ones.
        ``resource``: what it is for (RFC 8707). ``audience``: whom it is for, got by token exchange (RFC 8693).
        ``purpose``: what it is for, in words for a person who is asked. ``refresh``: a new one even if the cached one is
        good. One whose ``token_type`` is "DPoP" is good with a proof alone: see ``dpop_proof``.
        Raises KeybearerError: "unknown_account", "login_required", "denied", "provider_unreachable", ...;
        "invalid_value" for a ``directory`` that is no folder, or one beside an ``account``.
        """
        params = given(
            **account_params(account, directory), min_valid=min_valid, scopes=names("scopes", scopes),
            resource=resource, audience=audience, purpose=purpose, refresh=refresh,
        )
        return Token(**_token_members(self.call("token.get", params)))

    def dpop_proof(
        self,
        method: str,
        url: str,
        account: Optional[str] = None,
        *,
        nonce: Optional[str] = None,
        directory: Union[str, "os.PathLike[str]", None] = None,
        min_valid: Optional[int] = None,
        scopes: Optional[Sequence[str]] = None,
        resource: Optional[str] = None,
        audience: Optional[str] = None,
        purpose: Optional[str] = None,
        refresh: bool = False,
    ) -> DpopProof:
        """A token that is bound to a key, and the proof for one request with it (RFC 9449). The key stays in the broker.

        ``method``: the request's, as "GET". ``url``: its URL, https, or http to this machine; query and fragment stay out
        of the proof. ``nonce``: what the server's header DPoP-Nonce said last: after a 401 that brings one, ask again
        with it. The rest is that of ``token``.
        Raises KeybearerError: what ``token`` raises, "unsupported" for an account whose tokens are bound to no key, and
        "invalid_value" for a method, URL or nonce that no proof can hold.
        """
        params = given(
            **account_params(account, directory), htm=method, htu=url, nonce=nonce, min_valid=min_valid,
            scopes=names("scopes", scopes), resource=resource, audience=audience, purpose=purpose, refresh=refresh,
        )
        answer = self.call("dpop.proof", params)
        proof = text(answer, "proof")
        if not proof:
            raise connection_lost("its answer has no proof")
        return DpopProof(**_token_members(answer), proof=proof)

    def login(
        self,
        provider: str,
        *,
        account: Optional[str] = None,
        client_id: Optional[str] = None,
        client_secret: Optional[str] = None,
        redirect: Optional[str] = None,
        scopes: Optional[Sequence[str]] = None,
        issuer: Optional[str] = None,
        add_scopes: Optional[Sequence[str]] = None,
        flow: Optional[str] = None,
        expires_in: Optional[int] = None,
        fresh: bool = False,
        attended: bool = False,
    ) -> Login:
        """Begins a sign-in, on a connection of its own.

        ``provider``: a provider's name, an account's, or a URL: an issuer's or a protected resource's (RFC 9728).
        ``account``: a name for the account. ``client_id``, ``client_secret``, ``redirect`` and ``scopes`` stand in the
        place of the provider's own. ``issuer``: which one of a resource's several. ``add_scopes``: beside those that the
        provider has and the account was granted. ``flow``: "browser" or "device" (RFC 8628). ``expires_in``: seconds until
        it is given up (10 to 3600, 300 when None). ``fresh``: cancels one for the same account that is under way.
        ``attended``: a person asked for it just now; without it nothing begins while nobody would see it.
        Raises KeybearerError: what making a Client raises, "unknown_provider", "login_required" (not ``attended``: it
        waits for the person in ``keybearer status``), "client_id_required", "rate_limited", "provider_unreachable", ...
        """
        params = given(
            provider=provider, account=account, client_id=client_id, client_secret=client_secret, redirect=redirect,
            scopes=names("scopes", scopes), issuer=issuer, add_scopes=names("add_scopes", add_scopes), flow=flow,
            timeout=expires_in, fresh=fresh, attended=attended,
        )
        return Login(self._connect, self._timeout, params)


def _token_members(answer: Mapping[str, Any]) -> Dict[str, Any]:
    members = {name: text(answer, name) for name in ("access_token", "scope", "account", "issuer", "source")}
    if not members["access_token"]:
        raise connection_lost("its answer has no token")
    return {
        **members,
        "expires_at": whole(answer, "expires_at"),
        "token_type": text(answer, "token_type") or "Bearer",
    }
