"""The authorization servers of tests/lab."""
import contextlib
import json
import os
import random
import socket
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from .browser import lab_https
from .home import ROOT
from .process import Process, wait_until

LAB = ROOT / "tests" / "lab"
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), lab_https())


def _asked(url, body=None):
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode())
    with _opener.open(request, timeout=10) as answer:
        return json.load(answer)


class _Server:
    def __init__(self, home, command):
        log, path = tempfile.mkstemp(prefix="server.", suffix=".log", dir=home.path)
        os.close(log)
        self._process = Process(command, home.environment(), path)
        first = wait_until(lambda: self._first_line() or not self._process.running(), f"{command[0]}", seconds=30)
        if first is True:
            raise AssertionError(self._process.output())
        self.facts = json.loads(first)
        self.issuer = self.facts.get("issuer")

    def _first_line(self):
        for line in self._process.output().splitlines(keepends=True):
            if line.startswith("{") and line.endswith("\n"):
                return line
        return None

    def stop(self):
        self._process.stop()


class _Steered(_Server):
    """A server that a test tells what to do, at /_lab/ below its issuer."""

    def __init__(self, home, command):
        super().__init__(home, command)
        self._last_tokens = None

    def stop(self):
        """What it issued stays known, for whoever looks for it afterwards."""
        if self._last_tokens is None:
            self._last_tokens = self.tokens()
        super().stop()

    def _ask(self, name, body=None):
        return _asked(f"{self.issuer}/_lab/{name}", body)

    def set(self, **knobs):
        return self._ask("set", knobs)

    def decide_device(self, user_code, action="approve"):
        return self._ask("device?" + urllib.parse.urlencode({"user_code": user_code, "action": action}))

    def revoke_all(self):
        self._ask("revoke-all", {})

    def reset(self):
        self._ask("reset", {})

    def tokens(self):
        """Every code and token that was issued so far."""
        if self._last_tokens is not None:
            return self._last_tokens
        return {entry["value"] for entry in self._ask("tokens")}

    def requests(self, path=None, method=None):
        """Requests so far, oldest first."""
        return [entry for entry in self._ask("log") if "method" in entry and method in (None, entry["method"])
                and path in (None, entry["url"].partition("?")[0])]


class Provider(_Steered):
    """npm oidc-provider with fault injection; tests/lab/provider/control.mjs lists what it can be told."""

    def __init__(self, home, *options):
        super().__init__(home, [LAB / "start-provider", *options])

    def fault(self, path, kind, times=1, **more):
        return self._ask("fault", {"path": path, "kind": kind, "times": times, **more})

    def release(self):
        """What "late" faults hold goes on."""
        return self._ask("release", {})["released"]

    def publish(self, document):
        """Where this client ID metadata document is from now on."""
        return self._ask("publish", json.loads(document))["url"]

    def client_secrets(self):
        """Of the clients that are registered now."""
        return self._ask("client-secrets")

    def forget_clients(self):
        self._ask("forget-clients", {})

    def change_redirect(self, append="", **parameters):
        """Tampers with the next redirect to the client; None removes a parameter."""
        return self._ask("auth-response", {"set": parameters, "append": append})

    def show_certificate(self, name):
        """Another one of the folder that it was started with; connections that are open and idle end."""
        self._ask("certificate", {"name": name})

    def issued(self, kind):
        """How many of this kind (RefreshToken, AccessToken, AuthorizationCode) were issued, also to nobody."""
        return sum(entry["kind"] == kind for entry in self._ask("tokens"))


class Plain(_Steered):
    """The server of tests/lab/plain in one of its styles, "oauth" or "openid"; its README.md says how it differs."""

    def __init__(self, home, style, *redirects):
        options = [part for redirect in redirects for part in ("--redirect", redirect)]
        super().__init__(home, [LAB / "start-plain", "--style", style, *options])

    def forward(self, seconds):
        """Puts its clock forward."""
        self._ask("forward", {"seconds": seconds})

    def revoke_access(self):
        """Access tokens end, and what they were made from stays."""
        self._ask("revoke-access", {})

    def metadata(self):
        return self._ask("metadata")

    def patch(self, **answers):
        """Members that its answers have from now on; None removes one."""
        self.set(patch=answers)

    def tokens(self):
        """Also the beginning of each, so that one that was cut short is found."""
        return {part for value in super().tokens() for part in (value, value[:24])}

    def latest(self, kind):
        """What it issued last of this kind: code, access_token, refresh_token, id_token, device_code."""
        return [entry["value"] for entry in self._ask("tokens") if entry["kind"] == kind][-1]


class Glewlwyd(_Server):
    """Debian's glewlwyd; tests/lab/start-glewlwyd says how it differs."""

    def __init__(self, home, *redirects):
        options = [part for redirect in redirects for part in ("--redirect", redirect)]
        super().__init__(home, [LAB / "start-glewlwyd", *options])
        self.cookie = self.facts["cookie"]

    def revoke_all(self):
        """The person withdraws every refresh token on the server's own pages."""
        for token in self._own("GET", ""):
            self._own("DELETE", "/" + urllib.parse.quote(token["token_hash"], safe=""))

    def _own(self, method, path):
        request = urllib.request.Request(f"{self.issuer}/token{path}", method=method, headers={"Cookie": self.cookie})
        with _opener.open(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


class McpServer:
    """An MCP server whose access tokens `provider` issues; tests/lab/mcp/server.mjs says what it can be told."""

    def __init__(self, home, provider, *options):
        self._server = _Server(home, [LAB / "start-mcp", "--issuer", provider.issuer, *options])
        self.resource = self._server.facts["resource"]
        self.origin = self.resource.rpartition("/")[0]
        self.pid = self._server.facts["pid"]
        provider.set(resources={self.resource: "mcp:read mcp:write mcp:admin"})

    def _ask(self, name, body=None):
        return _asked(f"{self.origin}/_lab/{name}", body)

    def set(self, **knobs):
        return self._ask("set", knobs)

    def tell(self, what):
        """announce, cut, forget or nonce."""
        self._ask(what, {})

    def requests(self, method=None, message=None):
        """Requests for the endpoint so far, oldest first; `message` is the method inside."""
        return [entry for entry in self._ask("log") if method in (None, entry["method"])
                and message in (None, entry.get("message"))]

    def stop(self):
        self._server.stop()


def userinfo(url, token):
    """What a server says about the token's owner; the status code when it refuses."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with _opener.open(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code


def free_port():
    """A port for a server that must know it before the login. Below those that the system hands out by itself, so that
    nothing else takes it meanwhile."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def certificates(home):
    """A folder with a throw-away certificate authority (make-ca.sh)."""
    folder = home.path / "ca"
    subprocess.run([LAB / "make-ca.sh", folder], check=True, capture_output=True)
    return folder
