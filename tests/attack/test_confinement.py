"""A broker that somebody has taken over, B24 of README.md: code in it that tries what it must not do."""
import ctypes
import errno
import os
import signal
import subprocess

from kbtest import BROKER, KeybearerTest, wait_until

TAKEN_OVER = BROKER.parent.parent / "tests" / "taken-over.so"
OLD_KERNEL = BROKER.parent.parent / "tests" / "old-kernel.so"
LANDLOCK_CREATE_RULESET, ASK_VERSION = 444, 1


def landlock_version():
    """The kernel's own answer; below 1 it has none."""
    return ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, ASK_VERSION)


class TakenOverTest(KeybearerTest):
    keyring_mode = "none"
    provider_options = None

    def setUp(self):
        super().setUp()
        (self.home.user / ".ssh").mkdir(mode=0o700)
        for path in (".ssh/id", ".bashrc"):
            (self.home.user / path).write_text("mine", encoding="ascii")
        self.home.write_config("config.toml", 'policy = "allow"\n')

    def start(self, *orders):
        path = self.home.path / "orders"
        path.write_text("\n".join(orders) + "\n", encoding="utf-8")
        self.broker = self.start_broker(LD_PRELOAD=TAKEN_OVER, TAKEN_OVER=path)
        checks = self.rpc().call("doctor.run")["checks"]
        return {check["name"]: check for check in checks}

    def tried(self):
        """What came of the orders: an errno for each, 0 for what was done."""
        os.kill(self.broker.pid, signal.SIGUSR1)
        wait_until(lambda: "tried all" in self.broker.output(), "the attempts")
        lines = [line[6:] for line in self.broker.output().splitlines() if line.startswith("tried ") and ": " in line]
        return {order: int(result) for order, _, result in (line.rpartition(": ") for line in lines)}

    def test_B24_files_of_the_person(self):
        home, user = self.home.path, self.home.user
        closed = [f"read {user}/.ssh/id", f"write {user}/.bashrc", f"write {user}/new", f"write {home}/config/config.toml",
                  f"write {home}/run/../orders", "read /var/log/dpkg.log",
                  f"readlink /proc/{os.getpid()}/exe", f"read /proc/{os.getpid()}/mem"]
        opened = [f"write {home}/data/new", f"write {home}/state/new", f"read {home}/config/config.toml",
                  "read /etc/passwd", "write /dev/null", "read /proc/self/status"]
        check = self.start(*closed, *opened)["files"]
        if landlock_version() < 1:
            self.assertEqual(check["result"], "warn")
            self.skipTest("this kernel answers that it has no Landlock")
        self.assertEqual((check["result"], check["fix"]), ("ok", None))
        tried = self.tried()
        self.assertEqual({order: tried[order] for order in closed}, dict.fromkeys(closed, errno.EACCES))
        self.assertEqual({order: tried[order] for order in opened}, dict.fromkeys(opened, 0))
        # Who asks is known all the same.
        self.rpc().call("doctor.run")
        self.assertIn(f'"pid":{os.getpid()},"exe":"/', (home / "state" / "audit.log").read_text(encoding="utf-8"))

    def test_B24_programs_and_other_processes(self):
        refused = [f"kill {os.getpid()}", "packet socket"]
        programs = ["fork now", "execute /bin/true"]
        check = self.start(*refused, *programs)["system calls"]
        self.assertEqual((check["result"], check["fix"]), ("ok", None))
        tried = self.tried()
        self.assertEqual({order: tried[order] for order in refused}, dict.fromkeys(refused, errno.EPERM))
        if "sanitizer" not in check["message"]:
            self.assertEqual({order: tried[order] for order in programs}, dict.fromkeys(programs, errno.EPERM))

    def test_B24_what_is_in_force_is_said(self):
        checks = self.start("fork now")
        for name in ("descriptors", "core dumps", "memory", "privileges", "helper"):
            self.assertEqual(checks[name]["result"], "ok", checks[name])
        self.assertEqual(self.rpc().call("system.status")["warnings"], [])
        with open(f"/proc/{self.broker.pid}/status", encoding="ascii") as status:
            facts = dict(line.split(":\t") for line in status.read().splitlines())
        self.assertEqual(facts["NoNewPrivs"], "1")
        self.assertEqual(facts["Seccomp"], "2")

    def test_B24_a_kernel_that_has_none_of_it(self):
        self.broker = self.start_broker(LD_PRELOAD=OLD_KERNEL)
        checks = {check["name"]: check for check in self.rpc().call("doctor.run")["checks"]}
        self.assertEqual([checks[name]["result"] for name in ("files", "system calls", "privileges")], ["warn", "warn", "ok"])
        said = [checks[name]["message"] for name in ("files", "system calls")]
        self.assertIn("no Landlock", said[0])
        self.assertIn("takes no filter", said[1])
        self.assertEqual(self.rpc().call("system.status")["warnings"], said)
        for sentence in said:
            self.assertIn(sentence, self.ok("status").out)
            self.assertIn("warning: " + sentence, self.broker.output())

    def test_B24_a_person_who_may_lock_little_memory(self):
        before = ["prlimit", "--memlock=0:0"]
        if os.geteuid() == 0:
            before += ["setpriv", "--bounding-set=-ipc_lock"]  # root may lock all there is
        self.broker = self.start_broker(before)
        checks = {check["name"]: check for check in self.rpc().call("doctor.run")["checks"]}
        self.assertEqual(checks["locked memory"]["result"], "warn")
        self.assertIn("LimitMEMLOCK", checks["locked memory"]["fix"])
        self.assertIn("only 0 KiB of memory may be locked", self.broker.output())
        self.assertEqual(subprocess.run([*before, BROKER.parent / "keybearer", "account", "list"], env=self.env(), check=False,
                                        capture_output=True, timeout=60).returncode, 0)
