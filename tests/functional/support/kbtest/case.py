"""Base of the functional tests."""
import contextlib
import os
import signal
import subprocess
import unittest

from .broker import Broker
from .browser import browse
from .home import BROKER, CLI, Home
from .keyring import Keyring
from .process import adopt_orphans, children_named, wait_until
from .provider import Provider
from .rpc import RpcClient, RpcError

CLI_SECONDS = 60


class CliResult:
    def __init__(self, args, completed):
        self.args = args
        self.code = completed.returncode
        self.out = completed.stdout
        self.err = completed.stderr

    def __str__(self):
        return f"keybearer {' '.join(self.args)}: exit {self.code}\n{self.out}{self.err}"


class KeybearerTest(unittest.TestCase):
    """A home, a keyring ("unlocked", "locked" or "none") and, where `provider_options` is not None, a provider called
    "lab". Brokers are started by the test."""

    keyring_mode = "unlocked"
    provider_options = ()
    maxDiff = None

    def setUp(self):
        self.assertTrue(BROKER.exists() and CLI.exists(), f"no programs in {BROKER.parent}: set KEYBEARER_BIN_DIR")
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.keyring = Keyring(self.home)
        self.addCleanup(self.keyring.stop)
        if self.keyring_mode != "none":
            self.keyring.start()
        if self.keyring_mode == "locked":
            self.keyring.lock()
        self._results = []
        self.provider = None
        if self.provider_options is not None:
            self.provider = Provider(self.home, *self.provider_options)
            self.addCleanup(self.provider.stop)
            self.home.write_provider("lab", self.provider.issuer)
        adopt_orphans()
        self.addCleanup(self._stop_brokers)

    def env(self, **extra):
        return self.home.environment(**{"DBUS_SESSION_BUS_ADDRESS": self.keyring.address, **extra})

    # --- programs ---------------------------------------------------------------------------------------------------

    def start_broker(self, **env):
        broker = Broker(self.home, self.env(**env))
        self.addCleanup(broker.stop)
        return broker

    def cli(self, *args, input=None, secret_output=False, **env):
        """Runs `keybearer`. `secret_output` says that a secret on stdout is meant."""
        args = [str(arg) for arg in args]
        completed = subprocess.run([CLI, *args], env=self.env(**env), input=input, capture_output=True, text=True,
                                   timeout=CLI_SECONDS, check=False)
        result = CliResult(args, completed)
        self._results.append((result, secret_output))
        return result

    def ok(self, *args, **options):
        result = self.cli(*args, **options)
        self.assertEqual(result.code, 0, str(result))
        return result

    def fails(self, code, *args, **options):
        """Runs `keybearer`, which must end with this code, say why on stderr and write nothing to stdout."""
        result = self.cli(*args, **options)
        self.assertEqual(result.code, code, str(result))
        self.assertEqual(result.out, "", str(result))
        self.assertTrue(result.err.strip(), str(result))
        return result

    def token(self, account="lab", *options):
        return self.ok("token", account, *options, secret_output=True).out.strip()

    def rpc(self):
        client = RpcClient(self.home.socket)
        self.addCleanup(client.close)
        return client

    # --- logins over the socket -------------------------------------------------------------------------------------

    def begin_login(self, client, provider="lab", **params):
        return client.call("account.login", provider=provider, **params)

    def login_state(self, client, login, known="waiting_for_browser", wait=30):
        return client.call("account.login_status", login_id=login["login_id"], known_state=known, wait=wait)

    def login_end(self, client, login):
        """The state in which the login ends."""
        state = self.login_state(client, login)
        while state["state"] in ("waiting_for_browser", "exchanging"):
            state = self.login_state(client, login, known=state["state"])
        return state

    def sign_in(self, client, provider="lab", **params):
        """A whole login over the socket; the page that the browser shows, and the final state."""
        login = self.begin_login(client, provider, **params)
        page = browse(login["authorization_url"])
        return page, self.login_end(client, login)

    @contextlib.contextmanager
    def assertRpcError(self, kind):
        with self.assertRaises(RpcError) as caught:
            yield caught
        self.assertEqual(caught.exception.kind, kind, str(caught.exception))

    # --- secrets ----------------------------------------------------------------------------------------------------

    def assert_no_secret_leaks(self, *more):
        """No code or token that the provider issued is in an output, a log, a file, or an argument of a program."""
        secrets = {secret for secret in self.provider.tokens() | set(more) if len(secret) >= 8}
        self.assertTrue(secrets, "nothing was issued: this test would prove nothing")
        for result, meant in self._results:
            texts = [" ".join(result.args), result.err] + ([] if meant else [result.out])
            for secret in secrets:
                self.assertFalse(any(secret in text for text in texts), f"a secret in the output of {result.args}")
        for path in self.home.files():
            data = path.read_bytes()
            for secret in secrets:
                self.assertNotIn(secret.encode(), data, f"a secret in {path.name}")
        for pid in self.broker_pids():
            with open(f"/proc/{pid}/cmdline", "rb") as cmdline:
                data = cmdline.read()
            for secret in secrets:
                self.assertNotIn(secret.encode(), data, "a secret in the broker's arguments")

    # --- brokers that a command line started ------------------------------------------------------------------------

    def broker_pids(self):
        """Every broker of this test, whoever started it."""
        return children_named(BROKER.name)

    def _stop_brokers(self):
        for pid in self.broker_pids():
            os.kill(pid, signal.SIGTERM)
        try:
            wait_until(lambda: not self.broker_pids(), "the broker's end")
        except AssertionError:
            for pid in self.broker_pids():
                os.kill(pid, signal.SIGKILL)
            raise
