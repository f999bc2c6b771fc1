"""`keybearer mcp bridge`: a client that knows no OAuth uses a server that wants tokens."""
import json

from kbtest import CLI, KeybearerTest, McpServer
from kbtest.mcp import Bridge, McpClient

ERAS = ("legacy", {"pin": "2026-07-28"}, "auto")


class BridgeTest(KeybearerTest):
    server_options = ()

    def setUp(self):
        super().setUp()
        self.server = McpServer(self.home, self.provider, *self.server_options)
        self.addCleanup(self.server.stop)
        self.url = self.server.resource
        self.home.write_provider("mcp", self.provider.issuer, scopes=["openid", "offline_access", "mcp:read"],
                                 resources=[self.url], **self.profile())
        self.start_broker()

    def profile(self):
        return {}

    def sign_in_first(self):
        self.ok("login", "mcp")

    def arguments(self):
        return ["--account", "mcp", "--resource", self.url]

    def client(self, mode="legacy", *more, **env):
        client = McpClient(self.env(**env), CLI, ["mcp", "bridge", self.url, *self.arguments(), *more], mode)
        self.addCleanup(client.stop)
        return client

    def connected(self, mode="legacy", *more, **env):
        client = self.client(mode, *more, **env)
        answer = client.do("connect")
        self.assertNotIn("error", answer, client.events)
        return client

    def bridge(self, *more, **env):
        bridge = Bridge(self.env(**env), CLI, self.url, *self.arguments(), *more)
        self.addCleanup(bridge.stop)
        return bridge

    def statuses(self, message="tools/call"):
        return [entry.get("status") for entry in self.server.requests("POST", message)]


class BothErasTest(BridgeTest):
    def test_a_real_client_uses_a_real_server(self):
        self.sign_in_first()
        for as_json in (False, True):
            for mode in ERAS:
                with self.subTest(mode=mode, json=as_json):
                    self.server.set(json=as_json)
                    client = self.connected(mode)
                    who = json.loads(client.call("whoami")["text"])
                    self.assertEqual((who["sub"], who["scopes"]), ("alice", ["mcp:read"]))
                    self.assertEqual(client.call("echo", text="ä\n\u2028\t\"")["text"], "ä\n\u2028\t\"")
                    self.assertEqual(len(client.do("list")["tools"]), 8)
                    self.assertEqual(client.call("region", where={"region": "eu-ä"}, dry=True)["text"], "eu-ä")
                    self.assertEqual(client.do("read", uri="note://ä")["contents"][0]["text"], "note note://%C3%A4")
                    self.assertTrue(client.do("call", name="echo", args={"text": 5})["isError"])
                    client.do("close")
                    client.event("close")
