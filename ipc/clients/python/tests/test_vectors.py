"""Every case of the vectors that all clients share."""

from __future__ import annotations

import json
import os
import unittest
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, Mapping

import keybearer
from fake_broker import FakeBroker

VECTORS = Path(__file__).resolve().parents[3] / "vectors" / "vectors.json"


def cut_to(expected: Any, found: Any) -> Any:
    """What was found, as JSON has it, with those members of its maps alone that are expected."""
    if isinstance(expected, dict):
        member = found.get if isinstance(found, Mapping) else lambda name: getattr(found, name)
        return {name: cut_to(value, member(name)) for name, value in expected.items()}
    if isinstance(expected, list) and len(expected) == len(found):
        return [cut_to(one, other) for one, other in zip(expected, found)]
    return found


def leased(client: keybearer.Client, *, wait: int, **arguments: Any) -> Dict[str, Any]:
    with client.auth_lease(**arguments) as lease:
        event = lease.wait(wait)
        held = lease.credential
        return {"event": event, **{name: getattr(held, name) for name in ("provider", "values", "sources", "version")}}


def signed_in(client: keybearer.Client, **arguments: Any) -> Any:
    with client.login(**arguments) as login:
        return login.wait()


# Each has a connection of its own, beside the client's.
OWN_CONNECTION = {"lease": leased, "login": signed_in}


class VectorsTest(unittest.TestCase):
    def run_case(self, case: Dict[str, Any]) -> None:
        own = OWN_CONNECTION.get(case["does"])
        scripts = [[], case["exchange"]] if own else [case["exchange"]]
        with FakeBroker(*scripts) as broker:
            for name, content in case.get("files", {}).items():
                path = Path(broker.folder, name)
                path.write_text(content, encoding="utf-8")
                path.chmod(0o644 if name in case.get("open", []) else 0o600)
            environment = {
                name: value.replace("$DIR", broker.folder) for name, value in case.get("environment", {}).items()
            }

            def perform() -> Any:
                with keybearer.connect(broker.socket, environment=environment, start=False) as client:
                    function = partial(own, client) if own else getattr(client, case["does"])
                    return function(**case["arguments"])

            if "error" in case:
                self.check_error(case["error"], perform)
            else:
                self.assertEqual(cut_to(case["result"], perform()), case["result"])
        self.assertEqual(broker.problems, [])
        self.assertEqual(len(broker.requests), len(case["exchange"]))

    def check_error(self, expected: Dict[str, Any], perform: Callable[[], Any]) -> None:
        with self.assertRaises(keybearer.KeybearerError) as raised:
            perform()
        error = raised.exception
        self.assertEqual(error.kind, expected["kind"])
        for text in expected.get("has", []):
            self.assertIn(text, error.message)
        for text in expected.get("lacks", []):
            self.assertNotIn(text, repr(error) + str(error))

    def test_there_are_cases(self) -> None:
        self.assertGreaterEqual(len(all_cases()), 34)


def all_cases() -> Any:
    return json.loads(VECTORS.read_text(encoding="utf-8"))


def add_tests() -> None:
    """One test for each case, so that each is counted and named."""
    for number, case in enumerate(all_cases()):
        words = "".join(letter if letter.isalnum() else "_" for letter in case["name"])

        def test(self: VectorsTest, case: Dict[str, Any] = case) -> None:
            self.run_case(case)

        test.__doc__ = case["name"]
        setattr(VectorsTest, f"test_{number:02}_{words}", test)


add_tests()


if __name__ == "__main__":
    unittest.main()
