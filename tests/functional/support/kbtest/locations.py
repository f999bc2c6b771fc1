"""Tests with places of config.toml."""
import json

from .case import KeybearerTest

KEY = "sk-0123456789abcdef-canary"


class LocationTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.broker = self.client = None

    def begin(self, config, **env):
        """A broker with this config.toml, in the place of the one before."""
        self.home.write_config("config.toml", config)
        if self.client:
            self.client.close()
            self.broker.stop()
        self.broker = self.start_broker(**env)
        self.client = self.rpc()

    def list(self, *sources, provider="openai", more="", **env):
        self.begin(f"{more}\n[locations]\n{provider} = {json.dumps(sources)}\n", **env)

    def resolve(self, provider="openai", **params):
        return self.client.call("credential.resolve", provider=provider, **params)

    def field(self, answer, name="api_key"):
        (found,) = (field for field in answer["fields"] if field["field"] == name)
        return found

    def value(self, provider="openai", **params):
        return self.field(self.resolve(provider, **params))["value"]

    def store(self, value=KEY, provider="openai", **params):
        self.client.call("credential.set", provider=provider, fields={"api_key": value}, **params)

    def assert_failed(self, *texts, provider="openai"):
        with self.assertRpcError("location_failed") as refused:
            self.resolve(provider)
        for text in texts:
            self.assertIn(text, str(refused.exception))
        self.assertNotIn("canary", str(refused.exception))

    def file(self, name, content, mode=0o600):
        path = self.home.user / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return path

    def script(self, name, *lines):
        return self.file(name, "#!/bin/sh\n" + "\n".join(lines) + "\n", 0o700)
