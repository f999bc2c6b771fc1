"""What a session with another machine ends with, and what it is limited to."""
import os
import signal

from kbtest import RpcClient, RpcError, userinfo, wait_until
from kbtest.process import children_named
from kbtest.ssh import ForwardTest


class EndTest(ForwardTest):
    def test_the_end_of_the_connection_ends_all_of_it(self):
        process = self.begin("keybearer token work >/dev/null; cp $KEYBEARER_CLIENT_KEY_FILE $HOME/kept; echo there; cat")
        (session,) = self.sessions()
        self.assertEqual((session["host"], session["scopes"]), ("remote", ["account:work"]))
        socket = self.home.path / "run" / session["session_id"] / "broker.sock"
        self.assertEqual(os.stat(socket).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(socket.parent).st_mode & 0o777, 0o700)
        for pid in children_named("ssh", process.pid):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self.sessions(), "the session's end")
        wait_until(lambda: not process.running(), "the end of the command")
        self.assertFalse(socket.parent.exists())
        self.assertEqual(len(self.revoked()), 1)
        wait_until(lambda: not self.remote.folders(), "the other machine's folder")
        kept = (self.remote.home / "kept").read_text().strip()
        with self.assertRpcError("denied"):
            self.rpc().call("system.authenticate", key=kept)

    def test_the_end_of_the_command_that_holds_it_ends_all_of_it(self):
        process = self.begin("keybearer token work >/dev/null; echo there; cat")
        process.kill()
        wait_until(lambda: not self.sessions(), "the session's end")
        wait_until(self.revoked, "the revocation")
        wait_until(lambda: not self.remote.folders(), "the other machine's folder")

    def test_a_broker_that_ends_takes_the_tokens_back(self):
        process = self.begin("keybearer token work >/dev/null; echo there; cat")
        self.broker.stop()
        self.assertEqual(len(self.revoked()), 1)
        self.assertEqual(list((self.home.path / "run").glob("fw_*")), [])
        wait_until(lambda: "the session has ended: the broker ends" in process.output() or
                   "the broker has ended" in process.output(), "word of it")
        wait_until(lambda: not self.remote.folders(), "the other machine's folder")
        self.writer.close()
        self.assertEqual(process.wait(), 0)

    def test_a_broker_that_was_killed_leaves_nothing_open(self):
        self.begin()
        self.broker.kill()
        self.broker = self.start_broker()
        self.person = self.rpc()
        self.assertEqual(self.sessions(), [])
        self.assertEqual(list((self.home.path / "run").glob("fw_*")), [])

    def test_its_time_ends(self):
        process = self.begin("keybearer token work >/dev/null; echo there; cat", "--for", "3")
        wait_until(lambda: not self.sessions(), "the session's end")
        wait_until(lambda: "its time is over" in process.output(), "word of it")
        self.assertEqual(len(self.revoked()), 1)
        self.assertTrue(process.running())  # the shell goes on

    def test_a_person_ends_it(self):
        process = self.begin("keybearer token work >/dev/null; echo there; cat")
        (session,) = self.sessions()
        self.assertIn(session["session_id"], self.ok("forward", "--list").out)
        self.assertIn("its tokens were revoked", self.ok("forward", "--end", session["session_id"]).out)
        wait_until(lambda: "it was ended by command" in process.output(), "word of it")
        self.fails(2, "forward", "--end", session["session_id"] + "0")

    def test_what_could_not_be_revoked_is_named(self):
        self.provider.fault("/token/revocation", "status", status=503)
        ran = self.over_there("keybearer token work >/dev/null")
        self.assertRegex(ran.err, r"remote keeps tokens of work that were not revoked: .* They end at 20")
        self.assertEqual(len(self.audit("forward.keep")), 1)

    def test_what_a_sign_out_could_not_revoke_is_named_at_the_end(self):
        process = self.begin("keybearer token work >/dev/null; echo there; cat")
        self.provider.fault("/token/revocation", "status", times=9, status=503)
        self.cli("logout", "work")
        self.writer.close()
        process.wait()
        self.assertRegex(process.output(), r"remote keeps tokens of work that were not revoked: .* They end at 20")
        self.assertEqual(len(self.audit("forward.keep")), 1)

    def test_where_the_sign_in_would_end_with_them_they_are_left_to_end(self):
        self.home.write_provider("lab", self.provider.issuer, revocation_ends_sign_in=True)
        self.broker.stop()
        self.broker = self.start_broker()
        local = self.token("work")
        ran = self.over_there("keybearer token work >/dev/null")
        self.assertRegex(ran.err, r"were not revoked: its provider file says .* They end at 20")
        self.assertEqual(self.revoked(), [])
        self.assertEqual(self.token("work"), local)
        self.assertTrue(self.token("work", "--refresh"))

    def test_a_lock_in_between_is_told(self):
        self.begin("keybearer token work >/dev/null; echo there; cat")
        (session,) = self.sessions()
        self.person.call("system.lock")
        with self.assertRpcError("broker_locked"):
            self.sessions()
        self.broker.stop()
        (row,) = self.audit("forward.keep")
        self.assertIn("locked in between", row["reason"])


class KeyTest(ForwardTest):
    def test_a_socket_takes_its_own_key_alone(self):
        stored = self.person.call("client_key.create", name="ci", scopes=["*"])["key"]
        mine, other = self.rpc(), self.rpc()
        first = mine.call("forward.begin", host="one", scopes=["account:work"])
        second = other.call("forward.begin", host="two", scopes=["account:home"])
        for path, key, accepted in ((first["socket"], first["key"], True), (second["socket"], second["key"], True),
                                    (first["socket"], second["key"], False), (first["socket"], stored, False),
                                    (self.home.socket, first["key"], False), (self.home.socket, stored, True)):
            with self.subTest(path=path, accepted=accepted):
                client = RpcClient(path)
                self.addCleanup(client.close)
                with self.assertRaises(RpcError) if path != self.home.socket else self.subTest():
                    client.call("token.get", account="work")
                if accepted:
                    client.call("system.authenticate", key=key)
                else:
                    with self.assertRpcError("denied"):
                        client.call("system.authenticate", key=key)
        self.assertNotIn(first["key"][:12], (self.home.path / "data" / "client_keys.json").read_text())
        self.assertEqual(len(self.person.call("client_key.list")["client_keys"]), 1)

    def test_what_cannot_begin(self):
        rows = (({"host": "-oProxyCommand=x"}, "invalid_value"), ({"host": "a b"}, "invalid_value"), ({"host": ""}, "invalid_value"),
                ({"host": "h" * 256}, "invalid_value"), ({"scopes": []}, "invalid_value"), ({"scopes": ["*"]}, "invalid_value"),
                ({"scopes": ["account:*"]}, "invalid_value"), ({"scopes": ["openai/*"]}, "invalid_value"),
                ({"scopes": ["account:nobody"]}, "unknown_account"), ({"expires_in": 0}, "invalid_value"),
                ({"expires_in": 86401}, "invalid_value"))
        for row, kind in rows:
            with self.subTest(row), self.assertRpcError(kind):
                self.person.call("forward.begin", **{"host": "h", "scopes": ["account:work"], **row})
        self.assertEqual(self.sessions(), [])

    def test_there_are_so_many_and_no_more(self):
        owners = [self.rpc() for _ in range(17)]
        for owner in owners[:16]:
            owner.call("forward.begin", host="h", scopes=["account:work"])
        with self.assertRpcError("rate_limited"):
            owners[16].call("forward.begin", host="h", scopes=["account:work"])
        with self.assertRpcError("invalid_value"):
            owners[0].call("forward.begin", host="h", scopes=["account:work"])
        owners[0].close()
        wait_until(lambda: len(self.sessions()) == 15, "the first one's end")
        owners[16].call("forward.begin", host="h", scopes=["account:work"])

    def test_connections_to_a_socket_are_limited(self):
        path = self.person.call("forward.begin", host="h", scopes=["account:work"])["socket"]
        clients = [RpcClient(path) for _ in range(64)]
        for client in clients:
            self.addCleanup(client.close)
            client.call("system.hello")
        more = RpcClient(path)
        self.addCleanup(more.close)
        self.assertEqual(more.read_line(), b"")

    def test_tokens_of_a_session_are_limited(self):
        begun = self.person.call("forward.begin", host="h", scopes=["account:work"])
        client = RpcClient(begun["socket"])
        self.addCleanup(client.close)
        client.call("system.authenticate", key=begun["key"])
        for _ in range(64):
            client.call("token.get", account="work", refresh=True)
        with self.assertRpcError("rate_limited"):
            client.call("token.get", account="work", refresh=True)
        self.assertEqual(client.call("token.get", account="work")["source"], "cache")
        self.person.close()
        wait_until(lambda: len(self.revoked()) == 64, "the revocations", seconds=30)

    def test_an_open_call_ends_with_its_session(self):
        begun = self.person.call("forward.begin", host="h", scopes=["account:work"])
        client = RpcClient(begun["socket"])
        self.addCleanup(client.close)
        client.call("system.authenticate", key=begun["key"])
        status = client.call("system.status")
        client.send("system.status", known_revision=status["revision"], wait=300)
        self.person.call("forward.end", session_id=begun["session_id"])
        self.assertEqual(client.read_line(), b"")


class AccountTest(ForwardTest):
    """What is forwarded is an account, and not whoever has its name."""

    def setUp(self):
        super().setUp()
        self.owner = self.rpc()
        begun = self.owner.call("forward.begin", host="h", scopes=["account:work"])
        self.session = begun["session_id"]
        self.client = RpcClient(begun["socket"])
        self.addCleanup(self.client.close)
        self.client.call("system.authenticate", key=begun["key"])
        self.held = self.client.call("token.get", account="work")["access_token"]

    def scopes(self):
        return [session["scopes"] for session in self.sessions()]

    def test_it_stays_forwarded_under_another_name(self):
        self.ok("account", "rename", "work", "office")
        self.ok("account", "rename", "home", "work")
        self.assertEqual(self.scopes(), [["account:office"]])
        again = self.client.call("token.get", account="office")
        self.assertEqual((again["access_token"], again["source"]), (self.held, "cache"))
        self.assertNotEqual(self.client.call("token.get", account="office", refresh=True)["access_token"], self.held)
        with self.assertRpcError("denied"):
            self.client.call("token.get", account="work")
        ended = self.owner.call("forward.end", session_id=self.session)
        self.assertEqual(len(self.revoked()), 2)
        self.assertEqual([one["account"] for one in ended["tokens"]], ["office"])

    def test_it_is_gone_with_its_sign_in(self):
        me = f"{self.provider.issuer}/me"
        self.assertEqual(userinfo(me, self.held)["sub"], "alice")
        self.ok("logout", "work")
        self.assertEqual(userinfo(me, self.held), 401)
        self.assertEqual(len(self.revoked()), 3)  # the sign-in's, the one of this machine's programs, the session's
        with self.assertRpcError("denied"):
            self.client.call("token.get", account="work")
        self.sign_in(self.person, account="work")  # whoever that is
        with self.assertRpcError("denied"):
            self.client.call("token.get", account="work")
        self.assertEqual(self.scopes(), [[]])
        local = self.token("work")
        self.owner.call("forward.end", session_id=self.session)
        self.assertEqual(userinfo(me, local)["sub"], "alice")
