"""Tokens that are bound to a key (RFC 9449): at sign-in, at each refresh, and for programs, which never see the key."""
import base64
import json
import subprocess
import urllib.error
import urllib.request

from kbtest import KeybearerTest
from kbtest.shell import Shell

NONCE_WANTED = {"status": 400, "body": '{"error": "use_dpop_nonce"}', "headers": {"DPoP-Nonce": "another"}}


def part_of(proof, number):
    part = proof.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def claims_of(proof):
    return part_of(proof, 1)


class DpopTest(KeybearerTest):
    knobs = {}

    def setUp(self):
        super().setUp()
        self.provider.set(**self.knobs)
        self.home.write_provider("bound", self.provider.issuer, client_id="native-dpop", dpop=True,
                                 redirect="http://127.0.0.1/callback")
        self.home.write_config("config.toml", 'policy = "allow"\n[locations]\nopenai = ["oauth::bound"]\n')
        self.broker = self.start_broker()
        self.client = self.rpc()
        self.me = f"{self.provider.issuer}/me"

    def bound(self, **params):
        page, end = self.sign_in(self.client, "bound", **params)
        self.assertEqual(end["state"], "done", f"{end} {page.body}")

    def proof(self, **params):
        return self.client.call("dpop.proof", **{"account": "bound", "htm": "GET", "htu": self.me, **params})

    def ask(self, answer, scheme="DPoP", proof=None):
        """What the provider says to a request with that token and proof: a status, and the nonce that it wants."""
        headers = {"Authorization": f"{scheme} {answer['access_token']}"}
        if proof is None or proof:
            headers["DPoP"] = proof or answer["proof"]
        try:
            with urllib.request.urlopen(urllib.request.Request(self.me, headers=headers), timeout=20) as said:
                return said.status, said.headers.get("DPoP-Nonce")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.get("DPoP-Nonce")

    def posts(self):
        return self.provider.requests("/token", "POST")


class ProgramTest(DpopTest):
    def test_a_program_uses_a_bound_token_without_its_key(self):
        self.bound()
        answer = self.proof()
        self.assertEqual(answer["token_type"], "DPoP")
        self.assertEqual(self.ask(answer)[0], 200)
        self.assertEqual(self.ask(answer, scheme="Bearer", proof="")[0], 401)
        self.assertEqual(self.ask(answer, proof=self.proof(htm="POST")["proof"])[0], 401)
        self.assertEqual(self.ask(answer, proof=self.proof(htu=self.me + "/other")["proof"])[0], 401)
        claims = claims_of(answer["proof"])
        self.assertEqual((claims["htm"], claims["htu"]), ("GET", self.me))
        self.assertNotEqual(claims["jti"], claims_of(self.proof()["proof"])["jti"])
        self.assertEqual(self.client.call("token.get", account="bound")["token_type"], "DPoP")

    def test_a_query_stays_out_of_the_proof(self):
        self.bound()
        self.assertEqual(claims_of(self.proof(htu=self.me + "?a=b#c", nonce="n")["proof"])["htu"], self.me)
        self.assertEqual(claims_of(self.proof(nonce="n-1")["proof"])["nonce"], "n-1")

    def test_every_refresh_keeps_the_key_and_so_does_a_restart(self):
        self.bound()
        first = self.proof()
        second = self.proof(refresh=True)
        self.assertNotEqual(first["access_token"], second["access_token"])
        self.assertEqual(self.ask(second)[0], 200)
        self.broker.stop()
        self.broker = self.start_broker()
        self.client = self.rpc()
        third = self.proof()
        self.assertEqual(third["source"], "refresh")
        self.assertEqual(self.ask(third)[0], 200)
        self.assertEqual(part_of(first["proof"], 0)["jwk"], part_of(third["proof"], 0)["jwk"])
        self.assertTrue(all(entry["dpop"] for entry in self.posts()))

    def test_a_new_sign_in_has_a_key_of_its_own(self):
        self.bound()
        first = self.proof()
        self.bound()
        second = self.proof()
        self.assertEqual(self.ask(second)[0], 200)
        self.assertEqual(self.ask(first, proof=second["proof"])[0], 401)

    def test_the_command_line_prints_headers(self):
        self.bound()
        headers = self.ok("token", "bound", "--dpop", "GET", self.me, secret_output=True).out
        curl = subprocess.run(["curl", "-sS", "-H", "@-", self.me], input=headers, capture_output=True, text=True, timeout=30, check=True)
        self.assertEqual(json.loads(curl.stdout)["sub"], "alice")
        self.fails(2, "token", "bound", "--dpop", "GET")
        self.fails(2, "token", "bound", "--nonce", "n")

    def test_after_a_lock_the_key_comes_from_the_keychain(self):
        self.bound()
        first = self.proof()
        self.client.call("system.lock")
        with self.assertRpcError("broker_locked"):
            self.proof()
        shell = Shell(self.env(), self.home.user)
        self.addCleanup(shell.stop)
        shell.type("keybearer unlock")
        shell.expect("Unlocked")
        second = self.proof()
        self.assertEqual(part_of(second["proof"], 0), part_of(first["proof"], 0))
        self.assertEqual(self.ask(second)[0], 200)

    def test_no_field_of_a_credential_holds_a_bound_token(self):
        self.bound()
        with self.assertRpcError("unsupported"):
            self.client.call("credential.resolve", provider="openai")

    def test_what_is_refused(self):
        self.bound()
        rows = ({"htm": "GET "}, {"htm": ""}, {"htu": "http://api.example.com/"}, {"htu": "api.example.com"},
                {"htu": "https://user@api.example.com/"}, {"nonce": "a b"}, {"nonce": "n" * 1025})
        for row in rows:
            with self.subTest(row), self.assertRpcError("invalid_value"):
                self.proof(**row)
        self.sign_in(self.client, "lab")
        with self.assertRpcError("unsupported"):
            self.proof(account="lab")
        with self.assertRpcError("unknown_account"):
            self.proof(account="nobody")

    def test_a_server_without_our_algorithm_is_named_before_a_browser_opens(self):
        self.provider.fault("/.well-known/oauth-authorization-server", "patch", patch={"dpop_signing_alg_values_supported": ["RS256"]})
        with self.assertRpcError("unsupported"):
            self.begin_login(self.client, "bound")

    def test_an_unbound_token_is_not_kept(self):
        self.provider.fault("/token", "patch", patch={"token_type": "Bearer"})
        _, end = self.sign_in(self.client, "bound")
        self.assertEqual(end["state"], "failed")
        self.assertIn("bound to no key", end["error"]["message"])
        self.bound()
        self.provider.fault("/token", "patch", patch={"token_type": "Bearer"})
        with self.assertRpcError("provider_error"):
            self.proof(refresh=True)
        self.assertEqual(self.ask(self.proof(refresh=True))[0], 200)  # the refresh token that came along was kept

    def test_nonces_in_a_loop_end(self):
        self.bound()
        before = len(self.posts())
        self.provider.fault("/token", "raw", times=10, **NONCE_WANTED)
        with self.assertRpcError("provider_error"):
            self.client.call("token.get", account="bound", refresh=True)
        self.assertEqual(len(self.posts()) - before, 2)

    def test_a_nonce_that_no_proof_can_hold_is_not_sent(self):
        self.bound()
        before = len(self.posts())
        self.provider.fault("/token", "raw", **{**NONCE_WANTED, "headers": {"DPoP-Nonce": "a b"}})
        with self.assertRpcError("provider_error"):
            self.client.call("token.get", account="bound", refresh=True)
        self.assertEqual(len(self.posts()) - before, 1)


class NonceTest(DpopTest):
    """A server that wants a nonce of its own in every proof."""
    knobs = {"dpopNonce": True}

    def test_the_first_answer_brings_it_and_it_is_kept(self):
        self.bound()
        asked = len(self.posts())
        self.assertEqual([entry["status"] for entry in self.posts()], [400, 200])
        self.client.call("token.get", account="bound", refresh=True)
        self.assertEqual(len(self.posts()) - asked, 1)

    def test_a_program_passes_the_one_on_that_it_was_given(self):
        self.bound()
        status, nonce = self.ask(self.proof())
        self.assertEqual(status, 401)
        self.assertEqual(self.ask(self.proof(nonce=nonce))[0], 200)


class PushedTest(DpopTest):
    """Together with a pushed request: the key is named there."""
    knobs = {"par": "offered", "dpopNonce": True}

    def test_both(self):
        self.bound()
        self.assertTrue(self.provider.requests("/request", "POST"))
        self.assertEqual(self.client.call("token.get", account="bound")["token_type"], "DPoP")
