"""Programs as a screen reader sees and drives them: AT-SPI, which Qt speaks when it is told to.

https://gnome.pages.gitlab.gnome.org/at-spi2-core/devel-docs/; the interfaces are those of at-spi2-core's XML files.
"""
import re

from ..process import Process, accepts, wait_until
from .bus import Bus, BusError

_A = "org.a11y.atspi."
_ROOT = "/org/a11y/atspi/accessible/root"
_NULL = "/org/a11y/atspi/null"
_REGISTRY = "org.a11y.atspi.Registry"
_SETTINGS = "/usr/share/defaults/at-spi2/accessibility.conf"
_PROPERTIES = "org.freedesktop.DBus.Properties"
# AtspiStateType, by its numbers.
_STATES = {1: "active", 4: "checked", 5: "collapsed", 7: "editable", 8: "enabled", 9: "expandable", 10: "expanded",
           11: "focusable", 12: "focused", 20: "pressed", 23: "selected", 24: "sensitive", 25: "showing",
           30: "visible", 32: "indeterminate", 41: "checkable", 43: "read only"}
_PASSWORD = 40  # AtspiRole
# What a person uses, and so must have a name that a screen reader can say.
INTERACTIVE = {"button", "push button", "toggle button", "check box", "radio button", "combo box", "text", "password text", "entry",
               "spin button", "slider", "list", "table", "tree", "page tab", "menu item", "check menu item", "radio menu item", "link",
               "button menu", "push button menu"}


class Widget:
    """A widget of a program. It is found once and asked again at each use; asking one that has gone raises BusError."""

    def __init__(self, bus, service, path):
        self._bus = bus
        self.service = service
        self.path = path

    def __eq__(self, other):
        return (self.service, self.path) == (other.service, other.path)

    def __hash__(self):
        return hash((self.service, self.path))

    def __repr__(self):
        return describe(self)

    def _call(self, interface, method, signature="", *arguments):
        return self._bus.call(self.service, self.path, _A + interface, method, signature, *arguments)

    def _get(self, interface, name):
        return self._bus.get(self.service, self.path, _A + interface, name)

    # --- what it is -------------------------------------------------------------------------------------------------

    @property
    def role(self):
        """Such as "push button", "text", "password text", "check box", "label", "frame", "dialog", "menu item"."""
        return _role(self._call("Accessible", "GetRoleName"), self._call("Accessible", "GetRole"))

    @property
    def name(self):
        return self._get("Accessible", "Name")

    @property
    def description(self):
        return self._get("Accessible", "Description")

    @property
    def states(self):
        return _states(self._call("Accessible", "GetState"))

    @property
    def text(self):
        """What it holds; "" of a password field."""
        return self._call("Text", "GetText", "ii", 0, -1)

    @property
    def value(self):
        """A number: of a spin box, a slider, a progress bar."""
        return self._get("Value", "CurrentValue")

    @property
    def exists(self):
        """False when the program has closed it, or has ended."""
        try:
            return bool(self.role)
        except BusError:
            return False

    @property
    def checked(self):
        return "checked" in self.states

    @property
    def enabled(self):
        return {"enabled", "sensitive"} <= self.states

    @property
    def focused(self):
        return "focused" in self.states

    @property
    def showing(self):
        return "showing" in self.states

    @property
    def extents(self):
        """x, y, width, height on the screen."""
        return tuple(self._call("Component", "GetExtents", "u", 0))

    @property
    def center(self):
        x, y, width, height = self.extents
        return x + width // 2, y + height // 2

    @property
    def parent(self):
        return Widget(self._bus, *self._get("Accessible", "Parent"))

    @property
    def children(self):
        return [Widget(self._bus, *child) for child in self._call("Accessible", "GetChildren") if child[1] != _NULL]

    # --- what a person does -----------------------------------------------------------------------------------------

    @property
    def actions(self):
        """Names of what it can do, the first is what a click does."""
        return [action[0] for action in self._call("Action", "GetActions")]

    def act(self, name):
        self._call("Action", "DoAction", "i", self.actions.index(name))

    def press(self):
        """Does its first action: a button is pressed, a box is checked or not, a menu entry is chosen. The program does it
        before it answers, so a modal dialog that it opens from there may keep the answer back; press() does not wait."""
        if not self.enabled:
            raise AssertionError(f"it is disabled: {self!r}")
        index = next((number for number, name in enumerate(self.actions) if name in ("Press", "Toggle", "Click")), 0)
        self._bus.agent.send_call(self._bus.name, self.service, self.path, _A + "Action", "DoAction", "i", (index,))

    def set_text(self, text):
        """Puts the text in the place of what is there."""
        if not {"editable", "enabled"} <= self.states or self._call("EditableText", "SetTextContents", "s", text) is not True:
            raise AssertionError(f"it takes no text: {self!r}")

    def set_value(self, number):
        self._bus.call(self.service, self.path, _PROPERTIES, "Set", "ssv", _A + "Value", "CurrentValue", float(number))

    def focus(self):
        self._call("Component", "GrabFocus")

    # --- what is below it -------------------------------------------------------------------------------------------

    def walk(self):
        """(depth, widget, facts) of it and everything below it, parents first. `facts` has role, name and states."""
        return _walk(self._bus, self)

    def all(self, role=None, name=None, showing=True):
        """Everything below it of that role, whose name matches the pattern wholly; hidden things only when asked for."""
        return [widget for _, widget, facts in self.walk() if _fits(facts, role, name, showing)]

    def find(self, role=None, name=None, showing=True, seconds=10):
        """Waits until there is exactly one."""
        wanted = " ".join(filter(None, (role, name and repr(name)))) or "a widget"
        seen = []

        def one():
            seen[:] = self.all(role, name, showing)
            return len(seen) == 1
        try:
            wait_until(one, wanted, seconds)
        except AssertionError:
            raise AssertionError(f"{len(seen)} of {wanted} in\n{self.tree()}") from None
        return seen[0]

    def gone(self, role=None, name=None, seconds=10):
        """Waits until there is none that shows."""
        wait_until(lambda: not self.all(role, name), f"the end of {role} {name}", seconds)

    def focused_widget(self):
        """The one that gets what is typed; None without such a one. A part of a widget counts as the widget."""
        return next((widget for _, widget, facts in self.walk() if "focused" in facts["states"]), None)

    def tree(self, showing=False):
        """All of it as text, a line for each widget."""
        return "\n".join("  " * depth + _line(facts) for depth, _, facts in self.walk()
                         if not showing or "showing" in facts["states"] or depth == 0)

    def unnamed(self):
        """Lines of the tree for what a person uses, shows, and has no name."""
        return [_line(facts) for _, _, facts in self.walk()
                if facts["role"] in INTERACTIVE and "showing" in facts["states"] and not facts["name"].strip()]


def describe(widget):
    """A line about a widget, also about one that has gone."""
    try:
        return _line({"role": widget.role, "name": widget.name, "states": widget.states})
    except BusError as error:
        return f"({error})"


def _line(facts):
    told = sorted(facts["states"] & {"checked", "focused", "selected"})
    told += [] if "enabled" in facts["states"] else ["disabled"]
    told += [] if "showing" in facts["states"] else ["hidden"]
    return f"{facts['role']} {facts['name']!r}" + (f" ({', '.join(told)})" if told else "")


def _role(name, number):
    return "password text" if number == _PASSWORD else name  # Qt 6.4's name for it is "text"


def _states(words):
    low, high = words
    bits = low | high << 32
    return {name for number, name in _STATES.items() if bits >> number & 1}


def _fits(facts, role, name, showing):
    return (role in (None, facts["role"]) and (name is None or re.fullmatch(name, facts["name"]))
            and (not showing or "showing" in facts["states"]))


def _walk(bus, root):
    # Level by level with all questions of a level at once: a question costs a turn of the program's event loop.
    found, level = {}, [root]
    while level:
        answers = bus.call_all(*(call for widget in level for call in (
            (widget.service, widget.path, _A + "Accessible", "GetRoleName", "", ()),
            (widget.service, widget.path, _A + "Accessible", "GetRole", "", ()),
            (widget.service, widget.path, _PROPERTIES, "Get", "ss", (_A + "Accessible", "Name")),
            (widget.service, widget.path, _A + "Accessible", "GetState", "", ()),
            (widget.service, widget.path, _A + "Accessible", "GetChildren", "", ()))))
        below = []
        for widget, *about in zip(level, *(answers[number::5] for number in range(5))):
            if any(isinstance(answer, BusError) for answer in about):
                continue  # it went meanwhile
            role, number, name, states, children = about
            children = [Widget(bus, *child) for child in children if child[1] != _NULL]
            found[widget] = {"role": _role(role, number), "name": name, "states": _states(states)}, children
            below += [child for child in children if child not in found]
        level = below
    return list(_in_order(found, root, 0, set()))


def _in_order(found, widget, depth, told):
    if widget in found and widget not in told:
        told.add(widget)
        facts, children = found[widget]
        yield depth, widget, facts
        for child in children:
            yield from _in_order(found, child, depth + 1, told)


class Accessibility:
    """The bus of assistive technologies with its registry. On a person's desktop at-spi-bus-launcher starts both and tells
    programs of them; it would leave the bus behind when a test is killed."""

    def __init__(self, session, env, folder):
        socket = folder / "at-spi"
        address = f"unix:path={socket}"
        self._daemon = Process(["dbus-daemon", "--nofork", f"--config-file={_SETTINGS}", f"--address={address}"], env,
                               folder / "at-spi.log")
        wait_until(lambda: accepts(socket), "the accessibility bus")
        self._registry = Process(["/usr/libexec/at-spi2-registryd"], {**env, "AT_SPI_BUS_ADDRESS": address},
                                 folder / "at-spi-registry.log")
        self.bus = Bus(session.agent, "accessibility", address)
        wait_until(lambda: self.bus.has(_REGISTRY), "the registry of accessible programs")
        session.agent.ask("accessibility", bus=session.name, address=address)
        # Menus are nowhere in the tree before a program has said that they opened.
        self.bus.monitor("type='signal',interface='org.a11y.atspi.Event.Object',member='StateChanged'")
        self.bus.call(_REGISTRY, "/org/a11y/atspi/registry", _REGISTRY, "RegisterEvent", "sass", "object:state-changed:showing", [], "")
        self.environment = {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}

    def applications(self):
        """The roots of all programs, by process."""
        children = Widget(self.bus, _REGISTRY, _ROOT).children
        return {pid: child for child in children if (pid := self.bus.pid_of(child.service))}

    def application(self, pid, seconds=10):
        """Waits for the program; the root of its windows."""
        return wait_until(lambda: self.applications().get(pid), f"{pid} on the accessibility bus", seconds)

    def menus(self, pid):
        """The menus of a program that are open, the latest last: those of its icon in the panel, too."""
        opened = [Widget(self.bus, event["sender"], event["path"]) for event in self.bus.events() if event["body"][:2] == ["showing", 1]]
        return [widget for widget in dict.fromkeys(opened) if self.bus.pid_of(widget.service) == pid and self._is_menu(widget)]

    @staticmethod
    def _is_menu(widget):
        try:
            return widget.role == "popup menu" and widget.showing
        except BusError:
            return False

    def menu(self, pid, seconds=10):
        """Waits for a menu to open; the one that opened last."""
        return wait_until(lambda: self.menus(pid), f"a menu of {pid}", seconds)[-1]

    def stop(self):
        self._registry.stop()
        self._daemon.stop()
