"""Credentials from Keybearer, the local credential broker.

    import keybearer
    key = keybearer.auth_resolve("openai").values["api_key"]
"""

from .client import DEFAULT_TIMEOUT, Client, connect
from .errors import KeybearerError
from .models import Field, FieldMap, Resolution, Token
from .paths import socket_path
from .shortcuts import auth_resolve, auth_set_credential, auth_status, token

__version__ = "0.1.0"

__all__ = [
    "DEFAULT_TIMEOUT",
    "Client",
    "Field",
    "FieldMap",
    "KeybearerError",
    "Resolution",
    "Token",
    "auth_resolve",
    "auth_set_credential",
    "auth_status",
    "connect",
    "socket_path",
    "token",
]
