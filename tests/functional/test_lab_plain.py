"""The server of tests/lab/plain keeps to the RFCs, asked over plain HTTP: what it grants and what it refuses."""
import base64
import hashlib
import http.client
import json
import secrets
import unittest
import urllib.error
import urllib.parse
import urllib.request

from kbtest import Plain, browse, callback_url, free_port, userinfo
from kbtest.home import Home

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
API = "https://api.plain.example/"


class Answer:
    def __init__(self, response):
        with response:
            self.status = response.status
            self.type = response.headers["Content-Type"]
            body = response.read()
        self.json = json.loads(body) if body else None

    @property
    def error(self):
        return self.status, self.json and self.json["error"]


def fetch(url, form=None):
    data = None if form is None else urllib.parse.urlencode(form, doseq=True).encode()
    try:
        return Answer(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, data, timeout=20))
    except urllib.error.HTTPError as error:
        return Answer(error)


class PlainTest(unittest.TestCase):
    style = "openid"
    scope = "openid email read write"
    well_known = "{issuer}/.well-known/openid-configuration"

    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.port = free_port()
        self.redirect = f"http://127.0.0.1:{self.port}/callback"
        self.server = Plain(self.home, self.style, self.redirect)
        self.addCleanup(self.server.stop)
        origin, path = self.server.issuer[:self.server.issuer.index("/", 8)], urllib.parse.urlsplit(self.server.issuer).path
        self.places = {name: name.format(origin=origin, path=path, issuer=self.server.issuer) for name in (
            "{origin}/.well-known/oauth-authorization-server{path}", "{issuer}/.well-known/oauth-authorization-server",
            "{origin}/.well-known/openid-configuration{path}", "{issuer}/.well-known/openid-configuration",
            "{origin}/.well-known/oauth-authorization-server", "{origin}/.well-known/openid-configuration")}
        self.metadata = self.read_metadata()

    def read_metadata(self):
        return fetch(self.places[self.well_known]).json

    def authorization_url(self, **changes):
        self.verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {"response_type": "code", "client_id": "plain-app", "redirect_uri": self.redirect, "scope": self.scope,
                 "state": "a state", "nonce": "a nonce", "code_challenge": challenge, "code_challenge_method": "S256", **changes}
        endpoint = self.metadata["authorization_endpoint"]
        return endpoint + ("&" if "?" in endpoint else "?") + urllib.parse.urlencode(
            {name: value for name, value in query.items() if value is not None})

    def answer(self, **changes):
        """The parameters that come back to the client."""
        url = callback_url(self.authorization_url(**changes), self.redirect)
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, keep_blank_values=True))

    def post(self, **form):
        form = {"client_id": "plain-app", **form}
        return fetch(self.metadata["token_endpoint"], {name: value for name, value in form.items() if value is not None})

    def redeem(self, code, **changes):
        return self.post(**{"grant_type": "authorization_code", "code": code, "code_verifier": self.verifier,
                            "redirect_uri": self.redirect, **changes})

    def sign_in(self):
        return self.redeem(self.answer()["code"]).json

    def refresh(self, token, **changes):
        return self.post(grant_type="refresh_token", refresh_token=token, **changes)

    def resource(self, token):
        return userinfo(f"{self.server.issuer}/resource", token)


class CodeTest(PlainTest):
    """RFC 6749 sections 4.1 and 6, RFC 7636."""

    def test_metadata_is_at_one_place_and_names_what_there_is(self):
        for name, url in self.places.items():
            with self.subTest(name):
                self.assertEqual(fetch(url).status, 200 if name == self.well_known else 404)
        self.assertEqual(self.metadata["issuer"], self.server.issuer)
        self.assertEqual(self.metadata["grant_types_supported"], ["authorization_code", "refresh_token"])
        for name in ("code_challenge_methods_supported", "revocation_endpoint", "device_authorization_endpoint"):
            self.assertNotIn(name, self.metadata)

    def test_a_code_becomes_tokens(self):
        url = callback_url(self.authorization_url(), self.redirect)
        self.assertEqual(len(url), 8000)
        answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        self.assertEqual(answer["state"], "a state")
        self.assertIn(" ", answer["code"])
        response = self.redeem(answer["code"])
        self.assertEqual((response.status, response.json["token_type"], response.json["expires_in"]), (200, "bearer", "300"))
        self.assertNotIn("scope", response.json)
        self.assertEqual(self.resource(response.json["access_token"]), {"sub": "alice", "scope": self.scope, "audience": None})
        self.assertEqual(self.resource("x" + response.json["access_token"]), 401)
        for name in ("access_token", "refresh_token"):
            self.assertGreater(len(response.json[name]), 7000)
        self.server.forward(299)
        self.assertIn("sub", self.resource(response.json["access_token"]))
        self.server.forward(2)
        self.assertEqual(self.resource(response.json["access_token"]), 401)

    def test_a_code_is_good_once(self):
        code = self.answer()["code"]
        token = self.redeem(code).json["access_token"]
        self.assertIn("sub", self.resource(token))
        self.assertEqual(self.redeem(code).error, self.refused("invalid_grant"))
        self.assertEqual(self.resource(token), 401)  # section 4.1.2

    def refused(self, error, status=400):
        return status, error

    def test_codes_that_do_not_fit(self):
        for changes in ({"code_verifier": "x" * 43}, {"code_verifier": None}, {"redirect_uri": self.redirect + "/"},
                        {"redirect_uri": None}, {"code": "nothing"}):
            with self.subTest(changes):
                code = self.answer()["code"]
                self.assertEqual(self.redeem(**{"code": code, **changes}).error, self.refused("invalid_grant"))
        code = self.answer()["code"]
        self.server.forward(60)
        self.assertEqual(self.redeem(code).error, self.refused("invalid_grant"))

    def test_requests_that_do_not_fit(self):
        refresh = self.sign_in()["refresh_token"]
        for changes, error in (({"client_id": "other"}, self.refused("invalid_client", 401)),
                               ({"client_secret": "secret"}, self.refused("invalid_client", 401)),
                               ({"grant_type": "password"}, self.refused("unsupported_grant_type")),
                               ({"grant_type": None}, self.refused("invalid_request")),
                               ({"grant_type": DEVICE_GRANT}, self.refused("unsupported_grant_type")),
                               ({"grant_type": EXCHANGE_GRANT}, self.refused("unsupported_grant_type")),
                               ({"scope": ["read", "write"]}, self.refused("invalid_request"))):
            with self.subTest(changes):
                form = {"grant_type": "refresh_token", "refresh_token": refresh, **changes}
                self.assertEqual(self.post(**form).error, error)
        self.assertEqual(self.refresh(refresh).status, 200)

    def test_what_is_wrong_before_the_client_is_known_goes_back_to_nobody(self):
        for changes in ({"redirect_uri": f"http://127.0.0.1:{self.port + 1}/callback"}, {"redirect_uri": self.redirect + "/"},
                        {"redirect_uri": self.redirect.replace("127.0.0.1", "localhost")}, {"redirect_uri": None},
                        {"client_id": "other"}, {"client_id": None}):
            with self.subTest(changes):
                page = browse(self.authorization_url(**changes))
                self.assertEqual((page.status, page.url.startswith(self.server.issuer)), (400, True))

    def test_what_is_wrong_afterwards_goes_back_to_the_client(self):
        for changes, error in (({"code_challenge": None}, "invalid_request"), ({"code_challenge_method": None}, "invalid_request"),
                               ({"code_challenge_method": "plain"}, "invalid_request"), ({"code_challenge": "x"}, "invalid_request"),
                               ({"response_type": "token"}, "unsupported_response_type"), ({"scope": "sing"}, "invalid_scope")):
            with self.subTest(changes):
                answer = self.answer(**changes)
                self.assertEqual((answer["error"], answer["state"], "code" in answer), (error, "a state", False))
        self.server.set(decision="access_denied")
        self.assertEqual(self.answer()["error"], "access_denied")

    def test_the_pages_of_a_sign_in_have_an_order_and_a_cookie(self):
        for path in ("/sign-in", "/sign-in/person", "/sign-in/consent", "/sign-in/leave"):
            self.assertEqual(browse(self.server.issuer + path).status, 400)
            self.assertEqual(browse(self.server.issuer + path, cookie="plain_sign_in=guessed").status, 400)
        self.answer()
        self.assertEqual([entry["status"] for entry in self.server.requests()][-5:], [302, 302, 303, 307, 302])
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.server.issuer).netloc, timeout=20)
        self.addCleanup(connection.close)
        connection.request("GET", self.authorization_url())
        with connection.getresponse() as begun:
            cookie = begun.headers["Set-Cookie"].partition(";")[0]
        self.assertEqual(browse(self.server.issuer + "/sign-in/leave", cookie=cookie).status, 400)

    def test_a_refresh_keeps_its_token(self):
        refresh = self.sign_in()["refresh_token"]
        first, second = self.refresh(refresh).json, self.refresh(refresh).json
        self.assertNotEqual(first["access_token"], second["access_token"])
        self.assertNotIn("refresh_token", first)
        self.assertEqual(self.resource(self.refresh(refresh, scope="read").json["access_token"])["scope"], "read")
        self.assertEqual(self.resource(self.refresh(refresh).json["access_token"])["scope"], self.scope)
        self.assertEqual(self.refresh(refresh, scope="read sing").error, self.refused("invalid_scope"))
        self.assertEqual(self.refresh(refresh + "x").error, self.refused("invalid_grant"))
        self.server.revoke_all()
        self.assertEqual(self.refresh(refresh).error, self.refused("invalid_grant"))
        self.assertEqual(self.resource(second["access_token"]), 401)

    def test_a_refresh_that_rotates(self):
        self.server.set(rotate=True)
        refresh = self.sign_in()["refresh_token"]
        rotated = self.refresh(refresh).json["refresh_token"]
        self.assertEqual(self.refresh(refresh).error, self.refused("invalid_grant"))
        self.assertEqual(self.refresh(rotated).status, 200)

    def test_errors_have_a_body_or_none(self):
        for empty in (True, False):
            self.server.set(emptyErrors=empty)
            answer = self.refresh("nothing")
            self.assertEqual((answer.status, answer.json is None), (400, empty))


class OAuthOnlyTest(CodeTest):
    """The same with the other style."""

    style = "oauth"
    scope = "read write"
    well_known = "{origin}/.well-known/oauth-authorization-server{path}"

    def refused(self, error, status=400):
        return status, None

    def test_there_is_no_openid(self):
        self.assertNotIn("id_token", self.sign_in())
        for name in ("userinfo_endpoint", "jwks_uri"):
            self.assertNotIn(name, self.metadata)
        for path in ("/userinfo", "/keys"):
            self.assertEqual(fetch(self.server.issuer + path).status, 404)

    def test_the_endpoints_want_their_query(self):
        page = browse(self.authorization_url().replace("tenant=one", "tenant=two"))
        self.assertEqual((page.status, page.url.startswith(self.server.issuer)), (400, True))
        refresh = self.sign_in()["refresh_token"]
        self.metadata["token_endpoint"] = self.metadata["token_endpoint"].partition("?")[0]
        self.assertEqual(self.refresh(refresh).status, 400)


class DeviceTest(PlainTest):
    """RFC 8628."""

    def setUp(self):
        super().setUp()
        self.server.set(device=True)
        self.metadata = self.read_metadata()

    def begin(self, **form):
        return fetch(self.metadata["device_authorization_endpoint"], {"client_id": "plain-app", "scope": "read", **form})

    def poll(self, device):
        return self.post(grant_type=DEVICE_GRANT, device_code=device["device_code"])

    def test_it_is_off_until_it_is_turned_on(self):
        self.assertIn(DEVICE_GRANT, self.metadata["grant_types_supported"])
        self.server.reset()
        self.assertEqual(self.begin().status, 404)
        self.assertEqual(self.post(grant_type=DEVICE_GRANT, device_code="x").error, (400, "unsupported_grant_type"))
        self.assertNotIn("device_authorization_endpoint", self.read_metadata())

    def test_an_approved_code_becomes_tokens_once(self):
        device = self.begin().json
        self.assertEqual(browse(device["verification_uri"]).status, 200)
        self.assertIn(device["user_code"], device["verification_uri_complete"])
        self.assertEqual(self.poll(device).error, (400, "authorization_pending"))
        self.server.decide_device(device["user_code"].lower().replace("-", ""))
        tokens = self.poll(device).json
        self.assertEqual(self.resource(tokens["access_token"])["scope"], "read")
        self.assertEqual(self.refresh(tokens["refresh_token"]).status, 200)
        self.assertEqual(self.poll(device).error, (400, "invalid_grant"))

    def test_the_interval_is_five_seconds_or_what_is_said(self):
        self.assertNotIn("interval", self.begin().json)  # section 3.2
        self.assertPace(5)
        self.server.set(interval=20)
        self.assertEqual(self.begin().json["interval"], 20)
        self.assertPace(20)

    def assertPace(self, interval):
        """Section 3.5: slow_down adds five seconds for this and all later polls."""
        device = self.begin().json
        # Four seconds to spare: the server's clock goes on by itself, and this machine may be busy.
        for wait, error in ((0, "authorization_pending"), (interval - 4, "slow_down"), (interval + 1, "slow_down"),
                            (interval + 10, "authorization_pending")):
            self.server.forward(wait)
            self.assertEqual(self.poll(device).error, (400, error))

    def test_a_patient_client_can_be_slowed_down_too(self):
        self.server.set(slowDown=1)
        device = self.begin().json
        self.assertEqual(self.poll(device).error, (400, "slow_down"))
        self.server.forward(10)
        self.assertEqual(self.poll(device).error, (400, "authorization_pending"))

    def test_codes_that_come_to_nothing(self):
        denied, late = self.begin().json, self.begin().json
        self.server.decide_device(denied["user_code"], "deny")
        self.assertEqual(self.poll(denied).error, (400, "access_denied"))
        self.assertUndecided(denied["user_code"])
        self.server.forward(late["expires_in"] - 30)  # and what passes by itself
        self.assertEqual(self.poll(late).error, (400, "authorization_pending"))
        self.server.forward(30)
        self.assertEqual(self.poll(late).error, (400, "expired_token"))
        self.assertUndecided(late["user_code"])
        self.assertUndecided("BBBB-BBBB")
        self.assertEqual(self.poll({"device_code": "nothing"}).error, (400, "invalid_grant"))
        self.assertEqual(self.begin(client_id="other").error, (401, "invalid_client"))
        self.assertEqual(self.begin(scope="sing").error, (400, "invalid_scope"))

    def assertUndecided(self, user_code):
        """There is nothing for a person to decide."""
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.server.decide_device(user_code)
        caught.exception.close()

    def test_what_the_client_waits_for_is_always_said(self):
        self.server.set(emptyErrors=True)
        device = self.begin().json
        self.assertEqual(self.poll(device).error, (400, "authorization_pending"))
        self.assertIsNone(self.poll({"device_code": "nothing"}).json)


class ExchangeTest(PlainTest):
    """RFC 8693."""

    def setUp(self):
        super().setUp()
        self.server.set(exchange=True)
        self.subject = self.sign_in()["access_token"]

    def exchange(self, **changes):
        return self.post(**{"grant_type": EXCHANGE_GRANT, "subject_token": self.subject, "subject_token_type": ACCESS_TOKEN,
                            **changes})

    def test_it_is_off_until_it_is_turned_on(self):
        self.assertIn(EXCHANGE_GRANT, self.read_metadata()["grant_types_supported"])
        self.server.set(exchange=False)
        self.assertEqual(self.exchange().error, (400, "unsupported_grant_type"))

    def test_a_token_for_an_audience_and_a_part_of_the_scope(self):
        for changes, scope, audience in (({}, self.scope, None), ({"audience": API}, self.scope, [API]),
                                         ({"resource": API, "scope": "read"}, "read", [API]),
                                         ({"audience": [API, "urn:plain:reports"]}, self.scope, [API, "urn:plain:reports"]),
                                         ({"requested_token_type": ACCESS_TOKEN}, self.scope, None)):
            with self.subTest(changes):
                answer = self.exchange(**changes).json
                self.assertEqual((answer["issued_token_type"], answer["token_type"]), (ACCESS_TOKEN, "bearer"))
                self.assertNotIn("refresh_token", answer)
                self.assertNotEqual(answer["access_token"], self.subject)
                self.assertEqual(self.resource(answer["access_token"]),
                                 {"sub": "alice", "scope": scope, "audience": audience})

    def test_what_is_refused(self):
        """Section 2.2.2."""
        for changes, error in (({"subject_token": None}, "invalid_request"), ({"subject_token": "other"}, "invalid_request"),
                               ({"subject_token_type": None}, "invalid_request"),
                               ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
                               ({"requested_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
                               ({"actor_token": "x", "actor_token_type": ACCESS_TOKEN}, "invalid_request"),
                               ({"audience": "https://other.example/"}, "invalid_target"),
                               ({"audience": API, "resource": "https://other.example/"}, "invalid_target"),
                               ({"scope": "read sing"}, "invalid_scope")):
            with self.subTest(changes):
                self.assertEqual(self.exchange(**changes).error, (400, error))
        narrow = self.exchange(scope="read").json["access_token"]
        self.assertEqual(self.exchange(subject_token=narrow, scope="write").error, (400, "invalid_scope"))
        self.server.forward(300)
        self.assertEqual(self.exchange().error, (400, "invalid_request"))
