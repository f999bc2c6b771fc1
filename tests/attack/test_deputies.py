"""B12: a grant is for what it names and for whom it names, whoever is sent in between."""
import json
import shlex
import shutil
import subprocess

from kbtest import CLI
from kbtest.askers import KEY, AskerTest
from kbtest.shell import PROMPT, Shell

STORED = "sk-proj-0123456789abcdef-canary"
SCOPES = ["openid", "email"]


class ReachTest(AskerTest):
    """One program with a grant for some of it asks for the rest."""

    keyring_mode = "unlocked"
    provider_options = ()

    def setUp(self):
        super().setUp()
        self.locations = ""
        self.begin(self.grant(self.asker, "account:work", more=f"scopes = {SCOPES}\n".replace("'", '"')),
                   self.grant(self.asker, "key:default/openai/default", more='fields = ["api_key"]\n'),
                   self.grant(self.other, "account:work", more='audience = "reports"\n'))
        client = self.rpc()
        for account in ("work", "home"):
            self.sign_in(client, account=account)
        for options in (("openai",), ("openai", "--name", "spare"), ("openai", "--tenant", "acme"), ("groq",)):
            self.ok("provider", "set", *options, "--file", "-", input=STORED)

    def asks(self, program, method, **params):
        (word,) = self.does(program, f"say(ask(connect(), {method!r}, **{params!r}))")
        return word

    def test_B12_another_account_and_more_scopes(self):
        self.assertEqual(self.asks(self.asker, "token.get", account="work", scopes=SCOPES), "given")
        self.assertEqual(self.asks(self.asker, "token.get", account="work", scopes=["email"]), "given")
        for params in ({"account": "home", "scopes": SCOPES}, {"account": "work", "scopes": [*SCOPES, "profile"]},
                       {}):
            with self.subTest(**params):
                self.assertNotIn(self.asks(self.asker, "token.get", **params), ("given", "success"))
        # Who names no scopes gets a token for those that were granted, and for no others.
        for params in ({"account": "work"}, {"account": "work", "scopes": []}):
            with self.subTest(**params):
                words = self.does(self.asker, f"say(call(connect(), 'token.get', **{params!r})['result']['scope'])")
                self.assertEqual(sorted(words), sorted(SCOPES))

    def test_B12_an_account_that_a_folder_chooses(self):
        self.ok("account", "bind", self.home.user, "home")
        self.assertEqual(self.asks(self.asker, "token.get", directory=str(self.home.user), scopes=SCOPES), "consent_required")
        self.ok("account", "bind", self.home.user, "work")
        self.assertEqual(self.asks(self.asker, "token.get", directory=str(self.home.user), scopes=SCOPES), "given")

    def test_B12_another_audience(self):
        self.assertEqual(self.asks(self.other, "token.get", account="work", audience="billing"), "consent_required")
        # Who names no audience has asked for this one, and gets nothing instead of it.
        for params in ({}, {"resource": "https://reports.example"}):
            with self.subTest(**params):
                self.assertEqual(self.asks(self.other, "token.get", account="work", **params), "invalid_value")
        # It may have this one; that the provider knows no such thing comes after.
        self.assertNotIn(self.asks(self.other, "token.get", account="work", audience="reports"),
                         ("given", "consent_required", "denied"))

    def test_B12_another_provider_tenant_name_or_field(self):
        self.assertEqual(self.asks(self.asker, "credential.resolve", fields=["api_key"]), "given")
        self.ok("provider", "set", "openai", "--file", "-", input=STORED)
        for params in ({"provider": "groq", "fields": ["api_key"]}, {"tenant": "acme"}, {"name": "spare"},
                       {"tenant": "acme", "name": "spare"}, {"name": "default ", "fields": ["api_key"]},
                       {"name": "*"}, {"tenant": "default/openai"}, {"tenant": "*", "name": "*"}):
            with self.subTest(**params):
                self.assertNotIn(self.asks(self.asker, "credential.resolve", **params), ("given", "success"))
        for method, params in (("credential.list", {}), ("credential.explain", {"provider": "openai"}), ("account.list", {}),
                               ("vault.export", {"passphrase": "a long passphrase of nobody's"}), ("grant.list", {})):
            with self.subTest(method):
                self.assertEqual(self.asks(self.asker, method, **params), "consent_required")

    def test_B12_watching_needs_what_resolving_needs(self):
        for params in ({"provider": "groq"}, {"provider": "openai", "tenant": "acme"}):
            with self.subTest(**params):
                self.assertEqual(self.asks(self.asker, "credential.watch", version="v", wait=0, **params), "consent_required")


class DeputyTest(AskerTest):
    """`keybearer` asks for whoever runs it, by whatever way."""

    WAYS = {
        "itself": "keybearer resolve openai",
        "sh -c": "sh -c 'keybearer resolve openai; :'",
        "env": "env -u NOTHING keybearer resolve openai",
        "bare": "env -i KEYBEARER_HOME=$KEYBEARER_HOME $(command -v keybearer) resolve openai",
        "nohup": "nohup keybearer resolve openai",
        "nice": "nice keybearer resolve openai",
        "timeout": "timeout 30 keybearer resolve openai",
        "setsid": "setsid --wait keybearer resolve openai",
        "part of it": "(keybearer resolve openai) | cat",
        "a copy": f"cp {shlex.quote(str(CLI))} copy && ./copy resolve openai",
        "a link": f"ln -sf {shlex.quote(str(CLI))} link && ./link resolve openai",
        # From here on it is not the script any more that stands behind the command line, or nobody does.
        "a here-document": "sh <<'END'\nkeybearer resolve openai\nEND",
        "a pipe": "echo 'keybearer resolve openai' | sh",
        "xargs": "echo openai | xargs keybearer resolve",
        "find": "find / -maxdepth 0 -exec keybearer resolve openai ';'",
        "exec": "exec keybearer resolve openai",
        "python": "python3 -c 'import os; os.system(\"keybearer resolve openai\")'",
        # A command line whose starter has ended before it asks.
        "an orphan": 'sh -c "while test -e /proc/$$/exe; do :; done; exec keybearer resolve openai" &',
    }
    LOSING = ("a here-document", "a pipe", "xargs", "find", "exec", "python", "an orphan")

    def scripts(self, name):
        """One for each way, by this name in a folder of its own."""
        for way, command in self.WAYS.items():
            folder = self.bin / way.replace(" ", "-")
            folder.mkdir(exist_ok=True)
            path = folder / name
            path.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
            path.chmod(0o755)
            yield way, path

    def says(self, script):
        """All that comes, also from what the script leaves behind."""
        return subprocess.run([script], env=self.env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, cwd=script.parent, check=False).stdout

    def test_B12_the_command_line_lends_nothing(self):
        good, bad = dict(self.scripts("good")), dict(self.scripts("bad"))
        self.begin(*(self.grant(path, kind="script") for path in good.values()))
        for way, path in good.items():
            with self.subTest(way, grant=True):
                said = self.says(path)
                if way in self.LOSING:
                    self.assertRegex(said, "may not have|nobody is there who asks|cannot be told")
                    self.assertNotIn(KEY, said)
                else:
                    self.assertIn(KEY, said.splitlines())
        for way, path in bad.items():
            with self.subTest(way, grant=False):
                said = self.says(path)
                self.assertRegex(said, "may not have|nobody is there who asks|cannot be told")
                self.assertNotIn(KEY, said)

    def test_B12_a_name_makes_no_front_end(self):
        fake = self.program("keybearer")
        self.begin(self.grant(self.asker))
        for method, params in (("token.get", {"account": "work"}), ("account.list", {}), ("policy.set", {"policy": "allow"}),
                               ("credential.resolve", {"provider": "openai"}), ("system.lock", {})):
            with self.subTest(method):
                said = self.does(fake, f"say(ask(connect(), {method!r}, **{params!r}))")
                self.assertIn(said, (["consent_required"], ["invalid_params"], ["unknown_account"]))

    def test_B12_nobody_but_a_person_decides(self):
        """The command line, and a copy of it, by a program: it manages, and lets nobody have more."""
        self.begin()
        copy = shutil.copy(CLI, self.bin / "keybearer")
        for program in (CLI, copy):
            for args in (("approve",), ("grant", "allow", "*", "--script", self.asker), ("policy", "allow"),
                         ("provider", "set", "openai", "base_url=https://example.com/v1")):
                with self.subTest(program=str(program), args=args):
                    ran = subprocess.run([program, *args], env=self.env(), capture_output=True, text=True, timeout=60,
                                         stdin=subprocess.DEVNULL, check=False)
                    self.assertIn(ran.returncode, (2, 5), ran.stderr)
                    self.assertTrue(ran.stderr.strip())
        self.assertEqual(json.loads(self.ok("grant", "list", "--json").out)["grants"], [])
        self.assertEqual(self.rpc().call("policy.get")["policy"], "ask")
        for method, params in (("approval.attach", {}), ("approval.list", {}),
                               ("approval.decide", {"question_id": "q", "answer": "always"})):
            with self.subTest(method), self.assertRpcError("denied"):
                self.rpc().call(method, **params)


class TerminalTest(AskerTest):
    """What a person has allowed the own terminal is not for every program that runs there."""

    def test_B12_programs_in_a_terminal_are_not_the_person(self):
        self.begin()
        shell = Shell(self.env(), self.home.user)
        self.addCleanup(shell.stop)
        shell.type("keybearer resolve openai | cat")
        shell.expect(r"Allow it .*\? ")
        shell.type("s")
        shell.expect(f"{KEY}\n{PROMPT}")
        script = self.script("script", "#!/bin/sh\nkeybearer resolve openai; exit $?\n")
        python = "python3 -c 'import os; os.system(\"keybearer resolve openai\")'"
        for way, command, gets in (
                ("typed", "keybearer resolve openai", True), ("in a subshell", "(keybearer resolve openai) | cat", True),
                ("as a command", "sh -c 'keybearer resolve openai; :'", True), ("a script", str(script), False),
                ("a script in the background", f"{script} & wait", False), ("a pipe", "echo keybearer resolve openai | sh", False),
                ("python", python, False), ("xargs", "echo openai | xargs keybearer resolve", False)):
            with self.subTest(way):
                said = shell.run(command)
                self.assertEqual(f"\n{KEY}\n" in said, gets, said)
                self.assertEqual("may not have" in said, not gets, said)
