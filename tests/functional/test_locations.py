"""Places that config.toml names for a credential: variables, files, commands, AWS's files, an account's token."""
import json
import os
import pathlib
import subprocess
import threading

from kbtest import BROKER, KEY, LocationTest, wait_until


class ListTest(LocationTest):
    def test_a_list_takes_the_place_of_the_usual_layers(self):
        self.list("dynamic::customer_key", "env::MY_KEY", "store::")
        self.store()
        usual = {"environment": ["OPENAI_API_KEY"], "instance": ["api_key"]}
        self.assertEqual(self.value(**usual), KEY)
        mine = self.field(self.resolve(environment=["OPENAI_API_KEY", "MY_KEY"]))
        self.assertEqual((mine["source"], mine["from"], mine["file"]), ("environment", "MY_KEY", False))
        customers = self.resolve(call=["customer_key"], environment=["MY_KEY"])
        self.assertEqual((self.field(customers)["source"], self.field(customers)["from"]), ("call", "customer_key"))
        self.assertEqual([place["source"] for place in customers["shadowed"]], ["environment", "store"])
        self.assertEqual(self.value(call=["api_key"]), KEY, "call:: does not stand in the list")
        with self.assertRpcError("invalid_value"):
            self.resolve(call=["another_key"])

    def test_a_list_is_for_one_key_of_a_provider(self):
        self.begin('[locations]\n"openai/work" = ["env::WORK_KEY"]\n')
        self.store()
        self.assertEqual(self.value(environment=["WORK_KEY"]), KEY)
        self.assertEqual(self.field(self.resolve(name="work", environment=["WORK_KEY"]))["from"], "WORK_KEY")
        self.store("sk-work-0123456789", name="work")
        with self.assertRpcError("no_credential") as refused:
            self.resolve(name="work")
        self.assertEqual(refused.exception.data["looked_at"], ["environment"])

    def test_whole_layers_can_be_put_in_another_order(self):
        self.list("shared::", "store::", "environment::", "instance::", "call::", "broker_environment::",
                  more='[resolution]\nenvironment = ["OPENAI_API_KEY"]', OPENAI_API_KEY="sk-brokers-0123456789")
        own = {"call": ["api_key"], "instance": ["api_key"], "environment": ["OPENAI_API_KEY"]}
        self.store("sk-shared-0123456789", shared=True)
        self.store("sk-store-01234567890")
        for source in ("shared", "store", "environment", "instance", "call", "broker_environment"):
            with self.subTest(source):
                self.assertEqual(self.field(self.resolve(**own))["source"], source)
            if source in ("shared", "store"):
                self.client.call("credential.remove", provider="openai", shared=source == "shared")
            else:
                own.pop(source, None)

    def test_a_variable_with_a_path_is_read_by_the_caller(self):
        self.list("path_from_env::MY_KEY_FILE")
        path = self.file("key", KEY)
        field = self.field(self.resolve(environment=["MY_KEY_FILE"]))
        self.assertEqual((field["source"], field["file"]), ("environment", True))
        self.assertNotIn("value", field)
        described = self.client.call("provider.describe", provider="openai")
        (api_key,) = (field for field in described["fields"] if field["field"] == "api_key")
        self.assertEqual(api_key["configured_path_variables"], ["MY_KEY_FILE"])
        self.assertEqual(self.ok("resolve", "openai", MY_KEY_FILE=path, secret_output=True).out, KEY + "\n")

    def test_what_stands_together_is_one_credential(self):
        self.list(["api_key=env::MY_KEY", "base_url=env::MY_URL"], "store::")
        self.store()
        both = self.resolve(environment=["MY_KEY", "MY_URL"])
        self.assertEqual([self.field(both, name)["from"] for name in ("api_key", "base_url")], ["MY_KEY", "MY_URL"])
        alone = self.resolve(environment=["MY_URL"])
        self.assertEqual((self.field(alone)["value"], self.field(alone, "base_url")["source"]), (KEY, "default"))
        self.assertEqual(alone["ignored"][0]["why"], "secrets_come_from_elsewhere")

    def test_only_leaves_places_out(self):
        path = self.file("key", KEY)
        self.list(f"file::{path}", "store::")
        self.store("sk-store-01234567890")
        self.assertEqual(self.value(), KEY)
        self.assertEqual(self.value(only=["store"]), "sk-store-01234567890")
        with self.assertRpcError("no_credential"):
            self.resolve(only=["command"])

    def test_none_says_that_nothing_is_needed(self):
        self.list("env::MY_KEY", "none")
        answer = self.resolve()
        self.assertEqual([field["field"] for field in answer["fields"]], ["base_url"])
        self.assertEqual(self.field(self.resolve(environment=["MY_KEY"]))["from"], "MY_KEY")
        (status,) = self.client.call("provider.status", provider="openai")["providers"]
        self.assertEqual(status["status"], "not_required")

    def test_status_explain_and_run_know_the_places(self):
        path = self.file("key", KEY)
        self.list(f"file::{path}")
        (status,) = self.client.call("provider.status", provider="openai")["providers"]
        self.assertEqual((status["status"], status["source"], status["from"]), ("authenticated", "file", str(path)))
        shown = self.ok("explain", "openai").out
        self.assertIn(f"file ({path})", shown)
        self.assertNotIn("canary", shown)
        run = self.ok("run", "-p", "openai", "--", "/bin/sh", "-c", 'printf %s "$OPENAI_API_KEY"', secret_output=True)
        self.assertEqual(run.out, KEY)
        path.unlink()
        (status,) = self.client.call("provider.status", provider="openai")["providers"]
        self.assertEqual(status["status"], "not_authenticated")

    def test_a_list_that_cannot_be_meant_is_an_error_at_the_start(self):
        rows = ((["env::"], "config.toml:2:", "name of letters"),
                (["sk-0123456789-canary"], "config.toml:2:", "a location is one of"),
                (["nowhere::X"], "config.toml:2:", "a location is one of"),
                (["file::key"], "config.toml:2:", "absolute path"),
                (["command::"], "config.toml:2:", "a program"),
                (["command::sh -c 'x"], "config.toml:2:", "not closed"),
                (["none", "store::"], "config.toml:2:", "ends a list"),
                (["apikey2=env::X"], "config.toml:2:", "no field"),
                (["store::default"], "config.toml:2:", "nothing stands behind"),
                (["aws_sdk::"], "config.toml:2:", "no keys of AWS"),
                (["base_url=oauth::lab"], "config.toml:2:", "no secret"),
                ([["env::A", "file::/x"]], "config.toml:2:", "one kind"),
                ([["env::A", "api_key=env::B"]], "config.toml:2:", "twice"),
                ([], "config.toml:2:", "1 to 16"))
        for sources, where, why in rows:
            with self.subTest(sources):
                self.home.write_config("config.toml", f"[locations]\nopenai = {json.dumps(sources)}\n")
                result = subprocess.run([BROKER], env=self.env(), capture_output=True, text=True, timeout=30, check=False)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn(where, result.stderr)
                self.assertIn(why, result.stderr)
                self.assertNotIn("canary", result.stderr)
        for text, why in (('openay = ["store::"]', "did you mean openai"), ('openai = "store::"', "write a list"),
                          ('vertex-anthropic = ["env::X"]\nbedrock = ["env::X"]', "several secrets"),
                          ('openai = ["store::"]\nOpenAI = ["store::"]', "a list already")):
            with self.subTest(text):
                self.home.write_config("config.toml", f"[locations]\n{text}\n")
                result = subprocess.run([BROKER], env=self.env(), capture_output=True, text=True, timeout=30, check=False)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn(why, result.stderr)


class FileTest(LocationTest):
    def test_a_file_is_read_and_a_missing_one_passed_by(self):
        path = self.file("key", KEY + "\n")
        self.list(f"file::{path}", "store::")
        field = self.field(self.resolve())
        self.assertEqual((field["source"], field["from"], field["value"]), ("file", str(path), KEY))
        path.unlink()
        self.store("sk-store-01234567890")
        self.assertEqual(self.value(), "sk-store-01234567890")

    def test_a_symbolic_link_is_followed(self):
        self.list(f"file::{self.home.user}/link")
        (self.home.user / "link").symlink_to(self.file("key", KEY))
        self.assertEqual(self.value(), KEY)

    def test_several_lines_where_the_type_has_them(self):
        key = '{\n "type": "service_account"\n}'
        self.list(f"file::{self.file('key.json', key)}", provider="vertex")
        self.assertEqual(self.field(self.resolve("vertex"), "service_account_key")["value"], key)

    def test_files_that_are_refused(self):
        path = self.home.user / "key"
        rows = (("others can read it", KEY, 0o644, "can be read by other users"),
                ("a group can read it", KEY, 0o640, "can be read by other users"),
                ("others can write it", KEY, 0o602, "can be written by other users"),
                ("two lines", f"{KEY}\n{KEY}\n", 0o600, "one line"),
                ("empty", "", 0o600, "empty"),
                ("control characters", KEY + "\x07", 0o600, "one line"),
                ("not UTF-8", KEY.encode() + b"\xff", 0o600, "not text"),
                ("a megabyte", KEY + "x" * (1 << 20), 0o600, "larger"))
        self.list(f"file::{path}", "store::")
        self.store("sk-store-01234567890")
        for name, content, mode, why in rows:
            with self.subTest(name):
                self.file("key", content, mode)
                self.assert_failed(why)
                path.unlink()

    def test_what_is_no_file_is_refused(self):
        path = self.home.user / "key"
        self.list(f"file::{path}", "store::")
        self.store("sk-store-01234567890")
        path.symlink_to("/nonexistent")
        self.assert_failed("symbolic link to nowhere")
        path.unlink()
        path.symlink_to(path)
        self.assert_failed("cannot be opened")
        path.unlink()
        path.mkdir()
        self.assert_failed("not a regular file")
        path.rmdir()
        os.mkfifo(path, 0o600)
        self.assert_failed("not a regular file")
        path.unlink()
        if os.geteuid() == 0:
            os.chown(self.file("key", KEY), 65534, 65534)
            self.assert_failed("belongs to user 65534")


class CommandTest(LocationTest):
    def test_a_command_prints_the_value(self):
        self.list(f"command::printf '%s' \"{KEY}\"")
        field = self.field(self.resolve())
        self.assertEqual((field["source"], field["from"], field["value"]), ("command", "printf", KEY))

    def test_commands_that_fail(self):
        outputs = (("fails", f"echo {KEY} >&2; echo {KEY}; exit 3", "exit status 3"),
                   ("is killed", "kill -9 $$", "was killed"),
                   ("two lines", f"echo {KEY}; echo {KEY}", "one line"),
                   ("nothing", "exit 0", "empty"),
                   ("too much", "exec yes canary", "64 KiB"),
                   ("never ends", "exec sleep 1000", "did not end within 1 s"),
                   ("closes its output and never ends", "exec >&-; exec sleep 1000", "did not end within 1 s"))
        path = self.home.user / "get-key"
        self.list(f"command::{path}", "store::", more="[resolution]\ncommand_timeout = 1")
        self.store("sk-store-01234567890")
        for name, line, why in outputs:
            with self.subTest(name):
                self.script("get-key", line)
                self.assert_failed(str(path), why)
        path.unlink()
        self.assert_failed("cannot be started")
        self.assertEqual(self.value(only=["store"]), "sk-store-01234567890")

    def test_what_a_command_is_given(self):
        facts = self.home.user / "facts"
        self.script("get-key", f"ls /proc/self/fd > {facts}.fds", f"env > {facts}.env", f"pwd > {facts}.pwd",
                    f"cat > {facts}.stdin", f"readlink /proc/self/fd/2 > {facts}.stderr",
                    f"cut -d' ' -f1,6 /proc/$$/stat > {facts}.session",
                    f"grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status > {facts}.confined", f"echo {KEY}")
        self.list(f"command::{self.home.user}/get-key", more='[resolution]\nenvironment = ["GROQ_API_KEY"]',
                  GROQ_API_KEY="gsk_canary")
        self.assertEqual(self.value(), KEY)
        told = {path.suffix: path.read_text() for path in self.home.user.glob("facts.*")}
        self.assertEqual(told[".fds"].split(), ["0", "1", "2", "3"], "3 is the folder that ls reads")
        self.assertNotIn("canary", told[".env"])
        self.assertIn("HOME=", told[".env"])
        self.assertEqual((told[".pwd"], told[".stdin"], told[".stderr"]), ("/\n", "", "/dev/null\n"))
        self.assertEqual(*told[".session"].split())
        mine = pathlib.Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        self.assertEqual(told[".confined"].splitlines(), [line for line in mine if line.startswith(("NoNewPrivs:", "Seccomp:"))])

    def test_those_who_ask_together_share_one_run(self):
        fifo = self.home.user / "fifo"
        os.mkfifo(fifo, 0o600)
        count = self.home.user / "count"
        self.script("get-key", f"echo once >> {count}", f"cat {fifo}")
        self.list(f"command::{self.home.user}/get-key")
        values = []
        clients = [self.rpc() for _ in range(3)]

        def ask(client):
            answer = client.call("credential.resolve", provider="openai")
            values.append(self.field(answer)["value"])

        threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        wait_until(count.exists, "the command's start")
        # An answer to a later request of each connection: the broker has read the earlier one.
        for client in (self.rpc() for _ in range(3)):
            client.call("system.hello")
        fifo.write_text(KEY + "\n", encoding="ascii")
        for thread in threads:
            thread.join(30)
        self.assertEqual(values, [KEY] * 3)
        self.assertEqual(count.read_text(), "once\n")

    def test_a_command_that_asks_for_itself_is_told(self):
        said = self.home.user / "said"
        cli = pathlib.Path(BROKER).parent / "keybearer"
        self.script("get-key", f"{cli} resolve openai 2> {said}", f"{cli} resolve groq 2>> {said}")
        self.script("get-groq", f"exec {cli} resolve openai 2> {said}.groq")
        self.begin(f'[locations]\nopenai = ["command::{self.home.user}/get-key"]\n'
                   f'groq = ["command::{self.home.user}/get-groq"]\n')
        self.assert_failed("get-key")
        self.assertIn("a circle", said.read_text())
        self.assertIn("a circle", pathlib.Path(f"{said}.groq").read_text())


class AwsTest(LocationTest):
    FIELDS = ("access_key_id", "secret_access_key", "session_token", "region")

    def setUp(self):
        super().setUp()
        (self.home.user / ".aws").mkdir(mode=0o700)

    def aws(self, credentials=None, config=None, mode=0o600):
        for name, text in (("credentials", credentials), ("config", config)):
            if text is not None:
                self.file(f".aws/{name}", text, mode)

    def values(self, **params):
        return {field["field"]: field["value"] for field in self.resolve("bedrock", **params)["fields"]}

    def test_a_profile_of_the_two_files(self):
        self.aws("[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key=default/canary\n"
                 "[work]\naws_access_key_id=AKIAWORK\naws_secret_access_key=work/canary=\naws_session_token = t/0\n",
                 "[default]\nregion = eu-west-1\n[profile work]\nregion=us-east-2\n")
        self.list("aws_sdk::work", provider="bedrock")
        self.assertEqual(self.values(), dict(zip(self.FIELDS, ("AKIAWORK", "work/canary=", "t/0", "us-east-2"))))
        self.list("aws_sdk::", provider="bedrock")
        self.assertEqual(self.values(), {"access_key_id": "AKIADEFAULT", "secret_access_key": "default/canary",
                                         "region": "eu-west-1"})
        self.assertEqual(self.field(self.resolve("bedrock"), "region")["source"], "aws_sdk")

    def test_a_profile_that_is_not_there_is_passed_by(self):
        self.list("aws_sdk::work", "store::", provider="bedrock")
        with self.assertRpcError("no_credential"):
            self.resolve("bedrock")
        self.client.call("credential.set", provider="bedrock",
                         fields={"access_key_id": "AKIASTORE", "secret_access_key": "store/canary"})
        self.assertEqual(self.values()["access_key_id"], "AKIASTORE")

    def test_a_credential_process(self):
        keys = {"Version": 1, "AccessKeyId": "ASIAPROCESS", "SecretAccessKey": "process/canary", "SessionToken": "t/1"}
        self.file("keys.json", json.dumps(keys))
        self.aws(config=f'[profile work]\nregion = eu-central-1\ncredential_process = cat "{self.home.user}/keys.json"\n')
        self.list("aws_sdk::work", provider="bedrock")
        self.assertEqual(self.values(), dict(zip(self.FIELDS, ("ASIAPROCESS", "process/canary", "t/1", "eu-central-1"))))
        self.file("keys.json", "{}")
        self.assert_failed("work", "does not print", provider="bedrock")
        (self.home.user / "keys.json").unlink()
        self.assert_failed("exit status 1", provider="bedrock")
        # The files are read anew each time, also by the process that runs the command.
        self.file("keys.json", json.dumps(keys))
        self.aws(config=f'[profile work]\nregion = eu-central-1\n'
                        f'credential_process = cat -u {self.home.user}/keys.json\n')
        self.assertEqual(self.values()["secret_access_key"], "process/canary")

    def test_keys_without_a_session_token_and_a_region_from_elsewhere(self):
        keys = {"Version": 1, "AccessKeyId": "ASIAPROCESS", "SecretAccessKey": "process/canary"}
        self.file("keys.json", json.dumps(keys))
        self.aws("[work]\naws_session_token = of-other-keys\n",
                 f'[profile work]\nregion = eu-central-1\ncredential_process = cat "{self.home.user}/keys.json"\n')
        self.list("environment::", "aws_sdk::work", provider="bedrock")
        self.assertEqual(self.values(), {"access_key_id": "ASIAPROCESS", "secret_access_key": "process/canary",
                                         "region": "eu-central-1"})
        region = self.field(self.resolve("bedrock", environment=["AWS_REGION"]), "region")
        self.assertEqual((region["source"], "value" in region), ("environment", False))
        shown = self.ok("resolve", "bedrock", "--json", secret_output=True).out
        self.assertNotIn("session_token", shown)

    def test_a_provider_with_fewer_fields_than_a_profile(self):
        self.home.write_config("providers.d/s3.toml",
                               'id = "s3"\nneeds = [["access_key_id", "secret_access_key"]]\n'
                               '[fields.access_key_id]\ntype = "token"\nsecret = true\n'
                               '[fields.secret_access_key]\ntype = "token"\nsecret = true\n')
        self.aws("[default]\naws_access_key_id=AKIA3\naws_secret_access_key=s3/canary\naws_session_token=t\nregion=x\n")
        self.list("aws_sdk::", provider="s3")
        self.assertEqual(self.field(self.resolve("s3"), "access_key_id")["value"], "AKIA3")

    def test_files_that_cannot_be_used(self):
        self.list("aws_sdk::work", "store::", provider="bedrock")
        self.client.call("credential.set", provider="bedrock",
                         fields={"access_key_id": "AKIASTORE", "secret_access_key": "store/canary"})
        good = "[work]\naws_access_key_id=AKIAWORK\naws_secret_access_key=work/canary\n"
        self.aws(good, mode=0o644)
        self.assert_failed("credentials", "can be read by other users", provider="bedrock")
        self.aws(good + "no equals sign canary\n")
        self.assert_failed("credentials file, line 4", provider="bedrock")
        self.aws("", "[profile work]\nsso_session = corp\nregion = eu-west-1\n")
        self.assert_failed("credential_process", provider="bedrock")


class OAuthTest(LocationTest):
    provider_options = ()

    def test_an_accounts_token_is_a_providers_key(self):
        self.list("oauth::lab")
        with self.assertRpcError("unknown_account"):
            self.resolve()
        self.sign_in(self.client)
        field = self.field(self.resolve())
        token = self.client.call("token.get", account="lab")
        self.assertEqual((field["source"], field["from"]), ("oauth", "lab"))
        self.assertEqual((field["value"], field["expires_at"]), (token["access_token"], token["expires_at"]))
        (status,) = self.client.call("provider.status", provider="openai")["providers"]
        self.assertEqual((status["status"], status["source"]), ("authenticated", "oauth"))
        self.assertEqual(status["expires_at"], token["expires_at"])
