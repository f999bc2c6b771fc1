"""The folder that chooses an account, when ``token`` is given none."""

from __future__ import annotations

import inspect
import json
import os
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict
from unittest import mock

import keybearer
from fake_broker import FakeBroker, answered, step
from played import PlayedTestCase
from real_broker import RealBrokerTest

ANSWER = answered({"access_token": "at-1", "account": "work"})


def token_get(**params: Any) -> Dict[str, Any]:
    return step(ANSWER, method="token.get", params=params)


class FolderTest(PlayedTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="kb")
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        self.work = os.path.join(self.folder, "work")
        self.link = os.path.join(self.folder, "link")
        os.mkdir(self.work)
        os.symlink(self.work, self.link)
        self.addCleanup(os.chdir, os.getcwd())

    def refused_folder(self, **arguments: Any) -> keybearer.KeybearerError:
        """Of a broker that must be asked nothing."""
        with FakeBroker([]) as broker, keybearer.connect(broker.socket, start=False) as client:
            with self.assertRaises(keybearer.KeybearerError) as raised:
                client.token(**arguments)
        self.assertEqual(broker.problems, [])
        self.assertEqual(raised.exception.kind, "invalid_value")
        return raised.exception

    def test_the_real_path_of_the_current_folder(self) -> None:
        os.chdir(self.link)
        with mock.patch.dict(os.environ, {"PWD": self.link}):
            client = self.play([token_get(directory=self.work), token_get(directory=self.work, min_valid=600)])
            self.assertEqual(client.token().account, "work")
            client.token(None, min_valid=600)

    def test_a_named_account_is_all_that_is_sent(self) -> None:
        client = self.play([token_get(account="work"), token_get(account="")])
        client.token("work")
        client.token("")  # the broker says that there is none of that name; it is not the folder's

    def test_a_deleted_folder_is_left_out(self) -> None:
        os.chdir(self.work)
        os.rmdir(self.work)
        self.play([token_get()]).token()
        self.assertIn("no folder", self.refused_folder(directory=".").message)

    def test_a_folder_whose_name_is_no_text_is_left_out(self) -> None:
        odd = os.fsdecode(os.fsencode(self.folder) + b"/\xff")
        os.mkdir(odd)
        os.chdir(odd)
        self.play([token_get()]).token()
        self.assertIn("UTF-8", self.refused_folder(directory=odd).message)

    def test_another_folder_is_made_absolute_and_real(self) -> None:
        os.chdir(self.folder)
        os.mkdir(os.path.join(self.work, "deep"))
        os.symlink(os.path.join(self.work, "deep"), os.path.join(self.folder, "far"))
        given = (self.work, self.link, "link", "work/", "work/.././link/.", "far/..", Path("link"))
        client = self.play([token_get(directory=self.work)] * len(given) + [token_get(directory="/")])
        for directory in given:
            client.token(directory=directory)
        client.token(directory="/")

    def test_what_is_no_folder_is_refused_before_anything_is_sent(self) -> None:
        os.chdir(self.folder)
        Path("file").touch()
        os.symlink("loop", "loop")
        for directory in ("", "missing", "missing/..", "file", "file/..", "loop", "a\0b", "a\ud800"):
            with self.subTest(directory):
                self.assertIn(repr(directory), self.refused_folder(directory=directory).message)

    def test_both_are_refused_before_anything_is_sent(self) -> None:
        self.assertIn("not both", self.refused_folder(account="work", directory=self.work).message)

    def test_the_function_of_the_module(self) -> None:
        os.chdir(self.work)
        for arguments, params in (
            ({}, {"directory": self.work}),
            ({"directory": self.folder}, {"directory": self.folder}),
            ({"account": "work"}, {"account": "work"}),
        ):
            with FakeBroker([token_get(**params)]) as broker:
                with mock.patch.dict(os.environ, {"KEYBEARER_SOCKET": broker.socket}):
                    keybearer.token(**arguments)
            self.assertEqual(broker.problems, [])
        parameters = [list(inspect.signature(one).parameters) for one in (keybearer.token, keybearer.Client.token)]
        self.assertEqual(["self", *parameters[0]], parameters[1])


class BoundFolderTest(RealBrokerTest):
    def test_the_account_of_the_nearest_bound_folder(self) -> None:
        self.accounts("work", "private")
        self.start()
        deep = Path(self.home, "customers", "one")
        deep.mkdir(parents=True)
        self.keybearer("account", "bind", str(deep.parent), "work")
        self.addCleanup(os.chdir, os.getcwd())
        client = self.connect()
        for current, arguments, kind, account in (
            (deep, {}, "login_required", "work"),
            (deep, {"account": "private"}, "login_required", "private"),
            (self.home, {}, "unknown_account", None),
            (self.home, {"directory": "customers/one"}, "login_required", "work"),
        ):
            with self.subTest(current=str(current), **arguments):
                os.chdir(current)
                with self.assertRaises(keybearer.KeybearerError) as raised:
                    client.token(**arguments)
                self.assertEqual((raised.exception.kind, raised.exception.data.get("account")), (kind, account))

    def accounts(self, *names: str) -> None:
        """They are signed out, because signing in takes a server; the broker's refusal names the one that it chose."""
        texts = ("provider", "subject", "label", "scope")
        listed = [
            {
                "id": f"id-of-{name}", "name": name, "issuer": "https://as.example", "client_id": "test",
                "login_required": "it was signed out", "created_at": 0, "confidential": False,
                **{text: "" for text in texts},
            }
            for name in names
        ]
        path = Path(self.home, "data", "accounts.json")
        path.parent.mkdir(mode=0o700)
        path.touch(mode=0o600)
        path.write_text(json.dumps({"version": 1, "accounts": listed}), encoding="utf-8")


if __name__ == "__main__":
    unittest.main()
