"""Signing in to a resource that takes tokens which are bound to a key alone, and says so (RFC 9728 section 2, RFC 9449)."""
from kbtest.provider import Provider
from test_resource_login import AT_PATH, ResourceTest, fetch, query_of


class BoundTest(ResourceTest):
    def metadata_link(self):
        return f'resource_metadata="{self.provider.issuer}{AT_PATH}"'

    def want_bound(self, value=True):
        self.describe(dpop_bound_access_tokens_required=value)

    def type_of(self, account):
        return self.client.call("token.get", account=account)["token_type"]

    def server_says(self, algs):
        self.provider.fault("/.well-known/oauth-authorization-server", "patch", patch={"dpop_signing_alg_values_supported": algs})

    def test_what_the_resource_says_decides(self):
        link = self.metadata_link()
        for header, patch, bound in (
                (f"Bearer {link}", {"dpop_bound_access_tokens_required": True}, True),
                (f"Bearer {link}", {"dpop_bound_access_tokens_required": False}, False),
                (f"Bearer {link}", {}, False),
                (f'DPoP algs="ES256", {link}', {}, True),
                (f'DPoP algs="ES256", {link}, Bearer', {}, False)):
            with self.subTest(header=header, patch=patch):
                self.challenge(header)
                self.describe(**patch)
                login, _ = self.signed_in(fresh=True)
                self.assertEqual("dpop_jkt" in query_of(login["authorization_url"]), bound)
                self.assertEqual(self.type_of(self.resource), "DPoP" if bound else "Bearer")

    def test_every_refresh_proves_and_so_does_one_after_a_restart(self):
        self.want_bound()
        self.signed_in()
        self.broker.stop()
        self.broker = self.start_broker()
        self.client = self.rpc()
        answer = self.client.call("dpop.proof", account=self.resource, htm="GET", htu=self.resource, refresh=True)
        self.assertEqual((answer["source"], answer["token_type"]), ("refresh", "DPoP"))
        self.assertTrue(fetch(self.resource, answer["access_token"])["cnf"]["jkt"])
        self.assertEqual([entry["dpop"] for entry in self.provider.requests("/token", "POST")], [True, True])

    def test_a_challenge_of_this_scheme_names_scopes_too(self):
        self.challenge(f'DPoP algs="ES256", scope="api:write", {self.metadata_link()}')
        login, _ = self.signed_in()
        self.assertEqual(query_of(login["authorization_url"])["scope"], ["api:write offline_access"])

    def test_the_device_flow_is_bound_too(self):
        self.want_bound()
        login = self.begin_login(self.client, self.resource, flow="device")
        self.provider.decide_device(login["user_code"])
        self.assertEqual(self.login_end(self.client, login)["state"], "done")
        self.assertEqual(self.type_of(self.resource), "DPoP")

    def test_metadata_that_cannot_be_read_is_refused(self):
        for value in ("true", 1, [], {}):
            with self.subTest(value):
                self.want_bound(value)
                with self.assertRpcError("provider_error"):
                    self.begin_login(self.client, self.resource, fresh=True)

    def test_a_server_that_cannot_bind_is_named_before_a_browser_opens(self):
        for algs in (None, [], ["RS256"]):
            with self.subTest(algs):
                self.want_bound()
                self.server_says(algs)
                with self.assertRpcError("unsupported") as caught:
                    self.begin_login(self.client, self.resource, fresh=True)
                self.assertIn(f"{self.resource} takes only tokens that are bound to a key", str(caught.exception))
                self.assertIn(self.provider.issuer, str(caught.exception))
        self.assertEqual(self.provider.requests("/reg", "POST"), [])

    def test_among_several_servers_one_that_binds_is_chosen(self):
        other = Provider(self.home)
        self.addCleanup(other.stop)
        self.describe(authorization_servers=[other.issuer, self.provider.issuer], dpop_bound_access_tokens_required=True)
        other.fault("/.well-known/oauth-authorization-server", "patch", patch={"dpop_signing_alg_values_supported": None})
        self.assertEqual(self.begin_login(self.client, self.resource)["issuer"], self.provider.issuer)

    def test_a_client_is_registered_for_bound_tokens_and_used_for_no_others(self):
        self.want_bound()
        self.provider.fault("/reg", "json", status=400, body='{"error": "invalid_client_metadata"}')
        with self.assertRpcError("client_id_required"):
            self.begin_login(self.client, self.resource)
        (sent,) = [entry["json"] for entry in self.provider.requests("/reg", "POST")]
        self.assertIs(sent["dpop_bound_access_tokens"], True)
        self.want_bound()
        first, _ = self.signed_in()
        self.broker.stop()
        self.broker = self.start_broker()
        self.client = self.rpc()
        self.want_bound()
        again, _ = self.signed_in()
        unbound, _ = self.signed_in(self.provider.issuer, account="plain")
        self.want_bound()
        last, _ = self.signed_in()
        ids = [query_of(login["authorization_url"])["client_id"] for login in (first, again, unbound, last)]
        self.assertEqual(ids[0], ids[1])
        self.assertNotEqual(ids[1], ids[2])
        self.assertEqual(ids[2], ids[3])  # which is good for either
        self.assertEqual((self.type_of("plain"), self.type_of(self.resource)), ("Bearer", "DPoP"))


class BoundProfileTest(ResourceTest):
    """A profile that says `dpop = true` knows more than a server that says nothing."""

    def prepare(self):
        self.home.write_provider("known", self.provider.issuer, dpop=True)

    def test_a_server_that_says_nothing_is_tried(self):
        self.describe(dpop_bound_access_tokens_required=True)
        self.provider.fault("/.well-known/oauth-authorization-server", "patch", patch={"dpop_signing_alg_values_supported": None})
        self.signed_in()
        self.assertEqual(self.client.call("token.get", account=self.resource)["token_type"], "DPoP")
