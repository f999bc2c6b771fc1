"""One notice about what ends soon, while somebody is there: logind's word, or a hand on one of our windows."""
from kbtest import wait_until
from kbtest.gui import TrayTest
from kbtest.gui.tray import MAIN, WELL
from kbtest.session import Session

DAY = 86_400
TITLE = "1 thing will end soon"


class ExpiryNoticeTest(TrayTest):
    policy = "allow"
    tray_options = None

    def setUp(self):
        super().setUp()
        self.session = Session(self.home, self.keyring)
        self.addCleanup(self.session.stop)
        self.session.start_logind()
        self.provider.fault("/token", "patch", patch={"refresh_expires_in": 3 * DAY}, times=1)
        self.sign_in(self.rpc(), account="work")

    def start(self, idle):
        self.session.add_callers_session(idle)
        self.start_tray("--background", **self.session.environment)
        self.wait_tip(WELL)

    def titles(self):
        return [one.summary for one in self.desktop.notifications.all()]

    def test_while_the_person_is_at_work_elsewhere(self):
        self.start(idle=False)
        told = self.desktop.notifications.find(TITLE)
        self.assertRegex(told.body, "^work.*: ends in ")
        self.tray.stop()
        self.start_tray("--background", **self.session.environment)
        self.wait_tip(WELL)
        self.wait_well()
        self.assertEqual(self.titles(), [TITLE])  # once

    def test_not_before_the_person_is_back(self):
        self.start(idle=True)
        self.wait_well()
        self.icon.activate()
        window = self.window(MAIN)
        self.assertEqual(self.titles(), [])
        self.desktop.display.click(window.x + window.width // 2, window.y + window.height - 4)
        self.assertIn("work", self.desktop.notifications.find(TITLE).body)
        wait_until(lambda: self.titles() == [TITLE], "no other")
