"""D-Bus from a test: calls, and what passes on a bus."""
import json
import os
import pathlib
import socket
import sys

from ..process import Process

CALL_SECONDS = 20
_PROPERTIES = "org.freedesktop.DBus.Properties"


class BusError(Exception):
    """An error answer; `name` is D-Bus's own, such as org.freedesktop.DBus.Error.UnknownObject."""

    def __init__(self, name, text):
        super().__init__(f"{name}: {text}")
        self.name = name


class Agent:
    """The program of agent.py, one for each desktop."""

    def __init__(self, env, log):
        here, there = socket.socketpair()
        with there:
            # Debian's python3 has the modules; the one that runs the tests may be another.
            python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
            program = pathlib.Path(__file__).with_name("agent.py")
            self.process = Process([python, "-B", program, there.fileno()], env, log, pass_fds=(there.fileno(),))
        here.settimeout(CALL_SECONDS + 10)
        self._socket = here
        self._lines = here.makefile("rb")
        self._last = 0
        self._answers = {}
        self._events = []

    def _send(self, do, **more):
        self._last += 1
        self._socket.sendall(json.dumps({"id": self._last, "do": do, **more}).encode() + b"\n")
        return self._last

    def _answer(self, number):
        while number not in self._answers:
            line = self._lines.readline()
            if not line:
                raise AssertionError(f"the D-Bus agent ended:\n{self.process.output()}")
            message = json.loads(line)
            if "event" in message:
                self._events.append(message)
            else:
                self._answers[message["id"]] = message
        return self._answers.pop(number)

    def ask(self, do, **more):
        answer = self._answer(self._send(do, **more))
        if "error" in answer:
            raise BusError(answer["error"], answer["text"])
        return answer["result"]

    def events(self, bus):
        """What the monitor of that bus has seen so far, oldest first."""
        self.ask("ping")  # its answer comes after every event so far
        return [event for event in self._events if event["bus"] == bus]

    def send_call(self, bus, service, path, interface, method, signature, arguments, seconds=CALL_SECONDS):
        return self._send("call", bus=bus, service=service, path=path, interface=interface, method=method, signature=signature,
                          arguments=arguments, seconds=seconds)

    def outcome(self, number):
        """The answer to a call that was sent; the exception where it failed."""
        answer = self._answer(number)
        if "error" in answer:
            return BusError(answer["error"], answer["text"])
        result = answer["result"]
        return result[0] if len(result) == 1 else result

    def stop(self):
        self._lines.close()
        self._socket.close()
        self.process.stop()


class Bus:
    """A connection of the agent's to one bus."""

    def __init__(self, agent, name, address):
        self.agent = agent
        self.name = name
        self.address = address
        agent.ask("connect", name=name, address=address)

    def call_all(self, *calls):
        """Many calls at once, each (service, path, interface, method, signature, arguments); their answers, a BusError in the
        place of one that failed."""
        sent = [self.agent.send_call(self.name, *call) for call in calls]
        return [self.agent.outcome(number) for number in sent]

    def call(self, service, path, interface, method, signature="", *arguments):
        """Its answer: a value, a list when there are several, [] when there is none."""
        (outcome,) = self.call_all((service, path, interface, method, signature, arguments))
        if isinstance(outcome, BusError):
            raise outcome
        return outcome

    def get(self, service, path, interface, name):
        """A property."""
        return self.call(service, path, _PROPERTIES, "Get", "ss", interface, name)

    def monitor(self, *rules):
        """From now on messages that match one of D-Bus's match rules become events. Once for each bus."""
        self.agent.ask("monitor", name=self.name, address=self.address, rules=rules)

    def events(self):
        return self.agent.events(self.name)

    def has(self, name):
        """Whether somebody owns that name."""
        return self.call("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner", "s", name)

    def pid_of(self, name):
        """The process that owns that name; None when nobody does any more."""
        (pid,) = self.call_all(("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetConnectionUnixProcessID", "s", (name,)))
        return None if isinstance(pid, BusError) else pid
