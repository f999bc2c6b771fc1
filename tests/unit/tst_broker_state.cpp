// What the broker says, as long as it says it.
#include "app/model/broker_state.h"
#include "tests/unit/fake_broker.h"

#include <QSignalSpy>
#include <QTest>

using namespace keybearer;
using model::BrokerLink;
using model::BrokerState;
using model::Mood;
using nlohmann::json;
using test::FakeBroker;

namespace {

constexpr int kSoon = 5000;

json statusOf(const char* revision) {
    return {{"version", "1.2.3"},
            {"policy", "ask"},
            {"keychain", {{"backend", "secret-service"}, {"state", "ready"}}},
            {"accounts", json::array()},
            {"sign_in_needed", json::array()},
            {"locked", nullptr},
            {"warnings", json::array()},
            {"revision", revision}};
}

json questionOf(const char* id) {
    return {{"question_id", id},
            {"client", {{"name", "git"}, {"path", "/usr/bin/git"}, {"kind", "program"}, {"root_owned", true}}},
            {"wants", "a token of account work"},
            {"scopes", {"read", "write"}},
            {"can_be_kept", true},
            {"waiting", 2},
            {"expires_at", 1'800'000'000}};
}

/// A broker that answers, and what a window knows of it.
struct Fixture {
    FakeBroker broker;
    BrokerLink link{broker.connector()};
    BrokerState state{link};

    /// The first status; later ones are given out by release().
    void begin(json status) {
        broker.answer("approval.attach", {{"approvers", 1}, {"new_grants", json::array()}});
        link.open();
        QTRY_COMPARE_WITH_TIMEOUT(broker.waiting("system.status"), 1, kSoon);
        broker.release("system.status", status);
        QTRY_VERIFY_WITH_TIMEOUT(state.isLive(), kSoon);
        QTRY_COMPARE_WITH_TIMEOUT(broker.calls("approval.list").size(), 1U, kSoon);
    }
};

} // namespace

class TestBrokerState : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theMostUrgentIsShown_data() {
        QTest::addColumn<QByteArray>("change");
        QTest::addColumn<bool>("asks");
        QTest::addColumn<int>("mood");
        const auto row = [](const char* name, const char* change, bool asks, Mood mood) {
            QTest::newRow(name) << QByteArray(change) << asks << int(mood);
        };
        constexpr const char* kLocked = R"({"locked":{"by":"command","since":1}})";
        constexpr const char* kSignIn = R"({"sign_in_needed":[{"provider":"p","account":"a","reason":"ended"}]})";
        row("nothing", "{}", false, Mood::Well);
        row("paused", R"({"policy":"deny"})", false, Mood::Paused);
        row("a sign-in", kSignIn, false, Mood::SignIn);
        row("a question before a sign-in", kSignIn, true, Mood::Question);
        row("locked, whatever else", kLocked, true, Mood::Locked);
    }
    void theMostUrgentIsShown() {
        QFETCH(const QByteArray, change);
        QFETCH(const bool, asks);
        QFETCH(const int, mood);
        Fixture f;
        json status = statusOf("1");
        status.merge_patch(json::parse(change.toStdString()));
        f.begin(status);
        if (asks) {
            f.broker.release("approval.list", {{"version", 2}, {"questions", {questionOf("q1")}}});
            QTRY_COMPARE_WITH_TIMEOUT(f.state.questions().size(), 1, kSoon);
        }
        QCOMPARE(int(f.state.mood()), mood);
    }

    void itAsksOnceAndWaits() {
        Fixture f;
        f.begin(statusOf("1"));
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.calls("system.status").size(), 2U, kSoon);
        const json waiting = f.broker.calls("system.status").back();
        QVERIFY(waiting["known_revision"] == "1");
        QVERIFY(waiting["wait"].get<int>() >= 60);
        QSignalSpy changes(&f.state, &BrokerState::changed);
        f.broker.release("system.status", statusOf("1")); // its time was up
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.calls("system.status").size(), 3U, kSoon);
        QCOMPARE(changes.count(), 0);
        json next = statusOf("2");
        next["policy"] = "observe";
        f.broker.release("system.status", next);
        QTRY_COMPARE_WITH_TIMEOUT(changes.count(), 1, kSoon);
        QCOMPARE(f.state.policy(), QStringLiteral("observe"));
    }

    void accountsAndSignIns() {
        Fixture f;
        json status = statusOf("1");
        status["accounts"] = {{{"account", "work"}, {"provider", "lab"}, {"status", "signed_in"}, {"expires_at", 7}},
                              {{"account", "home"}, {"status", "login_required"}, {"reason", "it has ended"}}};
        status["sign_in_needed"] = {{{"provider", "lab"}, {"account", "home"}, {"reason", "ended"}}};
        f.begin(status);
        QCOMPARE(f.state.accounts().size(), 2);
        QVERIFY(f.state.accounts()[0].isSignedIn);
        QCOMPARE(f.state.accounts()[0].expiresAt, std::optional<std::int64_t>(7));
        QVERIFY(!f.state.accounts()[1].isSignedIn);
        QCOMPARE(f.state.accounts()[1].reason, QStringLiteral("it has ended"));
        QCOMPARE(f.state.signIns()[0].account, QStringLiteral("home"));
    }

    void questionsComeAndGo() {
        Fixture f;
        f.begin(statusOf("1"));
        QSignalSpy changes(&f.state, &BrokerState::questionsChanged);
        f.broker.release("approval.list", {{"version", 5}, {"questions", {questionOf("q1"), questionOf("q2")}}});
        QTRY_COMPARE_WITH_TIMEOUT(changes.count(), 1, kSoon);
        const model::Question& question = f.state.questions()[0];
        QCOMPARE(question.clientName, QStringLiteral("git"));
        QCOMPARE(question.exactPath, std::string("/usr/bin/git"));
        QCOMPARE(question.scopes.size(), 2);
        QVERIFY(question.isRootOwned && question.canBeKept && !question.hasSession);
        QCOMPARE(question.waiting, 2);
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.calls("approval.list").size(), 2U, kSoon);
        QVERIFY(f.broker.calls("approval.list").back()["known_version"] == 5);
        f.broker.release("approval.list", {{"version", 6}, {"questions", json::array()}});
        QTRY_VERIFY_WITH_TIMEOUT(f.state.questions().isEmpty(), kSoon);
    }

    /// Nothing of a broker that is gone is shown, and nothing that an earlier connection still answers is believed.
    void aLostConnectionEmptiesEverything() {
        Fixture f;
        json status = statusOf("1");
        status["accounts"] = {{{"account", "work"}, {"status", "signed_in"}}};
        f.begin(status);
        f.broker.release("approval.list", {{"version", 5}, {"questions", {questionOf("q1")}}});
        QTRY_COMPARE_WITH_TIMEOUT(f.state.questions().size(), 1, kSoon);
        f.broker.hangUp();
        QTRY_COMPARE_WITH_TIMEOUT(f.state.mood(), Mood::Gone, kSoon);
        QVERIFY(f.state.accounts().isEmpty() && f.state.questions().isEmpty() && f.state.policy().isEmpty());
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.waiting("system.status"), 1, kSoon); // it is back
        f.broker.release("system.status", statusOf("2"));
        QTRY_COMPARE_WITH_TIMEOUT(f.state.mood(), Mood::Well, kSoon);
        QVERIFY(!f.broker.calls("system.status").back().contains("known_revision") ||
                f.broker.calls("system.status").back()["known_revision"] == "2");
    }

    void itSaysWhyItCannotAnswer() {
        FakeBroker broker;
        broker.refuse("approval.attach", "denied", "only a person decides");
        broker.answer("system.status", [](const json&) { return statusOf("1"); });
        BrokerLink link(broker.connector());
        BrokerState state(link);
        broker.hold("system.status");
        link.open();
        QTRY_VERIFY_WITH_TIMEOUT(!state.approverProblem().isEmpty(), kSoon);
        QCOMPARE(state.approverProblem(), QStringLiteral("only a person decides"));
    }

    void grantsOfTheMeantimeAreTold() {
        FakeBroker broker;
        broker.answer("approval.attach",
                      {{"approvers", 1}, {"new_grants", {{{"path", "/usr/bin/git"}, {"credential", "account:work"}}}}});
        BrokerLink link(broker.connector());
        BrokerState state(link);
        QSignalSpy told(&state, &BrokerState::grantsWereMade);
        link.open();
        QTRY_COMPARE_WITH_TIMEOUT(told.count(), 1, kSoon);
        QCOMPARE(told[0][0].toStringList(), QStringList{QStringLiteral("/usr/bin/git may have account:work")});
    }
};

QTEST_GUILESS_MAIN(TestBrokerState)
#include "tst_broker_state.moc"
