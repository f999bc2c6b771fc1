"""`keybearer mcp run`: a local MCP server with providers' keys in its environment."""
import hashlib
import json
import signal
import subprocess

from kbtest import CLI, KeybearerTest
from kbtest.client_keys import LIVE
from kbtest.mcp import NODE, McpClient
from kbtest.provider import LAB

OTHER = "sk-ant-of-another-provider-0123456789"


def hashed(text):
    return hashlib.sha256(text.encode()).hexdigest()


class McpRunTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.start_broker()
        for provider, key in (("openai", LIVE), ("anthropic", OTHER)):
            self.ok("provider", "set", provider, "--file", "-", input=key)

    def test_a_real_server_gets_the_keys_and_a_real_client_its_answers(self):
        path = self.home.path / "ci.key"
        self.ok("key", "create", "ci", "--scope", "openai/*", "--scope", "anthropic/*", "--file", path)
        for mode, variable, value in (("legacy", "KEYBEARER_CLIENT_KEY_FILE", path),
                                      ("auto", "KEYBEARER_CLIENT_KEY", path.read_text().strip()),
                                      ({"pin": "2026-07-28"}, "HOME", self.home.user)):
            with self.subTest(variable):
                env = self.env(OPENAI_BASE_URL="https://stranger.example", **{variable: value})
                client = McpClient(env, CLI, ["mcp", "run", "openai", "anthropic", "--", NODE, LAB / "mcp" / "stdio.mjs"], mode)
                self.addCleanup(client.stop)
                self.assertNotIn("error", client.do("connect"), client.events)
                names = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "KEYBEARER_CLIENT_KEY",
                         "KEYBEARER_CLIENT_KEY_FILE", "HOME"]
                given = json.loads(client.call("given", names=names)["text"])
                self.assertEqual(given, {"OPENAI_API_KEY": hashed(LIVE), "ANTHROPIC_API_KEY": hashed(OTHER),
                                         "OPENAI_BASE_URL": None, "KEYBEARER_CLIENT_KEY": None,
                                         "KEYBEARER_CLIENT_KEY_FILE": None, "HOME": hashed(str(self.home.user))})
                client.do("close")
                client.event("close")
                self.assertIn("OPENAI_BASE_URL", client.said_on_stderr())

    def test_streams_exit_codes_and_signals_are_the_programs_own(self):
        result = self.cli("mcp", "run", "openai", "--", "sh", "-c", "cat; echo to stderr >&2; exit 7", input="a\nb")
        self.assertEqual((result.code, result.out, result.err), (7, "a\nb", "to stderr\n"))
        running = subprocess.Popen([CLI, "mcp", "run", "openai", "--", "sh", "-c", "echo on; exec sleep 60"],
                                   env=self.env(), stdout=subprocess.PIPE, text=True)
        self.assertEqual(running.stdout.readline(), "on\n")
        running.send_signal(signal.SIGTERM)
        self.assertEqual(running.wait(10), -signal.SIGTERM)
        running.stdout.close()

    def test_nothing_is_started_without_the_keys(self):
        for code, words in ((2, ["nobody", "--", "echo", "x"]), (4, ["groq", "--", "echo", "x"]), (2, ["openai"]),
                            (2, ["openai", "--"]), (2, ["--", "echo", "x"])):
            with self.subTest(words):
                self.fails(code, "mcp", "run", *words)
