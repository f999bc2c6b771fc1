"""B10: who is at the other end of a connection, when it is handed on, outlived, or its number is another's."""
import json
import subprocess
import sys

from kbtest import BROKER
from kbtest.askers import PEER, UNSHARE, AskerTest

HANDED_ON = "say(ask(adopt(sys.argv[1])))"

# `argv`: "" or "asks first". The parent ends, the child has the connection.
OUTLIVED = """
one = connect()
if sys.argv[1]:
    say(ask(one))
parent = os.getpid()
if os.fork():
    os._exit(0)
ended(parent)
say(ask(one))
"""

# In process ids of its own: argv is the broker and a program that has a grant.
REUSED = """
reader, writer = os.pipe()
broker = subprocess.Popen([sys.argv[1], "--ready-fd", str(writer)], pass_fds=[writer])
os.close(writer)
assert os.read(reader, 100) == b"ready\\n"
PROGRAM = [sys.argv[2], "-B", "-c", sys.argv[3]]
say(subprocess.run(PROGRAM, capture_output=True, text=True, check=True).stdout.strip())
for attempt in range(20):
    here, there = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        one = connect()
        socket.send_fds(there, [b"x"], [one.fileno()])
        os._exit(0)
    _, (fd,), _, _ = socket.recv_fds(here, 1, 1)
    os.waitpid(pid, 0)
    with open("/proc/sys/kernel/ns_last_pid", "w") as last:
        last.write(str(pid - 1))
    again = subprocess.Popen([sys.argv[2], "-c", "input()"], stdin=subprocess.PIPE)
    if again.pid == pid:
        break
    again.communicate(b"\\n")
assert again.pid == pid
say(ask(adopt(fd)))
again.communicate(b"\\n")
broker.terminate()
broker.wait()
"""


class PeerTest(AskerTest):
    def setUp(self):
        super().setUp()
        self.begin(self.grant(self.asker))
        self.assertEqual([self.answered(self.asker), self.answered(self.other)], ["given", "consent_required"])

    def last_record(self):
        return json.loads((self.home.path / "state" / "audit.log").read_text(encoding="utf-8").splitlines()[-1])

    def test_B10_a_connection_is_worth_nothing_when_its_maker_has_ended(self):
        self.assertEqual(self.does(self.asker, OUTLIVED, ""), ["denied"])
        self.assertEqual(self.does(self.asker, OUTLIVED, "asks first"), ["given", "denied"])

    def test_B10_a_connection_that_was_handed_on_is_its_makers(self):
        """While it lives: SECURITY.md says so."""
        handed = "one = connect()\nsubprocess.run([*json.loads(sys.argv[1]), str(one.fileno())], close_fds=False, check=True)"
        self.assertEqual(self.does(self.asker, handed, json.dumps(self.command(self.other, HANDED_ON))), ["given"])
        self.assertEqual(self.last_record()["exe"], str(self.asker))
        self.assertEqual(self.does(self.other, handed, json.dumps(self.command(self.asker, HANDED_ON))), ["consent_required"])
        self.assertEqual(self.last_record()["exe"], str(self.other))

    def test_B10_a_connection_through_a_message_is_its_makers(self):
        passed = """
here, there = socket.socketpair()
there.set_inheritable(True)
child = subprocess.Popen([*json.loads(sys.argv[1]), str(there.fileno())], close_fds=False)
one = connect()
socket.send_fds(here, [b"x"], [one.fileno()])
assert child.wait() == 0
"""
        taken = """
_, (fd,), _, _ = socket.recv_fds(socket.socket(fileno=int(sys.argv[1])), 1, 1)
say(ask(adopt(fd)))
"""
        self.assertEqual(self.does(self.other, passed, json.dumps(self.command(self.asker, taken))), ["consent_required"])

    def test_B10_a_program_that_becomes_one_with_a_grant_passes_for_it(self):
        """It could have preloaded code into that as well: SECURITY.md says so."""
        become = """
one = connect()
reader, writer = os.pipe()
os.set_inheritable(reader, True)
maker = os.getpid()
if os.fork():
    os.dup2(reader, 0)
    os.execv(sys.argv[1], [sys.argv[1], "-c", "input()"])
while os.readlink(f"/proc/{maker}/exe") != sys.argv[1]:
    pass
say(ask(one))
os.write(writer, b"\\n")
"""
        self.assertEqual(self.does(self.other, become, self.asker), ["given"])

    def test_B10_a_process_id_that_is_used_again(self):
        self.broker.stop()
        namespace = [*UNSHARE, "--pid", "--mount", "--mount-proc", "--fork", "--kill-child"]
        asks = PEER + "say(ask(connect()))"
        ran = subprocess.run([*namespace, sys.executable, "-B", "-c", PEER + REUSED, BROKER, self.asker, asks],
                             env=self.asking_env(), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((ran.returncode, ran.stdout.split()), (0, ["given", "denied"]), ran.stderr)
