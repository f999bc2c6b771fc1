/// \file
/// The seal's key and its keychain, in each of the keychain's states.

#include "daemon/audit/seal_keeper.h"
#include "daemon/keychain/file_keychain.h"
#include "daemon/keychain/managed_keychain.h"
#include "tests/unit/audit_test.h"
#include "tests/unit/keychain_test.h"

#include <QTest>

using namespace keybearer;
using namespace keybearer::audit;
using keychain::await;
using keychain::ManagedKeychain;

namespace {

std::unique_ptr<ManagedKeychain> keychainIn(const AuditFixture& file) {
    ManagedKeychain::Parts parts;
    parts.secretService = [] {
        return std::make_shared<keychain::FileKeychain>("/nowhere/keychain.json", keychain::FileForm::Plain);
    };
    parts.cost = {14, 8, 1};
    return std::make_unique<ManagedKeychain>(file.folder.path().toStdString(), parts);
}

void choose(ManagedKeychain& chain, const char* backend, const char* phrase = "") {
    QVERIFY(await(chain.migrate(backend, keychain::passphrase(phrase), {})).has_value());
}

} // namespace

class TestAuditSealKeeper : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aKeyIsMadeOnce() {
        const AuditFixture file;
        auto chain = keychainIn(file);
        choose(*chain, "file-plain");
        base::Secret first;
        {
            auto log = file.open();
            AuditFixture::appendTo(*log, 2);
            SealKeeper keeper(*log, *chain, file.clock, "/folder");
            QCOMPARE(await(keeper.open()), std::string());
            QVERIFY(log->isSealing());
            auto item = await(chain->read(keeper.item()));
            QVERIFY(item.has_value());
            QCOMPARE(item->size(), kSealKeyBytes);
            QVERIFY(*item == *keeper.key()->key);
            QCOMPARE(await(keeper.open()), std::string());
            QCOMPARE(log->count(), 2U);
            first = std::move(*item);
        }
        auto log = file.open();
        SealKeeper keeper(*log, *chain, file.clock, "/folder");
        QCOMPARE(await(keeper.open()), std::string());
        QVERIFY(*keeper.key()->key == first);
        QCOMPARE(log->count(), 2U); // nothing to say
        const Report report = file.verifySealed(*keeper.key());
        QCOMPARE(AuditFixture::firstOf(report), std::string());
        QCOMPARE(report.sealed, 2U);
    }

    void eachRecordHasItsOwnItem() {
        const AuditFixture file;
        auto log = file.open();
        auto chain = keychainIn(file);
        const SealKeeper one(*log, *chain, file.clock, "/a");
        const SealKeeper other(*log, *chain, file.clock, "/b");
        QVERIFY(one.item().starts_with("audit/") && one.item().size() == 6 + 16);
        QVERIFY(one.item() != other.item());
    }

    void severalAtOnceMakeOneKey() {
        const AuditFixture file;
        auto chain = keychainIn(file);
        choose(*chain, "file-sealed", "phrase");
        auto log = file.open();
        AuditFixture::appendTo(*log, 2);
        SealKeeper keeper(*log, *chain, file.clock, "/folder");
        keeper.poke();
        const auto one = keychain::startTask(keeper.open());
        const auto other = keychain::startTask(keeper.open());
        QVERIFY(QTest::qWaitFor([&] { return one->has_value() && other->has_value(); }));
        QCOMPARE(**one, std::string());
        QCOMPARE(**other, std::string());
        QVERIFY(*await(chain->read(keeper.item())) == *keeper.key()->key);
        QCOMPARE(file.verifySealed(*keeper.key()).sealed, 2U);
    }

    void aKeychainThatNobodyChoseIsLeftAlone() {
        const AuditFixture file;
        auto chain = keychainIn(file);
        auto log = file.open();
        AuditFixture::appendTo(*log, 2);
        SealKeeper keeper(*log, *chain, file.clock, "/folder");
        QCOMPARE(await(keeper.open()), std::string("no keychain has been chosen yet"));
        QVERIFY(!keeper.key() && !log->isSealing());
        QCOMPARE(await(chain->status()).backend, std::string("unset"));
        QVERIFY(!QFile::exists(QString::fromStdString(file.headPath)));
        choose(*chain, "file-plain");
        QCOMPARE(await(keeper.open()), std::string());
    }

    void aLockedKeychainIsWaitedFor() {
        AuditFixture file;
        {
            auto chain = keychainIn(file);
            choose(*chain, "file-sealed", "phrase");
            auto log = file.open();
            AuditFixture::appendTo(*log, 2);
            SealKeeper keeper(*log, *chain, file.clock, "/folder");
            QCOMPARE(await(keeper.open()), std::string());
        }
        auto chain = keychainIn(file); // as after a restart
        auto log = file.open();
        SealKeeper keeper(*log, *chain, file.clock, "/folder");
        QVERIFY(await(keeper.open()).find("keybearer unlock") != std::string::npos);
        AuditFixture::appendTo(*log, 3); // the record goes on
        keeper.poke();
        QVERIFY(!keeper.key());
        QVERIFY(await(chain->unlock(keychain::passphrase("phrase"))).has_value());
        QTest::qWait(0);
        keeper.poke(); // too soon after the last one
        QVERIFY(!keeper.key());
        file.clock.now += SealKeeper::kPause.count();
        keeper.poke();
        QVERIFY(QTest::qWaitFor([&] { return keeper.key().has_value(); }));
        AuditFixture::settle(*log);
        const Report report = file.verifySealed(*keeper.key());
        QCOMPARE(AuditFixture::firstOf(report), std::string());
        QCOMPARE(report.sealed, 5U); // the rows of this broker are its own, sealed or not
        QVERIFY(report.notes.empty());
    }

    void aKeychainThatOpenedIsAskedAtOnce() {
        const AuditFixture file;
        auto chain = keychainIn(file);
        auto log = file.open();
        AuditFixture::appendTo(*log, 1);
        SealKeeper keeper(*log, *chain, file.clock, "/folder");
        keeper.poke();
        choose(*chain, "file-plain");
        keeper.poke();
        QVERIFY(!keeper.key());
        keeper.retry();
        keeper.poke();
        QVERIFY(QTest::qWaitFor([&] { return keeper.key().has_value(); }));
    }

    void aKeyThatWasLostIsReplacedAndNoted() {
        const AuditFixture file;
        auto chain = keychainIn(file);
        choose(*chain, "file-plain");
        for (int round = 0; round < 2; ++round) {
            auto log = file.open();
            AuditFixture::appendTo(*log, 2);
            SealKeeper keeper(*log, *chain, file.clock, "/folder");
            QCOMPARE(await(keeper.open()), std::string());
            AuditFixture::settle(*log);
            QVERIFY(await(chain->remove(keeper.item())).has_value());
        }
        const QJsonObject last = objectOf(file.lines().last());
        QCOMPARE(last.value(u"event").toString(), QStringLiteral("audit.seal"));
        QVERIFY(last.value(u"reason").toString().startsWith(QStringLiteral("the keychain had no key for the seal")));
    }

    void anItemThatIsNoKeyIsLeftAlone() {
        const AuditFixture file;
        auto chain = keychainIn(file);
        choose(*chain, "file-plain");
        auto log = file.open();
        AuditFixture::appendTo(*log, 1);
        SealKeeper keeper(*log, *chain, file.clock, "/folder");
        QVERIFY(await(chain->write(keeper.item(), base::Secret("short"))).has_value());
        QVERIFY(await(keeper.open()).find("is no key of this record") != std::string::npos);
        QVERIFY(*await(chain->read(keeper.item())) == base::Secret("short"));
        QVERIFY(!keeper.key());
    }
};

QTEST_GUILESS_MAIN(TestAuditSealKeeper)
#include "tst_audit_seal_keeper.moc"
