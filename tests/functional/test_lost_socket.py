"""The socket's path goes away under a broker that runs: at a logout, or when a service manager takes the place over."""
import shutil

from kbtest import BROKER, KeybearerTest, Process, wait_until
from kbtest.process import alive


class LostSocketTest(KeybearerTest):
    def started(self, **env):
        self.ok("daemon", "start", **env)
        (pid,) = self.broker_pids()
        return pid

    def lose(self):
        shutil.rmtree(self.home.socket.parent)

    def assertServedByAnother(self, old, **env):
        self.ok("daemon", "start", **env)
        (pid,) = self.broker_pids()
        self.assertNotEqual(pid, old)

    def test_a_broker_that_nobody_can_reach_ends(self):
        for what, change in (("the folder", self.lose), ("the socket", self.home.socket.unlink),
                             ("moved", lambda: self.home.socket.parent.rename(self.home.path / "moved"))):
            with self.subTest(what=what):
                old = self.started()
                change()
                wait_until(lambda: not alive(old), "the end of the broker that nobody can reach")
                self.assertServedByAnother(old)
                self.ok("daemon", "stop")

    def test_what_takes_its_place_is_left_alone(self):
        old = self.started()
        self.home.socket.unlink()
        self.home.socket.write_text("mine")
        wait_until(lambda: not alive(old), "the end of the broker that nobody can reach")
        self.assertEqual(self.home.socket.read_text(), "mine")

    def test_the_next_session_is_served(self):
        """As logind does it: the folder of a user who has left is removed, and made again."""
        env = {"KEYBEARER_HOME": None, "HOME": self.home.user}
        old = self.started(**env)
        self.assertTrue((self.home.runtime / "keybearer" / "broker.sock").is_socket())
        shutil.rmtree(self.home.runtime)
        wait_until(lambda: not alive(old), "the end of the broker of the session before")
        self.home.runtime.mkdir(mode=0o700)
        self.assertServedByAnother(old, **env)

    def held(self):
        """One with a sign-in under way, which is given time."""
        pid = self.started()
        self.begin_login(self.rpc())
        self.lose()
        return pid

    def test_a_command_stops_one_that_it_cannot_reach(self):
        pid = self.held()
        self.assertIn("has stopped", self.ok("daemon", "stop").out)
        self.assertFalse(alive(pid))
        self.assertIn("No broker", self.ok("daemon", "stop").out)

    def test_a_command_does_not_wait_for_a_sign_in_that_nobody_can_reach(self):
        self.assertServedByAnother(self.held())

    def test_one_that_serves_elsewhere_is_stopped_when_it_is_told_to(self):
        place = self.home.path / "other" / "s"
        pid = self.started(KEYBEARER_SOCKET=place)
        self.assertIn("another broker", self.fails(8, "account", "list").err)
        self.assertTrue(alive(pid))
        self.ok("daemon", "stop")
        self.assertFalse(alive(pid))


class TakenOverTest(KeybearerTest):
    """`systemctl --user enable --now keybearer.socket` while a broker runs that a command has started."""
    provider_options = None

    def activate(self):
        """The manager removes what lies at the path, and listens there."""
        self.home.socket.parent.mkdir(mode=0o700, exist_ok=True)
        self.home.socket.unlink(missing_ok=True)
        names = [option for name in ("KEYBEARER_HOME", "HOME", "DBUS_SESSION_BUS_ADDRESS") for option in ("-E", name)]
        process = Process(["sh", "-c", 'umask 077; exec "$@"', "sh", "systemd-socket-activate", "-l", self.home.socket, *names,
                           BROKER], self.env(), self.home.path / "activated.log")
        self.addCleanup(process.stop)
        wait_until(lambda: "Listening on" in process.output(), "the manager's socket")  # to connect would start it
        return process

    def test_the_managers_broker_waits_for_the_end_of_the_one_before(self):
        self.ok("daemon", "start")
        (old,) = self.broker_pids()
        process = self.activate()
        self.assertIn(f"pid {process.pid}", self.ok("daemon", "status").out)
        self.assertFalse(alive(old))
        self.assertTrue(process.running())
        self.assertTrue(self.home.socket.is_socket())

    def test_a_managers_broker_ends_without_its_socket_too(self):
        process = self.activate()
        self.ok("daemon", "status")
        self.home.socket.unlink()
        self.assertEqual(process.wait(), 0)
        self.ok("daemon", "start")
        self.assertNotIn(process.pid, self.broker_pids())
