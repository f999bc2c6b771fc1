"""A protected resource of the lab's provider, which describes itself (RFC 9728), and a broker that knows no profile."""
import base64
import json
import urllib.error
import urllib.parse
import urllib.request

from .browser import browse
from .case import KeybearerTest

RESOURCE = "/rs"
AT_PATH = "/.well-known/oauth-protected-resource/rs"
AT_ROOT = "/.well-known/oauth-protected-resource"


def query_of(url):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)


def fetch(url, token):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code


def audience_of(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["aud"]


class ResourceTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        (self.home.config / "providers.d" / "lab.toml").unlink()
        self.resource = self.provider.issuer + RESOURCE
        self.prepare()
        self.broker = self.start_broker()
        self.client = self.rpc()

    def prepare(self):
        pass

    def signed_in(self, provider=None, **params):
        login = self.begin_login(self.client, provider or self.resource, timeout=20, **params)
        page = browse(login["authorization_url"])
        state = self.login_end(self.client, login)
        self.assertEqual(state["state"], "done", f"{state}\n{page.body}")
        return login, state

    def accounts(self):
        return self.client.call("account.list")["accounts"]

    def challenge(self, header, times=1):
        headers = {"www-authenticate": header} if header else {}
        self.provider.fault(RESOURCE, "raw", status=401, body="{}", headers=headers, times=times)

    def describe(self, **patch):
        self.provider.fault(AT_PATH, "patch", patch=patch)
