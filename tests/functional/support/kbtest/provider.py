"""The authorization servers of tests/lab."""
import json
import os
import subprocess
import tempfile
import urllib.error
import urllib.request

from .home import ROOT
from .process import Process, wait_until

LAB = ROOT / "tests" / "lab"
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class _Server:
    def __init__(self, home, command):
        log, path = tempfile.mkstemp(prefix="server.", suffix=".log", dir=home.path)
        os.close(log)
        self._process = Process(command, home.environment(), path)
        first = wait_until(lambda: self._first_line() or not self._process.running(), f"{command[0]}", seconds=30)
        if first is True:
            raise AssertionError(self._process.output())
        self.facts = json.loads(first)
        self.issuer = self.facts["issuer"]

    def _first_line(self):
        for line in self._process.output().splitlines(keepends=True):
            if line.startswith("{") and line.endswith("\n"):
                return line
        return None

    def stop(self):
        self._process.stop()


class Provider(_Server):
    """npm oidc-provider with fault injection; tests/lab/provider/control.mjs lists what it can be told."""

    def __init__(self, home, *options):
        super().__init__(home, [LAB / "start-provider", *options])
        self._last_tokens = None

    def stop(self):
        """What it issued stays known, for whoever looks for it afterwards; one with a certificate of its own cannot be
        asked."""
        if self._last_tokens is None:
            self._last_tokens = self.tokens() if self.issuer.startswith("http:") else set()
        super().stop()

    def _ask(self, name, body=None):
        request = urllib.request.Request(f"{self.issuer}/_lab/{name}", None if body is None else json.dumps(body).encode())
        with _opener.open(request, timeout=10) as answer:
            return json.load(answer)

    def set(self, **knobs):
        return self._ask("set", knobs)

    def fault(self, path, kind, times=1, **more):
        return self._ask("fault", {"path": path, "kind": kind, "times": times, **more})

    def change_redirect(self, append="", **parameters):
        """Tampers with the next redirect to the client; None removes a parameter."""
        return self._ask("auth-response", {"set": parameters, "append": append})

    def revoke_all(self):
        self._ask("revoke-all", {})

    def reset(self):
        self._ask("reset", {})

    def tokens(self):
        """Every code and token that was issued so far."""
        if self._last_tokens is not None:
            return self._last_tokens
        return {entry["value"] for entry in self._ask("tokens")}

    def issued(self, kind):
        """How many of this kind (RefreshToken, AccessToken, AuthorizationCode) were issued, also to nobody."""
        return sum(entry["kind"] == kind for entry in self._ask("tokens"))

    def requests(self, path=None, method=None):
        """Requests so far, oldest first."""
        return [entry for entry in self._ask("log") if "method" in entry and method in (None, entry["method"])
                and path in (None, entry["url"].partition("?")[0])]


class Glewlwyd(_Server):
    """Debian's glewlwyd; tests/lab/start-glewlwyd says how it differs."""

    def __init__(self, home, *redirects):
        options = [part for redirect in redirects for part in ("--redirect", redirect)]
        super().__init__(home, [LAB / "start-glewlwyd", *options])
        self.cookie = self.facts["cookie"]


def userinfo(url, token):
    """What a server says about the token's owner; the status code when it refuses."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with _opener.open(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code


def certificates(home):
    """A folder with a throw-away certificate authority (make-ca.sh)."""
    folder = home.path / "ca"
    subprocess.run([LAB / "make-ca.sh", folder], check=True, capture_output=True)
    return folder
