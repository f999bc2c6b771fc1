"""credential.watch: a program that holds a credential for long is told when it is another one."""
import threading

from kbtest import KEY, LocationTest


class WatchTest(LocationTest):
    def watch(self, version, wait=60, client=None, **params):
        return (client or self.client).call("credential.watch", provider="openai", version=version, wait=wait, **params)

    def test_a_watch_ends_when_the_credential_is_another_one(self):
        self.begin("")
        self.store()
        version = self.resolve()["version"]
        self.assertEqual(self.watch(version, wait=0), {"event": "none", "version": version})
        answers = []
        other = self.rpc()
        thread = threading.Thread(target=lambda: answers.append(self.watch(version, client=other)))
        thread.start()
        self.store("sk-another-0123456789")
        thread.join(30)
        self.assertEqual(answers, [{"event": "renewed", "version": self.resolve()["version"]}])
        self.assertNotEqual(answers[0]["version"], version)

    def test_a_watch_ends_when_the_credential_goes(self):
        self.begin("")
        self.store()
        version = self.resolve()["version"]
        self.client.call("credential.remove", provider="openai")
        self.assertEqual(self.watch(version), {"event": "removed", "version": None})

    def test_a_key_that_takes_another_name_is_removed_here_and_renewed_there(self):
        self.begin("")
        self.store()
        version = self.resolve()["version"]
        answers = []
        other = self.rpc()
        thread = threading.Thread(target=lambda: answers.append(self.watch(version, client=other)))
        thread.start()
        self.client.call("credential.rename", provider="openai", new_name="work")
        thread.join(30)
        self.assertEqual(answers, [{"event": "removed", "version": None}])
        renamed = self.resolve(name="work")["version"]
        self.assertEqual(self.watch(version, name="work"), {"event": "renewed", "version": renamed})
        # Another key that comes by the same name within the same second is another version of it.
        self.client.call("credential.rename", provider="openai", name="work", new_name="old")
        self.store()
        self.client.call("credential.rename", provider="openai", new_name="work")
        self.assertEqual(self.watch(renamed, name="work")["event"], "renewed")

    def test_what_makes_another_version(self):
        path = self.file("key", KEY)
        self.list(f"file::{path}", "store::")
        self.store()
        first = self.resolve()["version"]
        self.assertEqual(self.watch(first, wait=0)["event"], "none")
        self.file("key", KEY + "2")
        second = self.watch(first)
        self.assertEqual(second["event"], "renewed")
        self.assertNotEqual(self.watch(first, wait=0, only=["store"])["version"], first)
        path.chmod(0o644)
        self.assertEqual(self.watch(second["version"])["event"], "renewed")
        self.assert_failed("can be read")

    def test_only_the_wanted_fields_count(self):
        self.begin("")
        self.client.call("credential.set", provider="openai", fields={"api_key": KEY, "organization": "org-1"})
        key, organization = (self.resolve(fields=[field])["version"] for field in ("api_key", "organization"))
        self.client.call("credential.set", provider="openai", fields={"organization": "org-2"})
        self.assertEqual(self.watch(key, wait=0, fields=["api_key"])["event"], "none")
        self.assertEqual(self.watch(organization, wait=0, fields=["organization"])["event"], "renewed")

    def test_what_is_no_removal_is_its_own_error(self):
        self.begin('[resolution]\nshadow = "deny"\n')
        self.store()
        version = self.resolve()["version"]
        with self.assertRpcError("denied"):
            self.watch(version, environment=["OPENAI_API_KEY"])

    def test_a_key_that_is_removed_and_stored_anew_is_another_one(self):
        self.begin("")
        self.store()
        versions = {self.resolve()["version"]}
        for _ in range(3):  # within a second, most likely
            self.client.call("credential.remove", provider="openai")
            self.store()
            versions.add(self.resolve()["version"])
        self.assertEqual(len(versions), 4)

    def test_bad_input(self):
        self.begin("")
        with self.assertRpcError("invalid_value"):
            self.watch("x", wait=301)
        with self.assertRpcError("invalid_params"):
            self.client.call("credential.watch", provider="openai")


class OAuthWatchTest(LocationTest):
    provider_options = ()

    def test_a_watched_token_is_renewed_before_its_end(self):
        self.list("oauth::lab")
        self.provider.set(atTtl=3)
        self.sign_in(self.client)
        version = self.resolve()["version"]
        self.provider.fault("/token", "status", status=503)  # passes, and is no reason to end
        answer = self.client.call("credential.watch", provider="openai", version=version, wait=120)
        self.assertEqual(answer["event"], "renewed")

    def test_a_watch_tells_of_the_sign_in_that_is_needed(self):
        self.list("oauth::lab")
        self.provider.set(atTtl=2)
        self.sign_in(self.client)
        version = self.resolve()["version"]
        self.provider.revoke_all()
        with self.assertRpcError("login_required"):
            self.client.call("credential.watch", provider="openai", version=version, wait=120)

    def test_a_token_that_cannot_be_renewed_is_expiring(self):
        self.begin("")
        self.provider.set(atTtl=300, alwaysRefresh=False)
        self.sign_in(self.client, scopes=["openid"])
        (status,) = self.client.call("provider.status", provider="lab")["providers"]
        self.assertEqual(status["status"], "expiring")
        (account,) = self.client.call("account.list")["accounts"]
        self.assertIs(account["renewable"], False)
        self.assertRegex(self.ok("account", "list").out, " in [45] min +in [45] min\n")  # the sign-in ends with the token
        self.provider.set(atTtl=3600)
        self.sign_in(self.client, scopes=["openid"])
        (status,) = self.client.call("provider.status", provider="lab")["providers"]
        self.assertEqual(status["status"], "authenticated")
        self.assertRegex(self.ok("provider", "status", "lab").out, "Authenticated .*in ")
