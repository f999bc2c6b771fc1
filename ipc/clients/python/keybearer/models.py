"""What the calls give. Printing any of it shows no secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, Iterable, Iterator, Mapping, Optional, Tuple

MASK = "***"


def folded(name: str) -> str:
    """One spelling for all of a name's: "apiKey", "api-key" and "API_KEY" are "apikey"."""
    return name.replace("_", "").replace("-", "").lower()


class FieldMap(Mapping[str, str]):
    """A read-only map from field to text, found by any spelling of the field. Secrets are masked when it is printed."""

    def __init__(self, items: Mapping[str, str], secret: Iterable[str] = ()) -> None:
        self._items: Dict[str, str] = dict(items)
        self._secret: FrozenSet[str] = frozenset(secret)
        self._spelled = {folded(name): name for name in reversed(list(self._items))}

    def __getitem__(self, name: str) -> str:
        if name in self._items:
            return self._items[name]
        return self._items[self._spelled.get(folded(name), name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return repr({name: MASK if name in self._secret else value for name, value in self._items.items()})


@dataclass(frozen=True, repr=False)
class Token:
    """An access token.

    ``access_token`` is the secret. ``expires_at`` is UTC seconds since 1970, or None when the provider does not say.
    ``scope`` is what was granted. ``source`` is "cache" or "refresh". ``token_type`` is "Bearer", or "DPoP" for one that
    is good with a proof alone (``Client.dpop_proof``).
    """

    access_token: str
    expires_at: Optional[int]
    scope: str
    account: str
    issuer: str
    source: str
    token_type: str = "Bearer"

    def __repr__(self) -> str:
        return (
            f"Token(access_token={MASK!r}, expires_at={self.expires_at!r}, scope={self.scope!r}, "
            f"account={self.account!r}, issuer={self.issuer!r}, source={self.source!r})"
        )


@dataclass(frozen=True, repr=False)
class DpopProof(Token):
    """An access token that is bound to a key, and the proof for one request with it (RFC 9449).

    ``proof`` is the value of the header DPoP. It is good once, and soon: each request needs another.
    """

    proof: str = ""

    def headers(self) -> Dict[str, str]:
        """The two headers of that request, in plain text."""
        return {"Authorization": f"DPoP {self.access_token}", "DPoP": self.proof}

    def __repr__(self) -> str:
        return f"DpopProof(proof={MASK!r}, token={super().__repr__()})"


@dataclass(frozen=True)
class SignedIn:
    """How a sign-in ended.

    ``account`` is the account's name. ``subject`` is who signed in, ``label`` their mail address or name, ``scope`` what
    was granted; None where the provider did not say. ``credential`` is ``provider/name`` of the key that was made in the
    place of an account, or None.
    """

    account: str
    subject: Optional[str]
    label: Optional[str]
    scope: Optional[str]
    credential: Optional[str]


@dataclass(frozen=True, repr=False)
class Field:
    """One field of a resolution.

    ``source`` is the layer: "call", "instance", "environment", "store", "shared", "broker_environment", "oauth",
    "file", "command", "aws_sdk", "none" or "default". ``from_`` is where in the layer: a variable's name,
    "tenant/name", the name under which the call has it, or empty. ``expires_at`` is UTC seconds since 1970, or None
    where no end is known.
    """

    field: str
    source: str
    from_: str
    secret: bool
    value: str
    expires_at: Optional[int] = None

    def __repr__(self) -> str:
        shown = MASK if self.secret else self.value
        return (
            f"Field(field={self.field!r}, source={self.source!r}, from_={self.from_!r}, "
            f"secret={self.secret!r}, value={shown!r}, expires_at={self.expires_at!r})"
        )


@dataclass(frozen=True)
class Resolution:
    """A provider's credential, each field with the place that it comes from.

    ``warnings`` are sentences for the person. ``shadowed`` (weaker places with the same field) and ``ignored``
    (stronger places that were passed over) are the broker's own objects: ``field``, ``source``, ``from``, and ``why``.
    ``version`` is another one whenever the values are others; empty with a broker that does not say.
    """

    provider: str
    tenant: str
    name: str
    fields: Tuple[Field, ...]
    warnings: Tuple[str, ...] = ()
    shadowed: Tuple[Dict[str, Any], ...] = ()
    ignored: Tuple[Dict[str, Any], ...] = ()
    version: str = ""

    @property
    def values(self) -> FieldMap:
        """Field and value; secrets are masked when it is printed."""
        return FieldMap(
            {one.field: one.value for one in self.fields}, [one.field for one in self.fields if one.secret]
        )

    @property
    def sources(self) -> FieldMap:
        """Field and layer."""
        return FieldMap({one.field: one.source for one in self.fields})

    def field(self, name: str) -> Optional[Field]:
        """The field of that name, however it is spelled (apiKey is api_key); None when it was not found."""
        wanted = folded(name)
        return next((one for one in self.fields if folded(one.field) == wanted), None)
