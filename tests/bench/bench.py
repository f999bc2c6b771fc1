"""tests/bench/run: every measure in one run, in turns, so that what else the machine does hits all of them alike."""
import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import statistics
import subprocess
import sys
import time

from agents import OidcAgent, SshAgent
import window
from kbtest import Broker, CLI, KeybearerTest, Provider, RpcClient, wait_until

REQUEST = b'{"jsonrpc":"2.0","id":1,"method":"token.get","params":{"account":"lab"}}\n'
WARM_UP = 500


class Bench(KeybearerTest):
    """A person's machine, as the functional tests have it, with the other agents in it."""

    def runTest(self):
        self.fail("not a test: tests/bench/run")

    def prepare(self, programs, quick):
        self.setUp()
        self.programs, self.quick = pathlib.Path(programs), quick
        self.rounds = 3 if quick else 7
        self.requests = 5_000 if quick else 20_000
        self.provider.set(atTtl=86_400)
        self.broker = self.start_broker()
        self.ok("login", "lab")
        self.strict_socket = self.strict_broker()
        self.oidc = OidcAgent(self.home, self.provider)
        self.addCleanup(self.oidc.stop)
        self.ssh = SshAgent(self.home)
        self.addCleanup(self.ssh.stop)
        size = self.load(self.home.socket, "line", 1, 10, REQUEST)["reply_bytes"]
        self.echo_socket = self.home.path / "echo.sock"
        echo = subprocess.Popen([self.programs / "bench-echo", self.echo_socket, str(size)], stdout=subprocess.PIPE)
        self.addCleanup(lambda: (echo.terminate(), echo.stdout.close(), echo.wait()))
        echo.stdout.readline()

    def strict_broker(self):
        """A second broker, which gives a token to the load alone, by a grant: the policy that people have."""
        home = self.home_of("strict")
        home.write_provider("lab", self.provider.issuer)
        env = self.env(KEYBEARER_HOME=str(home.path))
        broker = Broker(home, env)
        try:
            subprocess.run([CLI, "login", "lab"], env=env, check=True, capture_output=True)
        finally:
            broker.stop()
        load = (self.programs / "bench-load").resolve()
        digest = hashlib.sha256(load.read_bytes()).hexdigest()
        home.write_config("config.toml", f'policy = "ask"\n[[grant]]\nprogram = "{load}"\nsha256 = "{digest}"\n'
                                         'credential = "account:lab"\n')
        broker = Broker(home, env)
        self.addCleanup(broker.stop)
        return home.socket

    def load(self, socket, kind, connections, requests, request):
        out = subprocess.run([self.programs / "bench-load", str(socket), kind, str(connections), str(requests)],
                             input=request, capture_output=True, check=True, timeout=300).stdout
        return json.loads(out)

    # --- measures ---------------------------------------------------------------------------------------------------

    def throughput(self):
        """Requests a second and the time of one, for every server at 1, 8 and 64 connections."""
        servers = {
            "keybearer": (self.home.socket, "line", REQUEST, 1),
            "keybearer, connection a request": (self.home.socket, "once", REQUEST, 4),
            "keybearer, by a grant": (self.strict_socket, "line", REQUEST, 1),
            "keybearer, by a grant, connection a request": (self.strict_socket, "once", REQUEST, 40),
            "oidc-agent, connection a request": (self.oidc.socket, self.oidc.kind, self.oidc.request, 10),
            "ssh-agent, 9 bytes": (self.ssh.socket, self.ssh.kind, self.ssh.request, 1),
            "bare echo of the same bytes": (self.echo_socket, "line", REQUEST, 1),
            "bare echo, connection a request": (self.echo_socket, "once", REQUEST, 4),
        }
        found = {name: {1: [], 8: [], 64: []} for name in servers}
        for socket, kind, request, _ in servers.values():
            self.load(socket, kind, 1, WARM_UP, request)
        for _ in range(self.rounds):
            for name, (socket, kind, request, slow) in servers.items():
                for connections, results in found[name].items():
                    results.append(self.load(socket, kind, connections, self.requests // slow, request))
        return {name: {connections: summary(results) for connections, results in by.items()}
                for name, by in found.items()}

    def programs_time(self):
        """Whole processes: ours, oidc-agent's, and one that says hello."""
        env = {**self.env(), **self.oidc.env, "PATH": self.oidc.env["PATH"]}
        commands = [[CLI, "token", "lab"], self.oidc.client, [self.programs / "bench-hello"]]
        words = [str(word) for command in commands for word in ["--", *command]][1:]
        out = subprocess.run([self.programs / "bench-spawn", "200" if self.quick else "1000", *words], env=env, check=True,
                             capture_output=True, timeout=300).stdout
        return dict(zip(("keybearer token", "oidc-token", "hello, static"), json.loads(out), strict=True))

    def memory(self):
        """Resident KiB: idle, and after 100,000 requests more, beside a Qt process that does nothing."""
        with subprocess.Popen([self.programs / "bench-empty"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              env=self.env()) as empty:
            empty.stdout.readline()
            empty_kib = resident(empty.pid)
            empty.stdin.close()
        fresh = Broker(self.home_of("idle"), self.env(KEYBEARER_HOME=str(self.home_of("idle").path)))
        try:
            idle = resident(fresh.pid)
        finally:
            fresh.stop()
        before = resident(self.broker.pid)
        self.load(self.home.socket, "line", 64, 10_000 if self.quick else 100_000, REQUEST)
        return {"empty Qt process": empty_kib, "broker, idle": idle, "broker, signed in": before,
                "broker, 100,000 requests later": resident(self.broker.pid), "oidc-agent": resident(self.oidc.pid)}

    def home_of(self, name):
        """A second, empty home below the first."""
        if not hasattr(self, "_homes"):
            self._homes = {}
        if name not in self._homes:
            self._homes[name] = type(self.home)()
            self.addCleanup(self._homes[name].remove)
        return self._homes[name]

    def cold_start(self):
        """From nothing to the first token: the command line starts the broker, which asks the provider."""
        found = []
        for _ in range(self.rounds):
            self.broker.stop()
            begin = time.perf_counter()
            self.token()
            found.append(time.perf_counter() - begin)
            self.ok("daemon", "stop")
            self.broker = self.start_broker()
        self.token()
        return {"seconds": statistics.median(found)}

    def thundering(self):
        """A thousand callers at once, and no token in the cache."""
        self.broker.stop()
        self.broker = self.start_broker()
        before = len(self.provider.requests("/token", "POST"))
        begin = time.perf_counter()
        self.load(self.home.socket, "line", 1000, 1000, REQUEST)
        return {"seconds": time.perf_counter() - begin,
                "requests at the provider": len(self.provider.requests("/token", "POST")) - before}

    def neighbour(self):
        """A cached token of account B, while the provider of account A hangs."""
        other = Provider(self.home)
        self.addCleanup(other.stop)
        other.set(atTtl=86_400)
        self.home.write_provider("other", other.issuer)
        self.broker.stop()
        self.broker = self.start_broker()
        self.ok("login", "other")
        request = REQUEST.replace(b'"lab"', b'"other"')
        self.load(self.home.socket, "line", 8, WARM_UP, request)
        quiet, hanging = [], []
        for _ in range(self.rounds):
            quiet.append(self.load(self.home.socket, "line", 8, self.requests, request))
            self.provider.fault("/token", "hang", times=1000)
            with concurrent.futures.ThreadPoolExecutor(1) as pool, RpcClient(self.home.socket) as stuck:
                stuck.send("token.get", account="lab", refresh=True)
                wait_until(lambda: any(entry.get("fault") for entry in self.provider.requests("/token")), "the hang")
                hanging.append(pool.submit(self.load, self.home.socket, "line", 8, self.requests, request).result())
        self.provider.reset()
        return {"quiet": summary(quiet), "while A hangs": summary(hanging)}

    def vault(self):
        """A stored key among few and among many, in turns; and the time of `keybearer provider status`."""
        many = 5_000 if self.quick else 100_000
        home = self.home_of("vault")
        env = self.env(KEYBEARER_HOME=str(home.path), DBUS_SESSION_BUS_ADDRESS=None)
        broker = Broker(home, env)
        try:
            subprocess.run([CLI, "keychain", "migrate", "--to", "file", "--no-passphrase"], env=env, check=True,
                           capture_output=True)
            with RpcClient(home.socket) as client:
                store(client, "few", 10)
                store(client, "many", 1_000)
                status = [seconds_of([CLI, "provider", "status", "--tenant", "many"], env) for _ in range(30)]
                store(client, "many", many, 1_000)
                few, among_many = [], []
                for _ in range(self.rounds):
                    few.append(times_of_keys(client, "few", 10))
                    among_many.append(times_of_keys(client, "many", many))
        finally:
            broker.stop()
        begin = time.perf_counter()
        broker = Broker(home, env)
        try:
            with RpcClient(home.socket) as client:
                client.call("credential.resolve", provider="openai", tenant="many", name="n1")
            start = time.perf_counter() - begin
        finally:
            broker.stop()
        return {"records": many, "few": median_of(few), "many": median_of(among_many), "start_seconds": start,
                "status_seconds": statistics.median(status)}

    def window(self):
        """The tray app's window beside an empty one, on a desktop of its own."""
        return window.measure(self.programs / "bench-window", self.rounds, resident)


def store(client, tenant, count, first=0):
    """Keys of one provider under many names; as many requests under way as a connection may have, nearly."""
    for begin in range(first, count, 50):
        asked = [client.send("credential.set", provider="openai", tenant=tenant, name=f"n{number}",
                             fields={"api_key": f"sk-{number:032d}"}) for number in range(begin, min(begin + 50, count))]
        for number in asked:
            client.answer(number)


def times_of_keys(client, tenant, count):
    """Sorted seconds of 3,000 round trips, each for another of the keys where there are so many."""
    times = []
    for number in range(3_000):
        begin = time.perf_counter()
        client.call("credential.resolve", provider="openai", tenant=tenant, name=f"n{number * 7919 % count}")
        times.append(time.perf_counter() - begin)
    return sorted(times)


def median_of(rounds):
    return {"p50_us": statistics.median(times[len(times) // 2] for times in rounds) * 1e6,
            "p99_us": statistics.median(times[len(times) * 99 // 100] for times in rounds) * 1e6}


def seconds_of(command, env):
    begin = time.perf_counter()
    subprocess.run(command, env=env, check=True, capture_output=True)
    return time.perf_counter() - begin


def summary(results):
    """Medians over the rounds, and how far the rounds lie apart."""
    rates = [result["per_second"] for result in results]
    return {"per_second": statistics.median(rates), "spread": (max(rates) - min(rates)) / statistics.median(rates),
            "p50_us": statistics.median(result["p50_us"] for result in results),
            "p99_us": statistics.median(result["p99_us"] for result in results)}


def resident(pid):
    """KiB in memory, shared pages included."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmRSS:")).split()[1])


def verdicts(found):
    """What has to hold, with what was found."""
    at64 = {name: by[64]["per_second"] for name, by in found["throughput"].items()}
    alone = {name: by[1]["p50_us"] for name, by in found["throughput"].items()}
    programs, memory, neighbour = found["programs"], found["memory"], found["neighbour"]
    rows = [
        ("requests/s at 64 connections, against oidc-agent", at64["keybearer"] / at64["oidc-agent, connection a request"],
         ">=", 5),
        ("... against the bare echo (the aim, no promise)", at64["keybearer"] / at64["bare echo of the same bytes"], ">=", 0.5),
        ("round trip of a cached token by a grant, against the policy \"allow\"",
         alone["keybearer, by a grant"] / alone["keybearer"], "<=", 1.05),
        ("keybearer token, time against oidc-token",
         programs["keybearer token"]["p50_us"] / programs["oidc-token"]["p50_us"], "<=", 1),
        ("p99 of B while A's provider hangs, against quiet",
         neighbour["while A hangs"]["p99_us"] / neighbour["quiet"]["p99_us"], "<=", 2),
        ("idle memory, against an empty Qt process", memory["broker, idle"] / memory["empty Qt process"], "<=", 1.5),
        ("MiB grown in 100,000 requests",
         (memory["broker, 100,000 requests later"] - memory["broker, signed in"]) / 1024, "<=", 1),
        ("p99 of a stored key among many, against one among ten",
         found["vault"]["many"]["p99_us"] / found["vault"]["few"]["p99_us"], "<=", 1.2),
        ("`provider status` with 1,000 keys stored, ms", found["vault"]["status_seconds"] * 1000, "<=", 50),
        ("requests at the provider for 1,000 callers at once", found["thundering"]["requests at the provider"], "<=", 1),
        *window.rows(found["window"]),
    ]
    return [{"what": what, "found": round(value, 2), "wanted": f"{sign} {bound}",
             "holds": value >= bound if sign == ">=" else value <= bound} for what, value, sign, bound in rows]


def print_table(found):
    print("\n| server | connections | requests/s | spread | median us | p99 us |\n|---|---|---|---|---|---|")
    for name, by in found["throughput"].items():
        for connections, row in by.items():
            print(f"| {name} | {connections} | {row['per_second']:,.0f} | {row['spread']:.0%} | {row['p50_us']:.0f} "
                  f"| {row['p99_us']:.0f} |")
    print("\n| whole process | median us | p99 us |\n|---|---|---|")
    for name, row in found["programs"].items():
        print(f"| {name} | {row['p50_us']:.0f} | {row['p99_us']:.0f} |")
    print("\n| memory | KiB resident |\n|---|---|")
    for name, kib in found["memory"].items():
        print(f"| {name} | {kib:,} |")
    print(f"\nFrom nothing to the first token: {found['cold start']['seconds'] * 1000:.0f} ms. A thousand callers at once "
          f"without a token: {found['thundering']['seconds'] * 1000:.0f} ms.")
    vault = found["vault"]
    print(f"A stored key, one of ten: {vault['few']['p50_us']:.0f} us, p99 {vault['few']['p99_us']:.0f} us; one of "
          f"{vault['records']:,}: {vault['many']['p50_us']:.0f} us, p99 {vault['many']['p99_us']:.0f} us (Python's own time "
          f"included). Broker's start to the first of {vault['records']:,}: {vault['start_seconds'] * 1000:.0f} ms.")
    print("\n| what | found | wanted | |\n|---|---|---|---|")
    for row in found["verdicts"]:
        print(f"| {row['what']} | {row['found']} | {row['wanted']} | {'held' if row['holds'] else 'did not hold'} |")


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run")
    parser.add_argument("--programs", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and requests")
    parser.add_argument("--json", metavar="FILE", help="everything that was found")
    options = parser.parse_args()
    bench = Bench()
    found = {}
    try:
        bench.prepare(options.programs, options.quick)
        for name, measure in (("throughput", bench.throughput), ("programs", bench.programs_time),
                              ("memory", bench.memory), ("cold start", bench.cold_start),
                              ("thundering", bench.thundering), ("neighbour", bench.neighbour),
                              ("vault", bench.vault), ("window", bench.window)):
            print(f"bench: {name}", file=sys.stderr, flush=True)
            found[name] = measure()
    finally:
        bench.doCleanups()
    found["verdicts"] = verdicts(found)
    print_table(found)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
