"""`keybearer mcp bridge` with tokens that are bound to a key (RFC 9449): the server checks each proof."""
import contextlib
import http.client
import json
import urllib.parse

from kbtest import wait_until
from kbtest.home import CLI
from kbtest.mcp import ERAS, Bridge, BridgeTest


class BoundTest(BridgeTest):
    profile = {"dpop": True}

    def setUp(self):
        super().setUp()
        self.server.set(schemes=["DPoP"])
        self.sign_in_first()

    def windows(self):
        return len(self.provider.requests("/auth", "GET"))

    def check_proofs(self):
        """Each request had a proof of its own, made for it, and nothing went out in another way."""
        entries = self.server.requests()
        self.assertEqual({entry.get("scheme") for entry in entries}, {"DPoP"})
        self.assertEqual({(entry["method"], entry["proof"]["htm"], entry["proof"]["htu"]) for entry in entries},
                         {(entry["method"], entry["method"], self.url) for entry in entries})
        self.assertEqual(len({entry["proof"]["jti"] for entry in entries}), len(entries))
        return entries


class RequestTest(BoundTest):
    def test_a_real_client_uses_a_server_that_wants_proofs(self):
        for mode in ERAS:
            with self.subTest(mode=mode):
                client = self.connected(mode)
                self.assertEqual(json.loads(client.call("whoami")["text"])["sub"], "alice")
                self.assertEqual(client.call("echo", text="x")["text"], "x")
                client.do("close")
                client.event("close")
        self.assertEqual({entry["method"] for entry in self.check_proofs()}, {"GET", "POST", "DELETE"})
        self.assertEqual({entry["status"] for entry in self.server.requests("POST")} - {200, 202}, set())

    def test_a_stream_that_is_resumed_has_a_proof_of_its_own(self):
        self.server.set(resumable=True)
        client = self.connected()
        slow = client.begin("call", name="steps", args={"count": 30, "ms": 50}, progress=True)
        client.event("progress")
        self.server.tell("cut")
        self.assertEqual(client.end(slow)["text"], "30 steps")
        resumed = [entry for entry in self.check_proofs() if "last-event-id" in entry["headers"]]
        self.assertIn(200, [entry["status"] for entry in resumed])

    def test_an_address_is_proven_in_the_form_that_servers_compare(self):
        root = self.server.origin + "/"
        for url, proven in ((self.url + "?a=b", self.url), (self.url + "?", self.url), (self.url.upper().replace("MCP", "mcp"), self.url),
                            (self.server.origin, root), (self.server.origin + "?a", root)):
            with self.subTest(url):
                bridge = Bridge(self.env(), CLI, url, *self.arguments())
                self.addCleanup(bridge.stop)
                bridge.discover(1)
                bridge.answer(1)
                self.assertEqual(self.server.requests()[-1]["proof"]["htu"], proven)

    def test_a_token_that_is_refused_once_is_renewed_and_proven_anew(self):
        bridge = self.bridge()
        before = self.windows()
        self.server.set(unauthorized=1)
        bridge.discover(1)
        self.assertIn("result", bridge.answer(1))
        first, second = self.check_proofs()
        self.assertNotEqual(first["token"], second["token"])
        self.assertNotEqual(first["proof"]["ath"], second["proof"]["ath"])
        self.assertEqual(self.windows(), before)

    def test_a_scope_that_is_missing_takes_a_sign_in(self):
        client = self.connected()
        self.assertEqual(json.loads(client.call("write")["text"])["scopes"], ["mcp:read", "mcp:write"])
        self.assertIn(403, self.statuses())
        self.check_proofs()

    def test_a_bound_token_is_not_sent_as_another_whatever_the_server_says(self):
        self.server.set(schemes=["Bearer"])
        bridge = self.bridge()
        bridge.discover(1)
        self.assertEqual(bridge.answer(1)["error"]["data"], {"kind": "unauthorized", "status": 401})
        self.check_proofs()


class ServerTest(BoundTest):
    """What the lab's server refuses, so that the other tests mean something."""

    def answer(self, **params):
        with self.rpc() as client:
            return client.call("dpop.proof", **{"account": "mcp", "resource": self.url, "htm": "POST", "htu": self.url, **params})

    def status(self, token, *proofs, scheme="DPoP"):
        there = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(there.netloc, timeout=10)
        body = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
        connection.putrequest("POST", there.path)
        for name, value in (("Authorization", f"{scheme} {token}"), ("Content-Type", "application/json"),
                            ("Content-Length", str(len(body))), *(("DPoP", proof) for proof in proofs)):
            connection.putheader(name, value)
        connection.endheaders(body)
        with contextlib.closing(connection):
            return connection.getresponse().status

    def test_a_proof_is_good_for_one_request_of_its_token_and_key(self):
        answer = self.answer()
        token, proof = answer["access_token"], answer["proof"]
        self.assertNotEqual(self.status(token, proof), 401)
        narrow = self.answer(scopes=["mcp:read"], refresh=True)
        self.sign_in_first()
        fresh = self.answer()
        self.assertNotEqual(self.status(fresh["access_token"], fresh["proof"]), 401)
        head, body, signature = self.answer()["proof"].split(".")
        rows = {"used before": (token, proof), "none": (token,), "two": (token, self.answer()["proof"], self.answer()["proof"]),
                "another token's": (token, narrow["proof"]), "another key's": (token, self.answer()["proof"]),
                "another method's": (fresh["access_token"], self.answer(htm="GET")["proof"]),
                "another address's": (fresh["access_token"], self.answer(htu=self.url + "2")["proof"]),
                "changed": (fresh["access_token"], f"{head}.{body}.{signature[::-1]}")}
        for name, row in rows.items():
            with self.subTest(name):
                self.assertEqual(self.status(*row), 401)
        self.server.set(schemes=["Bearer", "DPoP"])
        self.assertEqual(self.status(fresh["access_token"], scheme="Bearer"), 401)


class NonceTest(BoundTest):
    def setUp(self):
        super().setUp()
        self.one = self.bridge()

    def ask(self, number):
        self.one.discover(number)
        return self.one.answer(number)

    def all_statuses(self):
        return [entry["status"] for entry in self.check_proofs()]

    def test_a_nonce_is_kept_until_the_server_wants_another(self):
        self.server.set(nonce="kept")
        for number in range(3):
            self.assertIn("result", self.ask(number))
        self.assertEqual(self.all_statuses(), [401, 200, 200, 200])
        self.server.tell("nonce")
        self.assertIn("result", self.ask(3))
        self.assertEqual(self.all_statuses()[4:], [401, 200])
        self.assertEqual(len({entry["token"] for entry in self.server.requests()}), 1)

    def test_a_nonce_that_an_answer_brings_is_in_the_next_proof(self):
        self.server.set(nonce="fresh")
        for number in range(4):
            self.assertIn("result", self.ask(number))
        self.assertEqual(self.all_statuses(), [401, 200, 200, 200, 200])

    def test_a_nonce_that_ended_while_the_token_was_renewed_is_asked_for_anew(self):
        self.server.set(nonce="kept")
        self.assertIn("result", self.ask(1))
        self.server.tell("nonce")
        self.server.set(unauthorized=1)
        self.assertIn("result", self.ask(2))
        self.assertEqual(self.all_statuses()[2:], [401, 401, 200])

    def test_a_loop_ends_with_a_sentence(self):
        self.assertIn("result", self.ask(0))
        posts = len(self.provider.requests("/token", "POST"))
        windows = self.windows()
        for nonce, asked, words in (("loop", 2, "takes none"), ("silent", 1, "gives none"), ("odd", 1, "gives none")):
            with self.subTest(nonce):
                before = len(self.server.requests())
                self.server.set(nonce=nonce)
                error = self.ask(nonce)["error"]
                self.assertEqual(error["data"], {"kind": "unauthorized", "status": 401})
                self.assertIn(words, error["message"])
                self.assertEqual(len(self.server.requests()) - before, asked)
        self.assertEqual((len(self.provider.requests("/token", "POST")), self.windows()), (posts, windows))
        self.server.set(nonce=None)
        self.assertIn("result", self.ask(9))

    def test_a_proof_that_is_refused_opens_no_window(self):
        windows = self.windows()
        self.server.set(badProof=True)
        error = self.ask(1)["error"]
        self.assertEqual(error["data"], {"kind": "unauthorized", "status": 401})
        self.assertIn("clock", error["message"])
        self.assertEqual(self.all_statuses(), [401])
        self.assertEqual(self.windows(), windows)


class UnboundTest(BridgeTest):
    """A profile without `dpop`."""

    def test_who_wants_bound_tokens_is_named(self):
        self.sign_in_first()
        self.server.set(schemes=["DPoP"])
        bridge = self.bridge()
        bridge.discover(1)
        error = bridge.answer(1)["error"]
        self.assertEqual(error["data"]["kind"], "unauthorized")
        self.assertIn("dpop = true", error["message"])
        self.assertEqual({entry["scheme"] for entry in self.server.requests()}, {"Bearer"})


class AddressTest(BridgeTest):
    """Nobody has named a provider: the server says itself that it wants bound tokens."""

    with_profiles = False

    def arguments(self):
        return []

    def schemes(self):
        return [entry["scheme"] for entry in self.server.requests("POST", "tools/call")]

    def test_the_address_alone_is_enough(self):
        for number, knobs in enumerate(({"schemes": ["DPoP"]}, {"schemes": ["Bearer", "DPoP"], "dpopRequired": True})):
            with self.subTest(**knobs):
                self.server.set(**{"dpopRequired": None, **knobs})
                self.ok("login", self.url)
                client = self.connected()
                self.assertEqual(json.loads(client.call("whoami")["text"])["scopes"], ["mcp:read"])
                self.assertEqual(self.schemes(), ["DPoP"] * (number + 1))
                self.assertIn("dpop_jkt=", self.provider.requests("/auth", "GET")[-1]["url"])

    def test_without_an_account_the_first_request_signs_in_for_a_bound_token(self):
        self.server.set(schemes=["DPoP"], dpopRequired=True, nonce="kept")
        bridge = self.bridge()
        bridge.discover(1)
        self.assertIn("result", bridge.answer(1))
        self.assertEqual(len(self.provider.requests("/auth", "GET")), 1)
        asked = [(entry["scheme"], entry["status"]) for entry in self.server.requests() if "scheme" in entry]
        self.assertEqual(asked, [("DPoP", 401), ("DPoP", 200)])  # for want of a nonce first

    def test_a_sign_in_makes_bound_tokens_of_others_and_the_other_way(self):
        client = self.connected({"pin": "2026-07-28"})
        client.call("echo", text="x")
        self.server.set(schemes=["DPoP"], dpopRequired=True)
        self.assertEqual(json.loads(client.call("whoami")["text"])["sub"], "alice")
        self.assertEqual(self.schemes(), ["Bearer"] * 3 + ["DPoP"])
        self.server.set(schemes=["Bearer"], dpopRequired=False)
        self.ok("login", self.url)
        wait_until(lambda: "error" not in client.call("echo", text="y"), "an answer")
        self.assertEqual(self.schemes()[-1], "Bearer")
