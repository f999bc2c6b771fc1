"""Where the socket is looked for."""

from __future__ import annotations

import os
import unittest
from unittest import mock

import keybearer


class SocketPathTest(unittest.TestCase):
    def test_the_order_of_places(self) -> None:
        everything = {
            "KEYBEARER_SOCKET": "/s/own.sock", "KEYBEARER_HOME": "/k", "XDG_RUNTIME_DIR": "/r", "HOME": "/h",
        }
        expected = ["/s/own.sock", "/k/run/broker.sock", "/r/keybearer/broker.sock"]
        for path, variable in zip(expected, list(everything)):
            self.assertEqual(keybearer.socket_path(everything), path)
            everything[variable] = ""  # empty counts as unset

    def test_the_users_folder_and_then_home(self) -> None:
        environment = {"XDG_RUNTIME_DIR": "relative", "HOME": "/h"}
        of_user = f"/run/user/{os.geteuid()}"
        for found, path in ((True, f"{of_user}/keybearer"), (False, "/h/.local/state/keybearer/run")):
            with mock.patch("keybearer.paths._is_own_folder", side_effect=lambda folder: found and folder == of_user):
                self.assertEqual(keybearer.socket_path(environment), f"{path}/broker.sock")

    def test_without_home_the_users_entry_is_asked(self) -> None:
        with mock.patch("keybearer.paths._is_own_folder", return_value=False):
            self.assertTrue(keybearer.socket_path({}).endswith("/.local/state/keybearer/run/broker.sock"))

    def test_places_that_cannot_be(self) -> None:
        for environment in (
            {"KEYBEARER_SOCKET": "relative"},
            {"KEYBEARER_HOME": "relative"},
            {"KEYBEARER_SOCKET": "/s", "KEYBEARER_HOME": "relative"},
            {"KEYBEARER_SOCKET": "/" + "x" * 200},
        ):
            with self.subTest(environment), self.assertRaises(keybearer.KeybearerError) as raised:
                keybearer.socket_path(environment)
            self.assertEqual(raised.exception.kind, "no_broker")

    def test_an_explicit_path_is_absolute(self) -> None:
        for path in ("broker.sock", "/a\0b"):
            with self.assertRaises(keybearer.KeybearerError):
                keybearer.connect(path, start=False)


if __name__ == "__main__":
    unittest.main()
