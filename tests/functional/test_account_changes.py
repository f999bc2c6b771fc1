"""Sign-ins, sign-outs, refreshes and renames of one account at the same time."""
import concurrent.futures
import json
import os
import signal

from kbtest import KeybearerTest, Provider, RpcClient, RpcError, browse, wait_until
from kbtest.shell import Shell


class MeetingTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.client = self.rpc()
        self.pool = concurrent.futures.ThreadPoolExecutor(4)
        self.addCleanup(self.pool.shutdown)

    def names(self):
        return [account["account"] for account in self.client.call("account.list")["accounts"]]

    def stored(self):
        """Names of accounts, as the file has them."""
        return [account["name"] for account in json.loads((self.home.path / "data" / "accounts.json").read_text())["accounts"]]

    def stop_keyring(self):
        """From here on calls of the keyring wait."""
        os.kill(self.keyring.pid, signal.SIGSTOP)
        self.addCleanup(self.go_on)

    def go_on(self):
        os.kill(self.keyring.pid, signal.SIGCONT)

    def held(self, path):
        wait_until(lambda: any(entry.get("fault") for entry in self.provider.requests(path)), f"a request for {path}")

    def answer(self, method, **params):
        """Of one caller in the background."""
        def ask():
            with RpcClient(self.home.socket) as client:
                try:
                    return client.call(method, **params)
                except RpcError as error:
                    return error.kind
        return self.pool.submit(ask)

    def exchanged(self, *providers):
        wait_until(lambda: all(provider.requests("/token", "POST") for provider in providers), "the code's exchange")


class ChangesTest(MeetingTest):
    def test_a_sign_in_that_cannot_be_kept_leaves_the_one_before_alone(self):
        self.sign_in(self.client, account="work")
        login = self.begin_login(self.client, account="work", fresh=True)
        self.keyring.lock()
        browse(login["authorization_url"])
        self.assertEqual(self.login_end(self.client, login)["state"], "failed")
        self.keyring.restart()
        tokens = {self.token("work", "--refresh") for _ in range(3)}
        self.assertEqual(len(tokens), 3)

    def test_sign_ins_that_end_together_have_names_of_their_own(self):
        other = Provider(self.home)
        self.addCleanup(other.stop)
        logins = [self.begin_login(self.client, provider.issuer, client_id="native-anypath", fresh=True)
                  for provider in (self.provider, other)]
        self.stop_keyring()
        pages = [self.pool.submit(browse, login["authorization_url"]) for login in logins]
        self.exchanged(self.provider, other)
        self.go_on()
        for page in pages:
            self.assertIn("Signed in", page.result().body)
        self.assertEqual(len(set(self.names())), 2)
        self.assertEqual(sorted(self.stored()), sorted(self.names()))
        self.broker.stop()
        self.start_broker()
        for name in self.stored():
            self.assertTrue(self.token(name))

    def test_a_rename_during_a_sign_in_stays(self):
        self.sign_in(self.client, account="work")
        login = self.begin_login(self.client, account="work", fresh=True)
        self.stop_keyring()
        before = len(self.provider.requests("/token", "POST"))
        page = self.pool.submit(browse, login["authorization_url"])
        wait_until(lambda: len(self.provider.requests("/token", "POST")) > before, "the code's exchange")
        self.login_state(self.client, login)  # it waits for the keyring
        self.client.call("account.rename", account="work", new_name="office")
        self.go_on()
        self.assertIn("Signed in", page.result().body)
        self.assertEqual(self.names(), ["office"])
        self.assertEqual(self.stored(), ["office"])

    def test_a_broker_that_ends_lets_a_sign_out_finish(self):
        self.sign_in(self.client, account="work")
        self.provider.fault("/token/revocation", "late")
        self.answer("account.logout", account="work")
        self.held("/token/revocation")
        os.kill(self.broker.pid, signal.SIGTERM)
        wait_until(lambda: not self.home.socket.exists(), "the end of the socket")
        self.provider.release()
        self.assertEqual(self.broker.stop(), 0)
        self.assertEqual((self.stored(), self.keyring.kept()), ([], 0))

    def test_a_broker_that_ends_lets_a_sign_in_be_kept(self):
        login = self.begin_login(self.client, account="work", fresh=True)
        self.stop_keyring()
        with self.keyring.calls() as calls:
            self.pool.submit(browse, login["authorization_url"])
            wait_until(calls, "a call of the keyring")
        os.kill(self.broker.pid, signal.SIGTERM)
        wait_until(lambda: not self.home.socket.exists(), "the end of the socket")
        self.go_on()
        self.assertEqual(self.broker.stop(), 0)
        self.assertEqual((self.stored(), self.keyring.kept()), (["work"], 1))
        self.broker = self.start_broker()
        self.assertTrue(self.token("work", "--refresh"))

    def test_a_token_that_is_asked_for_during_a_sign_out_leaves_nothing_behind(self):
        self.sign_in(self.client, account="work")
        self.provider.fault("/token/revocation", "late")
        out = self.answer("account.logout", account="work")
        self.held("/token/revocation")
        with RpcClient(self.home.socket) as asking:
            asking.send("token.get", account="work", refresh=True)
            asking.call("system.hello")  # so it has been taken
            before = len(self.provider.requests("/token", "POST"))
            self.provider.release()
            self.assertTrue(out.result()["accounts"][0]["revoked"])
        with self.assertRpcError("unknown_account"):
            self.client.call("token.get", account="work")
        self.assertEqual(len(self.provider.requests("/token", "POST")), before)
        self.assertEqual(self.keyring.kept(), 0)

    def test_a_sign_in_during_a_sign_out_is_kept(self):
        self.sign_in(self.client, account="work")
        login = self.begin_login(self.client, account="work", fresh=True)
        self.provider.fault("/token/revocation", "late")
        out = self.answer("account.logout", account="work")
        self.held("/token/revocation")
        before = len(self.provider.requests("/token", "POST"))
        page = self.pool.submit(browse, login["authorization_url"])
        wait_until(lambda: len(self.provider.requests("/token", "POST")) > before, "the code's exchange")
        self.provider.release()
        self.assertTrue(out.result()["accounts"][0]["revoked"])
        self.assertIn("Signed in", page.result().body)
        self.assertEqual(self.names(), ["work"])
        self.assertTrue(self.token("work", "--refresh"))

    def test_a_sign_in_during_a_refresh_has_the_last_word(self):
        self.sign_in(self.client, account="work")
        login = self.begin_login(self.client, account="work", fresh=True)
        self.provider.fault("/token", "late")
        late = self.answer("token.get", account="work", refresh=True)
        self.held("/token")
        before = len(self.provider.requests("/token", "POST"))
        page = self.pool.submit(browse, login["authorization_url"])
        wait_until(lambda: len(self.provider.requests("/token", "POST")) > before, "the code's exchange")
        self.provider.release()
        self.assertIn("access_token", late.result())
        self.assertIn("Signed in", page.result().body)
        new = self.client.call("token.get", account="work")["access_token"]
        self.assertNotEqual(new, late.result()["access_token"])
        self.assertTrue(self.token("work", "--refresh"))


class BoundTest(MeetingTest):
    def test_a_refresh_that_outlasts_a_lock_knows_the_key(self):
        self.broker.stop()
        self.home.write_provider("bound", self.provider.issuer, dpop=True)
        self.start_broker()
        self.client = self.rpc()
        self.sign_in(self.client, "bound", account="bound")
        self.provider.fault("/token", "late")
        late = self.answer("token.get", account="bound", refresh=True)
        self.held("/token")
        self.client.call("system.lock")
        shell = Shell(self.env(), self.home.user)
        self.addCleanup(shell.stop)
        shell.type("keybearer unlock")
        shell.expect("Unlocked")
        self.provider.release()
        self.assertEqual(late.result()["token_type"], "DPoP")
        self.assertEqual(self.client.call("token.get", account="bound")["token_type"], "DPoP")
