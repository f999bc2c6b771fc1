"""Leases and places of config.toml against a real broker: KEYBEARER_BIN_DIR names the folder with its programs."""

from __future__ import annotations

import json
import os
import threading
import unittest
from pathlib import Path
from typing import List

import keybearer
from real_broker import PATIENCE, RealBrokerTest

KEY = "sk-proj-stored-canary-0123456789"
OTHER_KEY = "sk-proj-other-canary-9876543210"
CUSTOMERS_KEY = "sk-proj-customer-canary-55555555"


class LeaseTest(RealBrokerTest):
    def setUp(self) -> None:
        super().setUp()
        self.start()
        self.other = self.connect()
        self.other.auth_set_credential("openai", KEY)

    def lease(self) -> keybearer.Lease:
        opened = self.connect().auth_lease("openai")
        self.addCleanup(opened.close)
        return opened

    def restart(self) -> None:
        self.keybearer("daemon", "stop")
        self.keybearer("daemon", "start")
        self.other = self.connect()

    def test_nothing_happened(self) -> None:
        lease = self.lease()
        self.assertEqual(lease.wait(0), "none")
        self.assertEqual(lease.credential.values["api_key"], KEY)

    def test_another_client_stores_another_value(self) -> None:
        lease = self.lease()
        before = lease.credential
        events: List[str] = []
        thread = threading.Thread(target=lambda: events.append(lease.wait(PATIENCE)))
        thread.start()
        self.other.auth_set_credential("openai", OTHER_KEY)
        thread.join(PATIENCE)
        self.assertEqual(events, ["renewed"])
        self.assertEqual((before.values["api_key"], lease.credential.values["api_key"]), (KEY, OTHER_KEY))
        self.assertNotEqual(before.version, lease.credential.version)
        self.assertEqual(lease.wait(0), "none")

    def test_another_client_removes_it(self) -> None:
        lease = self.lease()
        self.other.remove("openai")
        self.assertEqual(lease.wait(PATIENCE), "removed")
        self.assertEqual(lease.credential.values["api_key"], KEY)

    def test_the_events_in_their_order(self) -> None:
        lease = self.lease()
        events = iter(lease)
        self.other.auth_set_credential("openai", OTHER_KEY)
        self.assertEqual((next(events), lease.credential.values["api_key"]), ("renewed", OTHER_KEY))
        self.other.remove("openai")
        self.assertEqual(list(events), ["removed"])

    def test_a_wait_that_the_broker_refuses(self) -> None:
        lease = self.lease()
        for seconds in (-1, 301):
            with self.assertRaises(keybearer.KeybearerError) as raised:
                lease.wait(seconds)
            self.assertEqual(raised.exception.kind, "invalid_value")
        self.assertEqual(lease.wait(0), "none")

    def test_a_broker_that_is_started_anew_is_no_event(self) -> None:
        lease = self.lease()
        self.restart()
        self.other.remove("openai")
        self.assertEqual(list(lease), ["removed"])
        lease = self.opened_before_a_restart()
        self.other.auth_set_credential("openai", OTHER_KEY)
        self.assertEqual((next(iter(lease)), lease.credential.values["api_key"]), ("renewed", OTHER_KEY))

    def opened_before_a_restart(self) -> keybearer.Lease:
        self.other.auth_set_credential("openai", KEY)
        lease = self.lease()
        self.restart()
        return lease

    def test_a_broker_that_stays_away(self) -> None:
        lease = self.lease()
        self.keybearer("daemon", "stop")
        with self.assertRaises(keybearer.KeybearerError) as raised:
            list(lease)
        self.assertEqual(raised.exception.kind, "connection_lost")

    def test_a_broker_that_is_gone_is_started_by_the_lease(self) -> None:
        self.patched()
        with keybearer.auth_lease("openai") as lease:
            self.assertEqual(lease.credential.values["api_key"], KEY)
            self.other.auth_set_credential("openai", OTHER_KEY)
            self.keybearer("daemon", "stop")
            self.assertEqual((next(iter(lease)), lease.credential.values["api_key"]), ("renewed", OTHER_KEY))


class LocationsTest(RealBrokerTest):
    def begin(self, *locations: str) -> None:
        self.configure(f"[locations]\nopenai = {json.dumps(locations)}\n")
        self.start()

    def test_a_dynamic_name_then_a_variable_then_the_store(self) -> None:
        self.begin("dynamic::customer_key", "env::MY_OPENAI_KEY", "store::")
        self.connect().auth_set_credential("openai", KEY)
        with_variable, without = self.connect(MY_OPENAI_KEY=OTHER_KEY), self.connect()
        for client, call, value, source, origin in (
            (with_variable, {"customer_key": CUSTOMERS_KEY}, CUSTOMERS_KEY, "call", "customer_key"),
            (with_variable, None, OTHER_KEY, "environment", "MY_OPENAI_KEY"),
            (without, None, KEY, "store", "default/default"),
        ):
            with self.subTest(source):
                found = client.auth_resolve("openai", call=call).field("api_key")
                assert found is not None
                self.assertEqual((found.value, found.source, found.from_), (value, source, origin))
        written = b"".join(path.read_bytes() for path in Path(self.home).rglob("*") if path.is_file())
        for own in (CUSTOMERS_KEY, OTHER_KEY):
            self.assertNotIn(own.encode(), written)

    def test_a_variable_that_names_a_file(self) -> None:
        self.begin("path_from_env::MY_KEY_FILE")
        path = self.key_file(KEY + "\n")
        resolved = self.connect(MY_KEY_FILE=str(path)).auth_resolve("openai")
        self.assertEqual(resolved.values["api_key"], KEY)

    def test_a_lease_of_a_dynamic_name(self) -> None:
        self.begin("dynamic::customer_key", "store::")
        client = self.connect()
        with client.auth_lease("openai", call={"customer_key": CUSTOMERS_KEY}) as lease:
            client.auth_set_credential("openai", KEY)  # a weaker place
            self.assertEqual(lease.wait(0), "none")
            self.assertEqual(lease.credential.values["api_key"], CUSTOMERS_KEY)

    def test_a_file_of_the_broker_and_its_next_content(self) -> None:
        path = self.key_file(KEY)
        self.begin(f"file::{path}")
        with self.connect().auth_lease("openai") as lease:
            self.assertEqual(lease.credential.sources["api_key"], "file")
            longer = OTHER_KEY + "-longer"
            path.write_text(longer, encoding="utf-8")
            self.assertEqual((next(iter(lease)), lease.credential.values["api_key"]), ("renewed", longer))

    def test_a_place_that_cannot_be_used(self) -> None:
        path = self.key_file(KEY)
        path.chmod(0o644)
        self.begin(f"file::{path}")
        with self.assertRaises(keybearer.KeybearerError) as raised:
            self.connect().auth_resolve("openai")
        self.assertEqual(raised.exception.kind, "location_failed")
        self.assertNotIn("canary", repr(raised.exception))

    def key_file(self, content: str) -> Path:
        path = Path(self.home, "key")
        path.write_text(content, encoding="utf-8")
        os.chmod(path, 0o600)
        return path


if __name__ == "__main__":
    unittest.main()
