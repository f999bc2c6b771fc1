"""Speaks D-Bus for a test: `agent.py FD`, with lines of JSON on that socket.

A program of its own because the modules dbus and gi belong to Debian's python3, and the one that runs the tests may be
another. bus.py is its other end. It never waits, so that a program may ask it for something while it asks that program, and
while nobody reads what a monitor tells.
"""
import json
import socket
import sys

import dbus
import dbus.bus
import dbus.lowlevel
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

_PROPERTIES = "org.freedesktop.DBus.Properties"
_A11Y = "org.a11y.Bus"
_WATCHER = "org.kde.StatusNotifierWatcher"
_WATCHER_PATH = "/StatusNotifierWatcher"
_WATCHER_PROPERTIES = """
    <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
    <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
    <property name="ProtocolVersion" type="i" access="read"/>"""


def plain(value):
    """A D-Bus value as JSON has it; a text of bytes as a list of numbers."""
    if isinstance(value, (dbus.Boolean, bool)):
        return bool(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return str(value)


class AccessibilityBus(dbus.service.Object):
    """org.a11y.Bus, where programs learn the address of the bus of assistive technologies, and that one is in use."""

    def __init__(self, bus, address):
        super().__init__(bus, "/org/a11y/bus")
        self._address = address
        bus.request_name(_A11Y, dbus.bus.NAME_FLAG_DO_NOT_QUEUE)

    @dbus.service.method(_A11Y, out_signature="s")
    def GetAddress(self):
        return self._address

    @dbus.service.method(_PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, _, name):
        return {"IsEnabled": True, "ScreenReaderEnabled": True}[name]


class Watcher(dbus.service.Object):
    """org.kde.StatusNotifierWatcher and the one host that it knows, as a panel has both:
    https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/"""

    def __init__(self, bus):
        super().__init__(bus, _WATCHER_PATH)
        self._bus = bus
        self._items = {}
        bus.request_name(_WATCHER, dbus.bus.NAME_FLAG_DO_NOT_QUEUE)

    def end(self):
        self.remove_from_connection()
        for watch in self._items.values():
            watch.cancel()
        self._bus.release_name(_WATCHER)

    @dbus.service.method(dbus.INTROSPECTABLE_IFACE, out_signature="s", path_keyword="object_path", connection_keyword="connection")
    def Introspect(self, object_path, connection):
        """Qt asks only for properties that are announced here, which the module leaves out."""
        opening = f'<interface name="{_WATCHER}">'
        return super().Introspect(object_path, connection).replace(opening, opening + _WATCHER_PROPERTIES)

    @dbus.service.method(_WATCHER, in_signature="s", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, service, sender):
        """A bus name, or a path at the caller."""
        item = f"{sender}{service}" if service.startswith("/") else f"{service}/StatusNotifierItem"
        if item in self._items:
            return
        self._items[item] = self._bus.watch_name_owner(item.partition("/")[0], lambda owner: self._changed(item, owner))
        self.StatusNotifierItemRegistered(item)

    @dbus.service.method(_WATCHER, in_signature="s")
    def RegisterStatusNotifierHost(self, _):
        pass

    @dbus.service.signal(_WATCHER, signature="s")
    def StatusNotifierItemRegistered(self, item):
        pass

    @dbus.service.signal(_WATCHER, signature="s")
    def StatusNotifierItemUnregistered(self, item):
        pass

    @dbus.service.method(_PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, _, name):
        return self._properties()[name]

    @dbus.service.method(_PROPERTIES, in_signature="s", out_signature="a{sv}")
    def GetAll(self, _):
        return self._properties()

    def items(self):
        return sorted(self._items)

    def _properties(self):
        return {"RegisteredStatusNotifierItems": dbus.Array(self.items(), signature="s"),
                "IsStatusNotifierHostRegistered": dbus.Boolean(True), "ProtocolVersion": dbus.Int32(0)}

    def _changed(self, item, owner):
        if not owner and item in self._items:
            self._items.pop(item).cancel()
            self.StatusNotifierItemUnregistered(item)


class Agent:
    def __init__(self, channel):
        channel.setblocking(False)
        self._channel = channel
        self._rest = b""
        self._unsent = bytearray()
        self._buses = {}
        self._accessibility = None
        self._watcher = None
        self.loop = GLib.MainLoop()
        GLib.io_add_watch(channel.fileno(), GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, self._read)

    def _read(self, *_):
        try:
            data = self._channel.recv(1 << 20)
        except ConnectionResetError:  # the test ended and left answers unread
            data = b""
        if not data:
            self.loop.quit()
            return False
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            request = json.loads(line)
            try:
                getattr(self, "do_" + request.pop("do"))(request.pop("id"), **request)
            except (dbus.DBusException, TypeError, ValueError, KeyError) as error:
                self._fail(json.loads(line)["id"], error)
        return True

    def _say(self, **message):
        if not self._unsent:
            GLib.io_add_watch(self._channel.fileno(), GLib.PRIORITY_DEFAULT, GLib.IO_OUT, self._write)
        self._unsent += json.dumps(message).encode() + b"\n"

    def _write(self, *_):
        try:
            del self._unsent[:self._channel.send(self._unsent)]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            self._unsent.clear()
        return bool(self._unsent)

    def _fail(self, number, error):
        name = error.get_dbus_name() if isinstance(error, dbus.DBusException) else type(error).__name__
        self._say(id=number, error=name, text=str(error))

    def do_connect(self, number, name, address):
        self._buses[name] = dbus.bus.BusConnection(address)
        self._say(id=number, result=None)

    def do_call(self, number, bus, service, path, interface, method, signature, arguments, seconds):
        self._buses[bus].call_async(
            service, path, interface, method, signature, arguments,
            lambda *answer: self._say(id=number, result=plain(answer)), lambda error: self._fail(number, error), seconds)

    def do_monitor(self, number, name, address, rules):
        """Events from now on, with this name: whatever passes on that bus and matches."""
        bus = dbus.bus.BusConnection(address)
        self._buses[f"monitor of {name}"] = bus
        bus.call_blocking("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.Monitoring", "BecomeMonitor",
                          "asu", (rules, 0))
        bus.add_message_filter(lambda _, message: self._seen(name, message))
        self._say(id=number, result=None)

    def _seen(self, name, message):
        kind = {1: "call", 2: "return", 3: "error", 4: "signal"}[message.get_type()]
        self._say(event=kind, bus=name, sender=message.get_sender(), destination=message.get_destination(), serial=message.get_serial(),
                  reply_to=message.get_reply_serial(), path=message.get_path(), interface=message.get_interface(),
                  member=message.get_member(), body=plain(message.get_args_list()))
        return dbus.lowlevel.HANDLER_RESULT_HANDLED

    def do_ping(self, number):
        self._say(id=number, result=None)

    def do_accessibility(self, number, bus, address):
        self._accessibility = AccessibilityBus(self._buses[bus], address)
        self._say(id=number, result=None)

    def do_watcher_start(self, number, bus):
        self._watcher = Watcher(self._buses[bus])
        self._say(id=number, result=None)

    def do_watcher_stop(self, number):
        self._watcher.end()
        self._watcher = None
        self._say(id=number, result=None)

    def do_watcher_items(self, number):
        self._say(id=number, result=self._watcher.items())


if __name__ == "__main__":
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    Agent(socket.socket(fileno=int(sys.argv[1]))).loop.run()
