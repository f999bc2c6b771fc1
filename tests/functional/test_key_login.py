"""Signing in where the provider makes a key: OpenRouter's flow, which has PKCE and no `state`."""
import urllib.error
import urllib.parse
import urllib.request

from kbtest import KeybearerTest, browse, callback_url
from kbtest.key_maker import KeyMaker


class KeyLoginTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.maker = KeyMaker()
        self.addCleanup(self.maker.stop)
        self.home.write_config("providers.d/router.toml", self.maker.profile("router"))
        self.start_broker()
        self.client = self.rpc()

    def value(self, name="default"):
        answer = self.client.call("credential.resolve", provider="router", name=name, fields=["api_key"])
        return answer["fields"][0]["value"]

    def test_signing_in_stores_a_key(self):
        result = self.ok("login", "router")
        self.assertIn("stored as router/default", result.out)
        self.assertEqual(self.value(), self.maker.key)
        (asked,) = self.maker.asked
        self.assertEqual(sorted(asked), ["callback_url", "code_challenge", "code_challenge_method"])
        self.assertEqual(asked["code_challenge_method"], "S256")
        self.assertRegex(asked["callback_url"], r"^http://127\.0\.0\.1:\d+/[A-Za-z0-9_-]{43}$")
        self.assertEqual(self.maker.exchanged, [("/api/v1/auth/keys", "application/json",
                                                 ["code", "code_challenge_method", "code_verifier"])])
        self._assert_absent([self.maker.key])

    def test_a_key_of_another_name(self):
        page, state = self.sign_in(self.client, "router", account="work")
        self.assertEqual((state["state"], state["credential"]), ("done", "router/work"))
        self.assertIn("router/work", page.body)
        self.assertEqual(self.value("work"), self.maker.key)
        with self.assertRpcError("no_credential"):
            self.value()

    def test_whoever_does_not_know_the_path_changes_nothing(self):
        login = self.begin_login(self.client, "router")
        callback = urllib.parse.urlsplit(callback_url(login["authorization_url"], login["redirect_uri"]))
        code = callback.query
        for path in ("/", "/callback", callback.path[:-1], callback.path + "x", callback.path.swapcase()):
            with self.subTest(path), self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"http://{callback.netloc}{path}?{code}", timeout=10)
            refused.exception.close()
        with self.assertRaises(urllib.error.HTTPError) as refused:  # nor does a `state`, which nobody here sends
            urllib.request.urlopen(f"http://{callback.netloc}{callback.path}?{code}&state=x", timeout=10)
        refused.exception.close()
        self.assertEqual(self.login_state(self.client, login, wait=0)["state"], "waiting_for_browser")
        self.assertEqual(self.maker.exchanged, [])
        browse(callback.geturl())
        self.assertEqual(self.login_end(self.client, login)["state"], "done")

    def test_exchanges_that_fail_store_nothing(self):
        rows = (((403, '{"error": {"message": "canary"}}'), "provider_error", "403"),
                ((500, "canary"), "provider_unreachable", "500"),
                ((200, "canary"), "provider_error", ""),
                ((200, '{"key": ""}'), "provider_error", "no key"),
                ((200, '{"key": 7}'), "provider_error", "no key"),
                ((200, '{"other": "canary"}'), "provider_error", "no key"),
                ((200, '{"key": "can ary"}'), "provider_error", "no key"),
                ((200, '{"key": "a", "key": "canary"}'), "provider_error", ""))
        for answer, kind, text in rows:
            with self.subTest(answer):
                self.maker.answer = answer
                _, state = self.sign_in(self.client, "router")
                self.assertEqual((state["state"], state["error"]["kind"]), ("failed", kind))
                self.assertIn(text, state["error"]["message"])
                self.assertNotIn("canary", state["error"]["message"])
        with self.assertRpcError("no_credential"):
            self.value()

    def test_a_refusal_of_the_person_is_told(self):
        login = self.begin_login(self.client, "router")
        callback = callback_url(login["authorization_url"], login["redirect_uri"]).split("?")[0]
        browse(callback + "?error=access_denied")
        self.assertEqual(self.login_end(self.client, login)["error"]["kind"], "login_failed")

    def test_what_such_a_login_does_not_have(self):
        for params in ({"client_id": "x"}, {"scopes": ["x"]}, {"redirect": "http://127.0.0.1/callback"},
                       {"client_secret": "x"}, {"account": "a/b"}):
            with self.subTest(params), self.assertRpcError("invalid_value"):
                self.begin_login(self.client, "router", **params)

    def test_a_cancelled_login_stores_nothing(self):
        login = self.begin_login(self.client, "router")
        self.client.call("account.login_cancel", login_id=login["login_id"])
        with self.assertRaises(urllib.error.URLError):
            urllib.request.urlopen(login["redirect_uri"], timeout=10)
        with self.assertRpcError("no_credential"):
            self.value()
