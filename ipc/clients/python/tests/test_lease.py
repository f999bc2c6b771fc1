"""A lease, with a broker that plays a script: its waiting, its events, and what it does when it is cut off."""

from __future__ import annotations

import pprint
import threading
import unittest
from typing import Any, Dict, List, Optional
from unittest import mock

import keybearer
from fake_broker import PATIENCE, answered, step
from keybearer.connection import Connection
from played import PlayedTestCase, describe, field, resolve

LONGEST = 300


def held(version: str = "v1", value: str = "sk-1") -> Dict[str, Any]:
    return resolve({}, field("store", "default/default", value), version=version)


def watch(event: Optional[str], version: str = "v1", wait: int = LONGEST, **params: Any) -> Dict[str, Any]:
    """Without an event the connection ends."""
    asked = {"provider": "openai", "environment": [], **params, "version": version, "wait": wait}
    answer = None if event is None else answered({"event": event, "version": None})
    return step(answer, method="credential.watch", params=asked)


def refusal(kind: str, method: str = "credential.resolve") -> Dict[str, Any]:
    line = '{"jsonrpc":"2.0","id":$ID,"error":{"code":-32000,"message":"m","data":{"kind":"%s"}}}' % kind
    asked = {"provider": "openai"} if method == "provider.describe" else {"provider": "openai", "environment": []}
    return step(line, method=method, params=asked)


class LeaseTestCase(PlayedTestCase):
    def lease(self, *scripts: List[Dict[str, Any]], **client: Any) -> keybearer.Lease:
        """A script for each connection that the lease makes; its client has one of its own that is not used."""
        opened = self.play([], *scripts, environment={}, **client).auth_lease("openai")
        self.addCleanup(opened.close)
        return opened

    def fails(self, kind: str, function: Any, *arguments: Any) -> None:
        with self.assertRaises(keybearer.KeybearerError) as raised:
            function(*arguments)
        self.assertEqual(raised.exception.kind, kind, raised.exception.message)


class WaitTest(LeaseTestCase):
    def test_what_was_taken_before_stays_as_it_is(self) -> None:
        lease = self.lease([describe(), held(), watch("renewed", wait=60), held("v2", "sk-2")])
        before = lease.credential
        self.assertEqual(lease.wait(), "renewed")
        self.assertEqual((before.values["api_key"], lease.credential.values["api_key"]), ("sk-1", "sk-2"))

    def test_the_newest_version_is_watched(self) -> None:
        lease = self.lease([describe(), held(), watch("renewed", wait=5), held("v2"), watch("none", "v2", wait=5)])
        self.assertEqual([lease.wait(5), lease.wait(5)], ["renewed", "none"])

    def test_an_event_that_this_version_does_not_know_is_none(self) -> None:
        self.assertEqual(self.lease([describe(), held(), watch("later", wait=0)]).wait(0), "none")

    def test_gone_before_it_was_resolved_again(self) -> None:
        lease = self.lease([describe(), held(), watch("renewed", wait=9), refusal("no_credential")])
        self.assertEqual(lease.wait(9), "removed")
        self.assertEqual(lease.credential.values["api_key"], "sk-1")

    def test_what_resolve_refuses_is_said(self) -> None:
        lease = self.lease([describe(), held(), watch("renewed", wait=9), refusal("keychain_locked")])
        self.fails("keychain_locked", lease.wait, 9)
        self.assertEqual(lease.credential.values["api_key"], "sk-1")

    def test_this_side_is_more_patient_than_the_broker(self) -> None:
        lease = self.lease([describe(), held(), watch("none", wait=30)], timeout=5.0)
        with mock.patch.object(Connection, "call", autospec=True, side_effect=Connection.call) as call:
            lease.wait(30)
        self.assertEqual(call.call_args.args[3], 70)

    def test_no_answer_in_time(self) -> None:
        lease = self.lease([describe(), held(), {**watch("none", wait=0), "answer": []}, watch("none", wait=1)])
        with mock.patch("keybearer.lease._GRACE", 0.05):
            self.fails("timeout", lease.wait, 0)
        self.assertEqual(lease.wait(1), "none")

    def test_the_options_of_a_resolution_go_along(self) -> None:
        options = {"name": "work", "tenant": "acme", "only": ["call"], "fields": ["api_key"], "next": True}
        sent = {**options, "call": ["customer_key"]}
        script = [describe(), resolve(sent, field("call", "customer_key")), watch("none", wait=0, **sent)]
        client = self.play([], script, environment={})
        with client.auth_lease("openai", call={"customer_key": "sk-call"}, **options) as lease:
            self.assertEqual(lease.wait(0), "none")
            self.assertEqual(lease.credential.values, {"api_key": "sk-call"})

    def test_names_are_formed_once_and_values_are_looked_up(self) -> None:
        sent = {"environment": ["OPENAI_API_KEY", "OPENAI_BASE_URL"]}
        fields = [field("environment", "OPENAI_API_KEY"), field("environment", "OPENAI_BASE_URL", field="base_url")]
        script = [describe(), resolve(sent, *fields), watch("renewed", wait=0, **sent), resolve(sent, *fields)]
        environment = {"OPENAI_API_KEY": "sk-1", "OPENAI_BASE_URL": "https://a.example"}
        with self.play([], script, environment=environment).auth_lease("openai") as lease:
            environment["OPENAI_API_KEY"] = "sk-2"
            del environment["OPENAI_BASE_URL"]
            lease.wait(0)
            self.assertEqual(lease.credential.values, {"api_key": "sk-2", "base_url": "https://a.example"})

    def test_no_secret_is_shown(self) -> None:
        sent = {"call": ["apiKey"], "instance": ["x"], "environment": ["OPENAI_API_KEY"]}
        script = [describe(), resolve(sent, field("environment", "OPENAI_API_KEY"))]
        client = self.play([], script, environment={"OPENAI_API_KEY": "canary"})
        with client.auth_lease("openai", call={"apiKey": "canary"}, instance={"x": "canary"}) as lease:
            self.assertEqual(lease.credential.values["api_key"], "canary")
            request = {**vars(lease._request), "_environment": None}  # the program's own, which it can print anyway
            for thing in (lease, vars(lease), request):
                self.assertNotIn("canary", f"{thing} {pprint.pformat(thing)}")


class ConnectionTest(LeaseTestCase):
    def test_the_client_goes_on_while_a_lease_waits(self) -> None:
        waits = {**watch("none"), "answer": []}
        client = self.play([step(answered({"n": 1}))], [describe(), held(), waits], environment={})
        with client.auth_lease("openai") as lease:
            events: List[str] = []
            thread = threading.Thread(target=lambda: events.extend(lease))
            thread.start()
            self.broker.wait_for("credential.watch")
            self.assertEqual(client.call("system.hello"), {"n": 1})
            self.assertTrue(thread.is_alive())
            lease.close()  # ends the iteration of the other thread without an error
            thread.join(PATIENCE)
            self.assertFalse(thread.is_alive())
        self.assertEqual(events, [])
        self.assertIn("closed", repr(lease))
        self.assertEqual(list(lease), [])
        self.fails("connection_lost", lease.wait, 0)

    def test_a_lease_outlives_its_client(self) -> None:
        client = self.play([], [describe(), held(), watch("none", wait=0)], environment={})
        with client.auth_lease("openai") as lease:
            client.close()
            self.assertEqual(lease.wait(0), "none")

    def test_one_that_cannot_be_opened_leaves_no_connection(self) -> None:
        for script in ([refusal("unknown_provider", "provider.describe")], [describe(), refusal("unknown_provider")]):
            client = self.play([], script, environment={})
            with mock.patch.object(Connection, "close", autospec=True, side_effect=Connection.close) as close:
                self.fails("unknown_provider", client.auth_lease, "openai")
            self.assertEqual(close.call_count, 1)


class EventsTest(LeaseTestCase):
    def test_nothing_is_passed_over_and_removed_is_the_last(self) -> None:
        lease = self.lease([
            describe(), held(), watch("none"), watch("renewed"), held("v2", "sk-2"), watch("none", "v2"),
            watch("removed", "v2"),
        ])
        seen = [(event, lease.credential.values["api_key"]) for event in lease]
        self.assertEqual(seen, [("renewed", "sk-2"), ("removed", "sk-2")])

    def test_an_error_that_is_no_break_ends_it(self) -> None:
        refused = {**refusal("login_required"), **{key: watch("none")[key] for key in ("method", "params")}}
        lease = self.lease([describe(), held(), refused])
        self.fails("login_required", list, lease)

    def test_wait_alone_does_not_connect_again(self) -> None:
        lease = self.lease([describe(), held(), watch(None, wait=3)])
        self.fails("connection_lost", lease.wait, 3)

    def test_after_each_break_it_goes_on(self) -> None:
        lease = self.lease(
            [describe(), held(), watch(None)],
            [held(), watch(None)],  # the same version: no event
            [held("v2", "sk-2"), watch("none", "v2"), watch(None, "v2")],
            [refusal("no_credential")],
        )
        seen = [(event, lease.credential.values["api_key"]) for event in lease]
        self.assertEqual(seen, [("renewed", "sk-2"), ("removed", "sk-2")])

    def test_it_gives_up_when_the_second_connection_is_none(self) -> None:
        lost = step(None, method="credential.resolve", params={"provider": "openai", "environment": []})
        lease = self.lease([describe(), held(), watch(None)], [lost])
        self.fails("connection_lost", list, lease)
        self.assertEqual(lease.credential.values["api_key"], "sk-1")
        self.assertEqual(len(self.broker.requests), 4)

    def test_what_the_next_broker_refuses_is_said(self) -> None:
        lease = self.lease([describe(), held(), watch(None)], [refusal("keychain_locked")])
        self.fails("keychain_locked", list, lease)

    def test_closed_while_it_connects_again(self) -> None:
        client = self.play([], [describe(), held(), watch(None)], [], environment={})
        connect, made = client._connect, []

        def closed_meanwhile() -> Connection:
            if made:
                lease.close()
            made.append(connect())
            return made[-1]

        with mock.patch.object(client, "_connect", closed_meanwhile):
            lease = client.auth_lease("openai")
        self.assertEqual(list(lease), [])
        self.assertEqual([one.closed for one in made], [True, True])


if __name__ == "__main__":
    unittest.main()
