"""Signing in to a protected resource by its address: its challenge, its metadata (RFC 9728), its authorization server, and
the tokens that are for it alone (RFC 8707)."""
import json

from kbtest import browse
from kbtest.provider import Provider
from kbtest.resource import AT_PATH, AT_ROOT, ResourceTest, fetch, query_of


class SignInTest(ResourceTest):
    def test_the_address_is_enough(self):
        login, _ = self.signed_in()
        query = query_of(login["authorization_url"])
        self.assertEqual(query["resource"], [self.resource])
        self.assertEqual(query["scope"], ["api:read offline_access"])  # what the challenge asks for, and to stay signed in
        self.assertEqual(login["issuer"], self.provider.issuer)
        self.assertEqual(login["resource"], self.resource)
        (account,) = self.accounts()
        self.assertEqual((account["resource"], account["account"]), (self.resource, "127.0.0.1"))
        token = self.token(self.resource)
        self.assertEqual(fetch(self.resource, token)["scope"], "api:read")
        self.assertEqual(self.token("127.0.0.1"), token)
        fresh = self.token(self.resource, "--refresh")
        self.assertNotEqual(fresh, token)
        self.assertEqual(fetch(self.resource, fresh)["scope"], "api:read")

    def test_the_token_requests_name_the_resource_too(self):
        self.provider.fault("/token", "form", status=400, body='{"error": "invalid_target"}')
        login = self.begin_login(self.client, self.resource)
        browse(login["authorization_url"])
        self.assertEqual(self.login_end(self.client, login)["state"], "failed")
        self.signed_in()
        self.provider.fault("/token", "form", status=400, body='{"error": "invalid_target"}')
        self.cli("token", self.resource, "--refresh")
        sent = [entry["form"] for entry in self.provider.requests("/token", "POST") if "form" in entry]
        self.assertEqual([form["grant_type"] for form in sent], ["authorization_code", "refresh_token"])
        self.assertEqual([form["resource"] for form in sent], [self.resource] * 2)

    def test_the_command_line_needs_no_more(self):
        self.ok("login", self.resource)
        self.assertIn(self.resource, self.ok("account", "list", "--json").out)
        self.assertTrue(self.token(self.resource))

    def test_an_issuer_is_still_one(self):
        login, _ = self.signed_in(self.provider.issuer)
        self.assertIsNone(login["resource"])
        self.assertNotIn("resource", query_of(login["authorization_url"]))
        self.assertIn("openid", query_of(login["authorization_url"])["scope"][0].split())

    def test_an_account_is_signed_in_anew_by_its_name(self):
        self.signed_in()
        login, _ = self.signed_in("127.0.0.1")
        self.assertEqual(query_of(login["authorization_url"])["resource"], [self.resource])
        self.assertEqual(len(self.accounts()), 1)
        self.assertEqual(fetch(self.resource, self.token(self.resource))["scope"], "api:read")

    def test_two_resources_of_one_server_are_two_accounts(self):
        self.provider.set(resources={self.provider.issuer + "/other": "other"})
        other = self.provider.issuer + "/other"
        self.provider.fault("/.well-known/oauth-protected-resource/other", "raw",
                            body=json.dumps({"resource": other, "authorization_servers": [self.provider.issuer],
                                             "scopes_supported": ["other"]}))
        self.signed_in(account="one")
        self.signed_in(other, account="two")
        self.assertEqual({one["account"]: one["resource"] for one in self.accounts()},
                         {"one": self.resource, "two": other})
        self.assertEqual(fetch(self.resource, self.token("two")), 401)

    def test_scopes_that_were_asked_for_come_first(self):
        login, _ = self.signed_in(scopes=["api:read", "api:write"])
        self.assertEqual(query_of(login["authorization_url"])["scope"], ["api:read api:write"])
        self.assertEqual(fetch(self.resource, self.token(self.resource))["scope"], "api:read api:write")

    def test_scopes_are_added_to_those_that_the_account_has(self):
        self.signed_in(account="mine")
        login, _ = self.signed_in(add_scopes=["api:write"])
        self.assertEqual(query_of(login["authorization_url"])["scope"], ["api:read api:write offline_access"])
        self.assertEqual([one["account"] for one in self.accounts()], ["mine"])
        self.assertEqual(fetch(self.resource, self.token("mine", "--refresh"))["scope"], "api:read api:write")

    def test_scopes_are_added_for_the_person_that_has_signed_in(self):
        """A token for a resource need not name openid among its scopes, as it is not for the resource."""
        self.provider.fault("/token", "patch", patch={"scope": "api:read"}, times=2)
        self.signed_in(scopes=["openid", "api:read"], account="mine")
        login, _ = self.signed_in(add_scopes=["api:write"])
        self.assertIn("openid", query_of(login["authorization_url"])["scope"][0].split())
        self.assertEqual([one["account"] for one in self.accounts()], ["mine"])

    def test_an_account_of_ones_own_client_keeps_it(self):
        self.signed_in(client_id="native-anypath", account="mine")
        login, _ = self.signed_in()
        self.assertEqual(query_of(login["authorization_url"])["client_id"], ["native-anypath"])
        self.assertEqual([one["account"] for one in self.accounts()], ["mine"])

    def test_the_device_flow_is_for_the_resource_too(self):
        login = self.begin_login(self.client, self.resource, flow="device")
        self.provider.decide_device(login["user_code"])
        self.assertEqual(self.login_end(self.client, login)["state"], "done")
        self.assertEqual(fetch(self.resource, self.token(self.resource))["scope"], "api:read")

    def test_a_second_program_joins_the_sign_in(self):
        login = self.begin_login(self.client, self.resource)
        again = self.begin_login(self.rpc(), self.resource)
        self.assertTrue(again["joined"])
        self.assertEqual(again["login_id"], login["login_id"])


class DiscoveryTest(ResourceTest):
    def scope_of(self, provider=None):
        return query_of(self.begin_login(self.client, provider or self.resource, fresh=True)["authorization_url"]).get("scope")

    def test_scopes_by_the_challenge_then_by_the_metadata_then_none(self):
        metadata = f'resource_metadata="{self.provider.issuer}{AT_PATH}"'
        for header, patch, scope in (
                (f'Bearer scope="api:write", {metadata}', {}, ["api:write offline_access"]),
                (f"Bearer {metadata}", {}, ["api:read offline_access"]),
                (f"Bearer {metadata}", {"scopes_supported": ["api:read", "api:write"]}, ["api:read api:write offline_access"]),
                (f"Bearer {metadata}", {"scopes_supported": None}, None),
                (f'Bearer scope="", {metadata}', {}, None),
                (f'DPoP algs="ES256", Bearer scope="api:write", {metadata}', {}, ["api:write offline_access"])):
            with self.subTest(header=header, patch=patch):
                self.challenge(header)
                self.describe(**patch)
                self.assertEqual(self.scope_of(), scope)

    def test_the_well_known_places_are_looked_at_where_no_challenge_leads_there(self):
        for header in (None, "Bearer", 'Basic realm="x"', 'Bearer scope="unfinished'):
            with self.subTest(header):
                self.challenge(header)
                self.assertEqual(self.scope_of(), ["api:read offline_access"])
        self.provider.fault(AT_PATH, "status", status=404)
        self.provider.fault(AT_ROOT, "raw", body=json.dumps(
            {"resource": self.provider.issuer, "authorization_servers": [self.provider.issuer], "scopes_supported": ["other"]}))
        self.challenge(None)
        self.assertEqual(self.scope_of(), ["other offline_access"])

    def test_an_address_that_is_nothing_says_so(self):
        with self.assertRpcError("provider_error") as caught:
            self.begin_login(self.client, self.provider.issuer + "/nothing")
        self.assertIn("no metadata", str(caught.exception))
        self.assertIn("no protected resource", str(caught.exception))

    def test_metadata_that_points_elsewhere_is_refused(self):
        other = Provider(self.home)
        self.addCleanup(other.stop)
        rows = [
            f"{other.issuer}{AT_PATH}",  # another port
            f"{self.provider.issuer.replace('127.0.0.1', 'localhost')}{AT_PATH}",
            f"{self.provider.issuer.replace('http:', 'https:')}{AT_PATH}",
            "https://169.254.169.254/latest/meta-data",
            "file:///etc/passwd",
            "//evil.example/",
            "",
        ]
        for url in rows:
            with self.subTest(url):
                self.challenge(f'Bearer resource_metadata="{url}"')
                with self.assertRpcError("provider_error"):
                    self.begin_login(self.client, self.resource, fresh=True)
        self.assertEqual(other.requests(), [])

    def test_metadata_about_another_resource_is_refused(self):
        for resource in ("https://evil.example/rs", self.resource + "/deeper", self.resource + "2", self.provider.issuer + "/r",
                         self.resource + "?x", self.resource.upper(), 7, None, ""):
            with self.subTest(resource):
                self.describe(resource=resource)
                with self.assertRpcError("provider_error"):
                    self.begin_login(self.client, self.resource, fresh=True)

    def test_a_resource_that_covers_its_whole_server_is_believed(self):
        for resource in (self.provider.issuer, self.provider.issuer + "/", self.resource + "/"):
            with self.subTest(resource):
                self.describe(resource=resource)
                login = self.begin_login(self.client, self.resource, fresh=True)
                self.assertEqual(query_of(login["authorization_url"])["resource"], [resource])

    def test_servers_that_may_not_be_used_are_passed_by(self):
        bad = ["http://as.example", "https://as.example?x", "file:///etc", "https://me@as.example", "nothing"]
        self.describe(authorization_servers=[*bad, self.provider.issuer])
        self.assertEqual(self.begin_login(self.client, self.resource, fresh=True)["issuer"], self.provider.issuer)
        for servers in (bad, [], None, "https://as.example", [7], ["https://as.example"] * 17):
            with self.subTest(servers):
                self.describe(authorization_servers=servers)
                with self.assertRpcError("provider_error"):
                    self.begin_login(self.client, self.resource, fresh=True)

    def test_answers_that_are_no_metadata(self):
        for kind, more in (("html", {}), ("empty", {}), ("notjson", {}), ("huge", {"mb": 3}), ("redirect", {"to": "/elsewhere"}),
                           ("status", {"status": 500}), ("status", {"status": 404}), ("raw", {"body": "[]"}),
                           ("patch", {"patch": {"scopes_supported": ["a b"]}}), ("patch", {"patch": {"scopes_supported": "a"}})):
            with self.subTest(kind=kind, **more):
                self.provider.fault(AT_PATH, kind, **more)
                self.challenge(f'Bearer resource_metadata="{self.provider.issuer}{AT_PATH}"')
                with self.assertRaises(Exception) as caught:
                    self.begin_login(self.client, self.resource, fresh=True)
                self.assertIn(getattr(caught.exception, "kind", None), ("provider_error", "provider_unreachable"))

    def test_a_server_that_lies_about_its_issuer_is_refused(self):
        other = Provider(self.home)
        self.addCleanup(other.stop)
        self.describe(authorization_servers=[other.issuer])
        other.fault("/.well-known/oauth-authorization-server", "patch", patch={"issuer": self.provider.issuer})
        other.fault("/.well-known/openid-configuration", "patch", patch={"issuer": self.provider.issuer})
        with self.assertRpcError("provider_error"):
            self.begin_login(self.client, self.resource)

    def test_a_server_without_pkce_is_refused(self):
        self.provider.fault("/.well-known/oauth-authorization-server", "patch",
                            patch={"code_challenge_methods_supported": None})
        with self.assertRpcError("unsupported"):
            self.begin_login(self.client, self.resource)

    def test_the_choice_among_servers(self):
        other = Provider(self.home)
        self.addCleanup(other.stop)
        both = [other.issuer, self.provider.issuer]
        for chosen, params in ((other.issuer, {}), (self.provider.issuer, {"issuer": self.provider.issuer})):
            self.describe(authorization_servers=both)
            login = self.begin_login(self.client, self.resource, fresh=True, **params)
            self.assertEqual(login["issuer"], chosen)
        self.describe(authorization_servers=both)
        with self.assertRpcError("invalid_value"):
            self.begin_login(self.client, self.resource, issuer="https://as.example")
        other.stop()
        self.describe(authorization_servers=both)
        self.assertEqual(self.begin_login(self.client, self.resource, fresh=True)["issuer"], self.provider.issuer)


class KnownServerTest(ResourceTest):
    """A profile knows the authorization server: its client is used."""

    def prepare(self):
        self.home.write_provider("known", self.provider.issuer)

    def test_a_registered_client_comes_before_one_that_is_made(self):
        login, _ = self.signed_in()
        self.assertEqual(query_of(login["authorization_url"])["client_id"], ["native-anypath"])
        self.assertEqual(query_of(login["authorization_url"])["scope"], ["api:read offline_access"])
        self.assertEqual(self.provider.requests("/reg", "POST"), [])
        self.assertEqual(fetch(self.resource, self.token(self.resource))["scope"], "api:read")

    def test_the_account_is_signed_in_anew_by_its_provider_and_name(self):
        self.signed_in(account="mine")
        login, _ = self.signed_in("known", account="mine")
        self.assertEqual(query_of(login["authorization_url"])["resource"], [self.resource])
        self.assertIn(self.resource, self.ok("account", "list").out)
        self.assertIn(self.resource, self.ok("status").out)

    def test_clients_are_never_used_at_another_server(self):
        other = Provider(self.home)
        self.addCleanup(other.stop)
        self.describe(authorization_servers=[other.issuer])
        login = self.begin_login(self.client, self.resource)
        self.assertNotEqual(query_of(login["authorization_url"])["client_id"], ["native-anypath"])


class IssTest(ResourceTest):
    """The four rows of RFC 9207 as MCP reads it: advertised or not, sent or not."""

    def outcome(self, **change):
        login = self.begin_login(self.client, self.resource, fresh=True, timeout=20)
        if change:
            self.provider.change_redirect(**change)
        browse(login["authorization_url"])
        return self.login_end(self.client, login)["state"]

    def test_the_four_rows(self):
        before = len(self.provider.requests("/token", "POST"))
        rows = [
            (True, {}, "done"), (True, {"iss": "https://evil.example"}, "failed"),  # advertised and sent: compared
            (True, {"iss": None}, "failed"),  # advertised and not sent
            (False, {}, "done"), (False, {"iss": self.provider.issuer + "/"}, "failed"),  # sent all the same: compared
            (False, {"iss": None}, "done"),
        ]
        for advertised, change, outcome in rows:
            with self.subTest(advertised=advertised, **change):
                if not advertised:
                    self.provider.fault("/.well-known/oauth-authorization-server", "patch",
                                        patch={"authorization_response_iss_parameter_supported": None})
                self.assertEqual(self.outcome(**change), outcome)
        after = len(self.provider.requests("/token", "POST"))
        self.assertEqual(after - before, sum(outcome == "done" for _, _, outcome in rows))
