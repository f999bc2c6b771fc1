"""What programs were given, and taking it back: lease list, lease revoke."""
import concurrent.futures
import json
import os
import subprocess

from kbtest import CLI, KeybearerTest, userinfo, wait_until
from kbtest.shell import PROMPT, Shell

KEY = "sk-test-0123456789abcdefghij"


class LeaseTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        broker = self.start_broker()
        self.sign_in(self.rpc(), account="work")
        self.ok("provider", "set", "openai", "--file", "-", input=KEY)
        broker.stop()
        self.alpha = self.program("alpha", "keybearer token work")
        self.beta = self.program("beta", "keybearer token work")
        self.gamma = self.program("gamma", "keybearer resolve openai")
        self.config = 'policy = "ask"\n' + "".join(self.grant(*one) for one in (
            (self.beta, "account:work"), (self.gamma, "key:default/openai/*")))
        self.home.write_config("config.toml", self.config)
        self.broker = self.start_broker()
        self.shell = Shell(self.env(), self.home.user)
        self.addCleanup(self.shell.stop)
        self.allow(self.alpha)

    def program(self, name, command):
        folder = self.home.user / "bin"
        folder.mkdir(exist_ok=True)
        script = folder / name
        script.write_text(f"#!/bin/sh\nexec 3>&1\n{command}\n", encoding="utf-8")
        script.chmod(0o755)
        return script

    def grant(self, script, credential):
        digest = subprocess.run(["sha256sum", script], capture_output=True, text=True, check=True).stdout.split()[0]
        return f'[[grant]]\nscript = "{script}"\nsha256 = "{digest}"\ncredential = "{credential}"\n'

    def allow(self, script):
        self.shell.type(f"keybearer grant allow account:work --script {script}")
        self.shell.expect("Type yes")
        self.shell.type("yes")
        self.shell.expect(PROMPT)

    def runs(self, script):
        return subprocess.run([script], env=self.env(), capture_output=True, text=True, timeout=60, check=False)

    def gets(self, script):
        result = self.runs(script)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.strip()

    def works(self, token):
        answer = userinfo(f"{self.provider.issuer}/me", token)
        if answer == 401:
            return False
        return answer["sub"] == "alice"

    def leases(self, *options):
        answer = self.json("lease", "list", *options)
        self.assertTrue(answer["complete"])
        return {(lease["client"].rsplit("/", 1)[-1], lease["kind"], lease["credential"]): lease
                for lease in answer["leases"]}

    def json(self, *command):
        return json.loads(self.ok(*command, "--json").out)

    def test_what_each_program_ever_received(self):
        for _ in range(3):
            self.gets(self.alpha)
        self.gets(self.gamma)
        leases = self.leases()
        self.assertEqual({key: (lease["count"], lease["state"]) for key, lease in leases.items() if key[0] != "python3"},
                         {("alpha", "token", "work"): (3, "valid"),
                          ("gamma", "key", "default/openai/default"): (1, "valid")})
        self.assertGreater(leases["alpha", "token", "work"]["expires_at"], leases["alpha", "token", "work"]["last"])
        self.assertEqual(list(self.leases("--client", "gamma")), [("gamma", "key", "default/openai/default")])
        self.assertIn("token of work", self.ok("lease", "list").out)
        self.assertEqual(self.leases("--client", "nobody"), {})

    def test_a_key_that_is_stored_anew_or_removed(self):
        self.gets(self.gamma)
        one = ("gamma", "key", "default/openai/default")
        self.ok("provider", "remove", "openai")
        self.assertEqual(self.leases()[one]["state"], "removed")

    def test_what_has_another_name_now(self):
        self.gets(self.alpha)
        self.gets(self.gamma)
        self.ok("account", "rename", "work", "job")
        self.shell.type("keybearer provider rename openai default office")
        self.shell.expect("office")
        self.shell.expect(PROMPT)
        leases = {key: lease["state"] for key, lease in self.leases().items() if key[0] != "python3"}
        self.assertEqual(leases, {("alpha", "token", "job"): "valid", ("gamma", "key", "default/openai/office"): "valid"})

    def test_revoking_ends_grants_and_tokens_of_one_program(self):
        token = self.gets(self.alpha)
        self.assertEqual(self.gets(self.beta), token)  # they share it
        self.assertTrue(self.works(token))
        said = self.ok("lease", "revoke", "--client", "alpha").out
        # This server ends the refresh token along with an access token (RFC 7009 section 2.1 lets it).
        self.assertIn("token of work: revoked; the provider ended the account's session with it; sign in again", said)
        self.assertIn("1 grant removed", said)
        self.assertFalse(self.works(token))
        self.assertEqual(self.runs(self.alpha).returncode, 5)
        self.assertEqual(self.runs(self.beta).returncode, 4)
        self.sign_in(self.rpc(), account="work")
        self.assertTrue(self.works(self.gets(self.beta)))
        self.assertEqual(self.leases()["alpha", "token", "work"]["state"], "revoked")
        self.assertEqual(self.leases()["beta", "token", "work"]["state"], "valid")
        again = self.json("lease", "revoke", "--client", str(self.alpha))
        self.assertEqual([(item["result"], item["detail"]) for item in again["items"]], [("ended", None)])
        self.assertIn("lease.revoke work", self.ok("audit", "--credential", "work").out)

    def test_a_token_that_was_replaced_is_revoked_as_well(self):
        self.program("alpha", "keybearer token work --refresh")
        self.allow(self.alpha)
        tokens = [self.gets(self.alpha), self.gets(self.alpha)]
        self.assertNotEqual(*tokens)
        self.assertEqual([self.works(token) for token in tokens], [True, True])
        self.ok("lease", "revoke", "--client", "alpha")
        self.assertEqual([self.works(token) for token in tokens], [False, False])

    def test_a_token_of_the_sign_in_before_is_revoked_as_well(self):
        before = self.gets(self.alpha)
        self.sign_in(self.rpc(), account="work")
        self.assertTrue(self.works(before))
        self.ok("lease", "revoke", "--client", "alpha")
        self.assertFalse(self.works(before))

    def test_what_could_not_be_revoked_can_be_tried_again(self):
        token = self.gets(self.alpha)
        self.provider.fault("/token/revocation", "status", status=503)
        (first,) = json.loads(self.cli("lease", "revoke", "--client", str(self.alpha), "--json").out)["items"]
        self.assertEqual(first["result"], "not_revoked")
        self.assertTrue(self.works(token))
        (second,) = self.json("lease", "revoke", "--client", str(self.alpha))["items"]
        self.assertEqual(second["result"], "revoked")
        self.assertFalse(self.works(token))

    def test_a_lock_forgets_what_is_being_revoked(self):
        self.program("alpha", "keybearer token work --refresh")
        self.allow(self.alpha)
        tokens = {self.gets(self.alpha), self.gets(self.alpha)}
        self.assertEqual(len(tokens), 2)
        self.provider.fault("/token/revocation", "late")
        self.provider.fault("/token/revocation", "status", status=503)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            revoking = pool.submit(self.cli, "lease", "revoke", "--client", self.alpha)
            wait_until(lambda: self.provider.requests("/token/revocation"), "a revocation")
            self.ok("lock")
            self.provider.release()
            self.assertIn("NOT revoked", revoking.result().out)
        self.shell.type("keybearer unlock")
        self.shell.expect("Unlocked")
        said = self.cli("lease", "revoke", "--client", self.alpha).out
        self.assertIn("before this broker was started or locked", said)
        self.assertEqual(len(self.provider.requests("/token/revocation")), 2)

    def test_what_cannot_be_revoked_is_said(self):
        self.gets(self.gamma)
        said = self.cli("lease", "revoke", "--client", "gamma").out
        self.assertIn("default/openai/default: NOT revoked; delete the key at https://", said)
        self.assertIn("keybearer provider set openai", said)
        self.assertIn("a grant is left in config.toml:", said)
        token = self.gets(self.beta)
        self.broker.stop()
        self.home.write_config("config.toml", 'policy = "ask"\n')
        self.broker = self.start_broker()
        answer = json.loads(self.cli("lease", "revoke", "--client", "beta", "--json").out)
        self.assertEqual(answer["items"][0]["result"], "not_revoked")
        self.assertIn("before this broker was started", answer["items"][0]["detail"])
        self.assertTrue(self.works(token))

    def test_a_name_means_one_program(self):
        self.assertIn("no program of that name", self.fails(2, "lease", "revoke", "--client", "delta").err)
        self.gets(self.beta)
        other = self.home.user / "other"
        other.mkdir()
        twin = other / "beta"
        twin.write_text(self.beta.read_text(encoding="utf-8"), encoding="utf-8")
        twin.chmod(0o755)
        self.allow(twin)
        said = self.fails(2, "lease", "revoke", "--client", "beta").err
        self.assertIn(str(twin), said)
        self.assertIn(str(self.beta), said)
        self.assertEqual(self.json("lease", "revoke", "--client", str(twin))["items"], [])

    def test_a_path_means_the_program_without_its_client_keys(self):
        self.broker.stop()
        self.home.write_config("config.toml", 'policy = "allow"\n')
        self.broker = self.start_broker()
        key = self.home.user / "ci.key"
        self.ok("key", "create", "ci", "--scope", "account:work", "--file", key)
        self.ok("token", "work", secret_output=True)
        subprocess.run([CLI, "token", "work"], env={**self.env(), "KEYBEARER_CLIENT_KEY_FILE": str(key)}, check=True,
                       capture_output=True, timeout=60)
        program = os.path.realpath(CLI)
        clients = {lease["client"] for lease in self.json("lease", "list", "--client", program)["leases"]}
        self.assertEqual({client.partition("#")[0] for client in clients}, {program})
        self.assertEqual(len(clients), 2)
        self.assertIn("several programs", self.fails(2, "lease", "revoke", "--client", "keybearer").err)
        for client in sorted(clients):
            self.assertEqual(self.json("lease", "revoke", "--client", client)["client"], client)

    def test_a_program_takes_nothing_back_by_itself(self):
        for method, params in (("lease.list", {}), ("lease.revoke", {"client": "alpha"})):
            with self.subTest(method), self.assertRpcError("consent_required"):
                self.rpc().call(method, **params)
