// The window's connection: answers by number, faults of the broker, and coming back.
#include "tests/unit/fake_broker.h"

#include <QSignalSpy>
#include <QTest>

using namespace keybearer;
using model::BrokerLink;
using nlohmann::json;
using test::FakeBroker;

namespace {

constexpr int kSoon = 5000;

/// What a call came to.
struct Outcome {
    int count = 0;
    BrokerLink::Reply reply;
};

BrokerLink::Done into(Outcome& outcome) {
    return [&outcome](const BrokerLink::Reply& reply) {
        ++outcome.count;
        outcome.reply = reply;
    };
}

} // namespace

class TestBrokerLink : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answersReachWhoAsked() {
        FakeBroker broker;
        broker.answer("a", [](const json& params) { return json{{"got", params["x"]}}; });
        BrokerLink link(broker.connector());
        link.open();
        QTRY_COMPARE_WITH_TIMEOUT(link.state(), BrokerLink::State::Open, kSoon);
        Outcome held;
        Outcome first;
        Outcome second;
        link.call("later", json::object(), this, into(held));
        link.call("a", {{"x", 1}}, this, into(first));
        link.call("a", {{"x", 2}}, this, into(second));
        QTRY_COMPARE_WITH_TIMEOUT(second.count, 1, kSoon);
        QVERIFY(first.reply.value()["got"] == 1);
        QVERIFY(second.reply.value()["got"] == 2);
        QCOMPARE(held.count, 0);
        QVERIFY(broker.release("later", {{"ok", true}}));
        QTRY_COMPARE_WITH_TIMEOUT(held.count, 1, kSoon);
    }

    void anErrorHasItsKind() {
        FakeBroker broker;
        broker.refuse("a", "denied", "no");
        BrokerLink link(broker.connector());
        link.open();
        QTRY_COMPARE_WITH_TIMEOUT(link.state(), BrokerLink::State::Open, kSoon);
        Outcome outcome;
        link.call("a", json::object(), this, into(outcome));
        QTRY_COMPARE_WITH_TIMEOUT(outcome.count, 1, kSoon);
        QCOMPARE(outcome.reply.error().kind, std::string("denied"));
        QCOMPARE(outcome.reply.error().exitCode, 5);
    }

    void whoHasGoneIsNotCalled() {
        FakeBroker broker;
        BrokerLink link(broker.connector());
        link.open();
        QTRY_COMPARE_WITH_TIMEOUT(link.state(), BrokerLink::State::Open, kSoon);
        Outcome gone;
        Outcome here;
        auto asker = std::make_unique<QObject>();
        link.call("a", json::object(), asker.get(), into(gone));
        link.call("b", json::object(), this, into(here));
        QTRY_COMPARE_WITH_TIMEOUT(broker.calls("b").size(), 1U, kSoon);
        asker.reset();
        broker.release("a", json::object());
        broker.release("b", json::object());
        QTRY_COMPARE_WITH_TIMEOUT(here.count, 1, kSoon);
        QCOMPARE(gone.count, 0);
    }

    void withoutAConnectionACallFailsLater() {
        FakeBroker broker;
        BrokerLink link(broker.connector());
        Outcome outcome;
        link.call("a", json::object(), this, into(outcome));
        QCOMPARE(outcome.count, 0);
        QTRY_COMPARE_WITH_TIMEOUT(outcome.count, 1, kSoon);
        QCOMPARE(outcome.reply.error().kind, std::string("connection_lost"));
    }

    void aLostConnectionEndsCallsAndComesBack() {
        FakeBroker broker;
        BrokerLink link(broker.connector());
        link.open();
        QTRY_COMPARE_WITH_TIMEOUT(link.state(), BrokerLink::State::Open, kSoon);
        Outcome outcome;
        link.call("a", json::object(), this, into(outcome));
        QTRY_COMPARE_WITH_TIMEOUT(broker.calls("a").size(), 1U, kSoon);
        broker.hangUp();
        QTRY_COMPARE_WITH_TIMEOUT(outcome.count, 1, kSoon);
        QCOMPARE(outcome.reply.error().kind, std::string("connection_lost"));
        QTRY_COMPARE_WITH_TIMEOUT(link.state(), BrokerLink::State::Open, kSoon); // by itself, after a second
        QCOMPARE(broker.connections(), 2);
    }

    void whatNobodyAnswersIsSaidAndTriedAgain() {
        FakeBroker broker;
        broker.stopListening();
        BrokerLink link(broker.connector());
        QSignalSpy changes(&link, &BrokerLink::stateChanged);
        link.open();
        QTRY_COMPARE_WITH_TIMEOUT(link.problem().kind, std::string("no_broker"), kSoon);
        QCOMPARE(link.state(), BrokerLink::State::Lost);
        broker.listen();
        link.open(); // the person's own click waits for nothing
        QTRY_COMPARE_WITH_TIMEOUT(link.state(), BrokerLink::State::Open, 500);
        QVERIFY(link.problem().kind.empty());
    }

    void whatIsNoAnswerIsPassedBy_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("a notification") << QByteArray(R"({"jsonrpc":"2.0","method":"event","params":{}})");
        QTest::newRow("to another call") << QByteArray(R"({"jsonrpc":"2.0","id":999,"result":{}})");
        QTest::newRow("to no call") << QByteArray(R"({"jsonrpc":"2.0","id":null,"error":{"message":"x"}})");
        QTest::newRow("without a result") << QByteArray(R"({"jsonrpc":"2.0","id":1})");
    }
    void whatIsNoAnswerIsPassedBy() {
        QFETCH(const QByteArray, line);
        FakeBroker broker;
        BrokerLink link(broker.connector());
        link.open();
        QTRY_COMPARE_WITH_TIMEOUT(link.state(), BrokerLink::State::Open, kSoon);
        Outcome outcome;
        link.call("a", json::object(), this, into(outcome));
        QTRY_COMPARE_WITH_TIMEOUT(broker.calls("a").size(), 1U, kSoon);
        broker.say(line);
        broker.release("a", {{"ok", true}});
        QTRY_COMPARE_WITH_TIMEOUT(outcome.count, 1, kSoon);
        QVERIFY(outcome.reply);
    }

    void whatCannotBeReadEndsTheConnection_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("not JSON") << QByteArray("hello");
        QTest::newRow("no object") << QByteArray("[1]");
        QTest::newRow("no end") << QByteArray((1 << 20) + 20'000, 'x');
    }
    void whatCannotBeReadEndsTheConnection() {
        QFETCH(const QByteArray, line);
        FakeBroker broker;
        BrokerLink link(broker.connector());
        link.open();
        QTRY_COMPARE_WITH_TIMEOUT(link.state(), BrokerLink::State::Open, kSoon);
        Outcome outcome;
        link.call("a", json::object(), this, into(outcome));
        QTRY_COMPARE_WITH_TIMEOUT(broker.calls("a").size(), 1U, kSoon);
        broker.say(line);
        QTRY_COMPARE_WITH_TIMEOUT(outcome.count, 1, kSoon);
        QCOMPARE(outcome.reply.error().kind, std::string("connection_lost"));
    }

    void longLinesGoThroughInParts() {
        FakeBroker broker;
        broker.answer("a", [](const json& params) { return json{{"size", params["text"].get<std::string>().size()}}; });
        BrokerLink link(broker.connector());
        link.open();
        QTRY_COMPARE_WITH_TIMEOUT(link.state(), BrokerLink::State::Open, kSoon);
        Outcome outcome;
        link.call("a", {{"text", std::string(900'000, 'x')}}, this, into(outcome));
        QTRY_COMPARE_WITH_TIMEOUT(outcome.count, 1, kSoon);
        QVERIFY(outcome.reply.value()["size"] == 900'000);
    }

    void whatWasCalledLastIsStillSent() {
        FakeBroker broker;
        {
            BrokerLink link(broker.connector());
            link.open();
            QTRY_COMPARE_WITH_TIMEOUT(link.state(), BrokerLink::State::Open, kSoon);
            link.call("a", json::object(), this, [](const auto&) {});
            link.call("b", json::object(), this, [](const auto&) {});
        }
        QTRY_COMPARE_WITH_TIMEOUT(broker.calls("b").size(), 1U, kSoon);
        QCOMPARE(broker.calls("a").size(), 1U);
    }

    void itEndsWhileCallsWait() {
        FakeBroker broker;
        Outcome outcome;
        {
            BrokerLink link(broker.connector());
            link.open();
            QTRY_COMPARE_WITH_TIMEOUT(link.state(), BrokerLink::State::Open, kSoon);
            link.call("a", json::object(), this, into(outcome));
        }
        QCoreApplication::processEvents();
        QCOMPARE(outcome.count, 0);
    }
};

QTEST_GUILESS_MAIN(TestBrokerLink)
#include "tst_broker_link.moc"
