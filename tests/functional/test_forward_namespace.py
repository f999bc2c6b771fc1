"""keybearer forward --container: a program without any network gets tokens, and only through its own socket."""
import json
import os
import subprocess
import sys
import unittest

from kbtest import CLI, KeybearerTest, wait_until
from kbtest.askers import UNSHARE
from kbtest.process import Process

OTHER_UID = 64998
# No interface but a loopback that is down.
ISOLATED = [*UNSHARE, "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-current-user", "--net"]


class NamespaceTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.person = self.rpc()
        self.sign_in(self.person, account="work")

    def forward(self, *command, **options):
        return self.cli("forward", "--container", "box", "-a", "work", "--", *command, **options)

    def test_a_token_without_a_network(self):
        script = f"ip -o link | grep -vc ' lo:'; readlink /proc/self/ns/net; {CLI} token work; exit 4"
        ran = self.forward(*ISOLATED, "sh", "-c", script, secret_output=True)
        self.assertEqual(ran.code, 4, str(ran))
        others, space, token = ran.out.split()
        self.assertEqual(others, "0")
        self.assertNotEqual(space, os.readlink("/proc/self/ns/net"))
        self.assertIn(token, self.provider.tokens())
        self.assertEqual(len(self.provider.requests("/token/revocation", "POST")), 1)
        rows = [json.loads(line) for line in (self.home.path / "state" / "audit.log").read_text().splitlines()]
        self.assertEqual([row["host"] for row in rows if row["event"] == "token.release"], ["box"])

    def test_the_end_of_the_program_closes_its_socket(self):
        ran = self.forward("sh", "-c", "echo $KEYBEARER_SOCKET; test -S $KEYBEARER_SOCKET && echo there")
        path, there = ran.out.split()
        self.assertEqual(there, "there")
        self.assertFalse(os.path.exists(os.path.dirname(path)))

    def test_a_signal_goes_to_the_program(self):
        command = [CLI, "forward", "--container", "box", "-a", "work", "--", "sh", "-c",
                   "trap 'echo caught; exit 9' TERM; echo there; while :; do sleep 0.1; done"]
        process = Process(command, self.env(), self.home.path / "forward.log")
        self.addCleanup(process.kill)
        wait_until(lambda: "there" in process.output(), "the program")
        self.assertEqual(process.stop(), 9)
        self.assertEqual(self.person.call("forward.list")["sessions"], [])

    def test_what_cannot_be_run(self):
        self.assertEqual(self.forward("/no/such/program").code, 127)
        self.assertEqual(self.person.call("forward.list")["sessions"], [])

    @unittest.skipUnless(os.getuid() == 0, "becoming another user needs root")
    def test_another_user_cannot_use_the_socket(self):
        begun = self.person.call("forward.begin", host="box", scopes=["account:work"])
        for path in (self.home.path, self.home.path / "run", os.path.dirname(begun["socket"])):
            os.chmod(path, 0o711)
        os.chmod(begun["socket"], 0o666)
        script = ("import socket, sys; s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(sys.argv[1]); "
                  "print(s.recv(1))")
        ran = subprocess.run(["setpriv", f"--reuid={OTHER_UID}", f"--regid={OTHER_UID}", "--clear-groups", sys.executable, "-c",
                              script, begun["socket"]], capture_output=True, text=True, timeout=30, check=False)
        self.assertTrue(ran.stdout.strip() == "b''" or "ConnectionReset" in ran.stderr, ran)
