"""Base of the functional tests."""
import contextlib
import os
import re
import signal
import subprocess
import sys
import unittest

from .broker import Broker
from .browser import browse
from .home import BROKER, CLI, Home
from .keyring import Keyring
from .process import adopt_orphans, children_named, wait_until
from .provider import Provider
from .rpc import RpcClient, RpcError

CLI_SECONDS = 60
LOG_END = 3000  # characters


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
        self.addCleanup(self._tell_logs)
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
        RpcClient.errors.clear()
        adopt_orphans()
        self.addCleanup(self._stop_brokers)
        if self.provider:
            self.addCleanup(self._assert_no_secret_was_left)

    def env(self, **extra):
        return self.home.environment(**{"DBUS_SESSION_BUS_ADDRESS": self.keyring.address, **extra})

    # --- programs ---------------------------------------------------------------------------------------------------

    def start_broker(self, before=(), stdin=None, **env):
        broker = Broker(self.home, self.env(**env), before, stdin)
        self.addCleanup(broker.stop)
        return broker

    def cli(self, *args, input=None, secret_output=False, cwd=None, **env):
        """Runs `keybearer`. `secret_output` says that a secret on stdout is meant."""
        args = [str(arg) for arg in args]
        completed = subprocess.run([CLI, *args], env=self.env(**env), input=input, capture_output=True, text=True,
                                   timeout=CLI_SECONDS, check=False, cwd=cwd)
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

    def begin_login(self, client, provider="lab", attended=True, **params):
        return client.call("account.login", provider=provider, attended=attended, **params)

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
        """No code or token that the provider issued, and none of `more`, is in an output, an error answer, a log, a
        file, or an argument or the environment of a broker."""
        secrets = [secret for secret in self.provider.tokens() | set(more) if len(secret) >= 8]
        self.assertTrue(secrets, "nothing was issued: this test would prove nothing")
        self._assert_absent(secrets)

    def _assert_no_secret_was_left(self):
        """At the end of every test, whatever it was about."""
        if not self._has_failed() and (secrets := [secret for secret in self.provider.tokens() if len(secret) >= 8]):
            self._assert_absent(secrets)

    def _assert_absent(self, secrets):
        pattern = re.compile(b"|".join(re.escape(secret.encode()) for secret in secrets))
        for where, data in self._everything_said():
            self.assertIsNone(pattern.search(data), f"a secret in {where}")

    def _everything_said(self):
        """Pairs of a name and bytes that anybody may come to see."""
        for result, meant in self._results:
            yield f"the output of {result.args}", " ".join([*result.args, result.err, "" if meant else result.out]).encode()
        for line in RpcClient.errors:
            yield "an error answer", line
        for path in self.home.files():
            yield path.name, path.read_bytes()
        for pid in self.broker_pids():
            for name in ("cmdline", "environ"):
                with contextlib.suppress(PermissionError), open(f"/proc/{pid}/{name}", "rb") as file:
                    yield f"the broker's {name}", file.read()

    # --- brokers that a command line started ------------------------------------------------------------------------

    def broker_pids(self):
        """Every broker of this test, whoever started it."""
        return children_named(BROKER.name)

    def _has_failed(self):
        """So far; `_outcome.success` is about the part that runs now, which is a cleanup."""
        result = self._outcome.result
        return any(self in (test, getattr(test, "test_case", None)) for test, _ in (*result.failures, *result.errors))

    def _tell_logs(self):
        """Of a test that failed: its home is gone afterwards."""
        if self._has_failed():
            for log in sorted(self.home.path.rglob("*.log")):
                print(f"{log.name}: {log.read_text(encoding='utf-8', errors='replace')[-LOG_END:]}", file=sys.stderr)

    def _stop_brokers(self):
        for pid in self.broker_pids():
            os.kill(pid, signal.SIGTERM)
        try:
            wait_until(lambda: not self.broker_pids(), "the broker's end")
        except AssertionError:
            for pid in self.broker_pids():
                os.kill(pid, signal.SIGKILL)
            raise
