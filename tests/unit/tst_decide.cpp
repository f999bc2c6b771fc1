#include "daemon/access/decide.h"

#include <QTest>

using namespace keybearer;
using access::Decision;
using access::Policy;
using protocol::Guard;

Q_DECLARE_METATYPE(keybearer::protocol::Guard)
Q_DECLARE_METATYPE(keybearer::access::Policy)

namespace {

constexpr std::uint32_t kOwn = 1000;

platform::Peer peerOf(std::uint32_t uid) {
    return {uid, 4242, "/tmp/canary"};
}

access::Request requestOf(const platform::Peer& peer, Guard guard) {
    return {peer, guard, "canary.method", "canary"};
}

} // namespace

class TestDecide : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void guardAndPolicyAndUserDecide_data() {
        QTest::addColumn<Guard>("guard");
        QTest::addColumn<Policy>("policy");
        QTest::addColumn<uint>("uid");
        QTest::addColumn<bool>("allowed");
        const struct {
            Guard guard;
            bool allowedWhenDenied;
        } guards[] = {{Guard::Metadata, true}, {Guard::Use, false}, {Guard::Own, true}, {Guard::Manage, true}};
        for (const auto& [guard, allowedWhenDenied] : guards) {
            const std::string name(protocol::toString(guard));
            QTest::newRow((name + ", policy allow").c_str()) << guard << Policy::Allow << kOwn << true;
            QTest::newRow((name + ", policy deny").c_str()) << guard << Policy::Deny << kOwn << allowedWhenDenied;
            for (const uint uid : {0U, 1001U, 65534U, 4294967295U}) {
                const std::string who = name + " for user " + std::to_string(uid);
                QTest::newRow((who + ", policy allow").c_str()) << guard << Policy::Allow << uid << false;
                QTest::newRow((who + ", policy deny").c_str()) << guard << Policy::Deny << uid << false;
            }
        }
    }
    void guardAndPolicyAndUserDecide() {
        QFETCH(const Guard, guard);
        QFETCH(const Policy, policy);
        QFETCH(const uint, uid);
        QFETCH(const bool, allowed);
        const Decision decision = access::decide(requestOf(peerOf(uid), guard), policy, kOwn);
        QCOMPARE(decision.verdict == Decision::Verdict::Allow, allowed);
        QVERIFY(!decision.reason.empty());
        QVERIFY(decision.reason.find("canary") == std::string::npos);
    }

    void aRootBrokerServesRootOnly() {
        QCOMPARE(access::decide(requestOf(peerOf(0), Guard::Use), Policy::Allow, 0).verdict, Decision::Verdict::Allow);
        QCOMPARE(access::decide(requestOf(peerOf(kOwn), Guard::Metadata), Policy::Allow, 0).verdict,
                 Decision::Verdict::Deny);
    }

    void aRefusalSaysHowToLiftIt() {
        const Decision decision = access::decide(requestOf(peerOf(kOwn), Guard::Use), Policy::Deny, kOwn);
        QVERIFY(decision.reason.find("policy = \"allow\"") != std::string::npos);
        QVERIFY(decision.reason.find("config.toml") != std::string::npos);
    }

    void everyMethodHasADecision() {
        for (const protocol::Method& method : protocol::methods()) {
            const Decision decision = access::decide(requestOf(peerOf(kOwn), method.guard), Policy::Allow, kOwn);
            QCOMPARE(decision.verdict, Decision::Verdict::Allow);
        }
    }

    void policiesHaveTheNamesOfTheConfiguration() {
        QCOMPARE(access::toString(Policy::Allow), std::string_view("allow"));
        QCOMPARE(access::toString(Policy::Deny), std::string_view("deny"));
    }
};

QTEST_APPLESS_MAIN(TestDecide)
#include "tst_decide.moc"
