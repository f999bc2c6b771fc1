"""Several programs that want the same account at the same time: one window, one outcome."""
import subprocess
import threading

from kbtest import CLI, KeybearerTest, browse


class JoinedLoginTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.start_broker()
        self.first, self.second = self.rpc(), self.rpc()

    def authorizations(self):
        return len(self.provider.requests("/auth"))

    def test_who_comes_later_waits_for_the_same_login(self):
        login = self.begin_login(self.first)
        joined = self.begin_login(self.second)
        self.assertEqual((login["joined"], joined["joined"]), (False, True))
        self.assertEqual(joined["login_id"], login["login_id"])
        browse(login["authorization_url"])
        for client in (self.first, self.second):
            self.assertEqual(self.login_end(client, login)["state"], "done")
        self.assertEqual(len(self.first.call("account.list")["accounts"]), 1)

    def test_twenty_programs_at_once_open_one_window(self):
        clients = [self.rpc() for _ in range(20)]
        begun = []
        threads = [threading.Thread(target=lambda client=client: begun.append(self.begin_login(client)))
                   for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        self.assertEqual(sum(not login["joined"] for login in begun), 1)
        self.assertEqual(len({login["authorization_url"] for login in begun}), 1)
        browse(begun[0]["authorization_url"])
        for client in clients:
            self.assertEqual(self.login_end(client, begun[0])["state"], "done")

    def test_what_is_another_login(self):
        first = self.begin_login(self.first)
        for params in ({"account": "work"}, {"scopes": ["openid"]}, {"flow": "device"}, {"client_id": "native-any"}):
            with self.subTest(params):
                other = self.begin_login(self.second, **params)
                self.assertFalse(other["joined"])
                self.assertNotEqual(other["login_id"], first["login_id"])

    def test_the_first_may_go_and_the_other_gets_the_outcome(self):
        login = self.begin_login(self.first)
        self.begin_login(self.second)
        self.first.close()
        browse(login["authorization_url"])
        self.assertEqual(self.login_end(self.second, login)["state"], "done")

    def test_who_cancels_leaves_and_the_last_one_ends_it(self):
        login = self.begin_login(self.first)
        self.begin_login(self.second)
        self.assertEqual(self.first.call("account.login_cancel", login_id=login["login_id"])["state"], "cancelled")
        with self.assertRpcError("unknown_login"):
            self.login_state(self.first, login, wait=0)
        self.assertEqual(self.login_state(self.second, login, wait=0)["state"], "waiting_for_browser")
        self.assertEqual(self.second.call("account.login_cancel", login_id=login["login_id"])["state"], "cancelled")
        with self.assertRaises(OSError):
            browse(login["redirect_uri"])

    def test_a_fresh_login_takes_the_place_of_the_one_before(self):
        login = self.begin_login(self.first)
        fresh = self.begin_login(self.second, fresh=True)
        self.assertFalse(fresh["joined"])
        old = self.login_end(self.first, login)
        self.assertEqual((old["state"], old["error"]["kind"]), ("cancelled", "login_cancelled"))
        self.assertIn("another sign-in", old["error"]["message"])
        browse(fresh["authorization_url"])
        self.assertEqual(self.login_end(self.second, fresh)["state"], "done")

    def test_a_login_after_another_is_a_new_one_with_fresh_values(self):
        _, state = self.sign_in(self.first)
        self.assertEqual(state["state"], "done")
        login = self.begin_login(self.first)
        self.assertFalse(login["joined"])
        again = self.begin_login(self.first, fresh=True)
        for part in ("state=", "code_challenge=", "nonce="):
            value = [url.split(part)[1].split("&")[0] for url in (login["authorization_url"], again["authorization_url"])]
            self.assertNotEqual(*value)

    def test_the_command_line_waits_and_opens_no_second_window(self):
        login = self.begin_login(self.first)
        with subprocess.Popen([CLI, "login", "lab"], env=self.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as waiting:
            self.assertIn("under way already", waiting.stderr.readline())
            self.assertEqual(self.authorizations(), 0)
            browse(login["authorization_url"])
            out, _ = waiting.communicate(timeout=30)
        self.assertEqual(waiting.returncode, 0)
        self.assertIn("Signed in", out)

    def test_another_subject_does_not_take_an_account_over(self):
        self.sign_in(self.first, account="work")
        self.provider.set(sub="mallory")
        _, state = self.sign_in(self.first, account="work")
        self.assertEqual(state["state"], "failed")
        self.assertIn("alice", state["error"]["message"])
        (account,) = self.first.call("account.list")["accounts"]
        self.assertEqual((account["account"], account["subject"]), ("work", "alice"))
