"""A network that is left by way of a proxy: what goes through it, what does not, and what is said when it refuses."""
import json
import socket

from kbtest import KeybearerTest, Provider, Proxy, certificates, userinfo

NAME = "id.keybearer.example"  # nobody has it: RFC 2606 section 3
ALL = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
PASSWORD = "canary-4f1d9b"


class ProxyTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.proxy = Proxy()
        self.addCleanup(self.proxy.stop)
        self.folder = certificates(self.home)
        self.client = None

    def begin(self, *options, **env):
        """A server with these options, and a broker in this environment, in the place of those before."""
        if self.client:
            self.client.close()
            self.broker.stop()
        self.provider = Provider(self.home, *options)
        self.addCleanup(self.provider.stop)
        self.addCleanup(self._assert_no_secret_was_left)
        self.home.write_provider("lab", self.provider.issuer, ca_file=str(self.folder / "ca.pem"))
        # A name server that does not answer is asked once.
        self.broker = self.start_broker(RES_OPTIONS="timeout:2 attempts:1", **env)
        self.client = self.rpc()

    def begin_far(self, proxy=None, **env):
        """The server has a name that only the proxy knows."""
        options = ("--tls-dir", self.folder, "--tls-name", "remote", "--name", NAME)
        self.begin(*options, https_proxy=proxy or self.proxy.url, **env)

    def checks(self, code=0):
        result = self.cli("doctor", "lab", "--json")
        self.assertEqual(result.code, code, str(result))
        return {check["name"]: check for check in json.loads(result.out)["checks"]}

    def assertSignsIn(self):
        """A whole login and a refresh; the broker is the only one that needs the proxy."""
        _, ended = self.sign_in(self.client)
        self.assertEqual((ended["state"], ended.get("subject")), ("done", "alice"), ended)
        first, second = self.token(), self.token("lab", "--refresh")
        self.assertNotEqual(first, second)
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", second)["sub"], "alice")

    def assertUnreachable(self, *words):
        said = self.fails(7, "login", "lab", "--timeout", "20").err
        check = self.checks(code=1)["discovery"]
        self.assertIn("proxy", check["fix"])
        for text in (said, check["message"]):
            for word in (NAME, *words):
                self.assertIn(word, text)
        self.assertNothingHappened()

    def assertNothingHappened(self):
        self.assertEqual((self.client.call("account.list")["accounts"], self.keyring.kept()), ([], 0))
        self.assertEqual(self.provider.requests(), [])


class FarTest(ProxyTest):
    def test_everything_goes_through_a_tunnel(self):
        self.begin_far()
        self.assertSignsIn()
        port = self.provider.issuer.rpartition(":")[2]
        self.assertEqual(set(self.proxy.asked), {f"CONNECT {NAME}:{port} HTTP/1.1"})
        checks = self.checks()
        self.assertEqual({check["result"] for check in checks.values()}, {"ok"})
        self.assertIn(self.proxy.address, checks["proxy"]["message"])
        self.assertTrue(self.proxy.passed)
        for secret in self.provider.tokens():
            self.assertNotIn(secret.encode(), self.proxy.passed)

    def test_a_proxy_with_a_password(self):
        self.proxy.password = PASSWORD
        self.begin_far(f"http://{Proxy.USER}:{PASSWORD}@{self.proxy.address}")
        self.assertSignsIn()
        self.assertIn(self.proxy.address, self.checks()["proxy"]["message"])
        self.assertNotIn(PASSWORD, "".join(result.out + result.err for result, _ in self._results) + self.broker.output())
        for path in self.home.files():
            self.assertNotIn(PASSWORD.encode(), path.read_bytes(), path)

    def test_a_name_that_needs_no_proxy_is_looked_for_here(self):
        for names in (NAME, f"localhost,{NAME}", ".keybearer.example"):
            with self.subTest(names):
                self.begin_far(no_proxy=names)
                self.assertUnreachable("was not found")
                self.assertIn("none", self.checks(code=1)["proxy"]["message"])
        self.assertEqual(self.proxy.asked, [])

    def test_a_refresh_that_the_proxy_refuses_costs_no_login(self):
        self.begin_far()
        self.assertSignsIn()
        self.broker.stop()  # and with it the tunnels that are open
        self.broker = self.start_broker(https_proxy=self.proxy.url)
        self.proxy.password = PASSWORD
        self.assertIn("password", self.fails(7, "token", "lab", "--refresh").err)
        (account,) = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertEqual(account["status"], "signed_in")
        self.proxy.password = None
        self.token("lab", "--refresh")
        self.assertEqual(len(self.provider.requests("/auth")), 1)


class RefusalTest(ProxyTest):
    def test_a_password_that_is_missing_or_wrong(self):
        self.proxy.password = PASSWORD
        for user in ("", f"{Proxy.USER}:wrong@"):
            with self.subTest(user):
                self.begin_far(f"http://{user}{self.proxy.address}")
                self.assertUnreachable("behind a proxy that asks for a password")

    def test_a_proxy_that_does_not_let_it_through(self):
        """It is not the provider that refused."""
        self.begin_far()
        for status in ("403 Forbidden", "404 Not Found", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"):
            with self.subTest(status):
                self.proxy.refusal = status
                self.assertUnreachable("proxy")

    def test_a_proxy_that_closes_the_connection(self):
        """Qt says nothing of it, so that the broker waits as long as for any answer: once is enough here."""
        self.proxy.refusal = ""
        self.begin_far()
        self.assertIn("proxy", self.fails(7, "login", "lab", "--timeout", "20").err)
        self.assertTrue(self.proxy.asked)
        self.assertNothingHappened()

    def test_a_proxy_that_is_not_there(self):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))  # held, so that nobody else listens there
            self.begin_far(f"http://127.0.0.1:{nobody.getsockname()[1]}")
            self.assertUnreachable("by way of the proxy")


class LoopbackTest(ProxyTest):
    def assert_near(self, check):
        """At one server after the other on this machine, where everything else is behind a proxy."""
        for options in ((), ("--tls-dir", self.folder), ("--tls-dir", self.folder, "--name", "localhost")):
            with self.subTest(options=options):
                self.begin(*options, **dict.fromkeys(ALL, self.proxy.url))
                check()
        self.assertEqual(self.proxy.asked, [])

    def sign_in_and_out(self):
        self.assertSignsIn()
        self.client.call("account.logout", account="lab")

    def test_a_server_on_this_machine_is_asked_directly(self):
        self.assert_near(self.sign_in_and_out)

    def test_doctor_names_no_proxy_for_it(self):
        self.assert_near(lambda: self.assertIn("none", self.checks()["proxy"]["message"]))
