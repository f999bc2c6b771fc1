"""Notifications: what a program asked for, and a person's answer."""
from kbtest import wait_until
from kbtest.gui import CLOSED_BY_PERSON, CLOSED_BY_PROGRAM, DesktopTest


class NotificationsTest(DesktopTest):
    provider_options = None

    def send(self, *arguments):
        return self.desktop.start("notify-send", *arguments)

    def test_all_that_was_asked_for_is_known(self):
        self.send("--app-name=Someone", "--icon=dialog-warning", "--urgency=critical", "--expire-time=60000", "A title", "A text")
        shown = self.desktop.notifications.find("A title")
        self.assertEqual((shown.app_name, shown.icon, shown.summary, shown.body, shown.timeout, shown.actions, shown.closed),
                         ("Someone", "dialog-warning", "A title", "A text", 60000, {}, None))
        self.assertEqual(shown.hints["urgency"], 2)

    def test_a_chosen_action_comes_to_the_program(self):
        first = self.send("--action=open=Open it", "--action=later=Not now", "First", "text")
        second = self.send("--action=default=Look", "Second", "text")
        shown = self.desktop.notifications.find("First")
        self.desktop.notifications.find("Second")
        self.assertEqual(shown.actions, {"open": "Open it", "later": "Not now"})
        self.desktop.notifications.invoke(shown, "later")
        first.wait()
        self.assertEqual(first.output(), "later\n")
        self.desktop.notifications.invoke(self.desktop.notifications.find("Second"), "default")
        second.wait()
        self.assertEqual(second.output(), "default\n")
        with self.assertRaisesRegex(AssertionError, "offers"):
            self.desktop.notifications.invoke(shown, "never")

    def test_closing(self):
        for title in ("First", "Second", "Third", "Fourth"):
            self.send(title, "").wait()
        shown = self.desktop.notifications
        self.assertEqual(shown.close_oldest().summary, "First")
        self.assertEqual([(one.summary, one.closed) for one in shown.all()],
                         [("First", CLOSED_BY_PERSON), ("Second", None), ("Third", None), ("Fourth", None)])
        third = shown.find("Third")
        self.desktop.bus.call("org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.freedesktop.Notifications",
                              "CloseNotification", "u", third.id)
        self.assertEqual(shown.wait_closed(third), CLOSED_BY_PROGRAM)
        self.assertEqual([one.summary for one in shown.shown()], ["Second", "Fourth"])
        shown.close_all()
        self.assertEqual(shown.get(shown.all()[-1]).closed, CLOSED_BY_PERSON)

    def test_a_replacement_is_a_row_of_its_own(self):
        printed = self.send("--print-id", "Before", "")
        printed.wait()
        self.send(f"--replace-id={printed.output().strip()}", "After", "").wait()
        after = self.desktop.notifications.find("After")
        self.assertEqual([(one.summary, one.replaces) for one in self.desktop.notifications.all()], [("Before", 0), ("After", after.id)])
        self.assertEqual([one.summary for one in self.desktop.notifications.shown()], ["After"])


class NoDaemonTest(DesktopTest):
    provider_options = None
    desktop_options = {"notifications": False}

    def test_a_daemon_that_comes_late(self):
        self.assertNotEqual(self.desktop.start("notify-send", "Nobody", "sees it").wait(), 0)
        self.assertEqual(self.desktop.notifications.all(), [])
        self.desktop.notifications.start()
        self.assertEqual(self.desktop.start("notify-send", "Somebody", "sees it").wait(), 0)
        wait_until(lambda: [one.summary for one in self.desktop.notifications.all()] == ["Somebody"], "the second one")
