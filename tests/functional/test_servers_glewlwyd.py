"""The end-to-end suite at Debian's glewlwyd: exact redirect port, "bearer", no revocation for public clients, an empty 400
for a dead refresh token."""
import base64
import json

from kbtest import Glewlwyd, KeybearerTest, free_port, userinfo
from kbtest.home import ROOT
from test_servers import EndToEnd

BROWSER = '''#!/usr/bin/env python3
import sys
sys.path.insert(0, {support!r})
from kbtest import browse
browse(sys.argv[1] + "&g_continue", cookie={cookie!r})
'''


class GlewlwydTest(EndToEnd, KeybearerTest):
    scopes = ("openid", "profile", "offline_access")
    label = "alice@example.com"
    revokes = False

    def begin_server(self):
        redirect = f"http://127.0.0.1:{free_port()}/callback"
        self.provider = Glewlwyd(self.home, redirect)
        return {"client_id": self.provider.facts["client_id"], "redirect": redirect}

    def browser(self):
        """One in which the person has signed in and agreed."""
        path = self.home.path / "browser"
        path.write_text(BROWSER.format(support=str(ROOT / "tests/functional/support"), cookie=self.provider.cookie), "utf-8")
        path.chmod(0o700)
        return path

    def test_a_program_is_told_that_nothing_was_revoked(self):
        self.log_in()
        result = json.loads(self.ok("logout", "lab", "--json").out)
        self.assertEqual([row["revoked"] for row in result["accounts"]], [False])

        self.log_in()
        token = self.token()
        result = self.cli("lease", "revoke", "--client", "keybearer", "--json")
        self.assertEqual((result.code, json.loads(result.out)["items"][0]["result"]), (1, "not_revoked"))
        self.assertNotEqual(self.owner(token), 401)

    def asked(self):
        return None

    def owner(self, token):
        answer = userinfo(f"{self.provider.issuer}/userinfo", token)
        return answer if isinstance(answer, int) else answer["sub"]

    def scope_of(self, token):
        """It is written in the token, a JWT (RFC 9068 section 2.2.3)."""
        payload = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["scope"]
