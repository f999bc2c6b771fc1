#include "daemon/audit/releases.h"
#include "tests/unit/audit_test.h"

#include <QTest>

using namespace keybearer;
using namespace keybearer::audit;

namespace {

struct Fixture : AuditFixture {
    base::Result<AuditLog, std::string> log = open();

    Record release(const char* event, const char* exe) {
        clock.now += 10;
        Record record = recordOf("openai");
        record.event = event;
        record.verdict = "allow";
        record.exe = exe;
        return record;
    }
    void add(const Record& record) { QVERIFY(log->append(record).has_value()); }

    std::vector<Released> all() {
        Releases releases(log->files());
        while (releases.step()) {
        }
        return releases.take();
    }
};

} // namespace

class TestAuditReleases : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRecordWithoutReleasesHasNone() {
        Fixture f;
        Record denied = f.release("token.release", "/usr/bin/git");
        denied.verdict = "deny";
        f.add(denied);
        f.add(f.release("account.login", "/usr/bin/git"));
        QVERIFY(f.all().empty());
    }

    void tokensAndKeysAreCountedForEachProgram() {
        Fixture f;
        Record token = f.release("token.release", "/usr/bin/git");
        token.account = "work";
        token.expires = "2000";
        const std::int64_t first = f.clock.now;
        f.add(token);
        f.clock.now += 5;
        token.expires = "1000"; // the latest end counts
        f.add(token);
        Record key = f.release("credential.release", "/opt/a \"b\"");
        key.stored = "default/openai/default,_shared/openai/default";
        f.add(key);
        const auto all = f.all();
        QCOMPARE(all.size(), std::size_t(3));
        QCOMPARE(all[0].client, std::string("/opt/a \"b\""));
        QVERIFY(all[0].isStored && !all[0].isToken);
        QCOMPARE(all[0].credential, std::string("_shared/openai/default"));
        QCOMPARE(all[1].credential, std::string("default/openai/default"));
        QVERIFY(all[2].isToken);
        QCOMPARE(all[2].credential, std::string("work"));
        QCOMPARE(all[2].count, std::uint64_t(2));
        QCOMPARE(all[2].first, first);
        QCOMPARE(all[2].last, first + 5);
        QCOMPARE(all[2].expiresAt, std::int64_t(2000));
    }

    void oneRowMayHoldATokenAndAKey() {
        Fixture f;
        Record both = f.release("credential.release", "/usr/bin/git");
        both.account = "work";
        both.stored = "default/openai/default";
        f.add(both);
        QCOMPARE(f.all().size(), std::size_t(2));
    }

    void whatCameFromElsewhereIsCalledAsTheRecordCallsIt() {
        Fixture f;
        f.add(f.release("credential.release", "/usr/bin/git"));
        const auto all = f.all();
        QCOMPARE(all.size(), std::size_t(1));
        QVERIFY(!all[0].isStored && !all[0].isToken);
        QCOMPARE(all[0].credential, std::string("openai"));
    }

    void aClientKeyIsAClientOfItsOwn() {
        Fixture f;
        Record token = f.release("token.release", "/usr/bin/git");
        token.account = "work";
        f.add(token);
        token.clientKey = "ck_1";
        f.add(token);
        const auto all = f.all();
        QCOMPARE(all.size(), std::size_t(2));
        QCOMPARE(all[0].client.substr(0, 12), std::string("/usr/bin/git"));
        QVERIFY(all[0].client != all[1].client);
    }

    void aRevocationIsOfAnAccountForAllPrograms() {
        Fixture f;
        for (const char* exe : {"/usr/bin/git", "/usr/bin/curl"}) {
            Record token = f.release("token.release", exe);
            token.account = "work";
            f.add(token);
        }
        Record call = f.release("lease.revoke", "/usr/bin/bash"); // the call itself, of whatever came of it
        f.add(call);
        QVERIFY(!f.all()[0].isRevoked);
        call.account = "work";
        f.add(call);
        for (const Released& one : f.all()) {
            QVERIFY(one.isRevoked);
        }
        Record again = f.release("token.release", "/usr/bin/git"); // in the same second
        f.clock.now -= 10;
        again.account = "work";
        f.add(again);
        const auto all = f.all();
        QCOMPARE(std::ranges::count(all, true, &Released::isRevoked), std::ptrdiff_t(1));
        QVERIFY(std::ranges::find(all, true, &Released::isRevoked)->client == "/usr/bin/curl");
    }

    void aRenameIsFollowed() {
        Fixture f;
        for (const char* name : {"work", "job"}) { // "job" was another one before
            Record token = f.release("token.release", "/usr/bin/git");
            token.account = name;
            f.add(token);
        }
        Record key = f.release("credential.release", "/usr/bin/git");
        key.stored = "default/openai/default";
        f.add(key);
        const std::int64_t last = f.clock.now;
        Record call = f.release("account.rename", "/usr/bin/bash"); // without the new name: it may fail yet
        call.credential = "work";
        f.add(call);
        QCOMPARE(f.all().size(), std::size_t(3));
        call.account = "job";
        f.add(call);
        Record other = f.release("credential.rename", "/usr/bin/bash");
        other.credential = key.stored;
        other.stored = "default/openai/office";
        f.add(other);
        Record revoked = f.release("lease.revoke", "/usr/bin/bash");
        revoked.account = "job";
        f.add(revoked);
        auto all = f.all();
        QCOMPARE(all.size(), std::size_t(2));
        QCOMPARE(all[0].credential, std::string("default/openai/office"));
        QCOMPARE(all[0].last, last);
        QCOMPARE(all[1].credential, std::string("job"));
        QCOMPARE(all[1].count, std::uint64_t(2));
        QCOMPARE(all[1].last - all[1].first, std::int64_t(10));
        QVERIFY(all[1].isRevoked);
        call.credential = "job";
        call.account = "back";
        f.add(call);
        all = f.all();
        QCOMPARE(all[1].credential, std::string("back"));
        QVERIFY(all[1].isRevoked); // what was said of it goes along
    }

    void thereIsABound() {
        Fixture f;
        for (std::size_t i = 0; i <= Releases::kMost; ++i) {
            const std::string name = "account-" + std::to_string(i);
            Record token = f.release("token.release", "/usr/bin/git");
            token.account = name;
            f.add(token);
        }
        Releases releases(f.log->files());
        while (releases.step()) {
        }
        QVERIFY(releases.isCut());
        QCOMPARE(releases.take().size(), Releases::kMost);
    }
};

QTEST_APPLESS_MAIN(TestAuditReleases)
#include "tst_audit_releases.moc"
