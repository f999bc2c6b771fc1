"""Credentials from Keybearer, the local credential broker.

    import keybearer
    key = keybearer.auth_resolve("openai").values["api_key"]
"""

from .client import DEFAULT_TIMEOUT, Client, connect
from .errors import KeybearerError
from .lease import Lease
from .sign_in import Login
from .models import DpopProof, Field, FieldMap, Resolution, SignedIn, Token
from .paths import socket_path
from .shortcuts import auth_lease, auth_resolve, auth_set_credential, auth_status, dpop_proof, login, token
from .typed import AwsCredential, AzureCredential, BedrockCredential, Credential, SagemakerCredential, VertexCredential

__version__ = "0.1.0"

__all__ = [
    "DEFAULT_TIMEOUT",
    "AwsCredential",
    "AzureCredential",
    "BedrockCredential",
    "Client",
    "Credential",
    "DpopProof",
    "Field",
    "FieldMap",
    "KeybearerError",
    "Lease",
    "Login",
    "Resolution",
    "SagemakerCredential",
    "SignedIn",
    "Token",
    "VertexCredential",
    "auth_lease",
    "auth_resolve",
    "auth_set_credential",
    "auth_status",
    "connect",
    "dpop_proof",
    "login",
    "socket_path",
    "token",
]
