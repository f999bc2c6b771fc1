"""What test_network.py runs on a machine whose only address is KEYBEARER_TEST_ADDRESS."""
import os

from kbtest import KeybearerTest, browse

ADDRESS = os.environ["KEYBEARER_TEST_ADDRESS"]
IS_IPV6 = ":" in ADDRESS
HOST = f"[{ADDRESS}]" if IS_IPV6 else ADDRESS
OTHER_HOST = "127.0.0.1" if IS_IPV6 else "[::1]"


class OneFamilyTest(KeybearerTest):
    provider_options = ("--host", ADDRESS)

    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()

    def test_a_login_uses_what_there_is(self):
        with self.broker.rpc() as client:
            login = self.begin_login(client)
            self.assertTrue(login["redirect_uri"].startswith(f"http://{HOST}:"), login["redirect_uri"])
            self.assertEqual(browse(login["authorization_url"]).status, 200)
            self.assertEqual(self.login_end(client, login)["state"], "done")
        self.token()

    def test_a_redirect_to_the_other_family_says_what_is_missing(self):
        refused = self.fails(4, "login", "lab", "--redirect", f"http://{OTHER_HOST}/callback")
        self.assertIn(OTHER_HOST.strip("[]"), refused.err)
