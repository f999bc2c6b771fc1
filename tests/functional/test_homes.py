"""Homes that lack something."""
import os
import subprocess

from kbtest import CLI, KeybearerTest

# A command that runs another with mounts of its own.
NAME = "Somebody"
NAMESPACE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]


class HomesTest(KeybearerTest):
    provider_options = None

    def run_with(self, prepare, script, **env):
        """A shell script in which $0 is the command line, after `prepare` with mounts of its own."""
        return subprocess.run([*NAMESPACE, "sh", "-ec", f'{prepare}; {script}', CLI], env=self.env(**env),
                              capture_output=True, text=True, timeout=60, check=False)

    def test_without_a_runtime_folder_the_socket_is_in_the_home(self):
        done = self.run_with("mount -t tmpfs tmpfs /run", '"$0" daemon start; "$0" status; "$0" daemon stop',
                             KEYBEARER_HOME=None, XDG_RUNTIME_DIR=None)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(str(self.home.user / ".local/state/keybearer/run/broker.sock"), done.stdout)

    def passwd(self, folder):
        """A command that gives this user another home in /etc/passwd, for a namespace."""
        path = self.home.path / "passwd"
        path.write_text(f"someone:x:{os.geteuid()}:0:{NAME}:{folder}:/bin/sh\nroot:x:0:0:{NAME}:{folder}:/bin/sh\n", encoding="utf-8")
        return f"mount -t tmpfs tmpfs /run; mount --bind {path} /etc/passwd"

    def test_without_HOME_it_is_the_one_of_the_user_database(self):
        done = self.run_with(self.passwd(self.home.user), '"$0" daemon start; "$0" status; "$0" daemon stop', HOME=None,
                             KEYBEARER_HOME=None, XDG_RUNTIME_DIR=None)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(str(self.home.user / ".local/state/keybearer/run/broker.sock"), done.stdout)

    def test_without_any_home_there_is_a_sentence(self):
        done = self.run_with(self.passwd(""), '"$0" account list', HOME=None, KEYBEARER_HOME=None, XDG_RUNTIME_DIR=None)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertIn("HOME", done.stderr)

    def test_a_read_only_home_is_named(self):
        done = self.run_with(f"mount --bind {self.home.user} {self.home.user}; mount -o remount,bind,ro {self.home.user}",
                             '"$0" account list', KEYBEARER_HOME=None)
        self.assertEqual((done.returncode, done.stdout), (8, ""), done.stderr)
        self.assertIn("Read-only file system", done.stderr)
        self.assertIn(str(self.home.user), done.stderr)

    def test_a_home_on_another_file_system(self):
        script = f'mkdir -p {self.home.user}/.config/keybearer; echo policy=\\"allow\\" >{self.home.user}/.config/keybearer/config.toml; ' \
                 '"$0" keychain migrate --to file --no-passphrase; echo sk-0123456789 | "$0" provider set openai --file -; ' \
                 '"$0" resolve openai; "$0" daemon stop'
        done = self.run_with(f"mount -t tmpfs -o mode=700 tmpfs {self.home.user}", script, KEYBEARER_HOME=None)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("sk-0123456789", done.stdout)
