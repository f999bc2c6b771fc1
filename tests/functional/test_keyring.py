"""Keyrings that are locked, absent or restarted."""
from kbtest import KeybearerTest


class LockedKeyringTest(KeybearerTest):
    def test_a_locked_keyring_is_said_and_nothing_is_lost(self):
        self.start_broker()
        self.ok("login", "lab")
        self.ok("daemon", "stop")
        self.keyring.lock()
        self.start_broker()
        result = self.fails(6, "token", "lab")
        self.assertIn("locked", result.err)
        self.keyring.restart()
        self.assertTrue(self.token())

    def test_a_keyring_that_was_restarted_is_found_again(self):
        self.start_broker()
        self.ok("login", "lab")
        self.token()
        self.keyring.restart()
        self.token("lab", "--refresh")

    def test_a_keyring_that_ended_is_said(self):
        self.start_broker()
        self.ok("login", "lab")
        self.ok("daemon", "stop")
        self.keyring.kill()
        self.start_broker()
        self.fails(6, "token", "lab")

    def test_moving_to_the_keychain_in_use_is_a_mistake_not_a_failure(self):
        self.start_broker()
        self.ok("login", "lab")
        result = self.fails(2, "keychain", "migrate", "--to", "secret-service")
        self.assertIn("in use already", result.err)


class NoKeyringTest(KeybearerTest):
    keyring_mode = "none"

    def test_without_a_keyring_nothing_is_written_in_the_clear(self):
        self.start_broker()
        result = self.fails(6, "login", "lab")
        self.assertIn("no keyring service answers on the session bus", result.err)
        self.assertIn("keybearer keychain migrate", result.err)

    def test_a_file_is_used_when_the_person_chooses_it(self):
        self.start_broker()
        self.ok("keychain", "migrate", "--to", "file", "--passphrase-file", "-", input="correct horse battery staple\n")
        self.ok("login", "lab")
        self.assertTrue(self.token())
        self.assert_no_secret_leaks("correct horse battery staple")
