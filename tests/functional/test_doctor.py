"""keybearer doctor: what a sign-in depends on, each line with its mend."""
import email.utils
import json
import os
import signal
import socket
import time

from kbtest import KeybearerTest, alive, children_named, wait_until

PHRASE = "a passphrase of the test's"
WELL_KNOWN = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")


class DoctorTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()

    def checks(self, *args, code=0, **env):
        result = self.cli("doctor", *args, "--json", **env)
        self.assertEqual(result.code, code, str(result))
        return {check["name"]: check for check in json.loads(result.out)["checks"]}

    def restart(self):
        self.broker.stop()
        self.broker = self.start_broker()

    def tamper(self, **patch):
        for path in WELL_KNOWN:
            self.provider.fault(path, "patch", patch=patch, times=4)

    def test_a_provider_that_is_fine(self):
        self.ok("login", "lab")
        checks = self.checks("lab")
        self.assertEqual({check["result"] for check in checks.values()}, {"ok"})
        for name in ("discovery", "PKCE", "loopback", "client", "refresh", "revocation", "device sign-in", "clock", "proxy",
                     "trust", "browser"):
            self.assertIn(name, checks)
            self.assertIsNone(checks[name]["fix"])
        self.assertIn("has not been rotated", checks["refresh"]["message"])
        self.token("lab", "--refresh")
        self.assertIn("rotate: 2", self.checks("lab")["refresh"]["message"])
        shown = self.ok("doctor", "lab").out
        self.assertIn("RFC 8252", shown)
        self.assert_no_secret_leaks()

    def test_before_the_first_sign_in(self):
        self.assertIn("before the first", self.checks("lab")["refresh"]["message"])

    def test_a_server_without_pkce(self):
        self.tamper(code_challenge_methods_supported=["plain"])
        check = self.checks("lab", code=1)["PKCE"]
        self.assertEqual(check["result"], "fail")
        self.assertIn("assume_pkce", check["fix"])
        self.home.write_provider("lab", self.provider.issuer, assume_pkce=True)
        self.restart()
        self.tamper(code_challenge_methods_supported=None)
        self.assertEqual(self.checks("lab")["PKCE"]["result"], "warn")

    def test_what_the_server_does_not_offer(self):
        self.tamper(revocation_endpoint=None, device_authorization_endpoint=None)
        checks = self.checks("lab")
        self.assertEqual(checks["revocation"]["result"], "warn")
        self.assertIn("not offered", checks["device sign-in"]["message"])

    def test_a_server_that_is_another(self):
        self.tamper(issuer="https://evil.example")
        check = self.checks("lab", code=1)["discovery"]
        self.assertEqual(check["result"], "fail")
        self.assertTrue(check["fix"])

    def test_a_server_that_is_down(self):
        self.provider.stop()
        checks = self.checks("lab", code=1)
        self.assertEqual(checks["discovery"]["result"], "fail")
        self.assertNotIn("PKCE", checks)

    def test_clocks_that_disagree(self):
        for seconds, result, words in ((600, "fail", "behind"), (-60, "warn", "ahead of")):
            with self.subTest(seconds):
                date = email.utils.formatdate(time.time() + seconds, usegmt=True)
                self.provider.fault(WELL_KNOWN[0], "raw", times=1, status=404, body="{}")  # read by the discovery
                self.provider.fault(WELL_KNOWN[0], "raw", times=1, status=200, body="{}", headers={"Date": date})
                check = self.checks("lab", code=1 if result == "fail" else 0)["clock"]
                self.assertEqual(check["result"], result)
                self.assertIn(words, check["message"])

    def test_a_port_that_somebody_holds(self):
        with socket.create_server(("127.0.0.1", 0)) as squatter:
            port = squatter.getsockname()[1]
            self.home.write_provider("fixed", self.provider.issuer, redirect="http://127.0.0.1/callback",
                                     redirect_ports=[port])
            self.restart()
            check = self.checks("fixed", code=1)["loopback"]
            self.assertIn(str(port), check["message"])
        self.assertEqual(self.checks("fixed")["loopback"]["result"], "ok")

    def test_a_client_that_is_missing(self):
        self.home.write_provider("unregistered", self.provider.issuer, client_id=None,
                                 register_url="https://console.example/apps")
        self.restart()
        check = self.checks("unregistered")["client"]
        self.assertEqual(check["result"], "warn")
        self.assertIn("https://console.example/apps", check["fix"])

    def test_a_proxy_is_named_and_a_browser_that_is_missing(self):
        self.home.write_provider("far", "https://id.invalid")
        self.broker.stop()
        self.broker = self.start_broker(https_proxy="http://127.0.0.1:9")
        checks = self.checks("far", code=1, BROWSER=None, DISPLAY=None, WAYLAND_DISPLAY=None)
        self.assertIn("127.0.0.1:9", checks["proxy"]["message"])
        self.assertEqual(checks["browser"]["result"], "warn")
        self.assertIn("--device", checks["browser"]["fix"])

    def test_the_installation_and_a_provider_of_keys(self):
        checks = self.checks()
        self.assertIn("Qt 6", checks["system"]["message"])
        self.assertIn("SO_PEERCRED", checks["kernel"]["message"])
        self.assertIn("has keys", self.checks("openai")["sign-in"]["message"])
        self.assertIn("makes a key", self.checks("openrouter")["sign-in"]["message"])
        self.assertIn("openai", self.fails(2, "doctor", "opnai").err)

    def test_endpoints_that_are_given_are_not_said_to_have_answered(self):
        self.home.write_config("providers.d/given.toml",
                               'id = "given"\nissuer = "https://id.invalid"\nclient_id = "x"\nassume_pkce = true\n'
                               '[endpoints]\nauthorization = "https://id.invalid/a"\ntoken = "https://id.invalid/t"\n')
        self.restart()
        self.assertIn("not asked", self.checks("given")["discovery"]["message"])


class Mends(KeybearerTest):
    """What a front end can do about each check, carried out as ipc/PROTOCOL.md says."""

    def begin(self, config=""):
        self.home.write_config("config.toml", config)
        self.broker = self.start_broker()

    def check(self, name, **params):
        found = [check for check in self.rpc().call("doctor.run", **params)["checks"] if check["name"] == name]
        self.assertEqual(len(found), 1)
        return found[0]

    def mend(self, name, **params):
        return self.check(name, **params)["mend"]


class MendTest(Mends):
    def test_what_is_fine_has_none(self):
        self.begin()
        self.sign_in(self.rpc(), account="work")
        checks = self.rpc().call("doctor.run")["checks"] + self.rpc().call("doctor.run", provider="lab")["checks"]
        self.assertIn("ok", {check["result"] for check in checks})
        self.assertEqual({check["name"] for check in checks if check["mend"]}, {"policy"})  # which is "allow" in tests
        for check in json.loads(self.ok("doctor", "lab", "--json").out)["checks"]:  # those of the command line, too
            self.assertIsNone(check["mend"])

    def test_set_policy(self):
        self.begin()
        for policy in ("allow", "observe"):
            self.rpc().call("policy.set", policy=policy)
            self.assertEqual(self.mend("policy"), {"action": "set_policy", "policy": "ask"})
        self.broker.stop()
        self.begin('policy = "allow"\n')  # which policy.set could not change
        self.assertIsNone(self.mend("policy"))
        self.assertTrue(self.check("policy")["fix"])

    def test_sign_in(self):
        self.begin()
        self.sign_in(self.rpc(), account="work")
        self.assertIsNone(self.mend("account"))
        self.provider.revoke_all()
        with self.assertRpcError("login_required"):
            self.rpc().call("token.get", account="work", refresh=True)
        mend = self.mend("account")
        self.assertEqual(mend, {"action": "sign_in", "account": "work", "provider": "lab"})
        self.sign_in(self.rpc(), account=mend["account"], provider=mend["provider"])
        self.assertEqual(self.check("account")["result"], "ok")

    def test_open_url(self):
        for url in ("https://console.example/apps", None):
            with self.subTest(url):
                self.home.write_provider("new", self.provider.issuer, client_id=None, register_url=url)
                self.begin()
                self.assertEqual(self.mend("client", provider="new"), url and {"action": "open_url", "url": url})
                self.broker.stop()

    def test_restart_broker(self):
        self.begin()
        self.assertIsNone(self.mend("helper"))
        (helper,) = children_named("keybearer-spawn", self.broker.pid)
        os.kill(helper, signal.SIGKILL)
        wait_until(lambda: self.mend("helper"), "what mends it")
        self.assertEqual(self.mend("helper"), {"action": "restart_broker"})
        self.rpc().call("system.stop")
        wait_until(lambda: not alive(self.broker.pid), "the broker's end")
        self.begin()
        self.assertIsNone(self.mend("helper"))

    def test_unlock_the_desktops_keyring(self):
        self.begin()
        self.sign_in(self.rpc(), account="work")
        self.keyring.lock()
        self.assertEqual(self.mend("keychain"), {"action": "unlock", "passphrase": False})
        self.keyring.kill()
        wait_until(lambda: self.check("keychain")["message"].find("unavailable") > 0, "the keyring's end")
        self.assertIsNone(self.mend("keychain"))


class KeychainMendTest(Mends):
    keyring_mode = "none"
    provider_options = None

    def test_choose_keychain_and_unlock(self):
        self.begin()
        choose = {"action": "choose_keychain"}
        self.assertEqual(self.mend("keychain"), choose)
        self.rpc().call("keychain.migrate", backend="file-plain")
        self.assertEqual(self.mend("keychain"), choose)
        self.rpc().call("keychain.migrate", backend="file-sealed", passphrase=PHRASE)
        self.assertIsNone(self.mend("keychain"))
        self.broker.stop()
        self.begin()
        self.assertEqual(self.mend("keychain"), {"action": "unlock", "passphrase": True})
        self.rpc().call("system.unlock", passphrase=PHRASE)
        self.assertIsNone(self.mend("keychain"))
