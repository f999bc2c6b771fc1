"""A second, really different server: exact redirect port, "bearer", no revocation for public clients."""
import json
import socket

from kbtest import Glewlwyd, KeybearerTest, browse, userinfo


def free_port():
    """A port that was free a moment ago; this server must know it before the login."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class GlewlwydTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.redirect = f"http://127.0.0.1:{free_port()}/callback"
        self.server = Glewlwyd(self.home, self.redirect)
        self.addCleanup(self.server.stop)
        self.home.write_provider("glewlwyd", self.server.issuer, client_id="native-app", redirect=self.redirect,
                                 scopes=["openid", "profile", "offline_access"])
        self.start_broker()

    def log_in(self):
        client = self.rpc()
        login = self.begin_login(client, "glewlwyd")
        self.assertEqual(login["redirect_uri"], self.redirect)
        browse(login["authorization_url"] + "&g_continue", cookie=self.server.cookie)
        ended = self.login_end(client, login)
        self.assertEqual(ended["state"], "done", ended)
        return ended

    def test_login_token_refresh(self):
        self.log_in()
        first = self.token("glewlwyd")
        self.assertIn("sub", userinfo(f"{self.server.issuer}/userinfo", first))
        second = self.token("glewlwyd", "--refresh")
        self.assertNotEqual(first, second)
        self.assertIn("sub", userinfo(f"{self.server.issuer}/userinfo", second))

    def test_a_refused_revocation_does_not_keep_the_account(self):
        self.log_in()
        result = json.loads(self.ok("logout", "glewlwyd", "--json").out)
        self.assertEqual([row["revoked"] for row in result["accounts"]], [False])
        self.assertEqual(json.loads(self.ok("account", "list", "--json").out)["accounts"], [])
