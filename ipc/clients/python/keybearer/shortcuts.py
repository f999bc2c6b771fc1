"""Calls that open a connection for themselves alone. They raise what making a Client and its methods raise."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union, overload

from .client import Client, Fields
from .lease import Lease
from .sign_in import Login
from .models import DpopProof, Resolution, Token


def token(
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
    """``Client.token`` on a connection of its own."""
    with Client() as client:
        return client.token(
            account, directory=directory, min_valid=min_valid, scopes=scopes, resource=resource, audience=audience,
            purpose=purpose, refresh=refresh,
        )


def dpop_proof(
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
    """``Client.dpop_proof`` on a connection of its own."""
    with Client() as client:
        return client.dpop_proof(
            method, url, account, nonce=nonce, directory=directory, min_valid=min_valid, scopes=scopes,
            resource=resource, audience=audience, purpose=purpose, refresh=refresh,
        )


def login(
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
    """``Client.login``; the login is to be closed."""
    with Client() as client:
        return client.login(
            provider, account=account, client_id=client_id, client_secret=client_secret, redirect=redirect,
            scopes=scopes, issuer=issuer, add_scopes=add_scopes, flow=flow, expires_in=expires_in, fresh=fresh,
            attended=attended,
        )


@overload
def auth_status(provider: str, *, tenant: Optional[str] = None) -> Dict[str, Any]: ...


@overload
def auth_status(provider: None = None, *, tenant: Optional[str] = None) -> List[Dict[str, Any]]: ...


def auth_status(
    provider: Optional[str] = None, *, tenant: Optional[str] = None
) -> Union[Dict[str, Any], List[Dict[str, Any]]]:
    """``Client.auth_status`` on a connection of its own."""
    with Client() as client:
        return client.auth_status(provider, tenant=tenant)


def auth_set_credential(
    provider: str,
    value: Union[str, Mapping[str, str]],
    *,
    name: Optional[str] = None,
    tenant: Optional[str] = None,
    shared: bool = False,
    next: bool = False,
) -> Dict[str, Any]:
    """``Client.auth_set_credential`` on a connection of its own."""
    with Client() as client:
        return client.auth_set_credential(provider, value, name=name, tenant=tenant, shared=shared, next=next)


def auth_resolve(
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
    """``Client.auth_resolve`` on a connection of its own."""
    with Client() as client:
        return client.auth_resolve(
            provider, call=call, instance=instance, name=name, tenant=tenant, only=only, next=next, fields=fields,
            purpose=purpose,
        )


def auth_lease(
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
    """``Client.auth_lease``; the lease is to be closed."""
    with Client() as client:
        return client.auth_lease(
            provider, call=call, instance=instance, name=name, tenant=tenant, only=only, next=next, fields=fields,
            purpose=purpose,
        )
