"""SIGKILL at random moments of storing, removing, switching and rotating keys, while programs read: B20 of README.md.

KEYBEARER_KILLS: how many (40). KEYBEARER_SEED: the seed of an earlier run, to repeat its plan."""
import json
import os
import random
import signal
import subprocess
import threading
import time

from kbtest import CLI, KeybearerTest, RpcClient, wait_until

KILLS = int(os.environ.get("KEYBEARER_KILLS", "40"))
SEED = int(os.environ.get("KEYBEARER_SEED", random.SystemRandom().randrange(1 << 32)))
READERS = 8
STABLE = 12  # credentials that nobody changes
LATEST_KILL = 0.03  # seconds: a little more than a rotation takes


class Reader(threading.Thread):
    """A program that asks for a key again and again, as people run it."""

    def __init__(self, env, number):
        super().__init__(daemon=True)
        self.env, self.number = env, number
        self.reads, self.problem, self.stop = 0, None, threading.Event()

    def run(self):
        while not self.stop.is_set() and self.problem is None:
            name = f"stable{(self.number + self.reads) % STABLE}"
            ran = subprocess.run([CLI, "resolve", "openai", "--name", name], env=self.env, capture_output=True, text=True,
                                 timeout=60, check=False)
            if (ran.returncode, ran.stdout) != (0, f"sk-{name}\n"):
                self.problem = f"{name}: exit {ran.returncode}: {ran.stdout}{ran.stderr}"
            self.reads += 1


class VaultKillTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.ok("daemon", "start")
        with RpcClient(self.home.socket) as client:
            for number in range(STABLE):
                client.call("credential.set", provider="openai", name=f"stable{number}",
                            fields={"api_key": f"sk-stable{number}"})

    # --- what is cut off --------------------------------------------------------------------------------------------

    def set(self, number):
        return "credential.set", {"provider": "groq", "fields": {"api_key": f"gsk_{number}"}}, {f"gsk_{number}"}

    def step(self, number):
        """A method, its parameters, and what the credential may be when it was carried out."""
        kind = self.random.choice(["set", "set", "remove", "rotate", "rotate", "rotate provider"])
        if kind == "set":
            return self.set(number)
        if kind == "remove":
            return "credential.remove", {"provider": "groq"}, {None}
        params = {"provider": "openai"} if kind == "rotate provider" else {}
        return "credential.rotate", params, set()

    def kill(self):
        for pid in self.broker_pids():
            os.kill(pid, signal.SIGKILL)

    def attempt(self, method, params):
        """True when the answer came before the kill."""
        try:
            with RpcClient(self.home.socket) as client:
                asked = client.send(method, **params)
                time.sleep(self.random.uniform(0, LATEST_KILL))  # the random moment itself
                self.kill()
                return client.answer(asked) is not None
        except OSError:
            return False
        except Exception as error:
            if getattr(error, "kind", None) == "no_credential":
                return True  # nothing there to remove
            raise

    def value(self):
        result = self.cli("resolve", "groq", secret_output=True)
        self.assertIn(result.code, (0, 4), str(result))
        return result.out.strip() if result.code == 0 else None

    def wait_for(self, readers):
        """Until each has read once more: a program tries again for a while, not while every broker is killed at once."""
        before = [reader.reads for reader in readers]
        wait_until(lambda: all(reader.reads > count or reader.problem for reader, count in zip(readers, before, strict=True)),
                   "every reader", seconds=30)

    def test_B20_no_reader_fails_and_no_key_is_lost(self):
        print(f"seed {SEED}, {KILLS} kills", flush=True)
        readers = [Reader(self.env(), number) for number in range(READERS)]
        for reader in readers:
            reader.start()
            self.addCleanup(reader.join)
            self.addCleanup(reader.stop.set)
        may_be = {self.value()}
        finished = 0
        for number in range(KILLS):
            method, params, results = self.step(number)
            self.ok("daemon", "start")
            done = self.attempt(method, params)
            finished += done
            if results:
                may_be = results if done else may_be | results
            found = self.value()
            self.assertIn(found, may_be, f"kill {number} of seed {SEED}, in {method}, finished: {done}")
            may_be = {found}
            self.wait_for(readers)
            self.assertEqual([reader.problem for reader in readers], [None] * READERS, f"kill {number} of seed {SEED}")
        for reader in readers:
            reader.stop.set()
            reader.join()
        print(f"{finished} were quicker than the kill; {sum(reader.reads for reader in readers)} reads", flush=True)
        self.assertTrue(all(reader.reads for reader in readers))
        rotated = json.loads(self.ok("tenant", "rotate", "--json").out)
        self.assertGreaterEqual(rotated["sealed"], STABLE)
        for number in range(STABLE):
            self.assertEqual(self.ok("resolve", "openai", "--name", f"stable{number}", secret_output=True).out,
                             f"sk-stable{number}\n")
