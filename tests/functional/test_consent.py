"""Policy "ask": who gets what, who is asked, and what a person's answer is worth."""
import json
import subprocess
import sys

from kbtest import CLI, KeybearerTest, userinfo
from kbtest.shell import PROMPT, Shell

KEY = "sk-test-0123456789abcdefghij"


class FirstChoiceTest(KeybearerTest):
    """A machine that a script sets up: nothing is there yet that could be moved."""
    keyring_mode = "none"
    provider_options = None

    def test_a_script_may_choose_the_keychain_and_not_change_it(self):
        self.home.write_config("config.toml", 'policy = "ask"\n')
        self.start_broker()
        self.ok("keychain", "migrate", "--to", "file", "--passphrase-file", "-", input="a passphrase of the test's\n")
        self.fails(5, "keychain", "migrate", "--to", "file", "--no-passphrase")


class ConsentTest(KeybearerTest):
    policy = "ask"

    def setUp(self):
        super().setUp()
        self.home.write_config("config.toml", 'policy = "allow"\n')
        broker = self.start_broker()
        self.sign_in(self.rpc(), account="work")
        self.cli("provider", "set", "openai", "--file", "-", input=KEY)
        broker.stop()
        self.configure()
        self.broker = self.start_broker()

    def configure(self, more=""):
        self.home.write_config("config.toml", f'policy = "{self.policy}"\n{more}')

    def restart(self, more=""):
        self.broker.stop()
        self.configure(more)
        self.broker = self.start_broker()

    def shell(self):
        shell = Shell(self.env(), self.home.user)
        self.addCleanup(shell.stop)
        return shell

    def program(self, name="asker"):
        """A program of the person's own: an executable that asks for a token, and what to run it with."""
        folder = self.home.user / "bin"
        folder.mkdir(exist_ok=True)
        script = folder / name
        script.write_text("#!/bin/sh\nexec 3>&1\nkeybearer token work\n", encoding="utf-8")
        script.chmod(0o755)
        return script

    def runs(self, script):
        return subprocess.run([script], env=self.env(), capture_output=True, text=True, timeout=60, check=False)

    def assertGets(self, script):
        result = self.runs(script)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertGreater(len(result.stdout.strip()), 20)
        return result.stdout.strip()

    def assertRefused(self, script, *words):
        result = self.runs(script)
        self.assertEqual((result.returncode, result.stdout), (5, ""), result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        return result.stderr

    # --- nobody there ---------------------------------------------------------------------------------------------

    def test_a_script_is_refused_at_once_and_told_how(self):
        script = self.program()
        said = self.assertRefused(script, "asker", "a token of account work",
                                  f"keybearer grant allow account:work --script {script}")
        self.assertNotIn("keybearer (", said)  # who asks is who runs it
        with self.assertRpcError("consent_required"):
            self.rpc().call("token.get", account="work")

    def test_metadata_and_what_one_brings_oneself_need_no_grant(self):
        self.ok("status")
        self.assertEqual(self.rpc().call("policy.get")["policy"], "ask")
        result = self.cli("resolve", "openai", OPENAI_API_KEY="sk-of-my-own-0123456789", secret_output=True)
        self.assertEqual((result.code, result.out.strip()), (0, "sk-of-my-own-0123456789"))
        self.fails(5, "resolve", "openai", "--only", "store")

    def test_a_grant_of_config_toml(self):
        script = self.program()
        self.assertRefused(script)
        digest = subprocess.run(["sha256sum", script], capture_output=True, text=True, check=True).stdout.split()[0]
        self.restart(f'[[grant]]\nscript = "{script}"\nsha256 = "{digest}"\ncredential = "account:work"\n')
        self.assertGets(script)
        self.assertIn("config.toml", self.ok("grant", "list").out)
        self.assertRefused(self.program("other"))
        script.write_text(script.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
        self.assertRefused(script, "changed since it was allowed")

    def test_a_grant_for_less_gets_a_token_for_less(self):
        script = self.program()
        script.write_text("#!/bin/sh\nexec 3>&1\nkeybearer token work --json \"$@\"\n", encoding="utf-8")
        digest = subprocess.run(["sha256sum", script], capture_output=True, text=True, check=True).stdout.split()[0]
        self.restart(f'[[grant]]\nscript = "{script}"\nsha256 = "{digest}"\ncredential = "account:work"\n'
                     'scopes = ["openid", "email"]\n')
        answer = json.loads(self.assertGets(script))
        self.assertEqual(sorted(answer["scope"].split()), ["email", "openid"])
        self.assertEqual(sorted(userinfo(f"{self.provider.issuer}/me", answer["access_token"])), ["email", "email_verified", "sub"])
        wider = subprocess.run([script, "--scope", "profile"], env=self.env(), capture_output=True, text=True, timeout=60,
                               check=False)
        self.assertEqual(wider.returncode, 5)
        self.assertIn("asks for more than was allowed", wider.stdout + wider.stderr)

    def test_programs_cannot_grant_themselves(self):
        client = self.rpc()
        for method, params in (("grant.allow", {"credential": "*", "kind": "program", "path": sys.executable}),
                               ("policy.set", {"policy": "allow"}), ("account.list", {}),
                               ("vault.export", {"passphrase": "a long passphrase of nobody's"})):
            with self.subTest(method), self.assertRpcError("consent_required"):
                client.call(method, **params)
        for method in ("approval.attach", "approval.list"):
            with self.subTest(method), self.assertRpcError("denied"):
                client.call(method)
        # The command line, called by a program, may look and manage, and widens nothing.
        self.ok("account", "list")
        self.ok("provider", "set", "openai", "--file", "-", input=KEY)
        self.fails(5, "provider", "set", "openai", "base_url=https://evil.example.com/v1")
        self.fails(5, "policy", "ask")
        self.fails(5, "settings", "lock.on_suspend", "false")
        self.fails(5, "provider", "rename", "openai", "default", "granted")  # a grant goes by the name

    # --- a person at a terminal -------------------------------------------------------------------------------------

    def test_a_person_is_asked_at_the_own_terminal(self):
        shell = self.shell()
        shell.type("keybearer token work | wc -c")
        question = shell.expect(r"Allow it .*\? ")
        self.assertRegex(question, r"bash  /\S+bash\n")
        self.assertRegex(question, r"package +bash\n")
        shell.type("")
        self.assertIn("said no", shell.expect(PROMPT))
        self.restart()
        shell.type("keybearer token work | wc -c")
        shell.expect(r"Allow it .*\? ")
        shell.type("s")
        self.assertRegex(shell.expect(PROMPT), r"\n\d{2,}\n")
        self.assertRegex(shell.run("keybearer token work | wc -c"), r"\n\d{2,}\n")  # not asked again

    def test_what_is_no_answer_is_asked_again(self):
        """"yes" says neither for how long nor no."""
        shell = self.shell()
        for answer in ("", "n", "N", "no", "deny"):
            with self.subTest(answer):
                shell.type("keybearer token work | wc -c")
                for wrong in ("yes", "y", "o ", "on"):
                    shell.expect(r"Allow it .*\? ")
                    shell.type(wrong)
                    shell.expect("one of the letters")
                shell.expect(r"Allow it .*\? ")
                shell.type(answer)
                self.assertIn("said no", shell.expect(PROMPT))
                self.restart()
        shell.type("keybearer token work | wc -c")
        shell.expect(r"Allow it .*\? ")
        shell.type("once")
        self.assertRegex(shell.expect(PROMPT), r"\n\d{2,}\n")

    def test_a_person_answers_for_a_script(self):
        script = self.program()
        shell = self.shell()
        shell.type("keybearer approve")
        shell.expect("Waiting for programs")
        asking = subprocess.Popen([script], env=self.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(asking.wait)
        shown = shell.expect(r"Allow it .*\? ")
        for word in ("asker", str(script), "a token of account work", "nobody has allowed it yet"):
            self.assertIn(word, shown)
        shell.type("a")
        out, err = asking.communicate(timeout=30)
        self.assertEqual(asking.returncode, 0, err)
        shell.interrupt()
        shell.expect(PROMPT)
        self.assertEqual(out.strip(), self.assertGets(script))
        self.restart()
        self.assertGets(script)  # for good
        grants = json.loads(self.ok("grant", "list", "--json").out)["grants"]
        self.assertEqual([(g["kind"], g["path"], g["credential"]) for g in grants], [("script", str(script), "account:work")])
        self.ok("grant", "revoke", grants[0]["grant_id"])
        self.assertRefused(script)

    def test_an_approver_learns_what_an_account_could_be_narrowed_to(self):
        self.assertRefused(self.program())
        named = self.program("named")
        named.write_text("#!/bin/sh\nexec 3>&1\nkeybearer token work --scope email\n", encoding="utf-8")
        self.assertRefused(named)
        shell = self.shell()
        shell.run(f"keybearer approve --json > {self.home.user}/open.json")
        questions = json.loads((self.home.user / "open.json").read_text(encoding="utf-8"))["questions"]
        self.assertEqual([(q["client"]["name"], q["scopes"], sorted(q["available_scopes"])) for q in questions],
                         [("asker", [], ["email", "offline_access", "openid", "profile"]), ("named", ["email"], [])])

    def test_a_grant_is_typed(self):
        script = self.program()
        shell = self.shell()
        shell.type(f"keybearer grant allow account:work --script {script} --days 1")
        shell.expect("Type yes to allow it: ")
        shell.type("y")
        self.assertIn("nothing was allowed", shell.expect(PROMPT))
        self.assertRefused(script)
        shell.type(f"keybearer grant allow account:work --script {script} --days 1")
        shell.expect("Type yes to allow it: ")
        shell.type("yes")
        shell.expect("Allowed as g_")
        self.assertGets(script)
        shell.type("keybearer approve")
        self.assertIn("Allowed while nobody was here", shell.expect("Waiting for programs"))
        self.fails(2, "grant", "allow", "account:work", "--script", script)  # no terminal

    def test_code_from_a_command_line_cannot_be_granted(self):
        """Whatever an interpreter was told to do cannot be told again."""
        result = subprocess.run([sys.executable, "-c", f"import subprocess; subprocess.run(['{CLI}', 'token', 'work'])"],
                                env=self.env(), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(result.stdout, "")
        self.assertIn("may not have", result.stderr)
        self.assertNotIn("grant allow", result.stderr)

    # --- observe ----------------------------------------------------------------------------------------------------

    def test_what_was_observed_is_proposed_and_enough(self):
        self.policy = "observe"
        self.restart()
        script = self.program()
        self.assertGets(script)
        self.assertGets(script)
        proposed = json.loads(self.ok("grant", "propose", "--json").out)
        self.assertEqual([(g["path"], g["credential"], g["uses"]) for g in proposed["grants"]],
                         [(str(script), "account:work", 2)])
        self.policy = "ask"
        self.restart(proposed["toml"])
        self.assertGets(script)
