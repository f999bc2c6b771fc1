"""The driver, asked as a conformance suite asks it, with the lab's server in the suite's place."""
import json
import os
import pathlib
import urllib.error
import urllib.parse
import urllib.request

from kbtest import BROKER, CLI, HEADLESS_BROWSER, KeybearerTest, Process, wait_until
from kbtest.process import children_named

DRIVER = pathlib.Path(__file__).resolve().parent / "driver"
VARIANT = {"client_auth_type": "none", "response_type": "code", "response_mode": "default", "request_type": "plain_http_request",
           "client_registration": "static_client"}
SECRET = "desktop-secret-desktop-secret-desktop"  # of the client "native-secret" (tests/lab/provider/clients.mjs)
FAPI2 = "fapi2-security-profile-final-client-test"
SECONDS = 120


class DriverCase(KeybearerTest):
    keyring_mode = "none"
    options = ()

    def setUp(self):
        super().setUp()
        self.temporary = self.home.path / "tmp"
        self.temporary.mkdir()
        self.answers = []
        self.driver = Process([DRIVER, "--bin-dir", BROKER.parent, *self.options], self.env(TMPDIR=self.temporary),
                              self.home.path / "driver.log")
        self.addCleanup(self.driver.stop)
        places = json.loads(wait_until(self.first_line, "the driver"))
        self.ready, self.start = places["readyUrl"], places["startUrl"]

    def first_line(self):
        said = self.driver.output()
        return said.partition("\n")[0] if "\n" in said else None

    def get(self, url):
        """Status and JSON."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            answer = opener.open(url, timeout=SECONDS)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.answers.append(answer.read())
            return answer.status, json.loads(self.answers[-1])

    def address(self, **query):
        query = {"issuer": self.provider.issuer, "module": "oidcc-client-test", "variant": json.dumps(VARIANT),
                 "client_metadata_defaults": "{}", "alias": "keybearer", "client_id": "native-app", **query}
        return f"{self.start}?{urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})}"

    def run_module(self, module="", prefix="oidcc-client-test", **query):
        """The answer, after which nothing is left."""
        status, answer = self.get(self.address(module=prefix + module, **query))
        self.assertEqual(status, 200)
        self.assertEqual(sorted(answer), ["error", "module", "ok", "outcome", "steps"])
        self.assertEqual(answer["module"], prefix + module)
        self.assertNothingLeft()
        said = b"".join(self.answers) + self.driver.output().encode()
        for secret in self.provider.tokens() | {SECRET}:
            self.assertNotIn(secret.encode(), said)
        return answer

    def assertNothingLeft(self):
        self.assertEqual(list(self.temporary.iterdir()), [])
        with open(f"/proc/{self.driver.pid}/task/{self.driver.pid}/children", encoding="ascii") as children:
            self.assertEqual(children.read(), "")

    def assertOutcome(self, answer, ok, outcome, *words):
        self.assertEqual((answer["ok"], answer["outcome"]), (ok, outcome), answer)
        self.assertEqual(answer["error"] is None, outcome == "signed in", answer)
        for word in words:
            self.assertIn(word, answer["error"])


class DriverTest(DriverCase):
    # --- the contract -------------------------------------------------------------------------------------------------

    def test_it_says_where_it_listens_and_that_it_is_ready(self):
        self.assertTrue(self.ready.startswith("http://127.0.0.1:"), self.ready)
        self.assertEqual(self.get(self.ready)[0], 200)
        self.assertEqual(self.get(self.ready + "/other")[0], 404)

    def test_a_good_login_is_followed_by_userinfo(self):
        answer = self.run_module()
        self.assertOutcome(answer, True, "signed in")
        self.assertEqual(answer["steps"], ["keybearer login: signed in as alice", "keybearer token: from the cache",
                                           "userinfo: the same subject"])
        self.assertEqual([request["auth"] for request in self.provider.requests("/me", "GET")], ["Bearer"])

    def test_each_login_begins_with_nothing(self):
        for _ in range(2):
            self.assertOutcome(self.run_module(), True, "signed in")
        self.assertEqual(len(self.provider.requests("/auth", "GET")), 2)
        self.assertEqual([request["status"] for request in self.provider.requests("/token", "POST")], [200, 200])

    def test_a_request_that_lacks_something_is_malformed(self):
        for query in ({"issuer": None}, {"module": None}, {"variant": "no JSON"}, {"variant": "[]"},
                      {"client_metadata_defaults": "1"}):
            with self.subTest(query=query):
                status, answer = self.get(self.address(**query))
                self.assertEqual((status, list(answer)), (400, ["error"]))
                self.assertIn(*query, answer["error"])
        self.assertEqual(self.provider.requests(), [])

    def test_without_a_client_it_says_that_one_must_be_registered(self):
        self.assertOutcome(self.run_module(client_id=None), False, "not run", "registered client", "client_id")
        self.assertEqual(self.provider.requests(), [])

    def test_what_a_native_client_does_not_do_is_not_tried(self):
        for name, value in (("response_type", "code id_token"), ("response_mode", "form_post"), ("request_type", "request_uri"),
                            ("client_auth_type", "private_key_jwt")):
            with self.subTest(name):
                answer = self.run_module(variant=json.dumps({**VARIANT, name: value}))
                self.assertOutcome(answer, False, "not run", f"{name}={value}")
        self.assertEqual(self.provider.requests(), [])

    def test_a_registered_redirect_and_a_client_secret_are_used(self):
        redirect = "http://localhost/callback"
        answer = self.run_module("-client-secret-basic", client_id="native-secret", client_secret=SECRET,
                                 variant=json.dumps({**VARIANT, "client_auth_type": "client_secret_basic"}),
                                 client_metadata_defaults=json.dumps({"redirect_uris": [redirect]}))
        self.assertOutcome(answer, True, "signed in")
        (request,) = self.provider.requests("/auth", "GET")
        used = urllib.parse.parse_qs(urllib.parse.urlsplit(request["url"]).query)["redirect_uri"][0]
        self.assertEqual(urllib.parse.urlsplit(used).hostname, "localhost")
        self.assertEqual([request["auth"] for request in self.provider.requests("/token", "POST")], ["Basic"])

    def test_a_server_that_does_not_promise_pkce_is_tried_as_the_suites_own_is(self):
        for path in ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"):
            self.provider.fault(path, "patch", times=9, patch={"code_challenge_methods_supported": None})
        self.assertOutcome(self.run_module(), True, "signed in")

    # --- what the modules want ------------------------------------------------------------------------------------------

    def test_a_refusal_is_right_where_the_module_wants_that_one(self):
        defect = {"path": "/token", "kind": "idtoken", "claims": {"iss": "http://127.0.0.1:1"}}
        for module, ok in (("-invalid-iss", True), ("", False), ("-missing-sub", False)):
            with self.subTest(module):
                self.provider.reset()
                self.provider.fault(**defect)
                answer = self.run_module(module)
                self.assertOutcome(answer, ok, "refused", "another issuer")
                self.assertEqual(answer["steps"], ["keybearer login: provider_error"])
                self.assertEqual(self.provider.requests("/me"), [])

    def test_a_login_is_wrong_where_the_module_wants_a_refusal(self):
        self.assertOutcome(self.run_module("-invalid-iss"), False, "signed in")

    def test_a_client_may_do_either_where_a_key_is_not_named(self):
        self.assertOutcome(self.run_module("-kid-absent-multiple-jwks"), True, "signed in")
        self.provider.fault("/token", "idtoken", sign="foreign")
        self.assertOutcome(self.run_module("-kid-absent-multiple-jwks"), True, "refused")

    def test_the_refresh_modules_refresh_before_userinfo_is_asked(self):
        answer = self.run_module("-refresh-token")
        self.assertOutcome(answer, True, "signed in")
        self.assertIn("keybearer token: from the refresh", answer["steps"])
        for module, claims, word in (("-refresh-token-invalid-sub", {"sub": "aliceinvalid"}, "another person"),
                                     ("-refresh-token-invalid-issuer", {"iss": "http://127.0.0.1:1"}, "another issuer")):
            with self.subTest(module):
                self.provider.reset()
                self.provider.fault("/token", "idtoken", after=1, claims=claims)
                self.assertOutcome(self.run_module(module), True, "refused", word)
                self.assertEqual(self.provider.requests("/me"), [])

    def test_the_rotation_module_signs_in_twice(self):
        self.provider.fault("/token", "rotate", after=1)
        self.assertOutcome(self.run_module("-signing-key-rotation"), True, "signed in")
        self.assertEqual(len(self.provider.requests("/jwks")), 2)

    def test_userinfo_about_another_subject_is_refused(self):
        for module, ok in (("-userinfo-invalid-sub", True), ("", False)):
            with self.subTest(module):
                self.provider.reset()
                self.provider.fault("/me", "patch", patch={"sub": "aliceinvalid"})
                self.assertOutcome(self.run_module(module), ok, "refused", "another subject")

    def test_a_server_without_userinfo_is_not_asked_for_it(self):
        for path in ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"):
            self.provider.fault(path, "patch", times=9, patch={"userinfo_endpoint": None})
        answer = self.run_module()
        self.assertOutcome(answer, True, "signed in")
        self.assertIn("userinfo: the server has none", answer["steps"])
        self.assertEqual(self.provider.requests("/me"), [])

    def test_a_redirect_does_not_take_the_token_elsewhere(self):
        self.provider.fault("/me", "redirect", status=302, to=f"{self.provider.issuer}/elsewhere")
        self.assertOutcome(self.run_module(), False, "refused", "/me")
        self.assertEqual(self.provider.requests("/elsewhere"), [])

    # --- its end --------------------------------------------------------------------------------------------------------

    def test_a_signal_ends_a_login_and_everything_that_it_started(self):
        self.provider.fault("/token", "hang")
        waiting = Process(["curl", "-sS", "--noproxy", "*", self.address()], self.env(), self.home.path / "curl.log")
        self.addCleanup(waiting.stop)
        wait_until(lambda: self.provider.requests("/token"), "the token request")
        self.assertEqual(self.driver.stop(), 0)
        for name in (BROKER.name, CLI.name, HEADLESS_BROWSER.name):
            self.assertEqual(children_named(name), [], name)
        self.assertEqual(list(self.temporary.iterdir()), [])
        self.assertFalse(os.path.exists(f"/proc/{self.driver.pid}"))


class StateTest(DriverCase):
    """A response that is not taken for the login's own leaves the driver waiting: here for as short as a login can be."""

    options = ("--login-seconds", "10")

    def assertRefused(self, module, state):
        self.provider.change_redirect(state=state)
        answer = self.run_module(f"-ensure-authorization-response-with-{module}-fails", FAPI2)
        self.assertOutcome(answer, True, "refused", "in time")
        self.assertEqual(answer["steps"], ["keybearer login: login_cancelled"])
        self.assertEqual(len(self.provider.requests("/auth", "GET")), 1)
        self.assertEqual(self.provider.requests("/token"), [])

    def test_a_response_with_another_state(self):
        self.assertRefused("invalid-state", "other")

    def test_a_response_without_a_state(self):
        self.assertRefused("invalid-missing-state", None)

    def test_signing_in_is_wrong_where_the_module_sends_another_state(self):
        answer = self.run_module("-ensure-authorization-response-with-invalid-state-fails", FAPI2)
        self.assertOutcome(answer, False, "signed in")
