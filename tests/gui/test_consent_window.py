"""Questions of programs: what a person is told, and what an answer does."""
import json
import re

from kbtest import wait_until
from kbtest.gui import TrayTest
from kbtest.gui.tray import QUESTION, WELL
from kbtest.shell import PROMPT, Shell

ASKS = "Keybearer: A program asks for something"
ANSWERS = ["Allow once", "While it runs", "For a time", "Always"]
SCOPES = ["email", "offline_access", "openid", "profile"]


class ConsentWindowTest(TrayTest):
    accounts = ("work",)

    def setUp(self):
        super().setUp()
        self.wait_well()

    def open_question(self, options="", name="asker"):
        """A program asks, and the window is there."""
        asking = self.ask(self.script(name, options=options))
        self.window(QUESTION)
        self.label(f"{name} asks")
        return asking

    def answer(self, name):
        """Presses a button as soon as it is alive."""
        button = self.button(name)
        wait_until(lambda: button.enabled, f"the end of the pause before {name}")
        button.press()

    def grants(self):
        return [(grant["kind"], grant["path"], grant["credential"])
                for grant in json.loads(self.ok("grant", "list", "--json").out)["grants"]]

    # --- what it says -------------------------------------------------------------------------------------------------

    def test_what_a_person_is_told(self):
        self.open_question()
        self.label("a token of account work")
        self.label(re.escape(str(self.home.user / "asker")))
        self.label("of no package: you, or a program of yours, can change the file")
        self.label("1 call waiting, [0-9]+:[0-9][0-9] left")
        self.assertEqual(sorted(box.name for box in self.app.all("check box")), SCOPES)
        self.assertTrue(all(box.checked for box in self.app.all("check box")))
        self.assertAccessible()
        self.wait_tip(ASKS)
        self.assertIn("Show 1 question", self.lines())
        self.answer("No")
        self.wait_tip(WELL)

    def test_a_program_of_the_system_has_a_package(self):
        self.ask("/usr/bin/perl", "-e", "system 'keybearer', 'token', 'work'; exit 3")
        self.label("perl asks")
        self.label("/usr/bin/perl")
        self.label("perl-base")
        self.label("It cannot be told again for certain, so it can be allowed for now only.")
        self.assertEqual([button.name for button in self.app.all("push button")], ["No", "Allow once", "While it runs"])

    def test_its_own_words_are_text(self):
        client = self.rpc()
        client.send("token.get", account="work", purpose="to send <b>mail</b>")
        self.label("“to send <b>mail</b>”")
        self.answer("No")

    def test_the_countdown(self):
        self.open_question()
        first = self.label(".* left").name
        wait_until(lambda: self.app.all("label", ".* left") and self.label(".* left").name != first, "the next second")

    # --- nobody allows anything by accident -----------------------------------------------------------------------------

    def test_it_takes_no_focus(self):
        _, sample = self.start_sample()
        other = self.desktop.display.find("Sample")
        self.desktop.display.activate(other)
        asking = self.open_question()
        told = self.desktop.notifications.find("asker asks")
        self.assertEqual(told.body, "a token of account work")
        self.assertEqual(self.desktop.display.focused().id, other.id)
        sample.find("text", "Name").focus()
        self.desktop.display.keys("Return", "space")
        wait_until(lambda: sample.find("text", "Name").text == " ", "what was typed, where it was meant")
        self.assertIsNone(asking.poll())
        self.desktop.notifications.invoke(told, "show")
        wait_until(lambda: QUESTION in self.desktop.display.focused().title, "the window in front")
        self.answer("No")
        self.assertRefused(asking)
        self.desktop.notifications.wait_closed(told)

    def test_enter_is_no(self):
        asking = self.open_question()
        self.desktop.display.activate(self.window(QUESTION))
        self.desktop.display.keys("Return")
        self.assertRefused(asking)
        self.no_window(QUESTION)
        self.assertEqual(self.grants(), [])

    def test_escape_leaves_it_open(self):
        asking = self.open_question()
        self.desktop.display.activate(self.window(QUESTION))
        self.desktop.display.keys("Escape")
        self.no_window(QUESTION)
        self.assertIsNone(asking.poll())
        self.icon.activate()
        self.window(QUESTION)
        self.answer("Allow once")
        self.assertGets(asking)

    # --- answers ------------------------------------------------------------------------------------------------------

    def test_the_keyboard_alone(self):
        asking = self.open_question()
        wait_until(lambda: self.button("Allow once").enabled, "the end of the pause")
        self.assertEqual(self.tab_order(QUESTION, 4), ["No", *ANSWERS])
        self.button("Allow once").focus()
        self.desktop.display.keys("space")
        self.assertGets(asking)
        self.assertEqual(self.grants(), [])
        self.no_window(QUESTION)
        self.assertRefused_again()

    def assertRefused_again(self):
        """Once was once: it is asked again."""
        asking = self.open_question()
        self.answer("No")
        self.assertRefused(asking)

    def test_always(self):
        asking = self.open_question()
        self.answer("Always")
        self.assertGets(asking)
        script = self.home.user / "asker"
        self.assertEqual(self.grants(), [("script", str(script), "account:work")])
        self.assertGets(self.ask(script))
        self.assertEqual(self.windows(), [])

    def test_while_it_runs(self):
        script = self.home.user / "asker"
        script.write_text("#!/bin/sh\nkeybearer token work >/dev/null && exec 3>&1 && keybearer token work >&3\n")
        script.chmod(0o755)
        asking = self.ask(script)
        self.window(QUESTION)
        self.answer("While it runs")
        self.assertGets(asking)  # its second call was answered without a question
        again = self.ask(script)
        self.window(QUESTION)
        self.answer("No")
        self.assertRefused(again)

    def test_for_a_time(self):
        asking = self.open_question()
        until = self.app.find(name="For a time")
        wait_until(lambda: until.enabled, "the end of the pause")
        self.desktop.click(until)
        menu = self.desktop.menu(self.tray)
        self.assertEqual([entry.name for entry in menu.all("menu item")], ["For an hour", "For a day", "For a week", "For 30 days"])
        menu.find("menu item", "For a day").press()
        self.assertGets(asking)
        (grant,) = json.loads(self.ok("grant", "list", "--json").out)["grants"]
        self.assertAlmostEqual(grant["until"] - grant["created_at"], 86_400, delta=5)

    def test_less_than_all(self):
        asking = self.open_question(options="--json")
        for scope in ("profile", "offline_access"):
            self.app.find("check box", scope).press()
        self.answer("Allow once")
        self.assertEqual(sorted(json.loads(self.assertGets(asking))["scope"].split()), ["email", "openid"])

    def test_nothing_of_it_is_no(self):
        asking = self.open_question(options="--scope email --scope profile")
        for box in self.app.all("check box"):
            box.press()
        self.answer("Allow once")
        self.assertRefused(asking)

    # --- several ------------------------------------------------------------------------------------------------------

    def test_several_programs_are_one_window(self):
        asking = [self.ask(self.script(name)) for name in ("one", "two", "three")]
        self.label("1 of 3")
        self.assertEqual(len(self.desktop.display.matching(QUESTION)), 1)
        self.assertFalse(self.app.find(name="Previous question").enabled)
        self.assertAccessible()
        first = self.label(".* asks").name
        self.app.find(name="Next question").press()
        self.label("2 of 3")
        self.assertNotEqual(self.label(".* asks").name, first)
        for _ in asking:
            shown = self.label(".* asks").name
            self.answer("Allow once")
            wait_until(lambda last=shown: not self.app.all("label", last), "the next question")
        self.no_window(QUESTION)
        for one in asking:
            self.assertGets(one)

    def test_two_calls_of_a_program_are_one_question(self):
        client, other = self.rpc(), self.rpc()
        calls = client.send("token.get", account="work"), other.send("token.get", account="work")
        self.label("2 calls waiting, .* left")
        self.assertEqual(self.app.all("label", "1 of .*"), [])
        self.answer("Allow once")
        self.assertEqual(client.answer(calls[0])["access_token"], other.answer(calls[1])["access_token"])

    def test_a_program_that_gives_up_is_not_asked_for(self):
        asking = self.open_question()
        self.wait_tip(ASKS)
        self.give_up(asking)
        self.no_window(QUESTION)
        self.wait_tip(WELL)

    def test_answered_elsewhere(self):
        asking = self.open_question()
        shell = Shell(self.env(), self.home.user)
        self.addCleanup(shell.stop)
        shell.type("keybearer approve")
        shell.expect(r"Allow it .*\? ")
        shell.type("o")
        self.assertGets(asking)
        self.no_window(QUESTION)
        self.wait_tip(WELL)
        shell.interrupt()
        shell.expect(PROMPT)


class QuestionBeforeTest(TrayTest):
    accounts = ("work",)
    tray_options = None

    def test_what_was_refused_while_nobody_was_there(self):
        script = self.script()
        self.assertRefused(self.ask(script))
        self.start_tray("--background")
        self.label("Refused meanwhile; what you allow holds when it asks again")
        self.assertEqual(self.app.all("push button", "Allow once|While it runs"), [])  # of a process that has ended
        button = self.button("Always")
        wait_until(lambda: button.enabled, "the end of the pause")
        button.press()
        self.no_window(QUESTION)
        self.assertGets(self.ask(script))
