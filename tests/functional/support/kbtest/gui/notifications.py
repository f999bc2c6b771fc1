"""A notification daemon (dunst), what it was asked to show, and a person who answers."""
import dataclasses

from ..process import Process, wait_until

_NAME = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
CLOSED_BY_PERSON = 2  # the Desktop Notifications Specification's reasons, NotificationClosed
CLOSED_BY_PROGRAM = 3
_SETTINGS = """[global]
    width = 300
    origin = top-right
    offset = 10x10
    notification_limit = 20
    sort = false
    idle_threshold = 0
    font = DejaVu Sans 10
    icon_path = /nowhere
    dmenu = {chooser}
    browser = /bin/false
    mouse_left_click = do_action
[urgency_low]
    timeout = 0
[urgency_normal]
    timeout = 0
[urgency_critical]
    timeout = 0
"""
# dunst offers the actions of all notifications in a menu program, one line each with [ID,KEY] at its end.
_CHOOSER = """#!/bin/sh
exec grep -F -- "$(cat '{choice}')"
"""


@dataclasses.dataclass
class Notification:
    """`actions` maps keys to labels; `closed` is the specification's reason, None while it is shown."""
    id: int
    app_name: str
    replaces: int
    icon: str
    summary: str
    body: str
    actions: dict
    hints: dict
    timeout: int  # milliseconds; -1 leaves it to the daemon, 0 never
    sender: str
    invoked: list = dataclasses.field(default_factory=list)
    closed: int | None = None


class Notifications:
    """Nothing that it shows goes away by itself unless the program said so."""

    def __init__(self, bus, env, folder):
        self._bus = bus
        self._choice = folder / "dunst.choice"
        self._log = folder / "dunst.log"
        chooser = folder / "dunst-chooser"
        chooser.write_text(_CHOOSER.format(choice=self._choice), encoding="utf-8")
        chooser.chmod(0o700)
        self._settings = folder / "dunstrc"
        self._settings.write_text(_SETTINGS.format(chooser=chooser), encoding="utf-8")
        self._env = env
        self._process = None
        bus.monitor(f"interface='{_NAME}'", f"type='method_return',sender='{_NAME}'")

    def start(self):
        self._process = Process(["dunst", "-conf", self._settings], self._env, self._log)
        wait_until(lambda: self._bus.has(_NAME), "the notification daemon")

    def stop(self):
        if self._process:
            self._process.stop()
            self._process = None

    def all(self):
        """Every notification since the desktop's start, oldest first; one that replaces another is a row of its own."""
        events = self._bus.events()
        answers = {(event["destination"], event["reply_to"]): event["body"][0]
                   for event in events if event["event"] == "return" and event["body"]}
        asked = []
        for event in events:
            if event["member"] == "Notify":
                number = answers.get((event["sender"], event["serial"]))
                if number is None:  # not answered yet
                    continue
                name, replaces, icon, summary, body, actions, hints, timeout = event["body"]
                asked.append(Notification(number, name, replaces, icon, summary, body, dict(zip(actions[::2], actions[1::2])),
                                          hints, timeout, event["sender"]))
            elif event["event"] == "signal" and event["member"] in ("NotificationClosed", "ActionInvoked"):
                number, value = event["body"]
                for shown in [notification for notification in asked if notification.id == number][-1:]:
                    if event["member"] == "NotificationClosed":
                        shown.closed = value
                    else:
                        shown.invoked.append(value)
        return asked

    def shown(self):
        """Those that are on the screen now."""
        latest = {notification.id: notification for notification in self.all()}
        return [notification for notification in latest.values() if notification.closed is None]

    def find(self, text="", seconds=10):
        """Waits for a notification that holds the text in its summary or body, and is shown; the latest one."""
        def found():
            return [one for one in self.shown() if text in one.summary or text in one.body]
        return wait_until(found, f"a notification with {text!r}", seconds)[-1]

    def get(self, notification):
        """It as it is now."""
        return [one for one in self.all() if one.id == notification.id][-1]

    def wait_closed(self, notification, seconds=10):
        """Waits until it goes; the reason."""
        return wait_until(lambda: self.get(notification).closed, f"the end of {notification.summary!r}", seconds)

    def _dunst(self, method, *arguments):
        self._bus.call(_NAME, _PATH, "org.dunstproject.cmd0", method, *arguments)

    def invoke(self, notification, key):
        """Chooses an action, by its key, in dunst's own menu."""
        if key not in notification.actions:
            raise AssertionError(f"{notification.summary!r} offers {notification.actions}")
        self._choice.write_text(f"[{notification.id},{key}]", encoding="utf-8")
        before = len(self.get(notification).invoked)
        self._dunst("ContextMenuCall")
        wait_until(lambda: len(self.get(notification).invoked) > before, f"the action {key}")

    def close_oldest(self):
        """As a person does with a click on the uppermost; it."""
        oldest = self.shown()[0]
        self._dunst("NotificationCloseLast")
        self.wait_closed(oldest)
        return oldest

    def close_all(self):
        """As a person does."""
        self._dunst("NotificationCloseAll")
        wait_until(lambda: not self.shown(), "the end of all notifications")
