"""`keybearer mcp bridge`: a client that knows no OAuth uses a server that wants tokens."""
import json
import os
import sys

from kbtest import certificates, wait_until
from kbtest.mcp import ERAS, BridgeTest


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


class SignInTest(BridgeTest):
    """Nobody has signed in: the person's browser is opened, which needs nobody to click in the lab."""

    def test_the_first_request_opens_the_browser_and_gets_its_answer(self):
        client = self.connected()
        self.assertEqual(json.loads(client.call("whoami")["text"])["sub"], "alice")
        self.assertEqual(len(self.provider.requests("/auth", "GET")), 1)

    def test_requests_that_wait_share_one_window(self):
        bridge = self.bridge()
        for number in range(5):
            bridge.discover(number)
        for number in range(5):
            self.assertIn("result", bridge.answer(number))
        self.assertEqual(len(self.provider.requests("/auth", "GET")), 1)

    def test_without_a_browser_the_client_is_told_what_to_run(self):
        answer = self.client(BROWSER="/bin/false").do("connect")
        self.assertIn("keybearer login mcp", answer["error"]["message"])
        self.assertEqual(self.server.requests(), [])

    def test_after_two_windows_that_nobody_answered_there_is_no_third(self):
        self.provider.set(decision="manual")
        bridge = self.bridge(BROWSER="/bin/true")
        with self.rpc() as person:
            for _ in range(2):
                login = self.begin_login(person, "mcp", attended=False)
                person.call("account.login_cancel", login_id=login["login_id"])
        bridge.send("ping", 1)
        error = bridge.answer(1)["error"]
        self.assertEqual((error["code"], error["data"]["kind"]), (-32000, "login_required"))
        self.assertIn("keybearer login mcp", error["message"])

    def test_a_refused_sign_in_is_one_error(self):
        self.provider.set(decision="deny")
        bridge = self.bridge()
        bridge.send("ping", 1)
        error = bridge.answer(1)["error"]
        self.assertEqual(error["data"]["kind"], "login_failed")
        self.assertEqual(len(self.provider.requests("/auth", "GET")), 1)

    def test_what_the_policy_refuses_reaches_the_client(self):
        self.sign_in_first()
        self.ok("policy", "deny")
        bridge = self.bridge()
        bridge.send("ping", 1)
        self.assertEqual(bridge.answer(1)["error"]["data"]["kind"], "denied")
        self.assertEqual(self.server.requests(), [])


    def test_a_sign_in_that_brings_no_account_of_this_name_is_not_repeated(self):
        self.ok("login", "mcp", "--account", "work")
        bridge = self.bridge()
        for number in (1, 2, 3):  # whoever signs in is "work" already
            bridge.send("ping", number)
            self.assertEqual(bridge.answer(number)["error"]["data"]["kind"], "unknown_account")
        self.assertEqual(len(self.provider.requests("/auth", "GET")), 2)
        self.ok("account", "rename", "work", "mcp")
        bridge.initialize()
        bridge.call(4, "whoami")
        self.assertIn("result", bridge.answer(4))


class RefusalTest(BridgeTest):
    """401 and 403: what the bridge does about it, and that it ends."""

    def setUp(self):
        super().setUp()
        self.sign_in_first()
        self.bridge_one = self.bridge()
        self.bridge_one.initialize()
        self.bridge_one.call(1, "whoami")
        self.bridge_one.answer(1)

    def windows(self):
        return len(self.provider.requests("/auth", "GET"))

    def ask(self, number, name="whoami"):
        self.bridge_one.call(number, name)
        return self.bridge_one.answer(number)

    def test_a_token_that_is_refused_once_is_renewed(self):
        before = self.windows()
        self.server.set(unauthorized=1)
        self.assertIn("result", self.ask(2))
        tokens = [entry["token"] for entry in self.server.requests("POST", "tools/call")]
        self.assertEqual(tokens[0], tokens[1])
        self.assertNotEqual(tokens[1], tokens[2])
        self.assertEqual(self.windows(), before)

    def test_many_that_are_refused_at_once_are_renewed_once(self):
        before = len(self.provider.requests("/token", "POST"))
        self.server.set(unauthorized=4, slowMs=0)
        for number in range(10, 14):
            self.bridge_one.call(number, "whoami")
        for number in range(10, 14):
            self.assertIn("result", self.bridge_one.answer(number))
        self.assertLessEqual(len(self.provider.requests("/token", "POST")) - before, 2)

    def test_a_token_that_is_refused_twice_takes_a_sign_in(self):
        before = self.windows()
        self.server.set(unauthorized=2)
        self.assertIn("result", self.ask(2))
        self.assertEqual(self.windows(), before + 1)

    def test_a_server_that_refuses_for_ever_is_asked_three_times_and_then_once(self):
        before = self.windows()
        self.server.set(unauthorized=-1)
        error = self.ask(2)["error"]
        self.assertEqual((error["data"]["kind"], error["data"]["status"]), ("unauthorized", 401))
        self.assertEqual(self.statuses(), [200, 401, 401, 401])
        self.assertIn("error", self.ask(3))
        self.assertEqual(self.statuses(), [200] + 4 * [401])
        self.assertEqual(self.windows(), before + 1)
        self.server.set(unauthorized=0)
        self.assertIn("result", self.ask(4))
        self.server.set(unauthorized=1)
        self.assertIn("result", self.ask(5))

    def test_a_scope_that_is_missing_takes_a_sign_in(self):
        who = json.loads(self.ask(2, "write")["result"]["content"][0]["text"])
        self.assertEqual(who["scopes"], ["mcp:read", "mcp:write"])
        who = json.loads(self.ask(3, "admin")["result"]["content"][0]["text"])
        self.assertEqual(who["scopes"], ["mcp:read", "mcp:write", "mcp:admin"])
        before = self.windows()
        self.assertIn("result", self.ask(4, "write"))
        self.assertEqual(self.windows(), before)
        (account,) = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertEqual((account["account"], account["subject"]), ("mcp", "alice"))

    def test_a_scope_that_never_comes_takes_one_sign_in(self):
        before = self.windows()
        self.server.set(forbidden="mcp:write")
        for number in (2, 3):
            error = self.ask(number)["error"]
            self.assertEqual((error["data"]["kind"], error["data"]["status"]), ("insufficient_scope", 403))
        self.assertEqual(self.windows(), before + 1)

    def test_a_challenge_without_a_scope_is_an_error(self):
        self.server.set(challenge=False, forbidden="mcp:write")
        before = self.windows()
        self.assertEqual(self.ask(2)["error"]["data"], {"kind": "http_status", "status": 403})
        self.assertEqual(self.windows(), before)


class TokenTest(BridgeTest):
    def test_a_token_that_ends_is_replaced_between_two_requests(self):
        self.provider.set(atTtl=3)
        self.sign_in_first()
        client = self.connected()
        first = json.loads(client.call("whoami")["text"])["token"]
        slow = client.begin("call", name="steps", args={"count": 30, "ms": 100})
        second = wait_until(lambda: self.another(client, first), "another token", 30)
        self.assertNotEqual(second, first)
        self.assertEqual(client.end(slow)["text"], "30 steps")

    @staticmethod
    def another(client, first):
        token = json.loads(client.call("whoami")["text"])["token"]
        return token if token != first else None


class CallerTest(BridgeTest):
    """The broker decides about the program that started the bridge."""

    def test_the_program_behind_the_bridge_is_asked_about(self):
        self.sign_in_first()
        self.ok("policy", "ask")
        bridge = self.bridge()
        bridge.send("ping", 1)
        error = bridge.answer(1)["error"]
        self.assertEqual(error["data"]["kind"], "consent_required")
        rows = [json.loads(row) for row in self.ok("audit", "--json").out.splitlines()]
        (asked,) = [row for row in rows if row["method"] == "token.get"]
        self.assertEqual((asked["verdict"], asked["exe"]), ("deny", os.path.realpath(sys.executable)))


class TlsTest(BridgeTest):
    def setUp(self):
        self.folder = None
        super().setUp()

    @property
    def server_options(self):
        self.folder = self.folder or certificates(self.home)
        return ["--tls-dir", self.folder, "--name", "localhost"]

    def test_only_a_certificate_that_is_known_is_believed(self):
        self.sign_in_first()
        bridge = self.bridge()
        bridge.discover(1)
        error = bridge.answer(1)["error"]
        self.assertEqual(error["data"]["kind"], "unreachable")
        self.assertIn("--ca-file", error["message"])
        self.assertEqual(self.server.requests(), [])
        trusting = self.bridge("--ca-file", self.folder / "ca.pem")
        trusting.discover(1)
        self.assertIn("result", trusting.answer(1))


class AddressTest(BridgeTest):
    """Nobody has named a provider, and no client is registered: the server's address is all that there is."""

    with_profiles = False

    def arguments(self):
        return []

    def test_the_address_alone_is_enough(self):
        client = self.connected()
        self.assertEqual(json.loads(client.call("whoami")["text"])["scopes"], ["mcp:read"])
        again = self.connected({"pin": "2026-07-28"})
        self.assertEqual(again.call("echo", text="x")["text"], "x")
        self.assertEqual(len(self.provider.requests("/auth", "GET")), 1)
        self.assertEqual(len(self.provider.requests("/reg", "POST")), 1)

    def test_a_further_scope_goes_to_the_account_whatever_its_name(self):
        self.ok("login", self.url, "--account", "work")
        client = self.connected()
        for name, scopes in (("write", 2), ("admin", 3)):
            self.assertEqual(len(json.loads(client.call(name)["text"])["scopes"]), scopes)
        (account,) = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertEqual(account["account"], "work")

    def test_what_a_person_is_to_run_names_the_address(self):
        error = self.client(BROWSER="/bin/false").do("connect")["error"]
        self.assertIn(f"keybearer login {self.url}", error["message"])


class WholeServerTest(BridgeTest):
    """The server calls itself by its whole host, and not by the address that the bridge is given."""

    with_profiles = False

    def setUp(self):
        super().setUp()
        self.provider.set(resources={self.server.origin: "mcp:read mcp:write mcp:admin"})
        self.server.set(resource=self.server.origin, audience=False)

    def arguments(self):
        return []

    def test_the_address_alone_is_enough(self):
        client = self.connected()
        self.assertEqual(json.loads(client.call("whoami")["text"])["scopes"], ["mcp:read"])
        self.assertEqual(self.connected().call("echo", text="x")["text"], "x")
        self.assertEqual(len(self.provider.requests("/auth", "GET")), 1)
        for name, scopes in (("write", 2), ("admin", 3)):
            self.assertEqual(len(json.loads(client.call(name)["text"])["scopes"]), scopes)
        (account,) = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertEqual(account["resource"], self.server.origin)
