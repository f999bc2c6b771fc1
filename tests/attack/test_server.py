"""Attacks and faults of the authorization server, T1 to T22 of README.md, against a signed-in account: a refresh token is
given up on invalid_grant and on nothing else, a good token is served meanwhile, and no answer's body gets anywhere."""
import json

from kbtest import KeybearerTest, RpcClient, RpcError, userinfo, wait_until

CANARY = "canary-0b5e9c2d7f"
UNREACHABLE, ERROR = "provider_unreachable", "provider_error"


class ServerTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.start_broker()
        self.ok("login", "lab")
        self.good = self.token()

    def ask(self, **params):
        with RpcClient(self.home.socket) as client:
            return client.call("token.get", account="lab", **params)

    def refused(self, **params):
        with self.assertRaises(RpcError) as caught:
            self.ask(refresh=True, **params)
        self.assertNotIn(CANARY, json.dumps([str(caught.exception), caught.exception.data]))
        return caught.exception

    def assertHarmless(self, kinds, **fault):
        """A refresh fails as it should, the good token is served all the same, and afterwards everything works."""
        self.provider.reset()
        self.provider.fault("/token", **fault)
        self.assertIn(self.refused().kind, kinds)
        self.assertEqual(self.ask()["source"], "cache")
        (account,) = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertEqual(account["status"], "signed_in")

    def assertMended(self):
        self.provider.reset()
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", self.ask(refresh=True)["access_token"])["sub"], "alice")
        self.assert_no_secret_leaks(CANARY)

    def each(self, rows):
        """Rows of (kinds, fault); the server has not rotated in any of them."""
        for kinds, fault in rows:
            with self.subTest(fault=fault):
                self.assertHarmless(kinds, **fault)
        self.assertMended()

    # --- the answer ---------------------------------------------------------------------------------------------------

    def test_T01_T02_answers_that_are_no_token_response(self):
        body = json.dumps({"access_token": CANARY})
        self.each([((ERROR,), {"kind": "html"}), ((ERROR,), {"kind": "notjson"}), ((ERROR,), {"kind": "empty"}),
                   ((ERROR, UNREACHABLE), {"kind": "truncated"}), ((ERROR,), {"kind": "badlength"}),
                   ((ERROR,), {"kind": "huge", "mb": 64}), ((ERROR,), {"kind": "gzipbomb", "mb": 64}),
                   ((ERROR,), {"kind": "status", "status": 200, "body": CANARY}),
                   ((ERROR,), {"kind": "raw", "status": 200, "body": body}),
                   ((ERROR,), {"kind": "raw", "status": 200, "body": "[" * 100_000})])

    def test_T03_answers_that_do_not_come(self):
        self.each([((UNREACHABLE,), {"kind": "reset"})])

    def test_T04_a_redirect_of_a_post_is_not_followed(self):
        self.each([((ERROR,), {"kind": "redirect", "status": status, "to": f"{self.provider.issuer}/me"})
                   for status in (301, 302, 303, 307, 308)])
        self.assertEqual(self.provider.requests("/me", "POST"), [])

    def test_T05_retry_after_in_every_shape(self):
        # What is asked for, and what the broker then says: at most five minutes, and nothing for what makes no sense.
        for value, low, high in (("2", 1, 2), ("0", None, None), ("-5", None, None), ("99999999999", 299, 300),
                                 ("soon", None, None), ("1.5", None, None), ("Fri, 31 Dec 1999 23:59:59 GMT", None, None),
                                 ("Fri, 31 Dec 2100 23:59:59 GMT", 299, 300), (CANARY, None, None)):
            with self.subTest(value=value):
                self.provider.reset()
                self.provider.fault("/token", "status", status=429, headers={"Retry-After": value})
                wait = self.refused().data.get("retry_after") or 0
                self.assertTrue(wait == 0 if low is None else low <= wait <= high, wait)
                self.assertEqual(self.ask()["source"], "cache")
                # A new login clears the pause.
                self.ok("login", "lab")
        self.assertMended()

    def test_T05_server_errors(self):
        self.each([((UNREACHABLE,), {"kind": "status", "status": status, "body": CANARY}) for status in (500, 502, 503, 504)])

    def test_T08_access_tokens_that_no_header_can_carry(self):
        """RFC 6750 section 2.1."""
        for value in ("", "a\r\nSet-Cookie: b", "a b", "a\tb", "é", "a\0b", "x" * (1 << 20), 7, ["a"], None):
            with self.subTest(value=str(value)[:20]):
                self.provider.reset()
                self.provider.fault("/token", "raw", status=200, body=json.dumps(
                    {"access_token": value, "token_type": "Bearer", "expires_in": 60}))
                self.assertEqual(self.refused().kind, ERROR)
        self.assertMended()

    def test_T06_token_types(self):
        for value, kind in (("mac", ERROR), ("DPoP", ERROR), ("", ERROR), (7, ERROR), (None, ERROR)):
            with self.subTest(value=value):
                self.provider.reset()
                self.provider.fault("/token", "raw", status=200, body=json.dumps(
                    {"access_token": CANARY, "token_type": value, "expires_in": 60}))
                self.assertEqual(self.refused().kind, kind)
        for value in ("bEARER", "Bearer"):
            self.provider.reset()
            self.provider.fault("/token", "patch", patch={"token_type": value})
            self.assertEqual(self.ask(refresh=True)["token_type"], "Bearer")  # RFC 6749 section 5.1: case-insensitive
        self.assertMended()

    def test_T07_lifetimes_in_every_shape(self):
        for value in (None, "300", 300, 1e300, -5, "-5", 0, 3.7, "NaN", {"a": 1}, [], True, 2**64, "1e3"):
            with self.subTest(value=value):
                self.provider.reset()
                self.provider.fault("/token", "patch", patch={"expires_in": value})
                try:
                    answer = self.ask(refresh=True)
                except RpcError as error:
                    self.assertEqual(error.kind, ERROR)
                else:
                    left = answer["expires_at"]
                    self.assertTrue(left is None or left < 2**40, left)
                    if value in (300, "300"):
                        self.assertEqual(self.ask(min_valid=290)["source"], "cache")
        self.assertMended()

    # --- what becomes of the grant ------------------------------------------------------------------------------------

    def test_T10_an_answer_that_was_lost_asks_for_one_login(self):
        self.provider.fault("/token", "lost")
        self.assertEqual(self.refused().kind, UNREACHABLE)
        self.assertEqual(self.refused().kind, "login_required")
        asked = len(self.provider.requests("/token"))
        for _ in range(3):
            self.assertEqual(self.refused().kind, "login_required")
        self.assertEqual(len(self.provider.requests("/token")), asked)

    def test_T12_a_server_that_does_not_rotate(self):
        """No new refresh token in the answer: the old one stays (RFC 6749 section 6)."""
        for _ in range(3):
            self.provider.fault("/token", "raw", status=200, body=json.dumps(
                {"access_token": "kept", "token_type": "Bearer", "expires_in": 300}))
            self.assertEqual(self.ask(refresh=True)["access_token"], "kept")
        self.assertMended()

    def test_T13_invalid_grant_gives_up_once(self):
        self.provider.revoke_all()
        self.assertEqual(self.refused().kind, "login_required")
        asked = len(self.provider.requests("/token"))
        self.assertEqual(self.refused().kind, "login_required")
        self.assertEqual(len(self.provider.requests("/token")), asked)

    def test_T14_other_oauth_errors_keep_the_grant(self):
        """RFC 6749 section 5.2."""
        self.each([((ERROR,), {"kind": "raw", "status": 400, "body": json.dumps({"error": error, "error_description": "why"})})
                   for error in ("invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type",
                                 "invalid_request", "something_new")])

    def test_T16_T22_id_tokens_of_a_refresh(self):
        """OpenID Connect Core section 12.2. The server has rotated: only what is checked is refused."""
        for fault in ({"claims": {"sub": "mallory"}}, {"claims": {"iss": "https://attacker.example"}},
                      {"claims": {"aud": "other"}}, {"sign": "none"}, {"sign": "foreign"}, {"sign": "hs256"}):
            with self.subTest(fault=fault):
                self.provider.reset()
                self.provider.fault("/token", "idtoken", **fault)
                self.assertEqual(self.refused().kind, ERROR)
        self.assertMended()

    def test_T21_a_narrower_scope_is_kept_as_granted(self):
        self.provider.fault("/token", "patch", patch={"scope": "openid"})
        self.assertEqual(self.ask(refresh=True)["scope"], "openid")

    # --- before the token endpoint --------------------------------------------------------------------------------------

    def test_T17_keys_that_must_not_be_believed(self):
        keys = {"empty": {"keys": []}, "not a set": [], "oct": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]},
                "ten thousand": {"keys": [{"kty": "RSA", "kid": str(n), "n": "AQAB", "e": "AQAB"} for n in range(10_000)]},
                "weak": {"keys": [{"kty": "RSA", "n": "w7cz", "e": "AQ", "use": "sig"}]}}
        for name, document in keys.items():
            with self.subTest(name):
                self.ok("daemon", "stop")
                self.start_broker()  # which has no keys in memory
                self.provider.reset()
                self.provider.fault("/jwks", "raw", times=10, status=200, body=json.dumps(document))
                self.fails(7, "login", "lab", "--timeout", "20")
        self.ok("daemon", "stop")
        self.start_broker()
        self.assertMended()

    def test_T18_T20_metadata_that_lies(self):
        issuer = self.provider.issuer
        for patch in ({"issuer": "https://attacker.example"}, {"issuer": issuer + "/"},
                      {"token_endpoint": "http://attacker.example/token"}, {"authorization_endpoint": "javascript:alert(1)"},
                      {"token_endpoint": "file:///etc/passwd"}, {"jwks_uri": "http://169.254.169.254/"},
                      {"code_challenge_methods_supported": ["plain"]}):
            with self.subTest(patch=patch):
                self.ok("daemon", "stop")
                self.start_broker()
                self.provider.reset()
                for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
                    self.provider.fault(path, "patch", times=10, patch=patch)
                self.assertIn(self.cli("login", "lab", "--timeout", "20").code, (2, 7))
        self.assertMended()

    def test_T09_a_hundred_callers_make_one_refresh(self):
        self.provider.set(delayMs=200)
        before = len(self.provider.requests("/token", "POST"))
        clients = [RpcClient(self.home.socket) for _ in range(100)]
        try:
            ids = [client.send("token.get", account="lab", refresh=True) for client in clients]
            self.assertEqual(len({client.answer(asked)["access_token"] for client, asked in zip(clients, ids, strict=True)}), 1)
        finally:
            for client in clients:
                client.close()
        self.provider.set(delayMs=0)
        self.assertEqual(len(self.provider.requests("/token", "POST")) - before, 1)
        wait_until(lambda: self.ask(refresh=True), "the next one")
