"""The command line starts the broker when none runs."""
import concurrent.futures
import os
import shutil
import subprocess

from kbtest import BROKER, CLI, KeybearerTest, wait_until


class AutostartTest(KeybearerTest):
    provider_options = None

    def only_broker(self):
        (pid,) = self.broker_pids()
        return pid

    def test_the_broker_lives_in_a_session_of_its_own_without_a_terminal(self):
        self.ok("account", "list")
        pid = self.only_broker()
        self.assertNotEqual(os.getsid(pid), os.getsid(0))
        self.assertNotEqual(os.getsid(pid), pid, "a session leader could get a terminal")
        self.assertEqual(os.readlink(f"/proc/{pid}/cwd") if os.getuid() == 0 else "/", "/")

    def test_the_broker_inherits_only_what_it_needs(self):
        """A stand-in for the broker writes down what it was given, then becomes the broker."""
        programs = self.home.path / "bin"
        programs.mkdir()
        shutil.copy2(CLI, programs / "keybearer")
        seen = self.home.path / "seen"
        (programs / "keybearerd").write_text(f'#!/bin/sh\n/usr/bin/env >{seen}\nexec {BROKER} "$@"\n', encoding="utf-8")
        (programs / "keybearerd").chmod(0o755)
        foreign = {"OPENAI_API_KEY": "sk-canary", "LD_LIBRARY_PATH": "/canary", "QT_PLUGIN_PATH": "/canary", "QT_DEBUG_PLUGINS": "1",
                   "HTTPS_PROXY": "http://canary", "SSL_CERT_FILE": "/canary", "GIT_ASKPASS": "/canary",
                   "BASH_ENV": "/canary", "OPENSSL_CONF": "/canary", "KEYBEARER_OTHER": "canary"}
        env = self.env(**foreign)
        self.run_program(programs / "keybearer", env)
        given = dict(line.split("=", 1) for line in seen.read_text(encoding="utf-8").splitlines() if "=" in line)
        self.assertEqual(set(given) & set(foreign), set())
        self.assertNotIn("canary", seen.read_text(encoding="utf-8"))
        self.assertEqual(given["KEYBEARER_HOME"], str(self.home.path))
        self.assertEqual(given["PATH"], "/usr/local/bin:/usr/bin:/bin")

    def run_program(self, program, env):
        result = subprocess.run([program, "account", "list"], env=env, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_twenty_at_once_start_one_broker(self):
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            results = list(pool.map(lambda _: self.cli("account", "list"), range(20)))
        self.assertEqual([result.code for result in results], [0] * 20, "\n".join(map(str, results)))
        wait_until(lambda: len(self.broker_pids()) == 1, "the brokers that lost to end")

    def test_looking_and_stopping_start_nothing(self):
        self.fails(8, "daemon", "status")
        self.fails(8, "status")
        self.ok("daemon", "stop")
        self.assertEqual(self.broker_pids(), [])

    def test_daemon_start_and_stop(self):
        self.ok("daemon", "start")
        pid = self.only_broker()
        self.assertIn(str(pid), self.ok("daemon", "status").out)
        self.ok("daemon", "stop")
        self.assertEqual(self.broker_pids(), [])
        self.assertFalse(self.home.socket.exists())

    def test_a_broker_that_cannot_start_says_why(self):
        self.home.write_config("config.toml", "a = = 1\n")
        result = self.fails(8, "account", "list")
        self.assertIn("config.toml:1:5", result.err)

    def test_a_home_that_is_no_absolute_path_is_refused(self):
        result = self.fails(2, "status", KEYBEARER_HOME="relative")
        self.assertIn("KEYBEARER_HOME", result.err)
