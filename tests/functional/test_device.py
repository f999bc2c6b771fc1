"""Signing in without a browser here: the device authorization grant (RFC 8628), and the address that is pasted."""
import os
import pty
import re
import urllib.parse

from kbtest import CLI, KeybearerTest, browse, callback_url


class DeviceTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.start_broker()
        self.client = self.rpc()

    def begin(self, **params):
        return self.begin_login(self.client, flow="device", **params)

    def pending(self, times=1, **answer):
        """The next answers of the token endpoint, in the place of authorization_pending."""
        self.provider.fault("/token", "raw", times=times, status=400, body='{"error": "%s"}' % answer["error"])

    def test_a_code_that_is_approved_elsewhere_makes_an_account(self):
        self.provider.fault("/device/auth", "patch", patch={"interval": 1})
        login = self.begin()
        self.assertRegex(login["user_code"], r"^[A-Z0-9]{4}-[A-Z0-9]{4}$")
        self.assertTrue(login["verification_uri"].startswith(self.provider.issuer))
        self.assertIn(login["user_code"], urllib.parse.unquote(login["authorization_url"]))
        self.assertIsNone(login["redirect_uri"])
        self.provider.decide_device(login["user_code"])
        state = self.login_end(self.client, login)
        self.assertEqual((state["state"], state["subject"]), ("done", "alice"))
        self.assertTrue(self.client.call("token.get", account="lab", refresh=True)["access_token"])

    def test_pending_and_slow_down_go_on(self):
        self.provider.fault("/device/auth", "patch", patch={"interval": 1})
        login = self.begin()
        self.provider.decide_device(login["user_code"])
        self.pending(error="authorization_pending")
        self.pending(error="slow_down")  # five seconds more, for good
        self.provider.fault("/token", "status", status=503)
        self.assertEqual(self.login_end(self.client, login)["state"], "done")

    def test_refusals_end_it(self):
        for error, word in (("access_denied", "refused"), ("expired_token", "expired"), ("invalid_grant", "")):
            with self.subTest(error):
                self.provider.fault("/device/auth", "patch", patch={"interval": 1})
                login = self.begin()
                self.pending(error=error)
                state = self.login_end(self.client, login)
                self.assertEqual(state["state"], "failed")
                self.assertIn(word, state["error"]["message"])
        with self.assertRpcError("unknown_account"):
            self.client.call("token.get", account="lab")

    def test_a_person_who_says_no(self):
        self.provider.fault("/device/auth", "patch", patch={"interval": 1})
        login = self.begin()
        self.provider.decide_device(login["user_code"], "deny")
        self.assertEqual(self.login_end(self.client, login)["error"]["kind"], "login_failed")

    def test_a_code_that_nobody_enters_ends_with_its_time(self):
        self.provider.fault("/device/auth", "patch", patch={"interval": 1, "expires_in": 2})
        state = self.login_end(self.client, self.begin())
        self.assertEqual((state["state"], state["error"]["kind"]), ("failed", "login_cancelled"))
        self.assertIn("in time", state["error"]["message"])

    def test_a_cancelled_login_asks_no_more(self):
        self.provider.fault("/device/auth", "patch", patch={"interval": 1})
        login = self.begin()
        self.client.call("account.login_cancel", login_id=login["login_id"])
        asked = len(self.provider.requests("/token"))
        self.provider.fault("/device/auth", "patch", patch={"interval": 1})
        another = self.begin()
        self.provider.decide_device(another["user_code"])
        self.assertEqual(self.login_end(self.client, another)["state"], "done")  # the cancelled one's turn came before
        self.assertEqual(len(self.provider.requests("/token")), asked + 1)

    def test_answers_that_must_not_be_believed(self):
        rows = ({"device_code": None}, {"device_code": ""}, {"device_code": "a b"}, {"user_code": None}, {"user_code": ""},
                {"user_code": "x" * 65}, {"user_code": "\u001b[2J"}, {"verification_uri": None},
                {"verification_uri": "http://evil.example/"}, {"verification_uri": "javascript:alert(1)"},
                {"expires_in": None}, {"expires_in": 0}, {"expires_in": "soon"})
        for patch in rows:
            with self.subTest(patch):
                self.provider.fault("/device/auth", "patch", patch=patch)
                with self.assertRpcError("provider_error") as refused:
                    self.begin()
                self.assertNotIn("evil", str(refused.exception))

    def test_a_server_without_it_says_so(self):
        self.provider.fault("/.well-known/oauth-authorization-server", "patch",
                            patch={"device_authorization_endpoint": None}, times=3)
        self.provider.fault("/.well-known/openid-configuration", "patch",
                            patch={"device_authorization_endpoint": None}, times=3)
        with self.assertRpcError("unsupported") as refused:
            self.begin()
        self.assertIn("paste", str(refused.exception))
        with self.assertRpcError("invalid_value"):
            self.begin_login(self.client, flow="telephone")

    def test_the_command_line_shows_the_code(self):
        self.provider.fault("/device/auth", "patch", patch={"interval": 1})
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(CLI, [str(CLI), "login", "lab", "--device"], self.env())
        shown = ""
        while not (code := re.search(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", shown)):
            shown += os.read(terminal, 4096).decode()
        self.provider.decide_device(code.group(1))
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        os.close(terminal)
        self.assertTrue(self.token())


class PasteTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.start_broker()
        self.client = self.rpc()

    def paste(self, login, url, client=None):
        return (client or self.client).call("account.login_callback", login_id=login["login_id"], url=url)

    def test_a_pasted_address_ends_the_login(self):
        login = self.begin_login(self.client)
        self.paste(login, callback_url(login["authorization_url"], login["redirect_uri"]))
        self.assertEqual(self.login_end(self.client, login)["state"], "done")
        self.assertTrue(self.token())

    def test_what_is_not_the_answer_changes_nothing(self):
        login = self.begin_login(self.client)
        right = callback_url(login["authorization_url"], login["redirect_uri"])
        base, query = right.split("?", 1)
        state = re.search(r"state=([^&]*)", query).group(1)
        rows = ("", "nonsense", query, base, base + "?", base + "x?" + query, right.replace("http://", "https://"),
                right.replace("127.0.0.1", "localhost"), "http://evil.example/?" + query, right.replace(state, state[::-1]),
                re.sub(r"&?state=[^&]*", "", right), right + "&code=twice", base + "?state=" + state, right + "\r\nx", right + " ",
                base + "?" + "x" * 6_000)
        for url in rows:
            with self.subTest(url=url[:60]), self.assertRpcError("invalid_value") as refused:
                self.paste(login, url)
            self.assertNotIn(state, str(refused.exception))
        with self.assertRpcError("unknown_login"):
            self.paste(login, right, self.rpc())
        self.assertEqual(self.login_state(self.client, login, wait=0)["state"], "waiting_for_browser")
        self.paste(login, right + "#fragment")
        self.assertEqual(self.login_end(self.client, login)["state"], "done")
        with self.assertRpcError("invalid_value"):
            self.paste(login, right)

    def test_an_error_that_is_pasted_ends_the_login(self):
        self.provider.set(decision="deny")
        login = self.begin_login(self.client)
        self.paste(login, callback_url(login["authorization_url"], login["redirect_uri"]))
        self.assertEqual(self.login_end(self.client, login)["error"]["kind"], "login_failed")

    def test_the_browsers_own_request_after_a_pasted_one_is_too_late(self):
        login = self.begin_login(self.client)
        url = callback_url(login["authorization_url"], login["redirect_uri"])
        self.paste(login, url)
        self.login_end(self.client, login)
        with self.assertRaises(OSError):
            browse(url)

    def test_the_command_line_takes_it(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(CLI, [str(CLI), "login", "lab", "--no-browser"], self.env())
        shown = ""
        while "paste it here" not in shown:
            shown += os.read(terminal, 4096).decode()
        url = re.search(r"https?://\S*client_id\S*", shown).group(0)
        redirect = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["redirect_uri"][0]
        os.write(terminal, b"http://127.0.0.1/wrong?code=x\n")
        while "is not the answer" not in shown:
            shown += os.read(terminal, 4096).decode()
        os.write(terminal, callback_url(url, redirect).encode() + b"\n")
        while True:
            try:
                if not os.read(terminal, 4096):
                    break
            except OSError:
                break
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        os.close(terminal)
        self.assertTrue(self.token())
