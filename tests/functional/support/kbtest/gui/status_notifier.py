"""A panel with a system tray of the new kind: what KDE's and Xfce's do with a StatusNotifierItem and its menu.

https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/, and com.canonical.dbusmenu of libdbusmenu.
"""
import dataclasses
import struct

from ..process import wait_until

_ITEM = "org.kde.StatusNotifierItem"
_MENU = "com.canonical.dbusmenu"
_PROPERTIES = "org.freedesktop.DBus.Properties"


@dataclasses.dataclass
class MenuEntry:
    """A line of a menu, or the menu itself. `label` without the marks of access keys; `checked` is None where nothing can be."""
    id: int
    label: str
    enabled: bool
    visible: bool
    separator: bool
    checked: bool | None
    children: list

    def lines(self):
        """Everything below it as text, a line each."""
        for child in self.children:
            if child.visible:
                yield ("----" if child.separator else child.label) + ("" if child.enabled else " (disabled)") + (
                    "" if child.checked is None else " [x]" if child.checked else " [ ]")
                yield from ("  " + line for line in child.lines())


def _entry(layout):
    number, about, children = layout
    return MenuEntry(number, about.get("label", "").replace("__", "\0").replace("_", "").replace("\0", "_"),
                     about.get("enabled", True), about.get("visible", True), about.get("type") == "separator",
                     about.get("toggle-state") == 1 if about.get("toggle-type") else None, [_entry(child) for child in children])


class Item:
    """A program's icon."""

    def __init__(self, bus, name):
        self._bus = bus
        self.service, _, path = name.partition("/")
        self.path = "/" + path
        self.pid = bus.pid_of(self.service)

    def properties(self):
        """Id, Title, Status, IconName, IconPixmap, ToolTip, Menu and the others that the specification lists."""
        return self._bus.call(self.service, self.path, _PROPERTIES, "GetAll", "s", _ITEM)

    def tool_tip(self):
        """Its title and text."""
        return tuple(self.properties()["ToolTip"][2:4])

    def pixels(self):
        """The largest icon: width, height, and rows of (alpha, red, green, blue), straight from the bus."""
        width, height, data = max(self.properties()["IconPixmap"])
        return width, height, list(struct.iter_unpack("BBBB", bytes(data)))

    def activate(self, x=0, y=0):
        """As a click on it."""
        self._bus.call(self.service, self.path, _ITEM, "Activate", "ii", x, y)

    def _menu(self, method, signature, *arguments):
        return self._bus.call(self.service, self.properties()["Menu"], _MENU, method, signature, *arguments)

    def menu(self):
        """Opens it, so that the program can fill it; the entry that holds all others."""
        self._menu("AboutToShow", "i", 0)
        return _entry(self._menu("GetLayout", "iias", 0, -1, [])[1])

    def find(self, *labels):
        """The entry below these labels, one for each level; None without such a one."""
        entry = self.menu()
        for label in labels:
            entry = next((child for child in entry.children if child.label == label and child.visible), None)
            if not entry:
                return None
        return entry

    def choose(self, *labels, seconds=10):
        """Clicks an entry that is there, or comes, and is enabled."""
        entry = wait_until(lambda: (found := self.find(*labels)) and found.enabled and found, f"the menu's {labels}", seconds)
        self.click(entry)

    def click(self, entry):
        """One that is there, or was."""
        # An event has a value of any kind and the time: D-Bus cannot guess a variant's kind from nothing.
        self._menu("Event", "isvu", entry.id, "clicked", "", 0)


class StatusNotifierHost:
    """The panel. Programs decide at their start which of the two kinds of tray they use: start this one before them."""

    def __init__(self, bus):
        self._bus = bus
        self._started = False

    def start(self):
        self._bus.agent.ask("watcher_start", bus=self._bus.name)
        self._started = True

    def stop(self):
        if self._started:
            self._bus.agent.ask("watcher_stop")
            self._started = False

    def restart(self):
        self.stop()
        self.start()

    def items(self, pid=None):
        """The icons of all programs, or of one."""
        found = [Item(self._bus, name) for name in self._bus.agent.ask("watcher_items")] if self._started else []
        return [item for item in found if pid in (None, item.pid)]

    def item(self, pid, seconds=10):
        """Waits for the program's icon."""
        return wait_until(lambda: self.items(pid), f"an icon of {pid}", seconds)[0]
