"""An upgrade while the window runs."""
import os
import shutil

from kbtest import BROKER, CLI, wait_until
from kbtest.gui import TRAY, TrayTest
from kbtest.gui.tray import MAIN, WELL


class UpgradeTest(TrayTest):
    tray_options = None

    def setUp(self):
        super().setUp()
        self.broker.stop()
        self.programs = self.home.path / "installed" / "bin"
        self.programs.mkdir(parents=True)
        for program in (BROKER, CLI, TRAY):
            shutil.copy2(program, self.programs)
        (self.home.path / "installed" / "share").symlink_to(BROKER.parent.parent / "share")

    def start(self, *options):
        self.tray = self.desktop.start(self.programs / "keybearer-tray", *options, LANG=self.language)
        self.app = self.desktop.application(self.tray)
        self.wait_well()

    def upgrade(self):
        for program in (BROKER, CLI, TRAY):
            fresh = self.programs / "dpkg-new"
            shutil.copy2(program, fresh)
            os.rename(fresh, self.programs / program.name)
        wait_until(lambda: not os.readlink(f"/proc/{self.tray.pid}/exe").endswith("(deleted)"), "the new window")

    def test_the_new_one_takes_its_place_and_answers_programs(self):
        self.start("--background")
        self.upgrade()
        self.wait_well(times=2)
        self.assertEqual(self.desktop.display.matching(MAIN, pid=self.tray.pid), [])

    def test_a_window_that_was_open_is_open_again(self):
        self.start()
        self.desktop.display.find(MAIN, pid=self.tray.pid)
        self.upgrade()
        self.wait_tip(WELL)
        self.desktop.display.find(MAIN, pid=self.tray.pid)
