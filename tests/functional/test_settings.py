"""keybearer settings: what is changed here holds at once and after a restart, unless config.toml decides it."""
import json

from kbtest import KeybearerTest, wait_until
from kbtest.session import Session

KEY = "sk-test-0123456789abcdefghij"
FLAGS = ("lock.on_screen_lock", "lock.on_suspend", "lock.keyring")


class SettingsTest(KeybearerTest):
    provider_options = None

    def begin(self, config="", **env):
        self.home.write_config("config.toml", config)
        self.broker = self.start_broker(**env)

    def settings(self):
        return {row["name"]: row for row in self.rpc().call("settings.get")["settings"]}

    def set(self, name, value):
        return self.rpc().call("settings.set", name=name, value=value)

    def test_what_there_is(self):
        self.begin('[lock]\nkeyring = true\n')
        self.set("lock.on_suspend", "true")
        rows = self.settings()
        self.assertEqual(list(rows), ["resolution.shadow", *FLAGS])
        self.assertEqual(rows["resolution.shadow"],
                         {"name": "resolution.shadow", "value": "warn", "source": "default",
                          "choices": ["allow", "warn", "ask", "deny"]})
        self.assertEqual([(rows[name]["value"], rows[name]["source"], rows[name]["choices"]) for name in FLAGS],
                         [(False, "default", None), (True, "command", None), (True, "config.toml", None)])

    def test_what_is_set_holds_at_once_and_after_a_restart(self):
        self.begin()
        self.ok("provider", "set", "openai", "--file", "-", input=KEY)
        shadowed = {"provider": "openai", "environment": ["OPENAI_API_KEY"]}
        client = self.rpc()
        self.assertIn("hides", client.call("credential.resolve", **shadowed)["warnings"][0])
        self.set("resolution.shadow", "allow")
        self.assertEqual(client.call("credential.resolve", **shadowed)["warnings"], [])
        self.set("resolution.shadow", "deny")
        for _ in range(2):
            with self.assertRpcError("denied") as refused:
                self.rpc().call("credential.resolve", **shadowed)
            self.assertIn("resolution.shadow", str(refused.exception))
            self.broker.stop()
            self.broker = self.start_broker()

    def test_what_config_toml_decides_stays(self):
        self.begin('[resolution]\nshadow = "ask"\n[lock]\non_suspend = false\n')
        for name, value in (("resolution.shadow", "allow"), ("lock.on_suspend", "true")):
            with self.subTest(name), self.assertRpcError("invalid_value") as refused:
                self.set(name, value)
            self.assertIn(f"config.toml decides `{name}`", str(refused.exception))
        self.assertEqual((self.settings()["resolution.shadow"]["value"], self.settings()["lock.on_suspend"]["value"]),
                         ("ask", False))
        for params in ({"name": "lock.never", "value": "true"}, {"name": "lock.keyring", "value": "yes"}):
            with self.assertRpcError("invalid_value"):
                self.rpc().call("settings.set", **params)

    def test_a_damaged_file_is_named_at_the_start(self):
        self.begin()
        self.broker.stop()
        file = self.home.path / "data" / "settings.json"
        file.write_text('{"lock.on_suspend":', encoding="utf-8")
        file.chmod(0o600)
        self.assertIn("settings.json", self.fails(8, "daemon", "start").err)

    def test_a_program_may_look_and_not_change(self):
        self.begin('policy = "ask"\n')
        self.assertIn("lock.keyring", self.settings())
        with self.assertRpcError("consent_required"):
            self.set("lock.on_suspend", "false")
        self.fails(5, "settings", "lock.on_suspend", "true")  # our command line with no person behind it
        rows = [json.loads(line) for line in (self.home.path / "state" / "audit.log").read_text("ascii").splitlines()]
        self.assertEqual([(row["credential"], row["verdict"]) for row in rows if row["event"] == "settings.set"],
                         [("lock.on_suspend", "deny")] * 2)
        self.assertNotIn("settings.get", {row["method"] for row in rows})

    def test_from_the_command_line(self):
        self.begin()
        self.assertRegex(self.ok("settings").out, r"lock.keyring +false +default +true, false")
        self.assertRegex(self.ok("settings", "lock.keyring", "true").out, r"lock.keyring +true +command +true, false")
        answer = json.loads(self.ok("settings", "resolution.shadow", "deny", "--json").out)
        self.assertEqual(answer["settings"][0]["value"], "deny")
        self.fails(2, "settings", "lock.keyring", "perhaps")
        self.assertIn("settings lock.on_suspend true", self.fails(2, "settings", "lock.keyring").err)


class LockSettingsTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.desktop = Session(self.home, self.keyring)
        self.addCleanup(self.desktop.stop)
        self.desktop.start_logind()
        self.desktop.start_screen_saver()
        self.start_broker(**self.desktop.environment)

    def locked(self):
        return self.rpc().call("system.status")["locked"]

    def set(self, name, value):
        self.rpc().call("settings.set", name=name, value=value)

    def test_sleep_is_delayed_as_long_as_somebody_wants_it(self):
        self.assertEqual(self.desktop.inhibitors(), 0)
        for value, count in (("true", 1), ("false", 0), ("true", 1)):
            self.set("lock.on_suspend", value)
            wait_until(lambda count=count: self.desktop.inhibitors() == count, f"{count} inhibitors")
        self.desktop.prepare_for_sleep(True)
        wait_until(self.locked, "the lock")
        self.assertEqual(self.locked()["by"], "suspend")

    def test_the_screen_is_listened_to_from_then_on(self):
        def covered():
            self.desktop.cover_screen(False)
            self.desktop.cover_screen()
            return self.locked()

        self.set("lock.on_screen_lock", "true")
        wait_until(covered, "the lock")
        self.assertEqual(self.locked()["by"], "screen")

    def test_what_is_not_wanted_any_more_locks_nothing(self):
        for name in ("lock.on_screen_lock", "lock.on_suspend"):
            self.set(name, "true")
        wait_until(lambda: self.desktop.inhibitors() == 1, "the inhibitor")
        self.set("lock.on_screen_lock", "false")
        self.desktop.cover_screen()
        self.desktop.lock_session()
        self.desktop.ask_for_lock()
        self.assertIsNone(self.locked())
        # What is told after all of this finds the broker open.
        self.desktop.prepare_for_sleep(True)
        wait_until(self.locked, "the lock")
        self.assertEqual(self.locked()["by"], "suspend")
