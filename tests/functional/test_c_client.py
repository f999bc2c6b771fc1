"""The C interface of the client library."""
import json
import subprocess

from kbtest import KeybearerTest
from kbtest.home import BIN_DIR


class CClientTest(KeybearerTest):
    def run_client(self, *args, **env):
        return subprocess.run([BIN_DIR / "c-client", *args], env=self.env(**env), capture_output=True, text=True,
                              timeout=60, check=False)

    def test_a_token_for_a_c_program(self):
        self.ok("login", "lab")
        done = self.run_client("lab")
        self.assertEqual((done.returncode, done.stdout.strip()), (0, self.token()), done.stderr)

    def test_a_key_for_a_c_program(self):
        self.ok("provider", "set", "openai", "--file", "-", input="sk-stored-0123456789")
        self.assertEqual(self.run_client("openai", "api_key").stdout, "sk-stored-0123456789\n")
        mine = self.run_client("openai", "api_key", OPENAI_API_KEY="sk-mine-0123456789")
        self.assertEqual((mine.returncode, mine.stdout), (0, "sk-mine-0123456789\n"), mine.stderr)
        for args, code, kind in ((("groq", "api_key"), 4, "no_credential"), (("openai", "nothing"), 2, "invalid_value"),
                                 (("openai", "organization"), 4, "no_credential")):
            done = self.run_client(*args)
            self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
            self.assertEqual(json.loads(done.stderr.splitlines()[-1])["kind"], kind)

    def test_an_error_for_a_c_program_and_a_broker_that_it_started(self):
        done = self.run_client("nobody")
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        hello, error = [json.loads(line) for line in done.stderr.splitlines()]
        self.assertEqual(hello["broker"], "keybearerd")
        self.assertEqual(error["kind"], "unknown_account")
        self.assertEqual(len(self.broker_pids()), 1)


class DependenciesTest(KeybearerTest):
    provider_options = None

    def test_the_command_line_loads_no_qt(self):
        libraries = subprocess.run(["ldd", BIN_DIR / "keybearer"], capture_output=True, text=True, check=True).stdout
        self.assertIn("libc.so", libraries)
        self.assertNotIn("Qt6", libraries)
