"""The bridge between stdio and HTTP: streams, sessions, and whatever either side may send."""
import json
import os
import signal
import subprocess

from kbtest import CLI, wait_until
from kbtest.mcp import ERAS, BridgeTest


class StreamTest(BridgeTest):
    """What goes on for a while: events, progress, cancelling, and connections that break."""

    def setUp(self):
        super().setUp()
        self.sign_in_first()

    def test_progress_comes_before_the_answer_and_requests_do_not_wait_for_each_other(self):
        for mode in ERAS:
            with self.subTest(mode=mode):
                client = self.connected(mode)
                slow = client.begin("call", name="steps", args={"count": 20, "ms": 20}, progress=True)
                client.event("progress")
                self.assertEqual(client.call("echo", text="meanwhile")["text"], "meanwhile")
                self.assertEqual(client.end(slow)["text"], "20 steps")
                self.assertEqual([event["progress"] for event in client.events if event["event"] == "progress"],
                                 list(range(1, 21)))

    def test_ten_slow_requests_do_not_keep_the_eleventh_waiting(self):
        client = self.connected()
        slow = [client.begin("call", name="steps", args={"count": 100, "ms": 100}) for _ in range(10)]
        self.assertEqual(client.call("echo", text="first")["text"], "first")
        for number in slow:
            client.do("cancel", of=number)
        for number in slow:
            self.assertIn("error", client.end(number))

    def test_a_cancelled_request_ends_at_the_server(self):
        for mode in ERAS[:2]:
            with self.subTest(mode=mode):
                client = self.connected(mode)
                before = len(self.server.requests("POST", "notifications/cancelled"))
                slow = client.begin("call", name="steps", args={"count": 1000, "ms": 20}, progress=True)
                client.event("progress")
                client.do("cancel", of=slow)
                self.assertIn("error", client.end(slow))
                seen = len(client.events)
                self.assertEqual(client.call("echo", text="x")["text"], "x")
                self.assertLess(len(client.events) - seen, 10)
                told = len(self.server.requests("POST", "notifications/cancelled")) - before
                self.assertEqual(told, 1 if mode == "legacy" else 0)

    def steps(self, bridge, numbers):
        """Calls that go on until they are cancelled, each with a stream that is open."""
        self.opened("GET")
        before = self.statuses().count(200)
        for number in numbers:
            bridge.call(number, "steps", count=100_000, ms=20)
        wait_until(lambda: self.statuses().count(200) == before + len(numbers), "the calls", 30)

    def running(self):
        return [entry for entry in self.server.requests("POST", "tools/call") if entry.get("status") == 200 and "closed" not in entry]

    def test_cancelled_requests_do_not_add_up(self):
        bridge = self.bridge()
        bridge.initialize()
        for numbers in (range(100, 140), range(200, 240)):
            self.steps(bridge, numbers)
            for number in numbers:
                bridge.send("notifications/cancelled", requestId=number)
            wait_until(lambda: self.statuses("notifications/cancelled").count(202) == numbers[-1] // 100 * 40, "the end of them", 30)
        bridge.call(1, "echo", text="x")
        self.assertIn("result", bridge.answer(1))
        wait_until(lambda: not self.running(), "the end of what was cancelled")

    def test_as_many_requests_as_there_may_be_can_be_cancelled(self):
        bridge = self.bridge()
        bridge.initialize()
        self.steps(bridge, range(100, 164))
        bridge.call(1, "echo", text="x")
        self.assertEqual(bridge.answer(1)["error"]["data"]["kind"], "too_many")
        bridge.send("notifications/cancelled", requestId=100)
        wait_until(lambda: self.server.requests("POST", "notifications/cancelled"), "the cancellation")
        wait_until(lambda: len(self.running()) == 63, "the end of what was cancelled")
        bridge.call(2, "echo", text="x")
        self.assertIn("result", bridge.answer(2))

    def test_a_stream_that_stays_open_behind_its_answer_is_let_go(self):
        body = 'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'
        self.server.set(status={"status": 200, "headers": {"content-type": "text/event-stream"}, "body": body, "open": True})
        bridge = self.bridge()
        bridge.send("ping", 1)
        self.assertIn("result", bridge.answer(1))
        wait_until(lambda: "closed" in self.server.requests("POST", "ping")[0], "the end of the stream")

    def test_what_the_server_says_by_itself_reaches_the_client(self):
        for mode in ERAS[:2]:
            with self.subTest(mode=mode):
                client = self.connected(mode)
                if mode != "legacy":
                    client.do("listen")
                self.opened("GET" if mode == "legacy" else "POST")
                self.server.tell("announce")
                client.event("notification", lambda event: event["method"] == "notifications/tools/list_changed")

    def opened(self, method):
        """Waits for a stream that is open."""
        message = "subscriptions/listen" if method == "POST" else None
        wait_until(lambda: [entry for entry in self.server.requests(method, message)
                            if entry.get("status") == 200 and "closed" not in entry], "an open stream")

    def test_the_servers_own_stream_is_opened_again_where_it_ended(self):
        self.server.set(resumable=True)
        client = self.connected()
        self.opened("GET")
        self.server.tell("announce")
        client.event("notification")
        self.server.tell("cut")
        wait_until(lambda: len(self.server.requests("GET")) > 1, "another stream")
        self.assertIn("last-event-id", self.server.requests("GET")[-1]["headers"])
        self.opened("GET")
        client.events.clear()
        self.server.tell("announce")
        client.event("notification")

    def test_a_server_without_a_stream_of_its_own_is_asked_once(self):
        self.server.set(sessions=False)
        client = self.connected()
        self.assertEqual(client.call("echo", text="x")["text"], "x")
        client.do("close")
        self.assertEqual(self.server.requests("GET"), [])
        self.assertEqual(self.server.requests("DELETE"), [])

    def test_an_answer_that_broke_off_is_resumed(self):
        self.server.set(resumable=True)
        client = self.connected()
        slow = client.begin("call", name="steps", args={"count": 30, "ms": 50}, progress=True)
        client.event("progress")
        self.server.tell("cut")
        self.assertEqual(client.end(slow)["text"], "30 steps")
        self.assertEqual(len(self.server.requests("POST", "tools/call")), 1)
        self.assertEqual({event["progress"] for event in client.events if event["event"] == "progress"}, set(range(1, 31)))

    def test_a_resumption_that_fails_is_tried_again_and_not_for_ever(self):
        self.server.set(resumable=True)
        for refusals, attempts, status in (([503, 502], 3, None), ([503, 429, 500], 3, 500), ([404], 1, 404), ([405], 1, 405)):
            with self.subTest(refusals):
                bridge = self.bridge()
                bridge.send("initialize", 0, protocolVersion="2025-11-25", capabilities={}, clientInfo={"name": "x", "version": "1"})
                bridge.answer(0)
                before = len(self.server.requests("GET"))
                self.server.set(refuseGets=refusals)
                bridge.send("tools/call", 1, name="steps", arguments={"count": 3, "ms": 300}, _meta={"progressToken": 1})
                self.assertEqual(bridge.next()["method"], "notifications/progress")
                self.server.tell("cut")
                answer = bridge.answer(1)
                self.assertEqual(len(self.server.requests("GET")) - before, attempts)
                self.assertEqual("result" in answer, status is None)
                if status:
                    self.assertEqual(answer["error"]["data"], {"kind": "broken_stream", "status": status})

    def test_an_answer_that_broke_off_and_cannot_be_resumed_is_an_error(self):
        for end in ("cut", "kill"):
            with self.subTest(end):
                bridge = self.bridge()
                bridge.initialize()
                bridge.call(1, "steps", count=1000, ms=20)
                wait_until(lambda: self.server.requests("POST", "tools/call"), "the call")
                self.opened("GET")
                if end == "cut":
                    self.server.tell("cut")
                else:
                    os.kill(self.server.pid, signal.SIGKILL)
                error = bridge.answer(1)["error"]
                self.assertEqual((error["code"], error["data"]["kind"]), (-32000, "unreachable"))
                if end == "cut":
                    self.assertEqual(len(self.server.requests("POST", "tools/call")), 1)
                    bridge.call(2, "echo", text="x")
                    self.assertIn("result", bridge.answer(2))
                else:
                    bridge.call(2, "echo", text="x")
                    self.assertEqual(bridge.answer(2)["error"]["data"]["kind"], "unreachable")


class SessionTest(BridgeTest):
    def setUp(self):
        super().setUp()
        self.sign_in_first()

    def test_the_session_is_in_every_request_and_ended_at_the_end(self):
        bridge = self.bridge()
        version = bridge.initialize()["result"]["protocolVersion"]
        bridge.call(1, "echo", text="x")
        bridge.answer(1)
        wait_until(lambda: self.server.requests("GET"), "the server's own stream")
        bridge.end_input()
        self.assertEqual(bridge.wait(), 0)
        first, *rest = self.server.requests()
        self.assertNotIn("mcp-session-id", first["headers"])
        self.assertNotIn("mcp-protocol-version", first["headers"])
        self.assertEqual({entry["method"] for entry in rest}, {"POST", "GET", "DELETE"})
        self.assertEqual(rest[-1]["method"], "DELETE")
        self.assertEqual(len({entry["headers"]["mcp-session-id"] for entry in rest}), 1)
        self.assertEqual({entry["headers"]["mcp-protocol-version"] for entry in rest}, {version})

    def test_a_session_that_the_server_ended_ends_the_bridge(self):
        bridge = self.bridge()
        bridge.initialize()
        bridge.call(1, "echo", text="x")
        bridge.answer(1)
        self.server.tell("forget")
        bridge.call(2, "echo", text="x")
        self.assertEqual(bridge.answer(2)["error"]["data"], {"kind": "session_ended", "status": 404})
        self.assertEqual(bridge.wait(), 1)

    def test_the_end_of_input_waits_a_moment_for_answers(self):
        bridge = self.bridge()
        bridge.initialize()
        bridge.call(1, "steps", count=2, ms=100)
        bridge.call(2, "steps", count=1000, ms=100)
        bridge.end_input()
        self.assertIn("result", bridge.answer(1))
        self.assertIsNone(bridge.answer(2))
        self.assertEqual(bridge.wait(5), 0)
        self.assertEqual(len(self.server.requests("DELETE")), 1)

    def test_a_signal_ends_the_session_too(self):
        bridge = self.bridge()
        bridge.initialize()
        bridge.signal(signal.SIGTERM)
        self.assertEqual(bridge.wait(5), 0)
        self.assertEqual(len(self.server.requests("DELETE")), 1)


class ToolHeadersTest(BridgeTest):
    """Arguments that are repeated in headers, as the server's list of tools says."""

    def setUp(self):
        super().setUp()
        self.sign_in_first()

    def test_a_client_that_knows_the_tools_from_before_gets_its_answer(self):
        for as_json in (False, True):
            with self.subTest(json=as_json):
                self.server.set(json=as_json)
                calls, lists = len(self.statuses()), len(self.statuses("tools/list"))
                bridge = self.bridge()
                for number in (1, 2):
                    bridge.modern("tools/call", number, name="region", arguments={"where": {"region": "eu"}, "dry": False})
                    self.assertEqual(bridge.answer(number)["result"]["content"][0]["text"], "eu")
                self.assertEqual(self.statuses()[calls:], [400, 200, 200])
                self.assertEqual(self.statuses("tools/list")[lists:], [200])
                headers = self.server.requests("POST", "tools/call")[-1]["headers"]
                self.assertEqual((headers["mcp-param-region"], headers["mcp-param-dry-run"]), ("eu", "false"))
                self.assertEqual(bridge.notices, [])

    def test_a_server_that_goes_on_to_refuse_the_headers_is_asked_no_more(self):
        bridge = self.bridge()
        refusal = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32020, "message": "no"}}
        self.server.set(status={"status": 400, "headers": {"content-type": "application/json"}, "body": json.dumps(refusal)})
        bridge.modern("tools/call", 1, name="region", arguments={"where": {"region": "eu"}})
        self.assertEqual(bridge.answer(1)["error"], refusal["error"])
        self.assertEqual((self.statuses(), self.statuses("tools/list")), ([400], [400]))
        bridge.send("tools/call", 1, name="region")
        self.assertEqual(bridge.answer(1)["error"], refusal["error"])
        self.assertEqual((self.statuses(), self.statuses("tools/list")), ([400, 400], [400]))

    def test_a_list_of_tools_that_comes_twice_at_once_is_read_once(self):
        properties = {"where": {"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}}}
        tools = [{"name": "region", "inputSchema": {"type": "object", "properties": properties}}]
        answer = json.dumps({"jsonrpc": "2.0", "id": "keybearer-tools-1", "result": {"tools": tools}})
        for kind, body in (("application/json", f"[{answer},{answer}]"), ("text/event-stream", 2 * f"data: {answer}\n\n")):
            with self.subTest(kind):
                self.server.set(status={"status": 200, "headers": {"content-type": kind}, "body": body, "to": "tools/list"})
                bridge = self.bridge()
                bridge.modern("tools/call", 1, name="region", arguments={"where": {"region": "eu"}})
                self.assertEqual((bridge.answer(1) or {})["result"]["content"][0]["text"], "eu")

    def test_tools_with_bad_annotations_are_left_out_where_they_mean_something(self):
        bridge = self.bridge()
        tools = [{"name": name, "inputSchema": {"type": "object", "properties": {"a": {"type": kind, "x-mcp-header": "A"}}}}
                 for name, kind in (("first", "string"), ("second", "number"), ("third", "boolean"))]
        answer = {"jsonrpc": "2.0", "id": 1, "result": {"tools": tools, "nextCursor": "ä"}}
        self.server.set(status={"status": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(answer)})
        bridge.modern("tools/list", 1)
        self.assertEqual(bridge.answer(1)["result"], {"tools": [tools[0], tools[2]], "nextCursor": "ä"})
        self.assertRegex(bridge.stderr.readline(), "the tool second is left out: x-mcp-header on ")
        bridge.send("tools/list", 1)
        self.assertEqual(bridge.answer(1), answer)


class BadInputTest(BridgeTest):
    def setUp(self):
        super().setUp()
        self.sign_in_first()

    def test_lines_that_are_no_message_are_answered_and_the_next_one_served(self):
        bridge = self.bridge()
        for line, code, number in (("{", -32700, None), ("\x00", -32700, None), ("[" * 100_000, -32700, None),
                                   ('[{"jsonrpc":"2.0","method":"ping","id":1}]', -32600, None),
                                   ('{"jsonrpc":"1.0","method":"ping","id":1}', -32600, 1),
                                   ('{"jsonrpc":"2.0","method":5,"id":"a"}', -32600, "a"),
                                   ('{"jsonrpc":"2.0","method":"a b","id":1}', -32600, 1),
                                   ('{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600, None),
                                   ('{"jsonrpc":"2.0","id":1}', -32600, 1),
                                   ('"' + "x" * (4 << 20) + '"', -32700, None)):
            with self.subTest(line[:40]):
                bridge.say(line)
                said = bridge.next()
                self.assertEqual((said["id"], said["error"]["code"]), (number, code))
        bridge.say("")
        bridge.discover(7)
        self.assertIn("result", bridge.answer(7))
        self.assertEqual(len(self.server.requests()), 1)

    def test_a_large_message_passes_both_ways_and_a_larger_one_is_an_error(self):
        bridge = self.bridge()
        bridge.initialize()
        for as_json in (False, True):
            with self.subTest(json=as_json):
                self.server.set(json=as_json)
                bridge.call(1, "echo", text="x" * 3_900_000)
                self.assertEqual(len(bridge.answer(1)["result"]["content"][0]["text"]), 3_900_000)
                bridge.call(2, "large", bytes=5_000_000)
                self.assertEqual(bridge.answer(2)["error"]["data"]["kind"], "too_large")
        bridge.call(3, "echo", text="x")
        self.assertIn("result", bridge.answer(3))

    def test_answers_that_are_none_become_errors(self):
        bridge = self.bridge()
        text = {"content-type": "text/html"}
        plain = {"content-type": "application/json"}
        events = {"content-type": "text/event-stream"}
        other = '{"jsonrpc":"2.0","id":%s,"result":{}}'
        error = '{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"no such version","data":{"supported":[]}}}'
        for status, headers, body, code, kind in (
                (200, text, "<html>", -32000, "bad_answer"), (202, {}, "", -32000, "bad_answer"),
                (200, plain, "{", -32000, "bad_answer"), (200, plain, other % 5, -32000, "bad_answer"),
                (200, {**plain, "content-encoding": "gzip"}, "", -32000, "bad_answer"),
                (200, events, f"data: {other % 5}\n\n", -32000, "broken_stream"),
                (200, events, "data: nonsense\n\n", -32000, "broken_stream"),
                (200, events, "data: " + "x" * (5 << 20), -32000, "too_large"),
                (200, {**plain, "x": "y" * 12_000, **{f"x{n}": "y" * 7000 for n in range(9)}}, other % 1, -32000, "bad_answer"),
                (302, {"location": f"{self.provider.issuer}/elsewhere"}, "", -32000, "redirect"),
                (307, {"location": self.url + "/"}, "", -32000, "redirect"),
                (500, text, "Bearer secret", -32000, "http_status"), (404, {}, "", -32000, "http_status"),
                (400, plain, error, -32022, None)):
            with self.subTest(f"{status} {body[:30]}"):
                self.server.set(status={"status": status, "headers": headers, "body": body})
                bridge.send("ping", 1)
                refused = bridge.answer(1)["error"]
                self.assertEqual((refused["code"], refused["data"].get("kind")), (code, kind), refused)
                self.assertNotIn("secret", refused["message"])
        self.assertEqual(self.provider.requests("/elsewhere"), [])
        self.server.set(status=None)
        bridge.discover(2)
        self.assertIn("result", bridge.answer(2))

    def test_a_revision_that_no_header_can_carry_is_no_answer(self):
        bridge = self.bridge()
        plain = {"content-type": "application/json"}
        for version in ("2025-06-18\r\nX-Injected: yes", "2025-06-18\nX", "2025-06-18\0", "", "a b", "ä", "x" * 65, 5, None):
            with self.subTest(version=version):
                result = {"protocolVersion": version, "capabilities": {}, "serverInfo": {"name": "x", "version": "1"}}
                body = json.dumps({"jsonrpc": "2.0", "id": 0, "result": result})
                self.server.set(status={"status": 200, "headers": plain, "body": body})
                self.assertEqual(bridge.initialize()["error"]["data"]["kind"], "bad_answer")
                bridge.send("ping", 1)
                bridge.answer(1)
                self.assertNotIn("mcp-protocol-version", self.server.requests("POST", "ping")[-1]["headers"])

    def test_addresses_that_are_refused(self):
        for url in ("http://mcp.example.com/mcp", "ftp://127.0.0.1/mcp", "https://user@example.com/", "mcp", "https://",
                    "https://example.com/#part"):
            with self.subTest(url):
                self.fails(2, "mcp", "bridge", url)
        self.fails(2, "mcp", "bridge", self.url, "--ca-file", "/nowhere")
        self.fails(2, "mcp", "bridge")

    def test_wrong_usage_of_the_program_itself_is_not_the_end_of_a_session(self):
        for words, code in ((["--nonsense", self.url], 2), ([self.url, "--account"], 2), ([], 2), ([self.url, "more"], 2),
                            (["--help"], 0), (["--version"], 0)):
            with self.subTest(words):
                result = subprocess.run([CLI.with_name("keybearer-mcp-bridge"), *words], env=self.env(), stdin=subprocess.DEVNULL,
                                        capture_output=True, timeout=30, check=False)
                self.assertEqual((result.returncode, result.stderr == b""), (code, code == 0), result)
