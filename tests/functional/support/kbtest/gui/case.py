"""Base of the tests with a desktop."""
import sys

from ..case import KeybearerTest
from ..home import BIN_DIR
from .desktop import Desktop

SAMPLE = BIN_DIR.parent / "tests" / "gui-sample"


class DesktopTest(KeybearerTest):
    """A KeybearerTest with `self.desktop`; `desktop_options` are Desktop's. What the broker and the command line start belongs
    to it. A test that fails prints what was on the screen."""

    desktop_options: dict = {}

    def run(self, result=None):
        self._told = result
        return super().run(result)

    def setUp(self):
        super().setUp()
        self.desktop = Desktop(self.home, self.keyring, **self.desktop_options)
        self.addCleanup(self.desktop.stop)
        self.addCleanup(self._explain)

    def env(self, **extra):
        return super().env(**{**self.desktop.environment, **extra})

    def start_sample(self, *arguments, **env):
        """tests/gui/sample.cpp with its window, and its widgets."""
        sample = self.desktop.start(SAMPLE, *arguments, **env)
        self.desktop.display.find("Sample", pid=sample.pid)
        return sample, self.desktop.application(sample)

    def _explain(self):
        # A clean-up counts for itself: unittest's own note of success is true in it.
        if self._told and any(test is self for test, _ in [*self._told.failures, *self._told.errors]):
            print(self.desktop.describe(), file=sys.stderr)
