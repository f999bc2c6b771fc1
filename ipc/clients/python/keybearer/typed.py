"""Credentials of more than a key and an address, as types."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar, FrozenSet, Optional, Tuple, Type, TypeVar

from .errors import KeybearerError
from .models import MASK, Resolution

_Typed = TypeVar("_Typed", bound="Credential")


@dataclass(frozen=True, repr=False)
class Credential:
    """The base of the types below. Each has the fields of its providers; None is one that was not found.

    What is not in ``PUBLIC`` is masked when it is printed.
    """

    PROVIDERS: ClassVar[Tuple[str, ...]] = ()
    PUBLIC: ClassVar[FrozenSet[str]] = frozenset()

    @classmethod
    def of(cls: Type[_Typed], resolution: Resolution) -> _Typed:
        """A resolution as this type.

        Raises KeybearerError: "invalid_value" when it is another provider's, "no_credential" when a field is missing
        without which the provider cannot be used, as when ``fields`` left it out.
        """
        if resolution.provider not in cls.PROVIDERS:
            raise KeybearerError("invalid_value", f"a credential of {resolution.provider} is no {cls.__name__}")
        values = resolution.values
        for one in dataclasses.fields(cls):
            if one.default is dataclasses.MISSING and one.name not in values:
                raise KeybearerError("no_credential", f"the credential of {resolution.provider} has no {one.name}")
        return cls(**{one.name: values[one.name] for one in dataclasses.fields(cls) if one.name in values})

    def __repr__(self) -> str:
        parts = []
        for one in dataclasses.fields(self):
            value = getattr(self, one.name)
            parts.append(f"{one.name}={(value if value is None or one.name in self.PUBLIC else MASK)!r}")
        return f"{type(self).__name__}({', '.join(parts)})"


@dataclass(frozen=True, repr=False)
class AwsCredential(Credential):
    """What the providers of AWS have in common."""

    PUBLIC = frozenset({"region", "endpoint"})
    access_key_id: str
    secret_access_key: str
    session_token: Optional[str] = None
    region: Optional[str] = None


@dataclass(frozen=True, repr=False)
class BedrockCredential(AwsCredential):
    PROVIDERS = ("bedrock",)


@dataclass(frozen=True, repr=False)
class SagemakerCredential(AwsCredential):
    """``endpoint`` is the name of a SageMaker endpoint, no address."""

    PROVIDERS = ("sagemaker",)
    endpoint: Optional[str] = None


@dataclass(frozen=True, repr=False)
class AzureCredential(Credential):
    PROVIDERS = ("azure",)
    PUBLIC = frozenset({"endpoint", "resource_name", "deployment_name", "api_version"})
    api_key: str
    endpoint: Optional[str] = None
    resource_name: Optional[str] = None
    deployment_name: Optional[str] = None
    api_version: Optional[str] = None


@dataclass(frozen=True, repr=False)
class VertexCredential(Credential):
    """It has a service account's key, or ``client_email`` and ``private_key``, or an ``api_key``."""

    PROVIDERS = ("vertex", "vertex-anthropic")
    PUBLIC = frozenset({"project_id", "location", "client_email"})
    project_id: Optional[str] = None
    location: Optional[str] = None
    api_key: Optional[str] = None
    service_account_key: Optional[str] = None
    client_email: Optional[str] = None
    private_key: Optional[str] = None
