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
        const struct {
            Guard guard;
            const char* name;
            Verdict verdicts[3][3]; // policy ask, allow, deny x program, front end, person
        } rows[] = {
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
        const std::array clients{ownProgram(), script, terminal()};
        const std::array names{"a program", "our front end", "a person at our front end"};
        for (const auto& row : rows) {
            for (std::size_t policy = 0; policy < policies.size(); ++policy) {
                for (std::size_t client = 0; client < clients.size(); ++client) {
                    const std::string name = std::string(row.name) + ", policy " +
                                             std::string(access::toString(policies[policy])) + ", " + names[client];
                    QTest::newRow(name.c_str())
                        << row.guard << policies[policy] << clients[client] << row.verdicts[policy][client];
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

    void aPersonAtAnotherProgramIsNoApprover() {
        access::Client person = terminal();
        person.isFrontEnd = false;
        QCOMPARE(decided(Guard::Approve, Policy::Ask, &person).verdict, Verdict::Deny);
        QCOMPARE(decided(Guard::Manage, Policy::Ask, &person).verdict, Verdict::Ask);
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
