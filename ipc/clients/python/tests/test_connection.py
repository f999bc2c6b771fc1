"""What is checked before anything is sent, and how a connection fails."""

from __future__ import annotations

import os
import signal
import socket
import struct
import tempfile
import threading
import traceback
import unittest
from typing import Any, Callable, List
from unittest import mock

import keybearer
from fake_broker import PATIENCE, FakeBroker, answered, step


class ConnectionTestCase(unittest.TestCase):
    def fails(self, kind: str, function: Callable[..., Any], *arguments: Any, **named: Any) -> keybearer.KeybearerError:
        with self.assertRaises(keybearer.KeybearerError) as raised:
            function(*arguments, **named)
        self.assertEqual(raised.exception.kind, kind, raised.exception.message)
        return raised.exception


class CheckTest(ConnectionTestCase):
    def test_a_folder_that_others_can_enter_is_refused(self) -> None:
        for mode in (0o755, 0o710, 0o701):
            with self.subTest(oct(mode)), FakeBroker([]) as broker:
                os.chmod(broker.run, mode)
                error = self.fails("unsafe", keybearer.connect, broker.socket)
                self.assertIn(broker.run, error.message)

    def test_a_link_to_a_folder_is_refused(self) -> None:
        with FakeBroker([]) as broker:
            link = os.path.join(broker.folder, "link")
            os.symlink(broker.run, link)
            self.fails("unsafe", keybearer.connect, os.path.join(link, "broker.sock"))

    def test_another_users_folder_is_refused(self) -> None:
        with FakeBroker([]) as broker:
            with mock.patch("os.geteuid", return_value=os.geteuid() + 1):
                self.fails("unsafe", keybearer.connect, broker.socket)

    def test_another_users_broker_is_sent_nothing(self) -> None:
        stranger = struct.pack("iII", 1, os.geteuid() + 1, 0)
        with FakeBroker([step(answered({}))]) as broker:
            with mock.patch.object(socket.socket, "getsockopt", return_value=stranger):
                self.fails("unsafe", keybearer.connect, broker.socket)
        self.assertEqual(broker.requests, [])


class NoBrokerTest(ConnectionTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="kb")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.socket = os.path.join(self.folder, "broker.sock")

    def test_the_message_names_the_path_and_the_remedy(self) -> None:
        missing_folder = os.path.join(self.folder, "none", "broker.sock")
        for path in (self.socket, missing_folder):
            with self.subTest(path), mock.patch.dict(os.environ, {"PATH": self.folder}):
                error = self.fails("no_broker", keybearer.connect, path)
                self.assertIn(path, error.message)
                self.assertIn("keybearer daemon start", error.message)

    def test_one_try_to_start_a_broker_is_made(self) -> None:
        log = os.path.join(self.folder, "log")
        self.program(f'echo "$* $KEYBEARER_SOCKET" >> {log}; echo noise; echo noise >&2; exit 8')
        with mock.patch.dict(os.environ, {"PATH": self.folder}):
            self.fails("no_broker", keybearer.connect, self.socket)
        with open(log, encoding="utf-8") as file:
            self.assertEqual(file.read(), f"daemon start {self.socket}\n")

    def test_none_is_started_on_request_or_from_the_folder_one_works_in(self) -> None:
        log = os.path.join(self.folder, "log")
        self.program(f"echo started >> {log}")
        with mock.patch.dict(os.environ, {"PATH": self.folder}):
            self.fails("no_broker", keybearer.connect, self.socket, start=False)
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.folder)
        for path in ("", ".", ":"):
            with mock.patch.dict(os.environ, {"PATH": path}):
                self.fails("no_broker", keybearer.connect, self.socket)
        self.assertFalse(os.path.exists(log))

    def program(self, script: str) -> None:
        path = os.path.join(self.folder, "keybearer")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{script}\n")
        os.chmod(path, 0o700)


class CallTest(ConnectionTestCase):
    def test_a_late_answer_is_passed_over(self) -> None:
        late = '{"jsonrpc":"2.0","id":1,"result":{"late":true}}'
        with FakeBroker([step(), step(late, answered({"late": False}))]) as broker:
            with keybearer.connect(broker.socket) as client:
                self.fails("timeout", client.call, "system.hello", timeout=0.05)
                self.assertEqual(client.call("system.hello"), {"late": False})
        self.assertEqual(broker.problems, [])

    def test_the_clients_own_timeout(self) -> None:
        with FakeBroker([step()]) as broker, keybearer.connect(broker.socket, timeout=0.05) as client:
            self.fails("timeout", client.call, "system.hello")

    def test_ids_are_not_taken_for_others_that_compare_equal(self) -> None:
        others = ['{"id":true,"result":{"n":0}}', '{"id":1.0,"result":{"n":0}}', '{"id":"1","result":{"n":0}}']
        with FakeBroker([step(*others, answered({"n": 1}))]) as broker, keybearer.connect(broker.socket) as client:
            self.assertEqual(client.call("system.hello"), {"n": 1})

    def test_an_error_without_an_id_is_this_calls(self) -> None:
        refusal = '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m","data":{"kind":"parse_error"}}}'
        with FakeBroker([step(refusal, None)]) as broker, keybearer.connect(broker.socket) as client:
            self.fails("parse_error", client.call, "system.hello")
            self.fails("connection_lost", client.call, "system.hello")

    def test_answers_that_are_none(self) -> None:
        for line in ('["sk-canary"]', '{"id":$ID}', '{"id":$ID,"result":["sk-canary"]}', '"sk-canary', "[" * 100_000):
            with self.subTest(line[:30]), FakeBroker([step(line)]) as broker:
                with keybearer.connect(broker.socket) as client:
                    error = self.fails("connection_lost", client.call, "system.hello")
                    self.assertIsNone(error.__context__)  # it would have the line
                    self.assertNotIn("canary", "".join(traceback.format_exception(type(error), error, None)))
                    self.fails("connection_lost", client.call, "system.hello")

    def test_lines_as_long_as_allowed_and_longer(self) -> None:
        frame = '{"id":$ID,"result":{"x":""}}'
        room = (1 << 20) - len(frame) + len("$ID") - len("1")
        with FakeBroker([step(frame.replace('""', f'"{"x" * room}"'))]) as broker:
            with keybearer.connect(broker.socket) as client:
                self.assertEqual(len(client.call("system.hello")["x"]), room)
        with FakeBroker([step(frame.replace('""', f'"{"x" * (room + 1)}"'))]) as broker:
            with keybearer.connect(broker.socket) as client:
                self.fails("connection_lost", client.call, "system.hello")

    def test_parameters_that_cannot_be_sent_are_not_repeated(self) -> None:
        class Odd:
            def __repr__(self) -> str:
                return "canary"

        for params in ({"x": "canary\ud800"}, {"x": Odd()}, {"x": float("nan")}, {"x": "canary" * 200_000}):
            with FakeBroker([step(answered({}))]) as broker, keybearer.connect(broker.socket) as client:
                error = self.fails("invalid_params", client.call, "system.hello", params)
                self.assertIsNone(error.__context__)
                self.assertNotIn("canary", repr(error))
                self.assertEqual(client.call("system.hello"), {})  # nothing was sent, so nothing is out of step

    def test_a_broker_that_went_away_kills_nobody(self) -> None:
        before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        self.addCleanup(signal.signal, signal.SIGPIPE, before)
        with FakeBroker([step(answered({}), None)]) as broker:
            client = keybearer.connect(broker.socket)
            self.addCleanup(client.close)
            self.assertEqual(client.call("system.hello"), {})
        self.fails("connection_lost", client.call, "system.hello")

    def test_after_a_fork_the_child_needs_its_own(self) -> None:
        with FakeBroker([]) as broker, keybearer.connect(broker.socket) as client:
            with mock.patch("os.getpid", return_value=-1):
                self.fails("connection_lost", client.call, "system.hello")

    def test_threads_wait_for_each_other(self) -> None:
        count = 20
        answers: List[Any] = []
        with FakeBroker([step(answered({}))] * count) as broker, keybearer.connect(broker.socket) as client:
            threads = [
                threading.Thread(target=lambda: answers.append(client.call("system.hello"))) for _ in range(count)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(PATIENCE)
        self.assertEqual(answers, [{}] * count)
        self.assertEqual(broker.problems, [])

    def test_closing_wakes_who_waits(self) -> None:
        kinds: List[str] = []

        def wait(client: keybearer.Client) -> None:
            try:
                client.call("system.hello")
            except keybearer.KeybearerError as error:
                kinds.append(error.kind)

        with FakeBroker([step()]) as broker, keybearer.connect(broker.socket) as client:
            thread = threading.Thread(target=wait, args=(client,))
            thread.start()
            broker.wait_for("system.hello")
            client.close()
            client.close()
            thread.join(PATIENCE)
            self.assertEqual(kinds, ["connection_lost"])
            self.assertIn("closed", repr(client))


if __name__ == "__main__":
    unittest.main()
