"""Typed credentials, and that they are what the broker's catalogue says."""

from __future__ import annotations

import dataclasses
import pprint
import unittest
from typing import Dict, Type

import keybearer
from real_broker import RealBrokerTest

TYPES = (
    keybearer.AzureCredential, keybearer.BedrockCredential, keybearer.SagemakerCredential, keybearer.VertexCredential,
)


def resolution(provider: str, values: Dict[str, str]) -> keybearer.Resolution:
    fields = tuple(keybearer.Field(name, "store", "default/default", True, value) for name, value in values.items())
    return keybearer.Resolution(provider, "default", "default", fields)


class TypedTest(unittest.TestCase):
    def refused(self, kind: Type[keybearer.Credential], found: keybearer.Resolution) -> keybearer.KeybearerError:
        with self.assertRaises(keybearer.KeybearerError) as raised:
            kind.of(found)
        self.assertNotIn("canary", repr(raised.exception))
        return raised.exception

    def test_the_fields_of_a_provider(self) -> None:
        values = {"access_key_id": "AKIA", "secret_access_key": "canary", "region": "eu-west-1"}
        key = keybearer.BedrockCredential.of(resolution("bedrock", values))
        self.assertEqual(key, keybearer.BedrockCredential("AKIA", "canary", None, "eu-west-1"))
        named = keybearer.SagemakerCredential.of(resolution("sagemaker", {**values, "endpoint": "e"}))
        self.assertEqual((named.endpoint, named.region), ("e", "eu-west-1"))
        other = keybearer.VertexCredential.of(resolution("vertex-anthropic", {"api_key": "canary"}))
        self.assertEqual((other.api_key, other.private_key), ("canary", None))

    def test_a_field_that_nobody_knows_is_left_out(self) -> None:
        found = resolution("azure", {"api_key": "k", "later": "x"})
        self.assertEqual(keybearer.AzureCredential.of(found), keybearer.AzureCredential("k"))

    def test_another_providers_and_one_that_is_not_whole(self) -> None:
        error = self.refused(keybearer.VertexCredential, resolution("openai", {"api_key": "canary"}))
        self.assertEqual(error.kind, "invalid_value")
        error = self.refused(keybearer.BedrockCredential, resolution("bedrock", {"access_key_id": "canary"}))
        self.assertEqual(error.kind, "no_credential")
        self.assertIn("secret_access_key", error.message)

    def test_no_secret_is_shown(self) -> None:
        values = {"access_key_id": "canary", "secret_access_key": "canary", "region": "eu-west-1"}
        key = keybearer.BedrockCredential.of(resolution("bedrock", values))
        shown = f"{key} {key!r} {pprint.pformat(key)}"
        self.assertNotIn("canary", shown)
        self.assertIn("region='eu-west-1'", shown)
        self.assertIn("session_token=None", shown)


class CatalogueTest(RealBrokerTest):
    def test_the_types_are_what_the_catalogue_says(self) -> None:
        self.start()
        client = self.connect()
        for kind in TYPES:
            fields = dataclasses.fields(kind)
            required = [one.name for one in fields if one.default is dataclasses.MISSING]
            for provider in kind.PROVIDERS:
                with self.subTest(provider):
                    described = client.call("provider.describe", {"provider": provider})
                    public = {one["field"] for one in described["fields"] if not one["secret"]}
                    names = {one.name for one in fields}
                    self.assertEqual(names, {one["field"] for one in described["fields"]})
                    self.assertEqual(kind.PUBLIC & names, public)
                    self.assertEqual([required], described["needs"] if len(described["needs"]) == 1 else [[]])

    def test_from_a_broker(self) -> None:
        self.start()
        client = self.connect(AWS_REGION="eu-west-1")
        stored = {"access_key_id": "AKIACANARY0123456789", "secret_access_key": "canary/secret"}
        client.auth_set_credential("bedrock", stored)
        self.assertEqual(
            keybearer.BedrockCredential.of(client.auth_resolve("bedrock")),
            keybearer.BedrockCredential(**stored, region="eu-west-1"),
        )


if __name__ == "__main__":
    unittest.main()
