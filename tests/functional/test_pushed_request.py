"""Pushed authorization requests (RFC 9126): what the browser carries, and what becomes of a server that does them badly."""
import json
import subprocess
import urllib.parse

from kbtest import KeybearerTest, browse
from kbtest.home import CLI
from kbtest.process import wait_until

SECRET = "desktop-secret-desktop-secret-desktop"  # of the client "native-secret" (tests/lab/provider/clients.mjs)
PUSH = "/request"


def query_of(url):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)


class PushedRequestTest(KeybearerTest):
    offered = "offered"

    def setUp(self):
        super().setUp()
        self.provider.set(par=self.offered)
        fixed = {"redirect": "http://127.0.0.1/callback"}
        self.home.write_provider("strict", self.provider.issuer, client_id="native-par", **fixed)
        self.home.write_provider("secretive", self.provider.issuer, client_id="native-secret", client_secret=True, **fixed)
        self.home.write_provider("bounded", self.provider.issuer, resources=["https://api.example.com/v1"])
        self.start_broker()
        self.client = self.rpc()

    def pushes(self):
        return len(self.provider.requests(PUSH, "POST"))

    def finish(self, login, url):
        browse(url)
        return self.login_end(self.client, login)


class OfferedTest(PushedRequestTest):
    def test_the_browser_carries_a_reference_and_nothing_else(self):
        login = self.begin_login(self.client)
        query = query_of(login["authorization_url"])
        self.assertEqual(sorted(query), ["client_id", "request_uri"])
        self.assertTrue(query["request_uri"][0].startswith("urn:ietf:params:oauth:request_uri:"))
        self.assertLessEqual(login["url_expires_at"], login["expires_at"])
        self.assertEqual(self.finish(login, login["authorization_url"])["state"], "done")
        self.assertEqual(self.pushes(), 1)
        self.assertTrue(self.token())

    def test_what_is_pushed_is_the_whole_request(self):
        self.provider.fault(PUSH, "form", status=400, body='{"error": "invalid_request"}')
        with self.assertRpcError("provider_error"):
            self.begin_login(self.client, "bounded")
        (sent,) = [entry["form"] for entry in self.provider.requests(PUSH, "POST")]
        self.assertEqual(sorted(sent), ["client_id", "code_challenge", "code_challenge_method", "nonce", "prompt", "redirect_uri",
                                        "resource", "response_type", "scope", "state"])

    def test_an_address_that_was_used_is_replaced(self):
        login = self.begin_login(self.client)
        again = self.client.call("account.login_url", login_id=login["login_id"])
        self.assertNotEqual(again["authorization_url"], login["authorization_url"])
        self.assertGreaterEqual(again["url_expires_at"], login["url_expires_at"])
        self.assertEqual(self.finish(login, again["authorization_url"])["state"], "done")
        self.assertEqual(self.pushes(), 2)
        later = self.client.call("account.login_url", login_id=login["login_id"])  # of a login that has ended
        self.assertEqual(later["authorization_url"], again["authorization_url"])
        self.assertEqual(self.pushes(), 2)

    def test_a_login_goes_on_when_no_other_address_can_be_had(self):
        login = self.begin_login(self.client)
        self.provider.fault(PUSH, "status", status=503)
        with self.assertRpcError("provider_unreachable"):
            self.client.call("account.login_url", login_id=login["login_id"])
        self.assertEqual(self.finish(login, login["authorization_url"])["state"], "done")
        with self.assertRpcError("unknown_login"):
            self.client.call("account.login_url", login_id="another")

    def test_a_client_that_the_server_takes_no_pushes_from_sends_a_plain_request(self):
        for code in ("invalid_client", "unauthorized_client"):
            with self.subTest(code):
                self.provider.fault(PUSH, "raw", status=401, body=json.dumps({"error": code}))
                login = self.begin_login(self.client, account=code)
                self.assertIn("code_challenge", query_of(login["authorization_url"]))
                self.assertIsNone(login["url_expires_at"])
                self.assertEqual(self.finish(login, login["authorization_url"])["state"], "done")

    def test_a_client_with_a_secret_shows_it(self):
        login = self.begin_login(self.client, "secretive", client_secret=SECRET)
        self.assertEqual([entry["auth"] for entry in self.provider.requests(PUSH, "POST")], ["Basic"])
        self.assertEqual(self.finish(login, login["authorization_url"])["state"], "done")

    def test_bad_answers_open_no_browser(self):
        made = {"request_uri": "urn:example:1", "expires_in": 60}
        rows = {
            "no JSON": ("html", {"status": 201}),
            "an error of the server": ("status", {"status": 500}),
            "a refusal": ("raw", {"status": 400, "body": '{"error": "invalid_redirect_uri"}'}),
            "too large": ("raw", {"status": 413, "body": "{}"}),
            "too often": ("raw", {"status": 429, "body": "{}"}),
            "a redirect": ("redirect", {"to": "https://elsewhere.example/"}),
            "no request_uri": ("raw", {"status": 201, "body": json.dumps({**made, "request_uri": None})}),
            "a request_uri of two": ("raw", {"status": 201, "body": json.dumps({**made, "request_uri": "urn:a b"})}),
            "a request_uri without a scheme": ("raw", {"status": 201, "body": json.dumps({**made, "request_uri": "abc"})}),
            "no end": ("raw", {"status": 201, "body": json.dumps({"request_uri": "urn:example:1"})}),
            "ended": ("raw", {"status": 201, "body": json.dumps({**made, "expires_in": 0})}),
            "nothing": ("reset", {}),
        }
        for name, (kind, more) in rows.items():
            with self.subTest(name):
                self.provider.fault(PUSH, kind, **more)
                with self.assertRaises(Exception) as caught:
                    self.begin_login(self.client, account=name.replace(" ", "-"))
                self.assertIn(caught.exception.kind, ("provider_error", "provider_unreachable"), name)

    def begin_at_terminal(self, **renewal):
        """With an address that soon opens no more; `renewal` is the fault that the next push meets."""
        self.provider.fault(PUSH, "patch", patch={"expires_in": 1})
        if renewal:
            self.provider.fault(PUSH, **renewal)
        process = subprocess.Popen([CLI, "login", "lab", "--no-browser"], env=self.env(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def test_a_login_on_a_terminal_goes_on_without_another_address(self):
        process = self.begin_at_terminal(kind="status", status=503)
        address = next(line.strip() for line in process.stderr if "request_uri=" in line)
        next(line for line in process.stderr if "there is no other" in line)
        browse(address)  # which the server itself still takes
        self.assertIn("alice@example.com", process.communicate(timeout=30)[0])

    def test_an_address_on_a_terminal_is_replaced_in_time(self):
        process = self.begin_at_terminal()
        said = ""

        def addresses():
            nonlocal said
            said += process.stderr.readline()
            return [line.strip() for line in said.splitlines() if "request_uri=" in line]
        wait_until(lambda: len(addresses()) == 2, "another address")
        self.assertIn("no longer opens", said)
        browse(addresses()[-1])
        out, _ = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0)
        self.assertIn("alice@example.com", out)


class RequiredTest(PushedRequestTest):
    offered = "required"

    def test_a_server_that_wants_it_gets_it(self):
        login = self.begin_login(self.client, "strict")
        self.assertEqual(self.finish(login, login["authorization_url"])["state"], "done")

    def test_nothing_else_is_sent_in_its_place(self):
        self.provider.fault(PUSH, "raw", status=401, body='{"error": "invalid_client"}')
        with self.assertRpcError("provider_error"):
            self.begin_login(self.client, "strict")

    def test_a_request_that_was_not_pushed_is_refused(self):
        """That the server means what it says: this test would otherwise prove nothing."""
        self.provider.set(par="unsaid")
        login = self.begin_login(self.client, "strict")
        self.assertIn("invalid_request", browse(login["authorization_url"]).body)
