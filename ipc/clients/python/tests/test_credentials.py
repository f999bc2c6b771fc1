"""The caller's own values: how they are found, refused, and kept out of sight."""

from __future__ import annotations

import logging
import os
import pickle
import pprint
import tempfile
import unittest
from pathlib import Path
from typing import Any

import keybearer
from fake_broker import answered, step
from played import PlayedTestCase, describe, field, resolve

def written(path: Path, content: bytes, mode: int = 0o600) -> None:
    path.write_bytes(content)
    path.chmod(mode)


class OwnValuesTest(PlayedTestCase):
    def test_the_clients_own_credential_by_every_name_of_the_provider(self) -> None:
        for name in ("openai", "OpenAI", "gpt"):
            script = [describe(), resolve({"instance": ["apiKey"]}, field("instance"))]
            client = self.play(script, instance={name: {"apiKey": "sk-own"}, "other": {"x": "y"}}, environment={})
            self.assertEqual(client.auth_resolve("openai").values, {"api_key": "sk-own"})

    def test_an_instance_given_with_the_call_stands_in_its_place(self) -> None:
        script = [describe(), resolve({"instance": ["api_key"]}, field("instance"))]
        client = self.play(script, instance={"openai": {"x": "y"}}, environment={})
        self.assertEqual(client.auth_resolve("openai", instance={"api_key": "sk-2"}).values, {"api_key": "sk-2"})

    def test_none_is_not_given_and_empty_is_refused(self) -> None:
        client = self.play([describe(), resolve({}, field("store", value="sk"))], environment={})
        self.assertEqual(client.auth_resolve("openai", call={"api_key": None}).sources, {"api_key": "store"})
        for value in ("", b"canary", 5):
            error = self.refused(client, call={"api_key": value})
            self.assertEqual(error.kind, "invalid_value")
            self.assertNotIn("canary", repr(error))

    def test_a_variable_of_two_fields_is_named_once(self) -> None:
        script = [describe(), resolve({"environment": ["OPENAI_API_KEY"]}, field("environment", "OPENAI_API_KEY"))]
        client = self.play(script, environment={"OPENAI_API_KEY": "sk-env", "OPENAI_BASE_URL": ""})
        self.assertEqual(client.auth_resolve("openai").values, {"api_key": "sk-env"})

    def test_an_answer_does_not_choose_what_is_read(self) -> None:
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"canary")
            file.flush()
            environment = {"OTHER_SECRET": "canary", "OTHER_FILE": file.name}
            for item in (
                field("environment", "OTHER_SECRET"), field("environment", "OTHER_FILE", file=True), field("call"),
                field("store"),
            ):
                with self.subTest(str(item)):
                    client = self.play([describe(), resolve({}, item)], environment=environment)
                    self.assertEqual(self.refused(client).kind, "connection_lost")

    def test_a_name_of_the_configuration_is_found_as_it_is_written(self) -> None:
        own = {"customerKey": "sk-1", "customer_key": "sk-2"}
        script = [describe(), resolve({"call": [*own]}, field("call", "customer_key"))]
        resolution = self.play(script, environment={}).auth_resolve("openai", call=own)
        self.assertEqual(resolution.values, {"api_key": "sk-2"})
        self.assertEqual(resolution.fields[0].from_, "customer_key")
        for origin in ("customer-key", "CUSTOMERKEY", "api_key"):
            with self.subTest(origin):
                client = self.play([describe(), resolve({"call": [*own]}, field("call", origin))], environment={})
                self.assertEqual(self.refused(client, call=own).kind, "connection_lost")

    def test_all_variables_of_a_field_in_their_order(self) -> None:
        lists = {"variables": ["A"], "path_variables": ["B"], "configured_variables": ["C", "A"]}
        described = {"provider": "openai", "fields": [
            {"field": "api_key", **lists, "configured_path_variables": ["D"]},
            {"field": "base_url", "variables": ["E"]},
        ]}
        asked = step(answered(described), method="provider.describe", params={"provider": "openai"})
        script = [asked, resolve({"environment": ["A", "B", "C", "D", "E"]}, field("environment", "C"))]
        client = self.play(script, environment={name: f"sk-{name}" for name in "EDCBA"})
        self.assertEqual(client.auth_resolve("openai").values, {"api_key": "sk-C"})

    def test_when_a_value_ends_and_which_version_it_is(self) -> None:
        for given, expires_at in (({"expires_at": 1767225600}, 1767225600), ({"expires_at": True}, None), ({}, None)):
            script = [describe(), resolve({}, field("oauth", "work", "at-1", **given), version="v7")]
            resolution = self.play(script, environment={}).auth_resolve("openai")
            self.assertEqual((resolution.fields[0].expires_at, resolution.version), (expires_at, "v7"))

    def test_a_list_is_not_one_text(self) -> None:
        client = self.play([describe()], environment={})
        self.assertEqual(self.refused(client, only="store").kind, "invalid_params")

    def test_a_key_of_a_provider_without_a_main_field(self) -> None:
        client = self.play([describe()])
        with self.assertRaises(keybearer.KeybearerError) as raised:
            client.auth_set_credential("openai", "canary")
        self.assertEqual(raised.exception.kind, "invalid_value")
        self.assertNotIn("canary", repr(raised.exception))


class FilesTest(PlayedTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="kb")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def client_of(self, path: str) -> keybearer.Client:
        plan = field("environment", "OPENAI_KEY_FILE", file=True)
        script = [describe(), resolve({"environment": ["OPENAI_KEY_FILE"]}, plan)]
        return self.play(script, environment={"OPENAI_KEY_FILE": path})

    def test_content_without_its_line_feeds(self) -> None:
        for content, value in ((b"a\nb\r\n\n", "a\nb"), (b"x" * 65536, "x" * 65536), ("é".encode(), "é"), (b"", "")):
            written(self.folder / "key", content)
            self.assertEqual(self.client_of(str(self.folder / "key")).auth_resolve("openai").values["api_key"], value)

    def test_files_that_are_refused(self) -> None:
        table = {
            "missing": lambda path: None,
            "folder": lambda path: path.mkdir(0o700),
            "pipe": lambda path: os.mkfifo(path, 0o600),
            "readable for the group": lambda path: written(path, b"canary", 0o640),
            "writable for others": lambda path: written(path, b"canary", 0o602),
            "too long": lambda path: written(path, b"canary" * 20_000),
            "not UTF-8": lambda path: written(path, b"canary\xff"),
        }
        for name, make in table.items():
            with self.subTest(name):
                path = self.folder / f"canary {name}"
                make(path)
                error = self.refused(self.client_of(str(path)))
                self.assertEqual(error.kind, "invalid_value")
                self.assertIn("OPENAI_KEY_FILE", error.message)
                self.assertNotIn("canary", repr(error))

    def test_a_path_that_is_none(self) -> None:
        self.assertEqual(self.refused(self.client_of("/a\0b")).kind, "invalid_value")


class MaskTest(PlayedTestCase):
    def shown(self, thing: Any) -> str:
        record = logging.LogRecord("x", logging.INFO, "x", 1, "%s %r", (thing, thing), None)
        return "".join([str(thing), repr(thing), f"{thing}", pprint.pformat(thing), record.getMessage()])

    def test_a_resolution_shows_no_secret(self) -> None:
        url = {"field": "base_url", "source": "default", "from": "", "secret": False, "value": "https://a.example"}
        script = [describe(), resolve({}, field("store", "default/default", "sk-canary"), url)]
        resolution = self.play(script, environment={}).auth_resolve("openai")
        for thing in (resolution, resolution.fields, resolution.values, resolution.field("apiKey"), vars(resolution)):
            self.assertNotIn("canary", self.shown(thing))
        self.assertIn("https://a.example", self.shown(resolution))
        self.assertEqual(resolution.values, {"api_key": "sk-canary", "base_url": "https://a.example"})

    def test_a_secret_is_one_unless_the_broker_says_no(self) -> None:
        item = {"field": "api_key", "source": "store", "from": "", "value": "sk-canary"}
        resolution = self.play([describe(), resolve({}, item)], environment={}).auth_resolve("openai")
        self.assertNotIn("canary", self.shown(resolution))

    def test_a_field_by_any_spelling(self) -> None:
        script = [describe(), resolve({}, field("store", value="sk"))]
        resolution = self.play(script, environment={}).auth_resolve("openai")
        for name in ("api_key", "apiKey", "API-KEY"):
            found = resolution.field(name)
            self.assertEqual(found and found.value, "sk")
            self.assertEqual((resolution.values[name], resolution.sources[name]), ("sk", "store"))
        self.assertIsNone(resolution.field("other"))
        with self.assertRaises(KeyError):
            resolution.values["other"]

    def test_a_token_shows_no_secret(self) -> None:
        answer = answered({"access_token": "canary", "account": "a"})
        script = [step(answer, method="token.get", params={"account": "a"})]
        token = self.play(script).token("a")
        self.assertEqual(token.access_token, "canary")
        self.assertNotIn("canary", self.shown(token))

    def test_a_client_shows_no_secret(self) -> None:
        client = self.play([], instance={"openai": {"api_key": "canary"}}, environment={})
        self.assertNotIn("canary", self.shown(client) + self.shown(vars(client)))

    def test_an_error_survives_being_sent_to_another_process(self) -> None:
        error = pickle.loads(pickle.dumps(keybearer.KeybearerError("denied", "no", {"a": 1})))
        self.assertEqual((error.kind, error.message, error.data, str(error)), ("denied", "no", {"a": 1}, "no"))


if __name__ == "__main__":
    unittest.main()
