"""What tests of a scripted broker share: the lines of one provider, and a client of that broker."""

from __future__ import annotations

import unittest
from typing import Any, Dict, List, Mapping, Optional

import keybearer
from fake_broker import FakeBroker, answered, step

DESCRIBED = {
    "provider": "openai",
    "aliases": ["gpt"],
    "fields": [
        {"field": "api_key", "variables": ["OPENAI_API_KEY"], "path_variables": ["OPENAI_KEY_FILE"]},
        {"field": "base_url", "variables": ["OPENAI_BASE_URL", "OPENAI_API_KEY"], "path_variables": []},
    ],
    "main_field": None,
}


def describe(provider: str = "openai") -> Dict[str, Any]:
    return step(answered(DESCRIBED), method="provider.describe", params={"provider": provider})


def resolve(params: Mapping[str, Any], *fields: Mapping[str, Any], version: str = "v1") -> Dict[str, Any]:
    answer = {
        "provider": "openai", "tenant": "default", "name": "default", "fields": list(fields), "version": version,
    }
    return step(
        answered(answer), method="credential.resolve", params={"provider": "openai", "environment": [], **params}
    )


def field(source: str, origin: str = "", value: Optional[str] = None, **more: Any) -> Dict[str, Any]:
    item = {"field": "api_key", "source": source, "from": origin, "secret": True, "file": False, **more}
    return item if value is None else {**item, "value": value}


class PlayedTestCase(unittest.TestCase):
    broker: FakeBroker

    def play(self, *scripts: List[Dict[str, Any]], **client: Any) -> keybearer.Client:
        """A client of ``self.broker``; the first script is for its own connection."""
        broker = self.broker = FakeBroker(*scripts)
        self.addCleanup(lambda: self.assertEqual(broker.problems, []))  # after all connections have ended
        self.entered_into(broker)
        return self.entered_into(keybearer.connect(broker.socket, start=False, **client))

    def entered_into(self, context: Any) -> Any:
        entered = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return entered

    def refused(self, client: keybearer.Client, **arguments: Any) -> keybearer.KeybearerError:
        with self.assertRaises(keybearer.KeybearerError) as raised:
            client.auth_resolve("openai", **arguments)
        return raised.exception
