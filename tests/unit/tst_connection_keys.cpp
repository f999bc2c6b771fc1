#include "daemon/rpc/connection_keys.h"

#include <QTemporaryDir>
#include <QTest>

#include "fake_service.h"
#include "keychain_test.h"

using namespace keybearer;
using namespace keybearer::clientkeys;
using State = access::KeyReach::State;
using keychain::await;
using rpc::ConnectionKeys;

namespace {

class SetClock final : public base::Clock {
public:
    [[nodiscard]] std::int64_t utcSeconds() const override { return now; }
    [[nodiscard]] std::chrono::milliseconds steady() const override { return {}; }
    std::int64_t now = 1'700'000'000;
};

struct Fixture {
    QTemporaryDir root;
    SetClock clock;
    keychain::FakeService service{std::make_shared<keychain::FakeStore>()};
    ClientKeys keys{KeyFile(root.path().toStdString()), {}, service, clock};
    ConnectionKeys connections{keys};

    Proof proof(const std::string& name, KeyKind kind = KeyKind::Live) {
        NewKey wanted;
        wanted.name = name;
        wanted.kind = kind;
        wanted.scopes = {access::parseScope("openai/*").value()};
        const auto issued = await(keys.create(std::move(wanted)));
        return await(keys.verify(parseKey(issued->key.reveal()).value())).value();
    }
};

} // namespace

class TestConnectionKeys : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anOrdinaryConnectionHasNone() {
        Fixture f;
        QVERIFY(!f.connections.reachOf(1) && f.connections.idOf(1).empty());
        f.connections.noteUse(1);
        f.connections.closed(1);
    }

    void refusalsOfStrangersLeaveSoManyRowsAMinute() {
        Fixture f;
        f.connections.wantKey(1, true);
        QVERIFY(f.connections.isStranger(1) && !f.connections.isStranger(2));
        for (unsigned i = 0; i < ConnectionKeys::kMaxRows; ++i) {
            QCOMPARE(f.connections.countRefusal(600).value(), 0U);
        }
        QVERIFY(!f.connections.countRefusal(600));
        QVERIFY(!f.connections.countRefusal(659));
        QCOMPARE(f.connections.countRefusal(660).value(), 2U);
        QCOMPARE(f.connections.countRefusal(660).value(), 0U);
        QCOMPARE(rpc::missedText(2), std::string(" (2 refusals before it got no row)"));
        QVERIFY(f.connections.beginAttempt(1));
        f.connections.attach(1, f.proof("ci"));
        QVERIFY(!f.connections.isStranger(1));
    }

    void aKeyIsWantedUntilItIsShown() {
        Fixture f;
        f.connections.wantKey(1, true);
        QVERIFY(f.connections.reachOf(1)->state == State::Wanted && f.connections.reachOf(1)->anyUser);
        QVERIFY(f.connections.beginAttempt(1));
        QVERIFY(f.connections.reachOf(1)->state == State::Wanted);
        const Proof proof = f.proof("ci", KeyKind::Test);
        f.connections.attach(1, proof);
        const auto reach = f.connections.reachOf(1);
        QVERIFY(reach->state == State::Good && reach->anyUser && reach->isForTest && reach->scopes.size() == 1);
        QCOMPARE(f.connections.idOf(1), proof.id);
        QVERIFY(!f.connections.reachOf(2));
        f.connections.closed(1);
        QVERIFY(!f.connections.reachOf(1) && f.connections.idOf(1).empty());
    }

    void whatIsRevokedHasEnded() {
        Fixture f;
        const Proof proof = f.proof("ci");
        QVERIFY(f.connections.beginAttempt(1));
        f.connections.attach(1, proof);
        QVERIFY(!f.connections.reachOf(1)->isForTest && !f.connections.reachOf(1)->anyUser);
        f.connections.noteUse(1);
        QCOMPARE(f.keys.byId(proof.id)->useCount, 1);
        QVERIFY(f.keys.revoke(proof.id).has_value());
        QVERIFY(f.connections.reachOf(1)->state == State::Ended && f.connections.reachOf(1)->scopes.empty());
        QCOMPARE(f.connections.idOf(1), proof.id); // the record names it still
        // Another key may be shown after it.
        QVERIFY(f.connections.beginAttempt(1));
        f.connections.attach(1, f.proof("other"));
        QVERIFY(f.connections.reachOf(1)->state == State::Good);
    }

    void threeWrongKeysAreEnough() {
        Fixture f;
        for (const bool isLast : {false, false, true}) {
            QVERIFY(f.connections.beginAttempt(1));
            QCOMPARE(f.connections.noteWrong(1), isLast);
        }
        QVERIFY(!f.connections.beginAttempt(1));
        QVERIFY(f.connections.beginAttempt(2));
        QVERIFY(!f.connections.reachOf(1)); // of an ordinary socket: nothing was proven or taken
    }

    void attemptsAtOnceCountAsWell() {
        Fixture f;
        for (int i = 0; i < 3; ++i) {
            QVERIFY(f.connections.beginAttempt(1));
        }
        QVERIFY(!f.connections.beginAttempt(1));
        f.connections.noteUnchecked(1); // the keychain did not answer: that was no wrong key
        QVERIFY(f.connections.beginAttempt(1));
    }

    void whoHasHungUpIsNotRemembered() {
        Fixture f;
        QVERIFY(f.connections.beginAttempt(1));
        f.connections.closed(1);
        f.connections.attach(1, f.proof("ci"));
        QVERIFY(!f.connections.reachOf(1));
        QVERIFY(!f.connections.noteWrong(1));
        f.connections.noteUnchecked(1);
        QVERIFY(!f.connections.reachOf(1));
    }
};

QTEST_GUILESS_MAIN(TestConnectionKeys)
#include "tst_connection_keys.moc"
