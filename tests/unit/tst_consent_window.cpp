// What guards a question against keys and clicks that were meant for something else.
#include "app/tray/consent_window.h"
#include "tests/unit/page_test.h"

#include <QElapsedTimer>

using namespace keybearer;
using nlohmann::json;
using test::kSoon;

namespace {

json questionOf(const char* id) {
    return {{"question_id", id},
            {"client", {{"name", "asker"}, {"path", "/opt/asker"}, {"kind", "script"}}},
            {"wants", "a token of account work"},
            {"can_be_kept", true},
            {"has_session", true},
            {"waiting", 1},
            {"expires_at", 4'000'000'000}};
}

struct Fixture : test::PageFixture {
    tray::ConsentWindow window{state};
    QElapsedTimer since;
    int version = 1;

    Fixture() {
        broker.answer("approval.decide", {{"answer", "deny"}});
        begin();
        ask({questionOf("q1")});
    }
    void ask(const std::vector<json>& questions) {
        QTRY_COMPARE_WITH_TIMEOUT(broker.waiting("approval.list"), 1, kSoon);
        broker.release("approval.list", {{"version", ++version}, {"questions", questions}});
        since.start();
        const std::string first =
            questions.empty() ? std::string() : questions.front()["question_id"].get<std::string>();
        const auto shown = [this] { return state.questions().isEmpty() ? std::string() : state.questions()[0].id; };
        QTRY_COMPARE_WITH_TIMEOUT(shown(), first, kSoon);
    }
    [[nodiscard]] QPushButton* button(const char* name) const {
        return window.findChild<QPushButton*>(QLatin1String(name));
    }
    [[nodiscard]] bool canAllow() const {
        return button("once")->isEnabled() || button("session")->isEnabled() || button("always")->isEnabled() ||
               window.findChild<QToolButton*>(QStringLiteral("until"))->isEnabled();
    }
};

} // namespace

class TestConsentWindow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingCanBeAllowedAtFirst() {
        const Fixture f;
        QVERIFY(f.window.isVisible());
        QVERIFY(!f.canAllow());
        QVERIFY(f.button("deny")->isEnabled());
        QTRY_VERIFY_WITH_TIMEOUT(f.canAllow(), kSoon);
        QVERIFY(f.since.elapsed() >= tray::ConsentWindow::kPause);
    }

    void anotherQuestionBeginsAnew() {
        Fixture f;
        QTRY_VERIFY_WITH_TIMEOUT(f.canAllow(), kSoon);
        f.ask({questionOf("q2")}); // the first was answered elsewhere
        QVERIFY(!f.canAllow());
    }

    void enterMeansNo_data() {
        QTest::addColumn<QString>("focus");
        QTest::newRow("where the focus is at first") << QString();
        QTest::newRow("on another button") << QStringLiteral("always");
    }
    void enterMeansNo() {
        QFETCH(const QString, focus);
        Fixture f;
        QTRY_VERIFY_WITH_TIMEOUT(f.canAllow(), kSoon);
        if (!focus.isEmpty()) {
            f.window.findChild<QPushButton*>(focus)->setFocus();
        }
        QTest::keyClick(&f.window, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.calls("approval.decide").size(), 1U, kSoon);
        QVERIFY(f.broker.calls("approval.decide").front()["answer"] == "deny");
    }

    void escapeLeavesItOpen() {
        Fixture f;
        QTest::keyClick(&f.window, Qt::Key_Escape);
        QVERIFY(!f.window.isVisible());
        f.window.open();
        QVERIFY(f.window.isVisible());
        QVERIFY(f.broker.calls("approval.decide").empty());
    }

    void anAnswerIsGivenOnce() {
        Fixture f;
        QTRY_VERIFY_WITH_TIMEOUT(f.canAllow(), kSoon);
        f.button("once")->click();
        QVERIFY(!f.canAllow());
        f.button("once")->click();
        f.ask({});
        QVERIFY(!f.window.isVisible());
        QCOMPARE(f.broker.calls("approval.decide").size(), 1U);
    }
};

QTEST_MAIN(TestConsentWindow)
#include "tst_consent_window.moc"
