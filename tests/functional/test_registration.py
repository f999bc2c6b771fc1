"""Clients that nobody registered by hand: dynamic registration (RFC 7591, RFC 7592) and client ID metadata documents."""
import contextlib
import json
import socket
import urllib.parse

from kbtest import KeybearerTest, browse, wait_until
from kbtest.home import ROOT

REGISTER = "/reg"


def query_of(url):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)


class RegistrationTest(KeybearerTest):
    more = {}

    def setUp(self):
        super().setUp()
        self.home.write_provider("lab", self.provider.issuer, client_id=None, **self.more)
        self.begin()

    def begin(self):
        self.broker = self.start_broker()
        self.client = self.rpc()

    def registrations(self):
        return len(self.provider.requests(REGISTER, "POST"))

    def forget_clients(self):
        """The server knows none of those that it has registered."""
        self.provider.forget_clients()

    def client_ids(self):
        return {account["account"]: account["client_id"] for account in self.client.call("account.list")["accounts"]}

    def signed_in(self, **params):
        page, state = self.sign_in(self.client, timeout=20, **params)
        self.assertEqual(state["state"], "done", f"{state}\n{page.body}")
        return state


class DynamicTest(RegistrationTest):
    def test_a_client_is_registered_once_and_used_again(self):
        self.signed_in()
        (account,) = self.client.call("account.list")["accounts"]
        self.assertTrue(account["client_id"].startswith("dyn-"))
        self.assertTrue(account["registered"])
        self.broker.stop()
        self.begin()
        self.signed_in(account="lab")
        self.assertEqual(self.client_ids(), {"lab": account["client_id"]})
        self.assertEqual(self.registrations(), 1)
        self.assertTrue(self.token("lab", "--refresh"))

    def test_it_is_asked_for_as_a_native_public_client_with_a_path_of_its_own(self):
        self.provider.fault(REGISTER, "json", status=400, body='{"error": "invalid_client_metadata"}')
        with self.assertRpcError("client_id_required"):
            self.begin_login(self.client)
        (sent,) = [entry["json"] for entry in self.provider.requests(REGISTER, "POST")]
        self.assertEqual(sent["application_type"], "native")
        self.assertEqual(sent["token_endpoint_auth_method"], "none")
        self.assertEqual(sent["grant_types"], ["authorization_code", "refresh_token"])
        self.assertEqual(sent["response_types"], ["code"])
        with_port, without = [urllib.parse.urlsplit(uri) for uri in sent["redirect_uris"]]
        self.assertEqual((with_port.hostname, without.netloc), ("127.0.0.1", "127.0.0.1"))
        self.assertTrue(with_port.port)
        self.assertEqual(with_port.path, without.path)
        self.assertGreater(len(without.path), 40)

    def test_another_port_is_taken_when_the_registered_one_is_in_use(self):
        first = self.begin_login(self.client)
        browse(first["authorization_url"])
        self.assertEqual(self.login_end(self.client, first)["state"], "done")
        before = urllib.parse.urlsplit(first["redirect_uri"])
        with contextlib.closing(socket.create_server(("127.0.0.1", before.port))):
            second = self.begin_login(self.client)
            browse(second["authorization_url"])
            self.assertEqual(self.login_end(self.client, second)["state"], "done")
        after = urllib.parse.urlsplit(second["redirect_uri"])
        self.assertNotEqual(after.port, before.port)
        self.assertEqual(after.path, before.path)
        third = self.begin_login(self.client)
        self.assertEqual(third["redirect_uri"], first["redirect_uri"])
        self.assertEqual(self.registrations(), 1)

    def test_a_client_that_the_server_has_forgotten_is_registered_once_more(self):
        self.signed_in()
        before = self.client_ids()
        self.forget_clients()
        self.signed_in()
        after = self.client_ids()
        self.assertEqual(list(after), ["lab"])  # the account is the same person's
        self.assertNotEqual(after, before)
        self.assertEqual(self.registrations(), 2)

    def test_a_refresh_with_a_forgotten_client_asks_for_a_sign_in(self):
        self.signed_in()
        self.forget_clients()
        failed = self.fails(4, "token", "lab", "--refresh")
        self.assertIn("client", failed.err)
        self.signed_in()
        self.assertEqual(self.registrations(), 2)
        self.assertTrue(self.token("lab", "--refresh"))

    def test_a_client_that_is_forgotten_before_a_push_is_registered_once_more(self):
        self.provider.set(par="required")
        self.signed_in()
        self.provider.fault("/request", "raw", status=401, body='{"error": "invalid_client"}')
        self.signed_in()
        self.assertEqual(self.registrations(), 2)
        self.provider.fault("/request", "raw", times=9, status=401, body='{"error": "invalid_client"}')
        with self.assertRpcError("provider_error"):
            self.begin_login(self.client)
        self.assertEqual(self.registrations(), 3)  # once, and no more

    def test_a_secret_that_the_server_gives_is_used_as_it_says(self):
        for method, auth in (("client_secret_basic", "Basic"), ("client_secret_post", None)):
            with self.subTest(method):
                self.provider.set(registerAs=method)
                self.forget_clients()
                self.signed_in()
                (secret,) = self.provider.client_secrets()
                self.assertTrue(self.token("lab", "--refresh"))
                self.assertEqual({entry.get("auth") for entry in self.provider.requests("/token", "POST")[-2:]}, {auth})
                self.assert_no_secret_leaks(secret)
                self.provider.set(registerAs=None)

    def test_a_secret_that_the_server_renews_is_the_accounts_as_well(self):
        self.provider.set(registerAs="client_secret_basic")
        self.signed_in()
        client_id = self.client_ids()["lab"]
        self.provider.fault(f"{REGISTER}/{client_id}", "patch", patch={"client_secret": "renewed"})
        self.begin_login(self.client)  # which nobody finishes
        self.assertEqual(self.keyring.look_up(f"client/{self.provider.issuer}#{client_id}"), "renewed")

    def test_a_secret_that_the_server_does_not_repeat_is_kept(self):
        self.provider.set(registerAs="client_secret_basic")
        self.signed_in()
        self.provider.fault(f"{REGISTER}/{self.client_ids()['lab']}", "patch", patch={"client_secret": None})
        self.signed_in()
        self.assertEqual(self.registrations(), 1)

    def test_a_secret_that_has_expired_is_replaced(self):
        self.provider.set(registerAs="client_secret_basic")
        self.provider.fault(REGISTER, "patch", patch={"client_secret_expires_at": 1_000_000_000, "registration_client_uri": None})
        self.signed_in()
        self.signed_in()
        self.assertEqual(self.registrations(), 2)
        self.signed_in()
        self.assertEqual(self.registrations(), 2)

    def test_the_device_flow_registers_a_client_too(self):
        login = self.begin_login(self.client, flow="device")
        self.provider.decide_device(login["user_code"])
        self.assertEqual(self.login_end(self.client, login)["state"], "done")
        self.assertTrue(self.client_ids()["lab"].startswith("dyn-"))

    def test_a_client_of_ones_own_comes_first(self):
        self.signed_in(client_id="native-anypath")
        self.assertEqual(self.registrations(), 0)
        self.assertEqual(self.client_ids(), {"lab": "native-anypath"})

    def test_registrations_of_different_issuers_are_kept_apart(self):
        self.signed_in()
        other = self.other_provider()
        _, state = self.sign_in(self.client, other.issuer, account="other")
        self.assertEqual(state["state"], "done")
        ids = self.client_ids()
        self.assertNotEqual(ids["lab"], ids["other"])
        self.assertEqual(len(other.requests(REGISTER, "POST")), 1)

    def test_a_registration_in_the_place_of_another_issuers_is_not_used(self):
        self.signed_in()
        other = self.other_provider()
        self.keyring.rename(f"registration/{self.provider.issuer}", f"registration/{other.issuer}")
        _, state = self.sign_in(self.client, other.issuer, account="other")
        self.assertEqual(state["state"], "done")
        ids = self.client_ids()
        self.assertNotEqual(ids["lab"], ids["other"])
        self.assertEqual([entry["url"] for entry in other.requests() if ids["lab"] in entry["url"]], [])

    def test_a_client_that_is_new_and_may_push_nothing_sends_a_plain_request(self):
        self.provider.set(par="offered")
        self.provider.fault("/request", "raw", times=9, status=401, body='{"error": "invalid_client"}')
        self.signed_in()
        self.assertEqual((self.registrations(), len(self.provider.requests("/request", "POST"))), (1, 1))

    def deletions(self):
        return [entry["url"] for entry in self.provider.requests(method="DELETE")]

    def registration_is_kept(self):
        return any(f"'registration/{self.provider.issuer}'" in item for item in self.keyring.items())

    def test_a_client_ends_with_its_last_account(self):
        self.signed_in()
        self.signed_in(account="second")
        client_id = self.client_ids()["lab"]
        self.cli("logout", "lab")
        self.assertEqual(self.deletions(), [])
        self.assertTrue(self.token("second", "--refresh"))
        self.cli("logout", "second")
        self.assertEqual(self.deletions(), [f"{REGISTER}/{client_id}"])
        self.assertEqual(self.keyring.kept(), 0)
        self.signed_in()
        self.assertEqual(self.registrations(), 2)
        self.assertNotEqual(self.client_ids()["lab"], client_id)

    def test_a_server_that_deletes_no_client_hinders_nobody(self):
        for fault, more in (("status", {"status": 405}), ("hangup", {}), ("redirect", {"to": "/elsewhere"})):
            with self.subTest(fault):
                self.signed_in()
                self.provider.fault(f"{REGISTER}/{self.client_ids()['lab']}", fault, **more)
                self.cli("logout", "lab")
                self.assertEqual(self.keyring.kept(), 0)

    def test_the_name_of_an_account_is_taken_until_its_client_is_gone(self):
        """Whoever got it before would get what its grants allow, and lose them."""
        self.signed_in()
        self.provider.fault(f"{REGISTER}/{self.client_ids()['lab']}", "late")
        with self.rpc() as leaving:
            leaving.send("account.logout", account="lab")
            wait_until(self.deletions, "the end of the client")
            self.assertEqual(list(self.client_ids()), ["lab"])
            self.provider.release()
            wait_until(lambda: not self.client_ids(), "the end of the account")

    def test_a_client_stays_while_somebody_signs_in_with_it(self):
        self.signed_in()
        login = self.begin_login(self.client, fresh=True)
        self.cli("logout", "lab")
        self.assertEqual(self.deletions(), [])
        self.assertTrue(self.registration_is_kept())
        browse(login["authorization_url"])
        self.assertEqual(self.login_end(self.client, login)["state"], "done")
        self.assertTrue(self.token("lab", "--refresh"))
        self.cli("logout", "lab")
        self.assertEqual(len(self.deletions()), 1)

    def other_provider(self):
        from kbtest.provider import Provider
        other = Provider(self.home)
        self.addCleanup(other.stop)
        return other


class RefusedTest(RegistrationTest):
    def test_what_the_server_makes_of_a_client_must_be_good_for_us(self):
        rows = [
            ({"client_id": None}, "client_id"),
            ({"client_id": ""}, "client_id"),
            ({"client_id": "a\nb"}, "client_id"),
            ({"client_id": 7}, "client_id"),
            ({"redirect_uris": ["http://127.0.0.1/elsewhere"]}, "redirect"),
            ({"redirect_uris": ["https://evil.example/"]}, "redirect"),
            ({"redirect_uris": "http://127.0.0.1/"}, "redirect"),
            ({"grant_types": ["client_credentials"]}, "authorization code"),
            ({"response_types": ["id_token"]}, "response_type"),
            ({"token_endpoint_auth_method": "private_key_jwt"}, "private_key_jwt"),
            ({"token_endpoint_auth_method": 7}, "authenticate"),
            ({"token_endpoint_auth_method": "client_secret_basic", "client_secret": None}, "client_secret"),
            ({"token_endpoint_auth_method": "client_secret_basic", "client_secret": "a\u0000"}, "client_secret"),
        ]
        for patch, word in rows:
            with self.subTest(patch=patch):
                self.provider.fault(REGISTER, "patch", patch=patch)
                with self.assertRpcError("client_id_required") as caught:
                    self.begin_login(self.client)
                self.assertIn(word, str(caught.exception))
                self.assertIn("--client-id", str(caught.exception))

    def test_a_refusal_is_told_in_the_servers_word(self):
        for status, code in ((400, "invalid_redirect_uri"), (400, "invalid_client_metadata"), (401, "invalid_token"),
                             (403, "access_denied")):
            with self.subTest(code):
                self.provider.fault(REGISTER, "raw", status=status, body=json.dumps({"error": code}))
                failed = self.fails(2, "login", "lab", "--no-browser")
                self.assertIn(code, failed.err)
                self.assertIn("--client-id", failed.err)

    def test_answers_that_are_none(self):
        for kind, more in (("html", {}), ("empty", {}), ("notjson", {}), ("huge", {"mb": 3}), ("redirect", {"to": "/elsewhere"}),
                           ("status", {"status": 404})):
            with self.subTest(kind):
                self.provider.fault(REGISTER, kind, **more)
                with self.assertRpcError("client_id_required"):
                    self.begin_login(self.client)

    def test_a_server_that_is_down_is_another_matter(self):
        self.provider.fault(REGISTER, "status", status=503)
        with self.assertRpcError("provider_unreachable"):
            self.begin_login(self.client)

    def test_a_server_without_registration_says_what_is_wanted(self):
        self.provider.fault("/.well-known/oauth-authorization-server", "patch", patch={"registration_endpoint": None})
        with self.assertRpcError("client_id_required") as caught:
            self.begin_login(self.client)
        self.assertIn("redirect_uri", caught.exception.data)

    def test_a_client_is_asked_about_at_the_server_that_made_it_and_nowhere_else(self):
        other = "http://localhost:1/reg/x"
        self.provider.fault(REGISTER, "patch", patch={"registration_client_uri": other})
        self.signed_in()
        self.signed_in()
        self.assertEqual(self.registrations(), 1)  # it was not asked, so it was good


class DocumentTest(RegistrationTest):
    """The lab's server fetches the document from itself."""

    def begin(self):
        self.url = self.provider.publish((ROOT / "resources" / "client-metadata.json").read_text(encoding="utf-8"))
        self.home.write_config("config.toml", f'[login]\nclient_id_metadata_document = "{self.url}"\n')
        super().begin()

    def test_it_stands_for_a_registration(self):
        login = self.begin_login(self.client)
        self.assertEqual(query_of(login["authorization_url"])["client_id"], [self.url])
        page = browse(login["authorization_url"])
        self.assertIn("Signed in", page.body)
        self.assertEqual(self.login_end(self.client, login)["state"], "done")
        self.assertEqual(self.registrations(), 0)
        self.assertEqual(self.client_ids(), {"lab": self.url})
        self.assertTrue(self.token("lab", "--refresh"))
        self.signed_in()
        self.assertEqual(self.client_ids(), {"lab": self.url})

    def test_a_server_that_cannot_read_it_for_a_while_costs_no_sign_in(self):
        self.signed_in()
        self.provider.fault("/token", "raw", status=401, body='{"error": "invalid_client"}')
        self.fails(7, "token", "lab", "--refresh")
        (account,) = self.client.call("account.list")["accounts"]
        self.assertEqual(account["status"], "signed_in")

    def test_a_server_that_takes_none_registers_a_client(self):
        self.provider.fault("/.well-known/oauth-authorization-server", "patch",
                            patch={"client_id_metadata_document_supported": None})
        self.signed_in()
        self.assertEqual(self.registrations(), 1)
