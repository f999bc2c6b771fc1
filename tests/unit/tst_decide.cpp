#include "daemon/access/decide.h"
#include "tests/unit/access_values.h"

#include <QTest>

using namespace keybearer;
using namespace keybearer::test;
using access::Decision;
using access::Policy;
using protocol::Guard;
using Verdict = access::Decision::Verdict;

Q_DECLARE_METATYPE(keybearer::protocol::Guard)
Q_DECLARE_METATYPE(keybearer::access::Policy)
Q_DECLARE_METATYPE(keybearer::access::KeyReach::State)
Q_DECLARE_METATYPE(keybearer::access::Client)
Q_DECLARE_METATYPE(keybearer::access::Decision::Verdict)

namespace {

constexpr std::uint32_t kOwn = 1000;
constexpr std::int64_t kNow = 1'700'000'000;

Decision decided(Guard guard, Policy policy, const access::Client* client,
                 std::vector<const access::Grant*> grants = {}, std::uint32_t uid = kOwn) {
    const access::Wanted wanted = aToken();
    return access::decide({uid, client, guard, wanted}, {policy, kOwn, grants, kNow});
}

} // namespace

class TestDecide : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Each guard under each policy, for a program, our front end, and our front end with a person at it.
    void theTable_data() {
        QTest::addColumn<Guard>("guard");
        QTest::addColumn<Policy>("policy");
        QTest::addColumn<access::Client>("client");
        QTest::addColumn<Verdict>("verdict");
        access::Client script = ownProgram();
        script.isFrontEnd = true; // our command line, called by a script
        access::Client window = script;
        window.kind = access::ClientKind::Window;
        const struct {
            Guard guard;
            const char* name;
            Verdict verdicts[3][3]; // policy ask, allow, deny x program, front end, person
        } rows[] = {
            {Guard::Greet,
             "greet",
             {{Verdict::Allow, Verdict::Allow, Verdict::Allow},
              {Verdict::Allow, Verdict::Allow, Verdict::Allow},
              {Verdict::Allow, Verdict::Allow, Verdict::Allow}}},
            {Guard::Metadata,
             "metadata",
             {{Verdict::Allow, Verdict::Allow, Verdict::Allow},
              {Verdict::Allow, Verdict::Allow, Verdict::Allow},
              {Verdict::Allow, Verdict::Allow, Verdict::Allow}}},
            {Guard::Own,
             "own",
             {{Verdict::Allow, Verdict::Allow, Verdict::Allow},
              {Verdict::Allow, Verdict::Allow, Verdict::Allow},
              {Verdict::Allow, Verdict::Allow, Verdict::Allow}}},
            {Guard::Propose,
             "propose",
             {{Verdict::Allow, Verdict::Allow, Verdict::Allow},
              {Verdict::Allow, Verdict::Allow, Verdict::Allow},
              {Verdict::Deny, Verdict::Deny, Verdict::Deny}}},
            {Guard::Use,
             "use",
             {{Verdict::Ask, Verdict::Ask, Verdict::Ask},
              {Verdict::Allow, Verdict::Allow, Verdict::Allow},
              {Verdict::Deny, Verdict::Deny, Verdict::Deny}}},
            {Guard::Manage,
             "manage",
             {{Verdict::Ask, Verdict::Allow, Verdict::Allow},
              {Verdict::Allow, Verdict::Allow, Verdict::Allow},
              {Verdict::Allow, Verdict::Allow, Verdict::Allow}}},
            {Guard::Widen,
             "widen",
             {{Verdict::Ask, Verdict::Ask, Verdict::Allow},
              {Verdict::Allow, Verdict::Allow, Verdict::Allow},
              {Verdict::Allow, Verdict::Allow, Verdict::Allow}}},
            {Guard::Person,
             "person",
             {{Verdict::Ask, Verdict::Ask, Verdict::Allow},
              {Verdict::Ask, Verdict::Ask, Verdict::Allow},
              {Verdict::Ask, Verdict::Ask, Verdict::Allow}}},
            {Guard::Approve,
             "approve",
             {{Verdict::Deny, Verdict::Deny, Verdict::Allow},
              {Verdict::Deny, Verdict::Deny, Verdict::Allow},
              {Verdict::Deny, Verdict::Deny, Verdict::Allow}}},
        };
        const std::array policies{Policy::Ask, Policy::Allow, Policy::Deny};
        const std::array clients{ownProgram(), script, terminal(), window};
        const std::array names{"a program", "our front end", "a person at our front end", "our window"};
        for (const auto& row : rows) {
            for (std::size_t policy = 0; policy < policies.size(); ++policy) {
                for (std::size_t client = 0; client < clients.size(); ++client) {
                    const std::string name = std::string(row.name) + ", policy " +
                                             std::string(access::toString(policies[policy])) + ", " + names[client];
                    QTest::newRow(name.c_str())
                        << row.guard << policies[policy] << clients[client]
                        << row.verdicts[policy][std::min<std::size_t>(client, 2)]; // a window is as a person
                }
            }
        }
    }
    void theTable() {
        QFETCH(const Guard, guard);
        QFETCH(const Policy, policy);
        QFETCH(const access::Client, client);
        QFETCH(const Verdict, verdict);
        const Decision decision = decided(guard, policy, &client);
        QCOMPARE(decision.verdict, verdict);
        QVERIFY(!decision.reason.empty());
        for (const std::uint32_t uid : {0U, 1001U, 65534U, 4294967295U}) {
            QCOMPARE(decided(guard, policy, &client, {}, uid).verdict, Verdict::Deny);
        }
        // Who is not known gets what needs nobody to be known, and no more.
        const bool isForAll = !access::needsClient(guard, policy);
        QCOMPARE(decided(guard, policy, nullptr).verdict, isForAll ? verdict : Verdict::Deny);
    }

    /// A connection with a client key is that key: no grant, no front end and no policy gives it more, and nobody is
    /// asked.
    void aKeyIsAllThatItIs_data() {
        QTest::addColumn<Guard>("guard");
        QTest::addColumn<access::KeyReach::State>("state");
        QTest::addColumn<bool>("isAllowed");
        using State = access::KeyReach::State;
        const struct {
            Guard guard;
            bool allowed[3]; // Wanted, Ended, Good
        } rows[] = {
            {Guard::Greet, {true, true, true}},      {Guard::Metadata, {false, false, true}},
            {Guard::Own, {false, false, true}},      {Guard::Use, {false, false, true}},
            {Guard::Propose, {false, false, false}}, {Guard::Manage, {false, false, false}},
            {Guard::Widen, {false, false, false}},   {Guard::Approve, {false, false, false}},
        };
        const std::array states{State::Wanted, State::Ended, State::Good};
        const std::array names{"wanted", "ended", "good"};
        for (const auto& row : rows) {
            for (std::size_t state = 0; state < states.size(); ++state) {
                const std::string name = std::string(protocol::toString(row.guard)) + ", " + names[state];
                QTest::newRow(name.c_str()) << row.guard << states[state] << row.allowed[state];
            }
        }
    }
    void aKeyIsAllThatItIs() {
        QFETCH(const Guard, guard);
        QFETCH(const access::KeyReach::State, state);
        QFETCH(const bool, isAllowed);
        const access::Client person = terminal();
        const access::Grant grant = grantFor(person);
        const std::vector<const access::Grant*> grants{&grant};
        const std::vector scopes{access::parseScope("account:work").value()};
        const access::Wanted wanted = aToken();
        access::KeyReach key{state, false, false, scopes};
        for (const Policy policy : {Policy::Ask, Policy::Observe, Policy::Allow, Policy::Deny}) {
            const bool isStopped = policy == Policy::Deny && guard == Guard::Use;
            const Verdict verdict = isAllowed && !isStopped ? Verdict::Allow : Verdict::Deny;
            for (const access::Client* client : {&person, static_cast<const access::Client*>(nullptr)}) {
                key.anyUser = false;
                const Decision own = access::decide({kOwn, client, guard, wanted, &key}, {policy, kOwn, grants, kNow});
                QCOMPARE(own.verdict, verdict);
                QVERIFY(!own.reason.empty() && own.grant == nullptr && !own.isObserved);
                const Decision other =
                    access::decide({kOwn + 1, client, guard, wanted, &key}, {policy, kOwn, grants, kNow});
                QCOMPARE(other.verdict, Verdict::Deny);
                key.anyUser = true;
                const Decision any =
                    access::decide({kOwn + 1, client, guard, wanted, &key}, {policy, kOwn, grants, kNow});
                QCOMPARE(any.verdict, verdict);
            }
        }
    }

    void aKeysScopes_data() {
        QTest::addColumn<QByteArray>("scope");
        QTest::addColumn<bool>("isTestKey");
        QTest::addColumn<bool>("isForTest");
        QTest::addColumn<QByteArray>("credential");
        QTest::addColumn<QByteArray>("reason"); // of a refusal; empty: allowed
        const auto row = [](const char* name, const char* scope, bool isTestKey, bool isForTest, const char* reason,
                            const char* credential = "key:default/openai/default") {
            QTest::newRow(name) << QByteArray(scope) << isTestKey << isForTest << QByteArray(credential)
                                << QByteArray(reason);
        };
        row("covered", "openai/*", false, false, "");
        row("no scope", "", false, false, "do not cover");
        row("another's", "groq/*", false, false, "do not cover");
        row("more than it may", "openai/* field=base_url", false, false, "more than");
        row("a live key takes what is for test", "openai/*", false, true, "");
        row("a test key", "openai/*", true, true, "");
        row("a test key, and a live value", "openai/*", true, false, "for test");
        row("a test key, and all scopes", "*", true, false, "for test");
        row("a test key, for test, of another", "groq/*", true, true, "do not cover");
        row("a test key, and a token", "account:work", true, false, "for test", "account:work");
        row("what the caller brings", "", false, false, "", "");
        row("what the caller of a test key brings", "", true, false, "", "");
    }
    void aKeysScopes() {
        QFETCH(const QByteArray, scope);
        QFETCH(const bool, isTestKey);
        QFETCH(const bool, isForTest);
        QFETCH(const QByteArray, credential);
        QFETCH(const QByteArray, reason);
        std::vector<access::KeyScope> scopes;
        if (!scope.isEmpty()) {
            scopes = {access::parseScope("account:other").value(), access::parseScope(scope.toStdString()).value()};
        }
        const access::KeyReach key{access::KeyReach::State::Good, isTestKey, false, scopes};
        const access::Wanted wanted{credential.toStdString(), {}, {}, {"api_key"}, isForTest};
        for (const Policy policy : {Policy::Ask, Policy::Observe, Policy::Allow}) {
            const Decision decision =
                access::decide({kOwn, nullptr, Guard::Use, wanted, &key}, {policy, kOwn, {}, kNow});
            QCOMPARE(decision.verdict, reason.isEmpty() ? Verdict::Allow : Verdict::Deny);
            QVERIFY(decision.reason.find(reason.constData()) != std::string_view::npos);
        }
    }

    void aPersonAtAnotherProgramIsNoApprover() {
        access::Client person = terminal();
        person.isFrontEnd = false;
        for (const auto kind : {access::ClientKind::Terminal, access::ClientKind::Window}) {
            person.kind = kind;
            QCOMPARE(decided(Guard::Approve, Policy::Ask, &person).verdict, Verdict::Deny);
            QCOMPARE(decided(Guard::Manage, Policy::Ask, &person).verdict, Verdict::Ask);
        }
    }

    void aGrantLetsItThrough() {
        const access::Client client = ownProgram();
        const access::Grant grant = grantFor(client);
        const Decision decision = decided(Guard::Use, Policy::Ask, &client, {&grant});
        QCOMPARE(decision.verdict, Verdict::Allow);
        QCOMPARE(decision.grant, &grant);
        QCOMPARE(decided(Guard::Use, Policy::Deny, &client, {&grant}).verdict, Verdict::Deny);
        QCOMPARE(decided(Guard::Manage, Policy::Ask, &client, {&grant}).verdict, Verdict::Ask);
    }

    void nobodyIsAskedAboutWhoIsNotKnown() {
        access::Client client;
        access::Grant grant = grantFor(client);
        const Decision decision = decided(Guard::Use, Policy::Ask, &client, {&grant});
        QCOMPARE(decision.verdict, Verdict::Deny);
    }

    void theNearestMissIsTold() {
        const access::Client client = ownProgram();
        access::Grant changed = grantFor(client);
        changed.digest = kOtherDigest;
        access::Grant other = grantFor(client);
        other.credential = "account:other";
        const Decision decision = decided(Guard::Use, Policy::Ask, &client, {&other, &changed});
        QCOMPARE(decision.verdict, Verdict::Ask);
        QVERIFY(decision.reason.find("changed") != std::string_view::npos);
        QVERIFY(decided(Guard::Use, Policy::Ask, &client, {&other}).reason.find("nobody") != std::string_view::npos);
    }

    void aRateIsKept() {
        const access::Client client = ownProgram();
        access::Grant grant = grantFor(client);
        grant.perMinute = 3;
        grant.minute = kNow / 60;
        grant.usesInMinute = 2;
        QCOMPARE(decided(Guard::Use, Policy::Ask, &client, {&grant}).verdict, Verdict::Allow);
        grant.usesInMinute = 3;
        const Decision decision = decided(Guard::Use, Policy::Ask, &client, {&grant});
        QCOMPARE(decision.verdict, Verdict::Deny);
        QVERIFY(decision.isRateLimited);
        grant.minute -= 1; // another minute has begun
        QCOMPARE(decided(Guard::Use, Policy::Ask, &client, {&grant}).verdict, Verdict::Allow);
        const access::Grant free = grantFor(client);
        grant.minute += 1;
        QCOMPARE(decided(Guard::Use, Policy::Ask, &client, {&grant, &free}).grant, &free);
    }
};

QTEST_GUILESS_MAIN(TestDecide)
#include "tst_decide.moc"
