"""Providers' keys from the command line, as a person uses it."""
import json
import os
import pathlib
import pty
import signal
import subprocess

from kbtest import CLI, KeybearerTest, wait_until

KEY = "sk-proj-0123456789abcdef-canary"
ACCOUNT_FILE = '{\n "type": "service_account",\n "project_id": "p1",\n "client_email": "a@b.example"\n}'


class ProviderKeysTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()

    def store(self, provider="openai", value=KEY, *options):
        return self.ok("provider", "set", provider, "--file", "-", *options, input=value)

    def value(self, *arguments, **env):
        return self.ok("resolve", *arguments, secret_output=True, **env).out.rstrip("\n")

    def child(self, *arguments, **env):
        """What a program sees of its environment."""
        printed = self.ok("run", *arguments, "--", "env", "-0", secret_output=True, **env).out
        return dict(line.split("=", 1) for line in printed.split("\0") if line)

    # --- storing ----------------------------------------------------------------------------------------------------

    def test_a_key_from_standard_input_and_from_a_file(self):
        self.assertNotIn(KEY, self.store(value=KEY + "\n").out)
        self.assertEqual(self.value("openai"), KEY)
        file = self.home.path / "key"
        file.write_text("sk-other-0123456789\n")
        self.ok("provider", "set", "openai", "--name", "work", "--file", file)
        self.assertEqual(self.value("openai", "--name", "work"), "sk-other-0123456789")
        file.unlink()
        self.fails(2, "provider", "set", "openai", "--file", file)

    def test_a_key_that_is_typed_is_not_shown(self):
        shown = self.typed("provider", "set", "openai", text=KEY)
        self.assertIn(b"OpenAI api_key:", shown)
        self.assertNotIn(KEY.encode(), shown)
        self.assertEqual(self.value("openai"), KEY)

    def typed(self, *arguments, text):
        """Everything that the terminal showed while a person answered the question."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(CLI, [str(CLI), *arguments], self.env())
        shown = b""
        try:
            while not shown.endswith(b": "):
                shown += os.read(terminal, 1024)
            os.write(terminal, text.encode() + b"\n")
            while part := os.read(terminal, 1024):
                shown += part
        except OSError:  # the end of a terminal
            pass
        finally:
            os.close(terminal)
        self.assertEqual(os.waitpid(pid, 0)[1], 0, shown)
        return shown

    def test_a_json_object_sets_several_fields(self):
        fields = {"access_key_id": "AKIA0123456789ABCDEF", "secret_access_key": "s" * 40, "region": "eu-west-1"}
        self.store("bedrock", json.dumps(fields))
        answer = json.loads(self.ok("resolve", "bedrock", "--json", secret_output=True).out)
        self.assertEqual({field["field"]: field["value"] for field in answer["fields"]}, fields)
        self.fails(2, "provider", "set", "bedrock", "--file", "-", input="just-a-word")  # of which field?

    def test_a_json_value_is_one_value(self):
        self.store("vertex", ACCOUNT_FILE)
        self.assertEqual(self.value("vertex"), ACCOUNT_FILE)
        self.assertEqual(self.value("vertex", "--field", "serviceAccountKey"), ACCOUNT_FILE)

    def test_what_is_no_secret_may_stand_on_the_command_line(self):
        self.ok("provider", "set", "bedrock", "region=eu-west-1")
        self.assertIn("eu-west-1", self.ok("provider", "list").out)
        for arguments in ((KEY,), (f"api_key={KEY}",), (f"nothing={KEY}",)):
            refused = self.cli_with_secret(*arguments)
            self.assertEqual(refused.returncode, 2)
            self.assertIn("command line", refused.stderr)
            self.assertNotIn(KEY, refused.stdout + refused.stderr)
        self.assertNotIn("openai", self.ok("provider", "list").out)

    def cli_with_secret(self, *arguments):
        """As somebody does who does not know better."""
        return subprocess.run([CLI, "provider", "set", "openai", *arguments], env=self.env(), capture_output=True,
                              text=True, timeout=20, check=False)

    def test_without_a_terminal_the_way_is_named(self):
        ran = subprocess.run([CLI, "provider", "set", "openai"], env=self.env(), stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, timeout=20, check=False, start_new_session=True)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("--file", ran.stderr)

    def test_mistakes_are_named(self):
        self.assertIn("openai", self.fails(2, "provider", "set", "opnai", "--file", "-", input=KEY).err)
        self.assertIn("one line", self.fails(2, "provider", "set", "openai", "--file", "-", input=f"{KEY}\nmore").err)
        self.assertIn("empty", self.fails(2, "provider", "set", "openai", "--file", "-", input="").err)
        warned = self.store("openai", "sk-ant-api03-0123456789")
        self.assertIn("Anthropic", warned.out)

    # --- looking ----------------------------------------------------------------------------------------------------

    def test_list_masks_and_remove_removes(self):
        self.assertIn("provider set", self.ok("provider", "list").out)
        self.store()
        listed = self.ok("provider", "list").out
        self.assertIn("sk-pr...ary", listed)
        self.assertNotIn(KEY, listed)
        self.assertIn("never", listed)
        self.ok("provider", "remove", "openai")
        self.fails(4, "provider", "remove", "openai")
        self.fails(4, "resolve", "openai")
        self.assertIn("anthropic", self.ok("provider", "list", "--all").out)

    def test_status_shows_every_provider(self):
        self.store()
        table = self.ok("provider", "status", ANTHROPIC_API_KEY="sk-ant-of-the-environment").out
        rows = {line.split()[0]: line for line in table.splitlines()[1:]}
        self.assertRegex(rows["openai"], r"Authenticated +store \(default/default\) +api_key +-")
        self.assertRegex(rows["anthropic"], r"Authenticated +environment \(ANTHROPIC_API_KEY\) +api_key")
        self.assertRegex(rows["groq"], r"Not authenticated +- +api_key +-")
        self.assertRegex(rows["ollama"], r"Not required +- +- +-")
        (row,) = json.loads(self.ok("provider", "status", "claude", "--json").out)["providers"]
        self.assertEqual((row["provider"], row["status"]), ("anthropic", "not_authenticated"))
        self.fails(2, "provider", "status", "opnai")

    def test_explain_draws_the_chain_without_a_value(self):
        self.store()
        drawn = self.ok("explain", "openai", OPENAI_API_KEY="sk-of-the-environment", OPENAI_BASE_URL="http://x.example").out
        self.assertIn("api_key  <- environment (OPENAI_API_KEY)", drawn)
        self.assertIn("hides store (default/default)", drawn)
        self.assertNotIn("sk-of-the-environment", drawn)
        self.assertNotIn(KEY, drawn)
        drawn = self.ok("explain", "openai", OPENAI_BASE_URL="http://x.example").out
        self.assertIn("base_url  x  environment (OPENAI_BASE_URL)", drawn)
        self.assertIn("Not complete", self.ok("explain", "groq").out)

    def test_resolve_takes_the_environment_first_and_says_what_it_hides(self):
        self.store()
        result = self.ok("resolve", "openai", secret_output=True, OPENAI_API_KEY="sk-of-the-environment")
        self.assertEqual(result.out, "sk-of-the-environment\n")
        self.assertIn("hides", result.err)
        self.assertEqual(self.value("openai", "--only", "store", OPENAI_API_KEY="sk-of-the-environment"), KEY)
        self.fails(4, "resolve", "openai", "--only", "environment")
        self.fails(2, "resolve", "openai", "--only", "env")

    def test_a_file_that_a_variable_names_is_read_here_and_must_be_private(self):
        file = self.home.path / "account.json"
        file.write_text(ACCOUNT_FILE + "\n")
        file.chmod(0o600)
        self.assertEqual(self.value("vertex", GOOGLE_APPLICATION_CREDENTIALS=file), ACCOUNT_FILE)
        file.chmod(0o640)
        self.assertIn("chmod 600", self.fails(2, "resolve", "vertex", GOOGLE_APPLICATION_CREDENTIALS=file).err)
        file.unlink()
        file.symlink_to("/nonexistent")
        self.assertIn("GOOGLE_APPLICATION_CREDENTIALS",
                      self.fails(2, "resolve", "vertex", GOOGLE_APPLICATION_CREDENTIALS=file).err)
        self.assertIn("regular", self.fails(2, "resolve", "vertex", GOOGLE_APPLICATION_CREDENTIALS="/dev/null").err)

    def test_next_switch_rotate(self):
        self.store(value="sk-old-0123456789")
        self.store("openai", "sk-new-0123456789", "--next")
        self.assertIn("(next)", self.ok("provider", "list").out)
        self.assertEqual(self.value("openai", "--next"), "sk-new-0123456789")
        self.ok("provider", "switch", "openai")
        self.assertEqual(self.value("openai"), "sk-new-0123456789")
        self.ok("provider", "rotate", "openai")
        self.assertIn("2 values", self.ok("tenant", "rotate").out)
        self.assertEqual(self.value("openai"), "sk-new-0123456789")
        self.ok("provider", "switch", "openai")
        self.assertEqual(self.value("openai"), "sk-old-0123456789")

    def test_rename(self):
        self.store()
        self.store("openai", "sk-shared-0123456789", "--shared")
        self.assertEqual(self.ok("provider", "rename", "openai", "default", "work").out, "default is now work.\n")
        self.assertEqual(self.value("openai", "--name", "work"), KEY)
        self.ok("provider", "rename", "openai", "default", "team", "--shared")
        self.assertEqual(self.value("openai", "--name", "team", "--tenant", "acme"), "sk-shared-0123456789")
        self.store("openai", "sk-acme-0123456789", "--tenant", "acme")
        answer = json.loads(self.ok("provider", "rename", "openai", "default", "own", "--tenant", "acme", "--json").out)
        self.assertEqual(answer, {"provider": "openai", "tenant": "acme", "name": "own"})
        self.fails(4, "provider", "rename", "openai", "default", "other")
        self.assertIn("already", self.fails(2, "provider", "rename", "openai", "work", "work").err)

    def test_tenants_and_what_they_share(self):
        self.store("openai", "sk-shared-0123456789", "--shared")
        self.store("openai", "sk-acme-0123456789", "--tenant", "acme")
        self.assertEqual(self.value("openai"), "sk-shared-0123456789")
        self.assertEqual(self.value("openai", "--tenant", "acme"), "sk-acme-0123456789")
        self.ok("provider", "remove", "openai", "--tenant", "acme")
        self.assertEqual(self.value("openai", "--tenant", "acme"), "sk-shared-0123456789")

    def test_keys_of_every_tenant_are_listed(self):
        self.store()
        self.store("openai", "sk-shared-0123456789", "--shared")
        self.store("openai", "sk-acme-0123456789", "--tenant", "acme")
        self.store("openai", "sk-other-0123456789", "--tenant", "other")
        listed = json.loads(self.ok("provider", "list", "--all-tenants", "--json").out)
        self.assertEqual([key["tenant"] for key in listed["credentials"]], ["default", "acme", "other", "shared"])
        self.assertEqual(listed["unreadable"], [])
        self.fails(2, "provider", "list", "--all-tenants", "--tenant", "acme")
        with self.assertRpcError("invalid_params"):
            self.rpc().call("credential.list", all_tenants=True, tenant="acme")

    def test_a_tenants_damaged_file_hides_no_other_key(self):
        self.store()
        self.store("openai", "sk-acme-0123456789", "--tenant", "acme")
        self.broker.stop()
        (file,) = self.home.path.rglob("acme.db")
        file.write_bytes(b"no vault")
        self.broker = self.start_broker()
        listed = self.ok("provider", "list", "--all-tenants").out
        self.assertIn("sk-pr...ary", listed)
        self.assertIn("cannot be read: acme", listed)
        self.fails(6, "provider", "list", "--tenant", "acme")

    # --- taking them along ------------------------------------------------------------------------------------------

    def passphrase(self, text="correct horse"):
        file = self.home.path / "passphrase"
        file.write_text(text)
        return "--passphrase-file", file

    def test_a_vault_goes_to_another_tenant_and_back_after_a_loss(self):
        self.store()
        self.store("openai", "sk-next-0123456789", "--next")
        self.store("vertex", ACCOUNT_FILE, "--name", "work")
        file = self.home.path / "keys.json"
        self.assertIn("3 values", self.ok("vault", "export", file, *self.passphrase()).out)
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertNotIn(KEY, file.read_text())
        self.ok("vault", "import", file, "--tenant", "acme", *self.passphrase())
        self.assertEqual(self.value("openai", "--tenant", "acme"), KEY)
        self.assertEqual(self.value("openai", "--tenant", "acme", "--next"), "sk-next-0123456789")
        self.assertEqual(self.value("vertex", "--tenant", "acme", "--name", "work"), ACCOUNT_FILE)
        self.keyring.forget("vault/default")
        self.broker.stop()
        self.broker = self.start_broker()
        lost = self.fails(6, "resolve", "openai")
        self.assertIn("vault import", lost.err)
        self.fails(6, "vault", "import", file, *self.passphrase())  # nothing is replaced unasked
        self.ok("vault", "import", file, "--replace", *self.passphrase())
        self.assertEqual(self.value("openai"), KEY)
        self.assertEqual(list((self.home.path / "data").glob("vault-transfer*")), [])

    def test_a_large_vault_is_exported_in_parts(self):
        """Each of them within what one line of the protocol holds."""
        client = self.rpc()
        accounts = {f"k{number}": json.dumps({"type": "x" * 40_000, "number": number}) for number in range(24)}
        for name, value in accounts.items():
            client.call("credential.set", provider="vertex", name=name, fields={"service_account_key": value})
        file = self.home.path / "keys.json"
        self.assertIn("24 values", self.ok("vault", "export", file, *self.passphrase()).out)
        self.assertEqual(len(file.read_text().splitlines()), 3)
        self.assertIn("24 values", self.ok("vault", "import", file, "--tenant", "acme", *self.passphrase()).out)
        for name, value in accounts.items():
            fields = client.call("credential.resolve", provider="vertex", tenant="acme", name=name)["fields"]
            self.assertEqual(fields[0]["value"], value)
        lines = file.read_text().splitlines(keepends=True)
        file.write_text(lines[0] + lines[1][:-30] + "\n" + lines[2])
        broken = self.fails(2, "vault", "import", file, "--tenant", "other", *self.passphrase())
        self.assertIn("values of the file are in the vault already", broken.err)

    def test_a_document_that_is_not_ours_changes_nothing(self):
        self.store()
        file = self.home.path / "keys.json"
        self.ok("vault", "export", file, *self.passphrase())
        good = file.read_text()
        self.assertIn("passphrase", self.fails(2, "vault", "import", file, "--replace", *self.passphrase("wrong")).err)
        for text in ("", "nonsense", "{}", good[:-20], good.replace('"version":1', '"version":2'),
                     good[:-40] + ("A" if good[-40] != "A" else "B") + good[-39:]):
            file.write_text(text)
            self.fails(2, "vault", "import", file, "--replace", *self.passphrase())
        file.write_text(good)
        file.chmod(0o644)
        self.fails(2, "vault", "import", file, *self.passphrase())
        self.fails(2, "vault", "export", self.home.path / "x", *self.passphrase(""))
        self.assertEqual(self.value("openai"), KEY)

    # --- running ----------------------------------------------------------------------------------------------------

    def test_a_child_gets_exactly_its_providers_variables(self):
        self.store()
        self.store("groq", "gsk_0123456789abcdef")
        seen = self.child("-p", "openai", OPENAI_BASE_URL="http://evil.example", MINE="kept")
        self.assertEqual(seen["OPENAI_API_KEY"], KEY)
        self.assertNotIn("OPENAI_BASE_URL", seen)  # a stored key never stands beside a stranger's address
        self.assertNotIn("GROQ_API_KEY", seen)
        self.assertEqual(seen["MINE"], "kept")
        both = self.child("-p", "openai", "-p", "groq")
        self.assertEqual((both["OPENAI_API_KEY"], both["GROQ_API_KEY"]), (KEY, "gsk_0123456789abcdef"))
        own = self.child("-p", "openai", OPENAI_API_KEY="sk-mine-0123456789", OPENAI_BASE_URL="http://mine.example")
        self.assertEqual((own["OPENAI_API_KEY"], own["OPENAI_BASE_URL"]), ("sk-mine-0123456789", "http://mine.example"))
        self.fails(4, "run", "-p", "openai", "-p", "mistral", "--", "env")

    def test_a_field_that_must_be_a_file_is_one_while_the_child_lives(self):
        self.store("vertex", ACCOUNT_FILE)
        script = 'stat -c "%a %n" "$GOOGLE_APPLICATION_CREDENTIALS"; cat "$GCP_VERTEX_CREDENTIALS_PATH"; exit 3'
        result = self.cli("run", "-p", "vertex", "--", "sh", "-c", script, secret_output=True)
        self.assertEqual(result.code, 3)
        head, content = result.out.split("\n", 1)
        mode, path = head.split()
        self.assertEqual((mode, content), ("600", ACCOUNT_FILE))
        self.assertFalse(os.path.exists(path))

    def test_exit_codes_and_signals_pass_through(self):
        self.store()
        self.store("vertex", ACCOUNT_FILE)
        for provider in ("openai", "vertex"):  # without a parent that waits, and with one
            with self.subTest(provider):
                self.assertEqual(self.cli("run", "-p", provider, "--", "sh", "-c", "exit 42").code, 42)
                self.assertEqual(self.cli("run", "-p", provider, "--", "sh", "-c", "kill -KILL $$").code, -9)
                self.assertEqual(self.cli("run", "-p", provider, "--", "/nonexistent/program").code, 127)
                self.assertEqual(self.cli("run", "-p", provider, "--", "/etc/passwd").code, 126)
                self.assertEqual(self.ok("run", "-p", provider, "--", "cat", input="through").out, "through")
                self.passes_a_signal_on(provider)
        self.assertEqual([path.name for path in self.home.socket.parent.iterdir()], ["broker.sock"])
        self.fails(2, "run", "-p", "openai")
        self.fails(2, "run", "--", "env")

    def passes_a_signal_on(self, provider):
        script = "trap 'echo got it; exit 5' TERM; echo ready; while :; do sleep 0.05; done"
        with subprocess.Popen([CLI, "run", "-p", provider, "--", "sh", "-c", script], env=self.env(),
                              stdout=subprocess.PIPE, text=True) as program:
            self.assertEqual(program.stdout.readline(), "ready\n")
            program.send_signal(signal.SIGTERM)
            self.assertEqual(program.stdout.read(), "got it\n")
            self.assertEqual(program.wait(10), 5)

    def test_an_interrupt_at_the_terminal_is_the_childs(self):
        self.store("vertex", ACCOUNT_FILE)
        pid, terminal = pty.fork()
        if pid == 0:
            script = "trap 'echo interrupted; exit 6' INT; echo ready; while :; do sleep 0.05; done"
            os.execve(CLI, [str(CLI), "run", "-p", "vertex", "--", "sh", "-c", script], self.env())
        shown = b""
        while b"ready" not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, b"\x03")
        wait_until(lambda: os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT), "the program's end")
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 6)
        os.close(terminal)

    def test_what_a_killed_run_leaves_goes_with_the_next(self):
        self.store("vertex", ACCOUNT_FILE)
        script = 'echo "$GOOGLE_APPLICATION_CREDENTIALS"; read line'
        with subprocess.Popen([CLI, "run", "-p", "vertex", "--", "sh", "-c", script], env=self.env(),
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
            file = pathlib.Path(run.stdout.readline().strip())
            run.kill()
            run.wait()
            self.ok("run", "-p", "vertex", "--", "true")
            self.assertEqual(file.read_text(), ACCOUNT_FILE)  # its program is not at its end
            run.stdin.close()
            run.stdout.read()  # until it is
        os.waitpid(int(file.name.split(".")[1]), 0)  # an orphan of ours
        self.ok("run", "-p", "vertex", "--", "true")
        self.assertFalse(file.exists())
