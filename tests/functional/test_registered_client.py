"""Providers that want a registered client, or a client secret."""
import json
import os
import pty
import signal
import subprocess
import urllib.parse

from kbtest import KeybearerTest, browse
from kbtest.home import CLI
from kbtest.process import wait_until

SECRET = "desktop-secret-desktop-secret-desktop"  # of the client "native-secret" (tests/lab/provider/clients.mjs)


class RegisteredClientTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.home.write_provider("unregistered", self.provider.issuer, client_id=None,
                                 register_url="https://console.example/apps", redirect="http://127.0.0.1/callback")
        self.home.write_provider("secretive", self.provider.issuer, client_id="native-secret", client_secret=True,
                                 redirect="http://127.0.0.1/callback")
        self.start_broker()

    def test_without_a_client_the_message_says_where_to_register_and_with_what(self):
        self.provider.fault("/.well-known/oauth-authorization-server", "patch", times=2, patch={"registration_endpoint": None})
        refused = self.fails(2, "login", "unregistered")
        self.assertIn("https://console.example/apps", refused.err)
        self.assertIn("http://127.0.0.1/callback", refused.err)
        self.assertIn("--client-id", refused.err)
        refused = self.cli("login", "unregistered", "--json")
        error = json.loads(refused.out)["error"]
        self.assertEqual((refused.code, error["kind"]), (2, "client_id_required"))
        self.assertEqual(error["data"]["redirect_uri"], "http://127.0.0.1/callback")
        self.assertEqual(error["data"]["register_url"], "https://console.example/apps")

    def test_a_client_given_on_the_command_line_is_enough(self):
        self.ok("login", "unregistered", "--client-id", "native-app")
        self.assertTrue(self.token("unregistered"))

    def test_a_missing_secret_is_asked_for_before_a_browser_opens(self):
        with self.assertRpcError("client_secret_required"):
            self.begin_login(self.rpc(), "secretive")
        self.fails(2, "login", "secretive")
        self.assertEqual(self.provider.requests("/auth", "GET"), [])

    def test_a_secret_given_once_is_kept_in_the_keychain_and_nowhere_else(self):
        self.ok("login", "secretive", "--client-secret-file", "-", input=SECRET + "\n")
        self.assertTrue(self.token("secretive", "--refresh"))
        self.ok("login", "secretive")  # the stored secret serves the next login, too
        self.assert_no_secret_leaks(SECRET)
        self.ok("logout", "secretive")
        with self.assertRpcError("client_secret_required"):
            self.begin_login(self.rpc(), "secretive")

    def test_a_wrong_secret_makes_no_account(self):
        refused = self.fails(7, "login", "secretive", "--client-secret-file", "-", input="wrong\n")
        self.assertIn("invalid_client", refused.err)
        self.assertEqual(json.loads(self.ok("account", "list", "--json").out)["accounts"], [])
        with self.assertRpcError("client_secret_required"):
            self.begin_login(self.rpc(), "secretive")

    def test_a_secret_is_asked_for_on_the_terminal_without_echo(self):
        master, terminal = pty.openpty()
        self.addCleanup(os.close, master)
        process = subprocess.Popen([CLI, "login", "secretive"], env=self.env(), stdin=terminal, stdout=terminal,
                                   stderr=terminal, start_new_session=True,
                                   preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0))
        os.close(terminal)
        seen = self._read_until(master, b"Client secret: ")
        os.write(master, SECRET.encode() + b"\n")
        seen += self._read_until(master, b"Signed in")
        self.assertEqual(process.wait(30), 0)
        self.assertNotIn(SECRET.encode(), seen)

    def _read_until(self, master, text):
        seen = b""
        while text not in seen:
            seen += os.read(master, 4096)
        return seen


class IdentityTest(KeybearerTest):
    """Logins that must not overwrite one another."""

    def setUp(self):
        super().setUp()
        self.start_broker()

    def test_another_person_does_not_take_over_an_account(self):
        self.ok("login", "lab", "--account", "work")
        self.provider.set(sub="mallory")
        refused = self.fails(2, "login", "lab", "--account", "work")
        self.assertIn("somebody else", refused.err)
        accounts = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertEqual([(a["account"], a["subject"]) for a in accounts], [("work", "alice")])

    def test_without_a_name_another_person_gets_an_account_beside_it(self):
        self.ok("login", "lab")
        self.provider.set(sub="bob")
        self.ok("login", "lab")
        accounts = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertEqual([(a["account"], a["subject"]) for a in accounts], [("lab", "alice"), ("lab-2", "bob")])


class InterruptTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.start_broker()

    def start_login(self, *options):
        """A login that waits for a browser, and the address it listens on."""
        process = subprocess.Popen([CLI, "login", "lab", "--no-browser", *options], env=self.env(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.addCleanup(process.stdout.close)
        for line in process.stdout:
            if "redirect_uri=" in line:
                break
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(line.split()[-1]).query)
        return process, query["redirect_uri"][0]

    def test_a_signal_ends_the_login_and_its_listener(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            with self.subTest(signal=number.name):
                process, redirect = self.start_login("--account", number.name)
                self.assertEqual(browse(redirect).status, 400)  # it listens, and wants a state
                os.kill(process.pid, number)
                code = process.wait(30)
                self.assertEqual(code, -number if number == signal.SIGKILL else 4)
                wait_until(lambda: self._is_closed(redirect), "the listener's end")

    def _is_closed(self, redirect):
        try:
            browse(redirect)
        except OSError:
            return True
        return False
