#include "app/tray/doctor_page.h"
#include "tests/unit/page_test.h"

#include <QDialog>
#include <QSignalSpy>

using namespace keybearer;
using nlohmann::json;
using test::kSoon;

namespace {

json checkOf(const char* name, const char* result, const json& mend = nullptr) {
    return {{"name", name},
            {"result", result},
            {"message", std::string("about ") + name},
            {"fix", "do it"},
            {"mend", mend}};
}

struct Fixture : test::PageFixture {
    tray::DoctorPage page{state};

    explicit Fixture(const json& checks) {
        broker.answer("doctor.run", json{{"checks", checks}});
        begin();
        page.refresh();
        QTRY_VERIFY_WITH_TIMEOUT(page.findChild<QPushButton*>(QStringLiteral("checkAgain"))->isEnabled(), kSoon);
    }
    [[nodiscard]] QPushButton* mend(const char* name) const {
        return page.findChild<QPushButton*>(QStringLiteral("mend/") + QLatin1String(name));
    }
    [[nodiscard]] QString summary() const { return page.findChild<QLabel*>(QStringLiteral("summary"))->text(); }
};

} // namespace

class TestDoctorPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrongComesFirst() {
        const Fixture f(json::array({checkOf("a", "ok"), checkOf("b", "warn"), checkOf("c", "fail")}));
        QStringList names;
        const auto* rows = f.page.findChild<QWidget*>(QStringLiteral("checks"))->layout();
        for (int i = 0; i + 1 < rows->count(); ++i) {
            names << rows->itemAt(i)->widget()->objectName();
        }
        QCOMPARE(names, (QStringList{QStringLiteral("check/c"), QStringLiteral("check/b"), QStringLiteral("check/a")}));
        QVERIFY(f.summary().contains(QLatin1Char('2')));
        QVERIFY(!Fixture(json::array({checkOf("a", "ok")})).summary().contains(QLatin1Char('1')));
    }

    void aButtonForWhatCanBeMended_data() {
        QTest::addColumn<QByteArray>("mend");
        QTest::addColumn<bool>("hasButton");
        const auto row = [](const char* name, const char* mend, bool hasButton) {
            QTest::newRow(name) << QByteArray(mend) << hasButton;
        };
        row("nothing", "null", false);
        row("unknown here", "{\"action\":\"dance\"}", false);
        row("a page", "{\"action\":\"open_url\",\"url\":\"https://example.com/\"}", true);
        row("no page of the web", "{\"action\":\"open_url\",\"url\":\"file:///etc/passwd\"}", false);
        row("a sign-in", "{\"action\":\"sign_in\",\"provider\":\"p\",\"account\":\"a\"}", true);
    }
    void aButtonForWhatCanBeMended() {
        QFETCH(const QByteArray, mend);
        QFETCH(const bool, hasButton);
        const Fixture f(json::array({checkOf("x", "fail", json::parse(mend.toStdString()))}));
        QCOMPARE(f.mend("x") != nullptr, hasButton);
    }

    void buttonsAskForWhatTheyName() {
        Fixture f(json::array({checkOf("a", "fail", {{"action", "sign_in"}, {"provider", "lab"}, {"account", "work"}}),
                               checkOf("b", "fail", {{"action", "unlock"}}),
                               checkOf("c", "fail", {{"action", "open_url"}, {"url", "https://example.com/keys"}})}));
        QSignalSpy signIn(&f.page, &tray::Page::signInWanted);
        QSignalSpy unlock(&f.page, &tray::Page::unlockWanted);
        QSignalSpy browser(&f.page, &tray::Page::browserWanted);
        f.mend("a")->click();
        f.mend("b")->click();
        f.mend("c")->click();
        QCOMPARE(signIn.value(0), (QVariantList{QStringLiteral("lab"), QStringLiteral("work")}));
        QCOMPARE(unlock.count(), 1);
        QCOMPARE(browser.value(0).value(0).toUrl(), QUrl(QStringLiteral("https://example.com/keys")));
    }

    void whatTheBrokerCanMendItselfIsDoneAndCheckedAgain() {
        Fixture f(json::array({checkOf("a", "warn", {{"action", "set_policy"}, {"policy", "ask"}}),
                               checkOf("b", "warn", {{"action", "restart_broker"}})}));
        f.broker.answer("policy.set", {{"policy", "ask"}});
        f.mend("a")->click();
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.calls("doctor.run").size(), 2U, kSoon);
        QVERIFY(f.broker.calls("policy.set").front()["policy"] == "ask");
        QTRY_VERIFY_WITH_TIMEOUT(f.mend("b") != nullptr, kSoon);
        f.mend("b")->click();
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.calls("system.stop").size(), 1U, kSoon);
    }

    void aKeychainIsChosenInADialog() {
        const Fixture f(json::array({checkOf("a", "fail", {{"action", "choose_keychain"}})}));
        f.mend("a")->click();
        QVERIFY(f.page.findChild<QDialog*>(QStringLiteral("keychain")) != nullptr);
    }

    void providersAreAskedWhenThePersonSaysSo() {
        Fixture f(json::array({}));
        QVERIFY(f.broker.calls("doctor.run").back()["network"] == false);
        f.page.findChild<QCheckBox*>(QStringLiteral("network"))->click();
        f.page.findChild<QPushButton*>(QStringLiteral("checkAgain"))->click();
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.calls("doctor.run").size(), 2U, kSoon);
        QVERIFY(f.broker.calls("doctor.run").back()["network"] == true);
    }
};

QTEST_MAIN(TestDoctorPage)
#include "tst_doctor_page.moc"
