"""The audit record: what it says of releases, how it is searched, and how a change shows."""
import json
import select
import subprocess

from kbtest import CLI, KEY, KeybearerTest, RpcClient, wait_until


class AuditTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.state = self.home.path / "state"
        self.log = self.state / "audit.log"

    def restart(self):
        self.broker.stop()
        self.broker = self.start_broker()

    def store(self, provider="openai"):
        self.ok("provider", "set", provider, "--file", "-", input=KEY)

    def use(self, *arguments):
        self.ok("resolve", *(arguments or ("openai",)), secret_output=True)

    def rows(self, **params):
        with self.rpc() as client:
            return client.call("audit.query", **params)["rows"]

    def lines(self):
        return [json.loads(line) for line in self.log.read_text("ascii").splitlines()]

    def verify(self, code=0):
        result = self.cli("audit", "verify", "--json")
        self.assertEqual(result.code, code, str(result))
        return json.loads(result.out)

    def rewrite(self, change):
        """Somebody changes the lines while no broker runs."""
        self.broker.stop()
        lines = change(self.log.read_text("ascii").splitlines(keepends=True))
        self.log.write_text("".join(lines), "ascii")
        self.broker = self.start_broker()

    # --- what a row says --------------------------------------------------------------------------------------------

    def test_a_release_says_where_it_came_from(self):
        self.store()
        self.use()
        row = self.rows(event="credential.release")[-1]
        self.assertEqual((row["fields"].split(",")[0], row["layers"].split(",")[0]), ("api_key", "store"))
        self.assertEqual(len(row["fields"].split(",")), len(row["layers"].split(",")))
        self.assertEqual((row["verdict"], row["credential"], row["exe"]), ("allow", "openai", str(CLI.resolve())))
        self.assertEqual(row["unusual"], ["new_client"])
        self.use()
        self.assertNotIn("unusual", self.rows(event="credential.release")[-1])
        self.assertNotIn(KEY, self.log.read_text("ascii"))

    # --- questions --------------------------------------------------------------------------------------------------

    def test_rows_are_found(self):
        self.store()
        self.store("anthropic")
        for _ in range(3):
            self.use("openai")
        self.use("anthropic")
        self.assertEqual(len(self.rows(credential="openai", event="credential.release")), 3)
        self.assertEqual([row["credential"] for row in self.rows(event="credential.release", limit=2)], ["openai", "anthropic"])
        self.assertEqual(len(self.rows(unusual=True)), 2)
        self.assertEqual(self.rows(client="/nobody"), [])
        self.assertEqual(len(self.rows(client=CLI.name, verdict="allow", event="credential.set")), 2)
        with self.rpc() as client:
            self.assertEqual(client.call("audit.query", limit=1)["last"], len(self.lines()))
            seen, after = [], 0
            while True:
                page = client.call("audit.query", after=after, limit=2)
                seen += [row["sequence"] for row in page["rows"]]
                after = page["reached"]
                if not page["more"]:
                    break
            self.assertEqual(seen, [row["seq"] for row in self.lines()])

    def test_questions_that_make_no_sense(self):
        with self.rpc() as client:
            for params in ({"limit": 0}, {"limit": 501}, {"since": -1}, {"until": 2**60}, {"after": 1, "before": 2},
                           {"wait": 1}, {"after": 0, "wait": 301}, {"after": -1}, {"verdict": "maybe"}):
                with self.subTest(params), self.assertRpcError("invalid_value"):
                    client.call("audit.query", **params)
        for words in (["--since", "soon"], ["--limit", "-1"], ["--limit", "x"], ["nobody"]):
            with self.subTest(words):
                self.fails(2, "audit", *words)

    def test_a_question_leaves_no_row(self):
        self.store()
        before = len(self.lines())
        self.ok("audit")
        self.assertEqual(len(self.lines()), before)

    def test_a_person_reads_lines(self):
        self.store()
        self.use()
        out = self.ok("audit", "--since", "1h", "--credential", "openai").out.splitlines()
        self.assertIn("credential.set openai  allow", out[0])
        self.assertRegex(out[-1], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  keybearer\[\d+\]  credential.release openai "
                                  r"\(api_key from store.*\)  allow  unusual: new_client  ")
        self.assertEqual(self.ok("audit", "--unusual").out.splitlines(), out[-1:])
        self.assertEqual(self.ok("audit", "--limit", "1").out.splitlines(), out[-1:])
        self.assertIn("--limit shows more", self.ok("audit", "--limit", "1").err)
        self.assertIn("No rows", self.ok("audit", "--since", "1h", "--client", "/nobody").err)
        rows = [json.loads(line) for line in self.ok("audit", "--json").out.splitlines()]
        self.assertEqual([row["sequence"] for row in rows], [row["seq"] for row in self.lines()])

    # --- following --------------------------------------------------------------------------------------------------

    def test_following_shows_what_comes(self):
        self.store()
        follower = subprocess.Popen([CLI, "audit", "--follow", "--json", "--limit", "0"], env=self.env(), text=True,
                                    stdout=subprocess.PIPE)
        self.addCleanup(lambda: (follower.terminate(), follower.stdout.close(), follower.wait()))
        # It has asked once it shows something; how soon that is nobody knows.
        wait_until(lambda: self.use() or select.select([follower.stdout], [], [], 0)[0], "the first row")
        first = json.loads(follower.stdout.readline())
        self.assertEqual((first["event"], first["credential"]), ("credential.release", "openai"))
        self.restart()
        self.store("anthropic")
        following = (json.loads(line) for line in follower.stdout)
        self.assertEqual(next(row["credential"] for row in following if row["event"] == "credential.set"), "anthropic")

    def test_a_waiting_question_ends_with_its_time(self):
        with self.rpc() as client:
            last = client.call("audit.query")["last"]
            self.assertEqual(client.call("audit.query", after=last, wait=1)["rows"], [])

    # --- the check --------------------------------------------------------------------------------------------------

    def test_a_record_is_whole_and_sealed(self):
        self.store()
        self.use()
        report = self.verify()
        self.assertEqual((report["ok"], report["problems"], report["notes"]), (True, [], []))
        self.assertEqual(report["rows"], report["sealed"])
        self.assertIn("The record is whole", self.ok("audit", "verify").out)
        self.restart()
        report = self.verify()
        self.assertEqual((report["ok"], report["notes"], report["sealed"]), (True, [], report["last"]))

    def test_a_killed_broker_leaves_a_whole_record(self):
        self.store()
        for _ in range(5):
            client = RpcClient(self.home.socket)
            for _ in range(20):
                client.call("credential.resolve", provider="openai")
            self.broker.kill()  # with rows that nothing has synced or sealed
            client.close()
            self.broker = self.start_broker()
        self.assertEqual(sum(row["event"] == "credential.release" for row in self.lines()), 100)
        report = self.verify()
        self.assertEqual((report["ok"], report["problems"]), (True, []))

    def test_a_changed_row_is_named(self):
        self.store()
        for _ in range(4):
            self.use()
        self.verify()

        def change(lines):
            lines[2] = lines[2].replace('"verdict":"allow"', '"verdict":"deny"')
            return lines

        self.rewrite(change)
        report = self.verify(code=1)
        self.assertFalse(report["ok"])
        self.assertEqual((report["problems"][0]["file"], report["problems"][0]["line"]), ("audit.log", 4))
        self.assertIn("row 3: one of them was changed", report["problems"][0]["message"])
        result = self.cli("audit", "verify")
        self.assertEqual(result.code, 1)
        self.assertIn("audit.log:4: ", result.out)

    def test_an_end_that_was_cut_off_stays_known(self):
        self.store()
        for _ in range(4):
            self.use()
        self.verify()
        self.rewrite(lambda lines: lines[:-2])
        report = self.verify(code=1)
        self.assertIn("rows were sealed", report["problems"][0]["message"])
        self.assertIn("were cut off", report["problems"][0]["message"])
        self.restart()
        self.assertIn("were cut off", self.verify(code=1)["problems"][0]["message"])

    def test_a_file_that_is_replaced_under_a_running_broker(self):
        self.store()
        self.use()
        self.verify()
        copy = self.log.read_bytes()
        self.log.unlink()
        self.log.write_bytes(copy)
        self.log.chmod(0o600)
        self.use()
        report = self.verify(code=1)
        self.assertIn("were cut off", report["problems"][-1]["message"])

    def test_a_locked_keychain_does_not_stop_the_record(self):
        self.store()
        self.verify()
        self.broker.stop()
        self.keyring.lock()
        self.broker = self.start_broker()
        with self.rpc() as client:
            client.call("account.list")
        report = self.verify()
        self.assertIsNone(report["sealed"])
        self.assertIn("the seal cannot be checked", report["notes"][0])
        self.keyring.restart()
        report = self.verify()
        self.assertEqual((report["ok"], report["sealed"]), (True, report["last"]))

    def test_the_key_goes_along_to_another_keychain(self):
        self.store()
        self.verify()
        self.ok("keychain", "migrate", "--to", "file", "--no-passphrase")
        self.restart()
        report = self.verify()
        self.assertEqual((report["ok"], report["notes"], report["sealed"]), (True, [], report["last"]))

    # --- limits -----------------------------------------------------------------------------------------------------

    def test_old_files_go_and_the_record_stays_whole(self):
        self.broker.stop()
        self.home.write_config("config.toml", "[audit]\nmax_bytes = 1048576\n")
        self.broker = self.start_broker()
        self.store()
        request = {"jsonrpc": "2.0", "id": 1, "method": "credential.resolve", "params": {"provider": "openai"}}
        with self.rpc() as client:
            while not self.rows(event="audit.removed", limit=1):
                client.send_raw((json.dumps(request) + "\n").encode() * 50)
                for _ in range(50):
                    client.read_line()
        report = self.verify()  # after which the files are gone that go
        files = list(self.state.glob("audit*.log"))
        self.assertGreater(len(files), 2)
        self.assertTrue(report["ok"], report)
        self.assertGreater(report["first"], 1)
        self.assertLess(sum(file.stat().st_size for file in files), 1_200_000)


class TokenAuditTest(KeybearerTest):
    def test_a_token_says_whose_and_whence(self):
        self.start_broker()
        self.ok("login", "lab", "--account", "work")
        self.token("work", "--refresh")
        self.token("work")
        with self.rpc() as client:
            rows = client.call("audit.query", event="token.release")["rows"]
        self.assertEqual([(row["account"], row["source"]) for row in rows], [("work", "refresh"), ("work", "cache")])
        self.assert_no_secret_leaks()
