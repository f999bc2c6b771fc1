#include "app/tray/main_window.h"
#include "tests/unit/page_test.h"

#include <QSignalSpy>
#include <QTemporaryDir>

using namespace keybearer;
using test::kSoon;

namespace {

class CountingPage : public tray::Page {
public:
    using Page::Page;
    void refresh() override { ++refreshed; }
    void clear() override { ++cleared; }
    void fail() { report({"denied", "not that", {}, 5}); }
    int refreshed = 0;
    int cleared = 0;
};

struct Fixture : test::PageFixture {
    QTemporaryDir folder;
    QSettings settings{folder.filePath(QStringLiteral("tray.ini")), QSettings::IniFormat};
    tray::MainWindow window{state, settings};
    CountingPage* first = new CountingPage(state);
    CountingPage* second = new CountingPage(state);

    Fixture() {
        window.addPage(first, QStringLiteral("first"), QStringLiteral("First"), {});
        window.addPage(second, QStringLiteral("second"), QStringLiteral("Second"), {});
    }
    [[nodiscard]] QString problem() const {
        const auto* label = window.findChild<QLabel*>(QStringLiteral("problem"));
        return label->isVisible() ? label->text() : QString();
    }
    [[nodiscard]] QPushButton* mend() const { return window.findChild<QPushButton*>(QStringLiteral("mend")); }
};

} // namespace

class TestMainWindow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onlyWhatIsSeenIsAskedFor() {
        Fixture f;
        f.begin();
        QCOMPARE(f.first->refreshed, 0); // the window is not open
        f.window.open();
        QVERIFY(f.first->refreshed > 0);
        QCOMPARE(f.second->refreshed, 0);
        f.window.open(QStringLiteral("second"));
        QVERIFY(f.second->refreshed > 0);
    }

    void aChangeIsShown() {
        Fixture f;
        f.begin();
        f.window.open();
        const int before = f.first->refreshed;
        f.tell({{"policy", "observe"}});
        QTRY_VERIFY_WITH_TIMEOUT(f.first->refreshed > before, kSoon);
    }

    void aBrokerThatIsGoneLeavesNothing() {
        Fixture f;
        f.begin();
        f.window.open();
        QVERIFY(f.problem().isEmpty());
        const int before = f.second->cleared;
        f.broker.stopListening();
        f.broker.hangUp();
        QTRY_VERIFY_WITH_TIMEOUT(!f.problem().isEmpty(), kSoon);
        QVERIFY(f.second->cleared > before);
        QVERIFY(!f.first->isEnabled());
        f.broker.listen();
        f.mend()->click();
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.waiting("system.status"), 1, 500);
    }

    void aLockedBrokerOffersToBeUnlocked() {
        Fixture f;
        f.begin({{"locked", {{"by", "command"}, {"since", 1}}}});
        f.window.open();
        QSignalSpy unlock(&f.window, &tray::MainWindow::unlockWanted);
        QVERIFY(f.problem().contains(QStringLiteral("locked")));
        QVERIFY(f.first->cleared > 0 && f.first->refreshed == 0);
        f.mend()->click();
        QCOMPARE(unlock.count(), 1);
    }

    void whatAPageReportsIsSaidInALine() {
        Fixture f;
        f.begin();
        f.window.open();
        f.first->fail();
        QCOMPARE(f.problem(), QStringLiteral("not that"));
        QVERIFY(!f.mend()->isVisible());
    }

    void whyNobodyCanBeAnsweredIsSaid() {
        Fixture f;
        f.begin();
        f.window.open();
        QVERIFY(f.problem().isEmpty());
        f.broker.refuse("approval.attach", "denied", "only a person decides");
        f.broker.hangUp();
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.waiting("system.status"), 1, kSoon); // it is back
        f.tell({});
        QTRY_VERIFY_WITH_TIMEOUT(f.problem().contains(QStringLiteral("only a person decides")), kSoon);
        QVERIFY(f.first->isEnabled());
    }

    void itRemembersWhereItWas() {
        Fixture f;
        f.begin();
        f.window.open();
        f.window.resize(700, 500);
        f.window.close();
        const tray::MainWindow next(f.state, f.settings);
        QCOMPARE(next.size(), QSize(700, 500));
    }

    void closingIsTold() {
        Fixture f;
        QSignalSpy closed(&f.window, &tray::MainWindow::closed);
        f.window.open();
        f.window.close();
        QCOMPARE(closed.count(), 1);
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
