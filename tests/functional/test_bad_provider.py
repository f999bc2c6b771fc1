"""Providers that are down, lie, or break the protocol."""
import json

from kbtest import KeybearerTest, Provider, certificates


class BadProviderTest(KeybearerTest):
    DISCOVERY = "/.well-known/openid-configuration"
    OAUTH_DISCOVERY = "/.well-known/oauth-authorization-server"

    def setUp(self):
        super().setUp()
        self.start_broker()

    def break_discovery(self, kind, **more):
        for path in (self.DISCOVERY, self.OAUTH_DISCOVERY):
            self.provider.fault(path, kind, times=5, **more)

    def test_a_provider_that_is_down(self):
        self.provider.stop()
        result = self.fails(7, "login", "lab")
        self.assertIn(self.provider.issuer, result.err)

    def test_metadata_that_must_not_be_believed(self):
        lies = ({"issuer": "http://127.0.0.1:1"}, {"issuer": None}, {"issuer": self.provider.issuer + "/"},
                {"token_endpoint": "http://example.com/token"}, {"authorization_endpoint": "ftp://127.0.0.1/"},
                {"token_endpoint": None}, {"jwks_uri": None})
        for patch in lies:
            with self.subTest(patch=patch):
                self.provider.reset()
                self.break_discovery("patch", patch=patch)
                self.fails(7, "login", "lab", "--timeout", "10")

    def test_a_server_that_does_not_promise_pkce_with_s256_is_refused(self):
        """RFC 9700 section 2.1.1."""
        for methods in (["plain"], [], None):
            with self.subTest(methods=methods):
                self.provider.reset()
                self.break_discovery("patch", patch={"code_challenge_methods_supported": methods})
                result = self.fails(2, "login", "lab", "--timeout", "10")
                self.assertIn("assume_pkce", result.err)
                self.cli("daemon", "stop")
                self.start_broker()

    def test_metadata_that_cannot_be_read(self):
        for kind, more in (("html", {}), ("notjson", {}), ("empty", {}), ("status", {"status": 500}), ("reset", {}),
                           ("truncated", {}), ("redirect", {"to": "http://127.0.0.1:1/"}), ("huge", {"mb": 64}),
                           ("gzipbomb", {"mb": 64})):
            with self.subTest(kind=kind):
                self.provider.reset()
                self.break_discovery(kind, **more)
                self.fails(7, "login", "lab", "--timeout", "10")

    def test_token_answers_that_must_not_be_believed(self):
        for kind, more in (("html", {}), ("notjson", {}), ("empty", {}), ("reset", {}), ("truncated", {}), ("badlength", {}),
                           ("patch", {"patch": {"access_token": None}}), ("patch", {"patch": {"token_type": "mac"}}),
                           ("patch", {"patch": {"id_token": None}}), ("status", {"status": 500}), ("huge", {"mb": 64})):
            with self.subTest(kind=kind, more=more):
                self.provider.reset()
                self.provider.fault("/token", kind, **more)
                self.fails(7, "login", "lab", "--timeout", "20")
        self.assertEqual(json.loads(self.ok("account", "list", "--json").out)["accounts"], [])

    def test_id_tokens_that_must_not_be_believed(self):
        """OpenID Connect Core section 3.1.3.7."""
        for fault in ({"claims": {"iss": "http://127.0.0.1:1"}}, {"claims": {"aud": "other"}}, {"claims": {"sub": None}},
                      {"claims": {"aud": ["native-anypath", "other"]}}, {"claims": {"exp": "now-3600"}},
                      {"claims": {"nonce": "other"}}, {"claims": {"nonce": None}}, {"claims": {"iat": "now+86400"}},
                      {"sign": "none"}, {"sign": "bad"}, {"sign": "foreign"}, {"sign": "hs256"}):
            with self.subTest(fault=fault):
                self.provider.reset()
                self.provider.fault("/token", "idtoken", **fault)
                self.fails(7, "login", "lab", "--timeout", "20")
        self.assertEqual(json.loads(self.ok("account", "list", "--json").out)["accounts"], [])
        self.assert_no_secret_leaks()


class BadCertificateTest(KeybearerTest):
    provider_options = None

    def test_only_the_certificate_of_this_host_and_authority_is_believed(self):
        folder = certificates(self.home)
        self.start_broker()
        for name, why in (("wronghost", "another host name"), ("selfsigned", "self-signed"), ("expired", "expired"),
                          ("server", None)):
            with self.subTest(certificate=name):
                provider = Provider(self.home, "--tls-dir", folder, "--tls-name", name)
                try:
                    self.home.write_provider(f"tls-{name}", provider.issuer, ca_file=str(folder / "ca.pem"))
                    self.cli("daemon", "stop")
                    self.start_broker()
                    client = self.rpc()
                    if why:
                        with self.assertRpcError("provider_unreachable") as caught:
                            self.begin_login(client, f"tls-{name}")
                        self.assertIn(why, str(caught.exception))
                    else:
                        self.begin_login(client, f"tls-{name}")
                finally:
                    provider.stop()


class DeadGrantTest(KeybearerTest):
    def test_a_dead_grant_asks_for_a_login_once_and_the_provider_no_more(self):
        self.start_broker()
        self.ok("login", "lab")
        self.provider.revoke_all()
        result = self.fails(4, "token", "lab", "--refresh")
        self.assertIn("keybearer login lab", result.err)
        asked = len(self.provider.requests("/token"))
        self.fails(4, "token", "lab", "--refresh")
        self.assertEqual(len(self.provider.requests("/token")), asked)
        (account,) = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertEqual(account["status"], "login_required")
        self.ok("login", "lab")
        self.assertTrue(self.token())
