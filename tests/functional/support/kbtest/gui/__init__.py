"""A private desktop for tests: tests/gui/README.md shows what it can do."""
from .accessibility import INTERACTIVE, Accessibility, Widget
from .bus import BusError
from .case import DesktopTest
from .desktop import Desktop
from .display import Display, Window
from .notifications import CLOSED_BY_PERSON, CLOSED_BY_PROGRAM, Notification
from .status_notifier import MenuEntry
from .tray import TRAY, TrayTest

__all__ = ["Accessibility", "BusError", "CLOSED_BY_PERSON", "CLOSED_BY_PROGRAM", "Desktop", "DesktopTest", "Display", "INTERACTIVE",
           "MenuEntry", "Notification", "TRAY", "TrayTest", "Widget", "Window"]
