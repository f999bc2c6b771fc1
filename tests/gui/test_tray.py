"""Both kinds of tray."""
from kbtest import wait_until
from kbtest.gui import DesktopTest


class XembedTest(DesktopTest):
    provider_options = None

    def test_a_click_on_the_icon(self):
        sample, _ = self.start_sample()
        self.desktop.panel.click(sample.pid)
        self.desktop.display.wait_gone("Sample")
        self.desktop.panel.click(sample.pid)
        self.desktop.display.find("Sample")

    def test_the_menu_of_the_icon(self):
        sample, _ = self.start_sample()
        self.desktop.panel.click(sample.pid, button=3)
        menu = self.desktop.menu(sample)
        self.assertEqual([entry.name for entry in menu.all("menu item")], ["Show", "More", "Quit"])
        self.assertEqual(len(wait_until(lambda: self.desktop.display.popups(sample.pid), "the menu's window")), 1)
        menu.find("menu item", "Quit").press()
        self.assertEqual(sample.wait(), 0)
        wait_until(lambda: not self.desktop.panel.icons(sample.pid), "the icon's end")

    def test_a_panel_that_ends_and_comes_back(self):
        sample, _ = self.start_sample()
        for end in (self.desktop.panel.stop, self.desktop.panel.kill):
            self.desktop.panel.icon(sample.pid)
            end()
            self.assertEqual(self.desktop.panel.icons(sample.pid), [])
            self.desktop.panel.start()
        self.desktop.panel.restart()
        self.desktop.panel.click(sample.pid)
        self.desktop.display.wait_gone("Sample")


class NoTrayTest(DesktopTest):
    provider_options = None
    desktop_options = {"tray": None}

    def test_a_panel_that_comes_late(self):
        sample, _ = self.start_sample()
        self.assertEqual(self.desktop.panel.icons(sample.pid), [])
        self.assertEqual(self.desktop.host.items(), [])
        self.desktop.panel.start()
        self.desktop.panel.icon(sample.pid)


class StatusNotifierTest(DesktopTest):
    provider_options = None
    desktop_options = {"tray": "sni"}

    def test_the_icon(self):
        sample, _ = self.start_sample()
        item = self.desktop.host.item(sample.pid)
        self.assertEqual(item.tool_tip(), ("A sample", ""))
        width, height, pixels = item.pixels()
        self.assertEqual((width, height, set(pixels)), (32, 32, {(0xFF, 0x20, 0x80, 0xE0)}))  # what the sample paints
        self.assertEqual(item.properties()["Status"], "Active")
        item.activate()
        self.desktop.display.wait_gone("Sample")

    def test_its_menu(self):
        sample, _ = self.start_sample()
        item = self.desktop.host.item(sample.pid)
        self.assertEqual(list(item.menu().lines()), ["Show", "More", "  Never (disabled)", "  Choice [ ]", "----", "Quit"])
        item.choose("More", "Choice")
        wait_until(lambda: item.find("More", "Choice").checked, "the check mark")
        with self.assertRaises(AssertionError):
            item.choose("More", "Never", seconds=0.1)
        item.choose("Quit")
        self.assertEqual(sample.wait(), 0)
        wait_until(lambda: not self.desktop.host.items(), "the icon's end")

    def test_a_panel_that_comes_back(self):
        sample, _ = self.start_sample()
        self.desktop.host.item(sample.pid)
        self.desktop.host.stop()
        self.assertEqual(self.desktop.host.items(), [])
        self.desktop.host.start()
        self.assertEqual(self.desktop.host.item(sample.pid).tool_tip(), ("A sample", ""))
