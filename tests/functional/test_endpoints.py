"""A server that publishes no metadata: the profile names its endpoints, as GitHub's does."""
from kbtest import KeybearerTest, Plain, free_port


class EndpointsTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        redirect = f"http://127.0.0.1:{free_port()}/callback"
        self.provider = Plain(self.home, "oauth", redirect)
        self.addCleanup(self.provider.stop)
        self.provider.set(device=True, interval=1)
        self.metadata = self.provider.metadata()
        self.provider.set(publish=False)
        self.profile = (f'id = "lab"\nissuer = "{self.provider.issuer}"\nclient_id = "{self.provider.facts["client_id"]}"\n'
                        f'redirect = "{redirect}"\nscopes = ["read"]\nassume_pkce = true\n')
        self.start()

    def start(self, *leave_out):
        keys = {"authorization": "authorization_endpoint", "token": "token_endpoint",
                "device_authorization": "device_authorization_endpoint"}
        endpoints = "".join(f'{key} = "{self.metadata[name]}"\n' for key, name in keys.items() if key not in leave_out)
        self.home.write_config("providers.d/lab.toml", self.profile + "[endpoints]\n" + endpoints)
        self.broker = self.start_broker()
        self.client = self.rpc()

    def test_a_login_asks_for_no_metadata(self):
        _, state = self.sign_in(self.client)
        self.assertEqual(state["state"], "done", state)
        self.assertTrue(self.client.call("token.get", account="lab", refresh=True)["access_token"])
        self.assertEqual([request["url"] for request in self.provider.requests() if "well-known" in request["url"]], [])

    def test_a_device_signs_in(self):
        login = self.begin_login(self.client, flow="device")
        self.provider.decide_device(login["user_code"])
        self.assertEqual(self.login_end(self.client, login)["state"], "done")

    def test_what_is_not_named_is_not_there(self):
        self.client.close()
        self.broker.stop()
        self.start("device_authorization")
        with self.assertRpcError("unsupported"):
            self.begin_login(self.client, flow="device")

    def test_without_them_the_login_fails(self):
        self.client.close()
        self.broker.stop()
        self.home.write_config("providers.d/lab.toml", self.profile)
        self.start_broker()
        with self.assertRpcError("provider_error"):
            self.begin_login(self.rpc())
