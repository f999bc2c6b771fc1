"""Attacks on the loopback callback, L1 to L28 of README.md: raw requests to the listener of a real login."""
import http.client
import os
import socket
import subprocess
import time
import urllib.parse

from kbtest import KeybearerTest, browse, callback_url, wait_until

HALF_OPEN = 200
ANSWER_SECONDS = 15  # above the receiver's own deadline for one connection


class CallbackTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.client = self.rpc()
        self.login = self.begin_login(self.client)
        self.where = urllib.parse.urlsplit(self.login["redirect_uri"])

    # --- helpers ----------------------------------------------------------------------------------------------------

    def returned(self, login=None):
        """Path and query of a good callback, which nobody has asked for yet."""
        login = login or self.login
        parts = urllib.parse.urlsplit(callback_url(login["authorization_url"], login["redirect_uri"]))
        return f"{parts.path}?{parts.query}"

    def connect(self):
        connection = socket.create_connection((self.where.hostname, self.where.port), timeout=ANSWER_SECONDS)
        self.addCleanup(connection.close)
        return connection

    def raw(self, request):
        """What comes back for these bytes: status code, or None when the connection is closed without an answer."""
        with self.connect() as connection:
            try:
                connection.sendall(request)
                answer = b""
                while part := connection.recv(65536):
                    answer += part
            except ConnectionError:
                answer = b""
        self.last = answer
        return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else None

    def get(self, target, *headers, method="GET", host=None):
        host = host if host is not None else f"{self.where.hostname}:{self.where.port}"
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *headers, "", ""]
        return self.raw("\r\n".join(lines).encode("latin-1"))

    def assertPending(self):
        self.assertEqual(self.client.call("account.login_status", login_id=self.login["login_id"])["state"],
                         "waiting_for_browser")
        self.assertEqual(self.provider.requests("/token"), [])

    def assertRefusedAndPending(self, status):
        self.assertTrue(status is None or 400 <= status < 600, status)
        self.assertPending()

    def assertStillWorks(self):
        """The login that was attacked is finished by the real browser."""
        self.assertPending()
        self.assertEqual(browse(self.login["authorization_url"]).status, 200)
        self.assertEqual(self.login_end(self.client, self.login)["state"], "done")

    # --- what the query says ----------------------------------------------------------------------------------------

    def test_L01_L03_L09_state_wrong_missing_or_guessed(self):
        good = self.returned()
        state = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(good).query))["state"]
        for target in (good.replace(state, "wrong"), good.replace(f"state={state}", "x=1"), good.replace(state, ""),
                       good.replace(state, state[:-1]), good.replace(state, state + "x"), good.replace(state, state.swapcase())):
            with self.subTest(target=target.replace(state, "STATE")):
                self.assertRefusedAndPending(self.get(target))
        self.assertStillWorks()

    def test_L02_a_callback_counts_once(self):
        good = self.returned()
        with self.connect() as first:
            first.sendall(f"GET {good} HTTP/1.1\r\nHost: {self.where.netloc}\r\n\r\n".encode())
            replay = self.connect()
            replay.sendall(f"GET {good} HTTP/1.1\r\nHost: {self.where.netloc}\r\n\r\n".encode())
            self.assertEqual(self.login_end(self.client, self.login)["state"], "done")
        self.assertEqual(len(self.provider.requests("/token", "POST")), 1)

    def test_L04_repeated_and_contradicting_parameters(self):
        good = self.returned()
        for more in ("&code=other", "&state=other", "&iss=https%3A%2F%2Fother.example", "&co%64e=other", "&stat%65=x",
                     "&error=access_denied", "&error=a&error=b"):
            with self.subTest(more=more):
                self.assertRefusedAndPending(self.get(good + more))
        for name in ("code", "state"):
            value = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(good).query))[name]
            with self.subTest(empty=name):
                self.assertRefusedAndPending(self.get(good.replace(f"{name}={value}", f"{name}=")))
        self.assertStillWorks()

    def test_L05_L23_L25_an_error_answer_shows_none_of_its_words(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.returned()).query))
        evil = {"error": "temporarily_unavailable", "state": query["state"], "iss": query["iss"],
                "error_description": "<script>alert(1)</script>\r\nSet-Cookie: a=b", "error_uri": "javascript:alert(1)"}
        self.assertRefusedAndPending(self.get(f"{self.where.path}?{urllib.parse.urlencode({**evil, 'state': 'wrong'})}"))
        page = browse(f"{self.login['redirect_uri']}?{urllib.parse.urlencode(evil)}")
        self.assertNotIn("<script", page.body)
        self.assertNotIn("javascript:", page.body)
        self.assertIsNone(page.headers["Set-Cookie"])
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        ended = self.login_end(self.client, self.login)
        self.assertEqual(ended["state"], "failed")
        self.assertNotIn("\n", ended["error"]["message"])

    def test_L06_an_answer_of_another_issuer_ends_the_login(self):
        """RFC 9207 section 2.4."""
        good = self.returned()
        iss = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(good).query))["iss"]
        self.get(good.replace(urllib.parse.quote_plus(iss), "https%3A%2F%2Fattacker.example"))
        self.assertEqual(self.login_end(self.client, self.login)["state"], "failed")
        self.assertEqual(self.provider.requests("/token"), [])

    def test_L07_a_code_of_another_login_is_worthless(self):
        """PKCE: RFC 7636 section 4.6."""
        other = self.begin_login(self.client, account="second")
        mine = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.returned()).query))
        theirs = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.returned(other)).query))
        self.get(f"{self.where.path}?{urllib.parse.urlencode({**mine, 'code': theirs['code']})}")
        self.assertEqual(self.login_end(self.client, self.login)["state"], "failed")
        self.assertEqual(self.client.call("account.list")["accounts"], [])

    def test_L22_no_redirect_target_comes_from_the_query(self):
        self.get(self.returned() + "&next=//evil.example&redirect=https://evil.example")
        self.assertNotIn(b"evil.example", self.last)

    # --- what the request looks like ----------------------------------------------------------------------------------

    def test_L10_a_foreign_host_is_refused(self):
        good, port = self.returned(), self.where.port
        for host in ("attacker.example", f"attacker.example:{port}", f"localhost:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}",
                     f"127.0.0.1:{port}@attacker.example", "", f"0x7f.1:{port}"):
            with self.subTest(host=host):
                self.assertRefusedAndPending(self.get(good, host=host))
        host = f"Host: {self.where.netloc}\r\n"
        for request in (f"GET {good} HTTP/1.1\r\n\r\n", f"GET {good} HTTP/1.1\r\n{host}{host}\r\n",
                        f"GET http://attacker.example{good} HTTP/1.1\r\n{host}\r\n"):
            with self.subTest(request=request.replace(good, "TARGET")):
                self.assertRefusedAndPending(self.raw(request.encode()))
        self.assertStillWorks()

    def test_L11_a_request_by_a_page_is_refused(self):
        good = self.returned()
        for headers in (["Origin: https://attacker.example"], ["Origin: null"], ["Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"],
                        ["Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"], ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"]):
            with self.subTest(headers=headers):
                self.assertRefusedAndPending(self.get(good, *headers))
                self.assertNotIn(b"Access-Control-", self.last)
        self.assertStillWorks()

    def test_L12_only_get_on_the_exact_path(self):
        good = self.returned()
        path, _, query = good.partition("?")
        for method in ("HEAD", "POST", "OPTIONS", "CONNECT", "PUT", "TRACE", "get"):
            with self.subTest(method=method):
                self.assertRefusedAndPending(self.get(good, method=method))
        for changed in ("/" + path, path + "/", path + "%2f", "/x/.." + path, path.upper(), "/callback", path[:-1], path + "x",
                        "/%2e" + path, path + ";a=b"):
            with self.subTest(path=changed.replace(path, "PATH")):
                self.assertRefusedAndPending(self.get(f"{changed}?{query}"))
        self.assertStillWorks()

    def test_L15_requests_of_impossible_size_and_shape(self):
        good, host = self.returned(), f"Host: {self.where.netloc}\r\n"
        for name, request in (("1 MB request line", b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\n\r\n"),
                              ("10,000 fields", f"GET {good} HTTP/1.1\r\n{host}".encode() + b"a: b\r\n" * 10_000 + b"\r\n"),
                              ("64 KiB field", f"GET {good} HTTP/1.1\r\n{host}Cookie: ".encode() + b"c" * 65536 + b"\r\n\r\n"),
                              ("chunked body", f"GET {good} HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode()),
                              ("huge length", f"GET {good} HTTP/1.1\r\n{host}Content-Length: 99999999999\r\n\r\n".encode()),
                              ("NUL", f"GET {good}\0 HTTP/1.1\r\n{host}\r\n".encode()),
                              ("folded field", f"GET {good} HTTP/1.1\r\n{host} folded\r\n\r\n".encode()),
                              ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), ("TLS", b"\x16\x03\x01\x02\x00\x01\x00")):
            with self.subTest(name):
                if name == "TLS":
                    with self.connect() as connection:
                        connection.sendall(request)  # its answer is the deadline's, which others wait for
                    self.assertPending()
                else:
                    self.assertRefusedAndPending(self.raw(request))
        self.assertStillWorks()

    def test_L15_cookies_of_every_other_port_are_let_through(self):
        """Browsers send the cookies of 127.0.0.1 to every port."""
        good = self.returned()
        connection = http.client.HTTPConnection(self.where.hostname, self.where.port, timeout=ANSWER_SECONDS)
        connection.request("GET", good, headers={"Cookie": "; ".join(f"c{n}=" + "v" * 1000 for n in range(28))})
        self.assertEqual(self.login_end(self.client, self.login)["state"], "done")
        connection.close()

    # --- how it is sent ---------------------------------------------------------------------------------------------

    def test_L13_the_favicon_and_idle_connections_are_harmless(self):
        idle = [self.connect() for _ in range(5)]
        self.assertIn(self.get("/favicon.ico"), (204, 404))
        begin = time.monotonic()
        self.assertStillWorks()
        self.assertLess(time.monotonic() - begin, 5)  # the idle ones are held for longer
        for connection in idle:
            connection.close()

    def test_L14_two_hundred_half_open_connections(self):
        slow = [self.connect() for _ in range(HALF_OPEN)]
        for connection in slow:
            try:
                connection.sendall(b"GET /")
            except ConnectionError:
                pass  # it had to make room
        self.assertStillWorks()

    # --- ports ------------------------------------------------------------------------------------------------------

    def test_L16_a_squatted_port_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as squatter:
            port = squatter.getsockname()[1]
            self.home.write_provider("fixed", self.provider.issuer, client_id="native-app",
                                     redirect="http://127.0.0.1/callback", redirect_ports=[port])
            self.broker.stop()
            self.start_broker()
            with self.assertRpcError("login_failed") as caught:
                self.begin_login(self.rpc(), "fixed")
            self.assertIn(str(port), str(caught.exception))

    def test_L17_localhost_on_the_other_family_is_not_shared(self):
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as squatter:
            port = squatter.getsockname()[1]
            self.home.write_provider("both", self.provider.issuer, client_id="native-app",
                                     redirect="http://localhost/callback", redirect_ports=[port])
            self.broker.stop()
            self.start_broker()
            with self.assertRpcError("login_failed"):
                self.begin_login(self.rpc(), "both")

    def test_L19_two_logins_do_not_mix(self):
        other = self.begin_login(self.client, account="second")
        self.assertNotEqual(other["redirect_uri"], self.login["redirect_uri"])
        theirs = urllib.parse.urlsplit(self.returned(other))
        self.assertRefusedAndPending(self.get(f"{self.where.path}?{theirs.query}"))
        self.assertRefusedAndPending(self.get(f"{theirs.path}?{theirs.query}"))
        self.assertStillWorks()
        self.assertEqual(browse(other["authorization_url"]).status, 200)
        self.assertEqual(self.login_end(self.client, other)["state"], "done")

    def test_L20_nobody_listens_after_a_cancel(self):
        good = self.returned()
        self.client.call("account.login_cancel", login_id=self.login["login_id"])
        with self.assertRaises(OSError):
            self.get(good)
        self.assertEqual(self.provider.requests("/token"), [])

    def test_L28_another_user_finds_the_port_and_gets_nothing(self):
        code = (f"import urllib.request as u\ntry: u.urlopen('http://{self.where.netloc}/callback?code=x&state=y', timeout=5)\n"
                "except u.HTTPError as e: print(e.code)")
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        out = subprocess.run([*command, "python3", "-c", code], capture_output=True, text=True, timeout=20, check=True).stdout
        self.assertEqual(int(out) // 100, 4)
        self.assertStillWorks()

    # --- the page ---------------------------------------------------------------------------------------------------

    def test_L24_the_page_waits_for_the_exchange_names_the_account_and_keeps_no_code(self):
        self.provider.set(delayMs=300)
        page, end = self.sign_in(self.client)
        self.assertEqual(end["state"], "done")
        self.assertIn("alice@example.com", page.body)
        self.assertNotIn("code=", page.url)
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertIn("no-store", page.headers["Cache-Control"])
        wait_until(lambda: self.client.call("account.list")["accounts"], "the account")
        self.assert_no_secret_leaks()
