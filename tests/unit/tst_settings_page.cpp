#include "app/tray/settings_page.h"
#include "tests/unit/page_test.h"

#include <QSignalSpy>

using namespace keybearer;
using nlohmann::json;
using test::kSoon;

namespace {

struct Fixture : test::PageFixture {
    tray::SettingsPage page{state};

    explicit Fixture(const char* shadowSource = "default", const char* policySource = "command") {
        const json settings{{{"name", "resolution.shadow"},
                             {"value", "deny"},
                             {"source", shadowSource},
                             {"choices", {"allow", "warn", "ask", "deny"}}},
                            {{"name", "lock.on_screen_lock"}, {"value", true}, {"source", "command"}},
                            {{"name", "lock.on_suspend"}, {"value", false}, {"source", "default"}}};
        broker.answer("policy.get", {{"policy", "observe"}, {"source", policySource}});
        broker.answer("policy.set", {{"policy", "allow"}});
        broker.answer("settings.get", {{"settings", settings}});
        broker.answer("settings.set", {{"settings", settings}});
        begin();
        page.refresh();
        QTRY_VERIFY_WITH_TIMEOUT(box("lock.on_screen_lock")->isChecked(), kSoon);
    }
    [[nodiscard]] QCheckBox* box(const char* name) const { return page.findChild<QCheckBox*>(QLatin1String(name)); }
    [[nodiscard]] QComboBox* combo(const char* name) const { return page.findChild<QComboBox*>(QLatin1String(name)); }
};

} // namespace

class TestSettingsPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatTheBrokerSays() {
        const Fixture f;
        QCOMPARE(f.combo("policy")->currentData().toString(), QStringLiteral("observe"));
        QCOMPARE(f.combo("shadow")->currentData().toString(), QStringLiteral("deny"));
        QVERIFY(!f.box("lock.on_suspend")->isChecked());
        QVERIFY(f.page.findChild<QLabel*>(QStringLiteral("keychainText"))->text().contains(QStringLiteral("keyring")));
    }

    void aChangeGoesToTheBroker() {
        Fixture f;
        f.box("lock.on_suspend")->click();
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.calls("settings.set").size(), 1U, kSoon);
        const json expected{{"name", "lock.on_suspend"}, {"value", "true"}};
        QVERIFY(f.broker.calls("settings.set").front() == expected);
        // The broker has not taken it: it is shown as it is.
        QTRY_VERIFY_WITH_TIMEOUT(!f.box("lock.on_suspend")->isChecked(), kSoon);
        QComboBox* policy = f.combo("policy");
        policy->setCurrentIndex(policy->findData(QStringLiteral("allow")));
        Q_EMIT policy->activated(policy->currentIndex());
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.calls("policy.set").size(), 1U, kSoon);
        QVERIFY(f.broker.calls("policy.set").front()["policy"] == "allow");
    }

    void showingChangesNothing() {
        Fixture f;
        f.page.clear();
        f.page.refresh();
        QTRY_COMPARE_WITH_TIMEOUT(f.combo("policy")->currentData().toString(), QStringLiteral("observe"), kSoon);
        QVERIFY(f.broker.calls("settings.set").empty() && f.broker.calls("policy.set").empty());
    }

    void aRefusalIsReported() {
        Fixture f;
        f.broker.refuse("settings.set", "denied", "no");
        QSignalSpy failed(&f.page, &tray::Page::failed);
        f.box("lock.on_suspend")->click();
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kSoon);
    }

    void whatAFileDecidesIsGrey() {
        const Fixture free;
        QVERIFY(free.combo("policy")->isEnabled() && free.combo("shadow")->isEnabled());
        QVERIFY(free.page.findChild<QLabel*>(QStringLiteral("fixed"))->text().isEmpty());
        const Fixture fixed("config.toml", "config.toml");
        QVERIFY(!fixed.combo("policy")->isEnabled());
        QVERIFY(!fixed.combo("shadow")->isEnabled());
        QVERIFY(!fixed.page.findChild<QLabel*>(QStringLiteral("fixed"))->text().isEmpty());
    }

    void nothingIsShownOfABrokerThatIsGone() {
        Fixture f;
        f.page.clear();
        QCOMPARE(f.combo("policy")->currentIndex(), -1);
        QVERIFY(!f.box("lock.on_screen_lock")->isChecked());
        QVERIFY(f.page.findChild<QLabel*>(QStringLiteral("keychainText"))->text().isEmpty());
    }
};

QTEST_MAIN(TestSettingsPage)
#include "tst_settings_page.moc"
