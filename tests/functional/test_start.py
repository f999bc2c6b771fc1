"""How the broker starts, or says why it does not."""
import json
import os
import socket

from kbtest import BrokerRefused, KeybearerTest


class TwoBrokersTest(KeybearerTest):
    provider_options = None

    def test_the_second_broker_of_a_folder_says_who_is_there(self):
        first = self.start_broker()
        with self.assertRaises(BrokerRefused) as refused:
            self.start_broker()
        self.assertIn(str(first.pid), str(refused.exception))
        self.ok("status")

    def test_a_socket_that_a_killed_broker_left_is_replaced(self):
        self.start_broker().kill()
        self.assertTrue(self.home.socket.is_socket())
        self.start_broker()
        self.ok("status")

    def test_a_file_at_the_place_of_the_socket_is_not_touched(self):
        self.home.socket.parent.mkdir(mode=0o700)
        self.home.socket.write_text("mine", encoding="utf-8")
        with self.assertRaises(BrokerRefused):
            self.start_broker()
        self.assertEqual(self.home.socket.read_text(encoding="utf-8"), "mine")

    def test_a_socket_of_another_program_is_not_taken(self):
        self.home.socket.parent.mkdir(mode=0o700)
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(self.home.socket))
            other.listen()
            inode = os.stat(self.home.socket).st_ino
            with self.assertRaises(BrokerRefused):
                self.start_broker()
            self.assertEqual(os.stat(self.home.socket).st_ino, inode)


class ConfigurationTest(KeybearerTest):
    provider_options = None

    def test_a_mistake_is_named_with_line_and_column(self):
        for name, text, where in (("config.toml", 'a = 1\nb = = 2\n', "config.toml:2:5"),
                                  ("config.toml", "\n  polcy = \"allow\"\n", "config.toml:2:3")):
            with self.subTest(text=text):
                path = self.home.write_config(name, text)
                with self.assertRaises(BrokerRefused) as refused:
                    self.start_broker()
                self.assertIn(where, str(refused.exception))
                path.unlink()

    def test_one_broken_provider_does_not_take_the_others_along(self):
        self.home.write_provider("good", "https://id.example.com")
        self.home.write_config("providers.d/broken.toml", 'id = "broken"\nissuer = 7\n')
        self.start_broker()
        self.assertIn("good", self.ok("provider", "list", "--all").out)
        status = json.loads(self.ok("status", "--json").out)
        self.assertTrue(any("broken.toml:2:10" in warning for warning in status["warnings"]), status["warnings"])
        self.assertIn("broken.toml:2:10", self.fails(2, "login", "broken").err)
