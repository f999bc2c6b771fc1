"""Credentials from Keybearer, the local credential broker.

    import keybearer
    key = keybearer.auth_resolve("openai").values["api_key"]
"""

from .client import DEFAULT_TIMEOUT, Client, connect
from .errors import KeybearerError
from .lease import Lease
from .models import Field, FieldMap, Resolution, Token
from .paths import socket_path
from .shortcuts import auth_lease, auth_resolve, auth_set_credential, auth_status, token
from .typed import AwsCredential, AzureCredential, BedrockCredential, Credential, SagemakerCredential, VertexCredential

__version__ = "0.1.0"

__all__ = [
    "DEFAULT_TIMEOUT",
    "AwsCredential",
    "AzureCredential",
    "BedrockCredential",
    "Client",
    "Credential",
    "Field",
    "FieldMap",
    "KeybearerError",
    "Lease",
    "Resolution",
    "SagemakerCredential",
    "Token",
    "VertexCredential",
    "auth_lease",
    "auth_resolve",
    "auth_set_credential",
    "auth_status",
    "connect",
    "socket_path",
    "token",
]
