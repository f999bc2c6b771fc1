"""The servers that are measured beside Keybearer."""
import base64
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import urllib.parse
import urllib.request

from kbtest import callback_url

CLIENT, SECRET = "native-secret", "desktop-secret-desktop-secret-desktop"  # oidc-agent always sends a client secret
REDIRECT = "http://127.0.0.1:1/callback"


def grant(issuer):
    """A refresh token of the lab provider."""
    verifier = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=")
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
    query = {"response_type": "code", "client_id": CLIENT, "redirect_uri": REDIRECT, "scope": "openid offline_access",
             "prompt": "consent", "code_challenge": challenge, "code_challenge_method": "S256", "state": "bench"}
    callback = callback_url(f"{issuer}/auth?{urllib.parse.urlencode(query)}", REDIRECT)
    (code,) = urllib.parse.parse_qs(urllib.parse.urlsplit(callback).query)["code"]
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier.decode(), "redirect_uri": REDIRECT}
    basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    request = urllib.request.Request(f"{issuer}/token", urllib.parse.urlencode(form).encode(),
                                     {"Authorization": f"Basic {basic}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        return json.load(answer)["refresh_token"]


class _Agent:
    """A program that goes to the background and prints its socket and process id as shell commands."""

    def __init__(self, command, env, socket_name, pid_name):
        output = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=20).stdout
        said = dict(part.strip().split("=", 1) for part in output.replace("\n", ";").split(";") if "=" in part)
        self.env = {**env, socket_name: said[socket_name]}
        self.socket = said[socket_name]
        self.pid = int(said[pid_name])

    def stop(self):
        os.kill(self.pid, 15)


class OidcAgent(_Agent):
    """Debian's oidc-agent with an account at the provider, its token in the cache."""

    kind = "close"
    request = b'{"request":"access_token","account":"lab","min_valid_period":60,"application_hint":"bench"}'

    def __init__(self, home, provider):
        self._folder = tempfile.mkdtemp(prefix="oidc-agent.", dir=home.path)
        env = {"PATH": os.environ["PATH"], "HOME": self._folder, "TMPDIR": self._folder, "OIDC_CONFIG_DIR": self._folder}
        super().__init__(["oidc-agent"], env, "OIDC_SOCK", "OIDCD_PID")
        secrets = {"BENCH_REFRESH_TOKEN": grant(provider.issuer), "BENCH_PASSWORD": base64.b64encode(os.urandom(18)).decode()}
        try:
            subprocess.run(["oidc-gen", "-m", f"--iss={provider.issuer}/", f"--client-id={CLIENT}",
                            f"--client-secret={SECRET}", "--scope=openid offline_access", "--rt-env=BENCH_REFRESH_TOKEN",
                            "--pw-env=BENCH_PASSWORD", "--prompt=none", "--confirm-yes", "--no-url-call",
                            "--redirect-uri=http://localhost:4242", "lab"], env={**self.env, **secrets}, check=True,
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            self.client = [shutil.which("oidc-token"), "lab"]
            subprocess.run(self.client, env=self.env, check=True, capture_output=True, timeout=20)
        except subprocess.CalledProcessError as error:
            self.stop()
            raise SystemExit(f"bench: {error.cmd[0]} failed: {error.stdout}{error.stderr}") from error


class SshAgent(_Agent):
    """OpenSSH's agent, asked for its list of keys; it has none."""

    kind = "ssh"
    request = b"\0\0\0\1\x0b"  # SSH_AGENTC_REQUEST_IDENTITIES, draft-ietf-sshm-ssh-agent section 3.5

    def __init__(self, home):
        folder = tempfile.mkdtemp(prefix="ssh-agent.", dir=home.path)
        super().__init__(["ssh-agent", "-s", "-a", f"{folder}/socket"], {"PATH": os.environ["PATH"]}, "SSH_AUTH_SOCK",
                         "SSH_AGENT_PID")
