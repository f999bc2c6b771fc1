"""What the tests of client keys share."""
import json
import re

from .case import KeybearerTest
from .rpc import RpcClient

LIVE = "sk-proj-0123456789abcdef-live-canary"
TEST = "sk-proj-0123456789abcdef-test-canary"
KEY = re.compile(r"kb_(?:live|test)_[0-9A-Za-z]{49}")
UNKNOWN = "kb_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf4SuV5g"


class ClientKeyTest(KeybearerTest):
    """Every key that was made is looked for at the end in all that anybody may come to see."""

    provider_options = None

    policy = "allow"

    def setUp(self):
        super().setUp()
        self.set_policy(self.policy)
        self.made = set()
        self.written = set()  # files that a key was meant to go to
        self.addCleanup(self._assert_keys_stayed_secret)
        self.broker = self.start_broker()
        self.person = self.rpc()

    def _assert_keys_stayed_secret(self):
        if self.made and not self._has_failed():
            for path in self.written:
                path.unlink(missing_ok=True)
            self._assert_absent(self.made)

    def set_policy(self, policy):
        """As `keybearer policy` leaves it, for the next broker."""
        file = self.home.path / "data" / "policy.json"
        file.parent.mkdir(mode=0o700, exist_ok=True)
        file.write_text(json.dumps({"policy": policy}))
        file.chmod(0o600)

    def restart(self, policy=None):
        self.broker.stop()
        if policy:
            self.set_policy(policy)
        self.broker = self.start_broker()
        self.person = self.rpc()

    def make(self, name="ci", *options):
        key = self.ok("key", "create", name, *options, secret_output=True).out.strip()
        self.assertRegex(key, KEY)
        self.made.add(key)
        return key

    def id_of(self, name="ci"):
        return next(key["client_key_id"] for key in self.person.call("client_key.list")["client_keys"] if key["name"] == name)

    def store(self, value=LIVE, provider="openai", **params):
        self.person.call("credential.set", provider=provider, fields={"api_key": value}, **params)

    def client(self, key, path=None):
        client = RpcClient(path or self.home.socket)
        self.addCleanup(client.close)
        client.call("system.authenticate", key=key)
        return client

    def value(self, client, provider="openai", **params):
        fields = client.call("credential.resolve", provider=provider, **params)["fields"]
        return {field["field"]: field["value"] for field in fields if field["source"] != "default"}

    def audit(self, event=None):
        lines = (self.home.path / "state" / "audit.log").read_text().splitlines()
        records = [json.loads(line) for line in lines]
        return [record for record in records if event in (None, record.get("event"))]
