#include <QDir>

#include "vault_test.h"
#include <sys/stat.h>

using namespace keybearer;
using namespace keybearer::vault;
using keychain::await;

namespace {

const CredentialId kOpenai{"default", "openai", "default"};

} // namespace

class TestVault : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsSetIsReadAgain() {
        VaultFixture f;
        QCOMPARE(f.set(kOpenai, {{"api_key", "sk-one"}, {"base_url", "https://a.example"}}), QByteArray("success"));
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("sk-one"));
        QCOMPARE(f.set(kOpenai, {{"api_key", "sk-two"}}), QByteArray("success"));
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("sk-two"));
        QCOMPARE(f.get(kOpenai, "base_url"), QByteArray("https://a.example")); // what was not named stays
        QCOMPARE(f.get(kOpenai, "other"), QByteArray("NotFound"));
        QCOMPARE(f.get({"default", "openai", "work"}, "api_key"), QByteArray("NotFound"));
    }

    void itIsThereAfterARestart() {
        VaultFixture f;
        f.set(kOpenai, {{"api_key", "sk-one"}});
        f.reopen();
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("sk-one"));
        QCOMPARE(f.vault->tenants(), std::vector<std::string>{"default"});
    }

    void aLockedVaultTakesNoKeyFromTheKeychain() {
        VaultFixture f;
        f.set(kOpenai, {{"api_key", "sk-one"}});
        f.vault->lock();
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("Keychain"));
        QCOMPARE(f.set(kOpenai, {{"api_key", "sk-two"}}), QByteArray("Keychain"));
        QVERIFY(!f.vault->readAtOnce(kOpenai, Slot::Current, {"api_key"})); // not from memory
        QVERIFY(await(f.vault->rotate("default", "")).error().keychain->kind == keychain::ErrorKind::Locked);
        f.vault->unlock();
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("sk-one"));
    }

    void aRotationThatIsCutOffByALockIsFinishedLater() {
        VaultFixture f;
        constexpr int kTwoBatches = 250;
        for (int i = 0; i < kTwoBatches; ++i) {
            f.set({"default", "openai", "n" + std::to_string(i)}, {{"api_key", "sk-" + std::to_string(i)}});
        }
        const auto rotated = keychain::startTask(f.vault->rotate("default", ""));
        f.vault->lock();
        QVERIFY(QTest::qWaitFor([&] { return rotated->has_value(); }));
        QCOMPARE(outcomeOf(**rotated), QByteArray("Keychain"));
        f.vault->unlock();
        QVERIFY(await(f.vault->rotate("default", "", RotationStep::GoOn)).has_value());
        for (int i = 0; i < kTwoBatches; ++i) {
            QCOMPARE(f.get({"default", "openai", "n" + std::to_string(i)}, "api_key"),
                     QByteArray::fromStdString("sk-" + std::to_string(i)));
        }
    }

    void valuesAndKeysAreNotInTheFiles() {
        VaultFixture f;
        const std::string canary = "canary-0123456789";
        f.set(kOpenai, {{"api_key", canary}});
        f.set(kOpenai, {{"api_key", canary + "-next"}}, Slot::Next);
        const auto keys = parseDataKeys(*await(f.keychain.read(Vault::keychainItem("default"))));
        QVERIFY(keys.has_value());
        const auto clean = [&] {
            const QByteArray bytes = f.bytesAtRest();
            return bytes.contains("openai") && !bytes.contains("canary") &&
                   !bytes.contains(QByteArray::fromStdString(std::string(keys->front().key.reveal())));
        };
        QVERIFY(clean()); // the WAL, too
        f.reopen();
        QVERIFY(clean());
        struct stat info {};
        QCOMPARE(::stat(f.file("default").c_str(), &info), 0);
        QCOMPARE(info.st_mode & 07777U, 0600U);
        QCOMPARE(::stat(f.folder.c_str(), &info), 0);
        QCOMPARE(info.st_mode & 07777U, 0700U);
    }

    void tenantsHaveTheirOwn() {
        VaultFixture f;
        f.set({"a", "openai", "default"}, {{"api_key", "of-a"}});
        f.set({"b", "openai", "default"}, {{"api_key", "of-b"}});
        QCOMPARE(f.get({"a", "openai", "default"}, "api_key"), QByteArray("of-a"));
        QCOMPARE(f.get({"b", "openai", "default"}, "api_key"), QByteArray("of-b"));
        QCOMPARE(f.get({"c", "openai", "default"}, "api_key"), QByteArray("NotFound"));
        QCOMPARE(f.vault->tenants(), (std::vector<std::string>{"a", "b"}));
    }

    void namesThatCannotBeOnesAreRefused_data() {
        QTest::addColumn<QByteArray>("tenant");
        QTest::addColumn<QByteArray>("name");
        const QByteArray good = "default";
        for (const char* bad : {"", "../x", "a/b", ".hidden", "-a", "a b", "\xC3\xA9"}) {
            QTest::addRow("tenant \"%s\"", bad) << QByteArray(bad) << good;
            QTest::addRow("name \"%s\"", bad) << good << QByteArray(bad);
        }
        QTest::newRow("tenant in capitals") << QByteArray("A") << good;
        QTest::newRow("long tenant") << QByteArray(65, 'a') << good;
        QTest::newRow("long name") << good << QByteArray(65, 'a');
        QTest::newRow("tenant with NUL") << QByteArray("a\0b", 3) << good;
    }
    void namesThatCannotBeOnesAreRefused() {
        QFETCH(const QByteArray, tenant);
        QFETCH(const QByteArray, name);
        VaultFixture f;
        const CredentialId id{tenant.toStdString(), "openai", name.toStdString()};
        QCOMPARE(f.set(id, {{"api_key", "x"}}), QByteArray("Misused"));
        QVERIFY(!QDir(QString::fromStdString(f.folder)).exists());
    }

    void removing() {
        VaultFixture f;
        f.set(kOpenai, {{"api_key", "sk"}, {"base_url", "https://a.example"}});
        f.set({"default", "openai", "work"}, {{"api_key", "sk-work"}});
        QCOMPARE(f.vault->remove(kOpenai, "base_url").value_or(-1), 1);
        QCOMPARE(f.get(kOpenai, "base_url"), QByteArray("NotFound"));
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("sk"));
        QCOMPARE(f.vault->remove(kOpenai, "").value_or(-1), 1);
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("NotFound"));
        QCOMPARE(f.get({"default", "openai", "work"}, "api_key"), QByteArray("sk-work"));
        QCOMPARE(f.vault->remove(kOpenai, "").value_or(-1), 0);
        QCOMPARE(f.vault->remove({"nobody", "openai", "default"}, "").value_or(-1), 0);
        QVERIFY(!f.bytesAtRest().contains("sk-work"));
    }

    void theListSaysWhatIsThereAndWhenItWasUsed() {
        VaultFixture f;
        f.set({"default", "openai", "work"}, {{"api_key", "sk"}});
        f.set({"default", "anthropic", "default"}, {{"api_key", "sk-ant"}});
        f.clock.now += 100;
        f.set({"default", "anthropic", "default"}, {{"api_key", "sk-ant-next"}}, Slot::Next);
        f.get({"default", "openai", "work"}, "api_key");
        QCOMPARE(f.vault->list("default")->back().usedAt, 0); // to look is not to use
        f.vault->noteUse({"default", "openai", "work"});
        const auto list = f.vault->list("default");
        QVERIFY(list.has_value());
        QCOMPARE(list->size(), std::size_t(2));
        QCOMPARE((*list)[0].provider, std::string("anthropic"));
        QCOMPARE((*list)[0].usedAt, 0);
        QCOMPARE((*list)[0].fields.size(), std::size_t(2));
        QVERIFY((*list)[0].fields[0].slot == Slot::Current && (*list)[0].fields[1].slot == Slot::Next);
        QCOMPARE((*list)[0].fields[1].setAt, 1'700'000'100);
        QCOMPARE((*list)[1].name, std::string("work"));
        QCOMPARE((*list)[1].usedAt, 1'700'000'100);
        QVERIFY(f.vault->list("nobody")->empty());
        f.vault->noteUse({"default", "openai", "never stored"});
        f.reopen();
        QCOMPARE(f.vault->list("default")->back().usedAt, 1'700'000'100); // after the end of a broker, too
        QCOMPARE(f.vault->list("default")->size(), std::size_t(2));
    }

    void theNextValueTakesOverAndGoesBack() {
        VaultFixture f;
        f.set(kOpenai, {{"api_key", "old"}, {"base_url", "https://a.example"}});
        QCOMPARE(outcomeOf(await(f.vault->switchSlots(kOpenai))), QByteArray("NotFound"));
        f.set(kOpenai, {{"api_key", "new"}}, Slot::Next);
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("old"));
        QCOMPARE(f.get(kOpenai, "api_key", Slot::Next), QByteArray("new"));
        QCOMPARE(outcomeOf(await(f.vault->switchSlots(kOpenai))), QByteArray("success"));
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("new"));
        QCOMPARE(f.get(kOpenai, "api_key", Slot::Next), QByteArray("old"));
        QCOMPARE(f.get(kOpenai, "base_url"), QByteArray("https://a.example"));
        QCOMPARE(outcomeOf(await(f.vault->switchSlots(kOpenai))), QByteArray("success"));
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("old"));
    }

    // --- another name -----------------------------------------------------------------------------------------------

    void aCredentialTakesAllItHasToItsNewName() {
        VaultFixture f;
        const CredentialId renamed{"default", "openai", "work"};
        f.set(kOpenai, {{"api_key", "sk"}, {"base_url", "https://a.example"}});
        f.set(kOpenai, {{"api_key", "sk-2"}});
        f.setForTest(kOpenai, {{"api_key", "next"}}, Slot::Next);
        f.vault->noteUse(kOpenai);
        f.clock.now += 100;
        QCOMPARE(outcomeOf(await(f.vault->rename(kOpenai, "work"))), QByteArray("success"));
        for (const bool isAfterRestart : {false, true}) {
            if (isAfterRestart) {
                f.reopen();
            }
            QCOMPARE(f.get(renamed, "api_key"), QByteArray("sk-2"));
            QCOMPARE(f.get(renamed, "base_url"), QByteArray("https://a.example"));
            QCOMPARE(f.get(renamed, "api_key", Slot::Next), QByteArray("next"));
            QCOMPARE(f.marked(renamed), QByteArrayList{"api_key (next)"});
            QVERIFY(f.vault->fields(kOpenai)->empty());
            const auto list = f.vault->list("default");
            QCOMPARE(list->size(), std::size_t(1));
            QCOMPARE(list->front().usedAt, 1'700'000'000);
            QCOMPARE(list->front().fields.front().setAt, 1'700'000'000);
            QCOMPARE(list->front().fields.front().generation, 2U);
        }
        // The old name is free, and nothing of the old credential clings to it.
        QCOMPARE(f.set(kOpenai, {{"api_key", "new"}}), QByteArray("success"));
        QCOMPARE(f.vault->list("default")->front().usedAt, 0);
        QCOMPARE(f.marked(kOpenai), QByteArrayList());
    }

    void aUseThatWasWrittenGoesAlong() {
        VaultFixture f;
        f.set(kOpenai, {{"api_key", "sk"}});
        f.vault->noteUse(kOpenai);
        f.reopen();
        QCOMPARE(outcomeOf(await(f.vault->rename(kOpenai, "work"))), QByteArray("success"));
        QCOMPARE(f.vault->list("default")->front().usedAt, 1'700'000'000);
    }

    void aUseOfWhatHadTheNameBeforeStaysBehind() {
        VaultFixture f;
        const CredentialId work{"default", "openai", "work"};
        f.set(work, {{"api_key", "sk"}});
        f.vault->noteUse(work);
        QCOMPARE(f.vault->remove(work, "").value_or(-1), 1);
        f.set(kOpenai, {{"api_key", "sk"}});
        QCOMPARE(outcomeOf(await(f.vault->rename(kOpenai, "work"))), QByteArray("success"));
        QCOMPARE(f.vault->list("default")->front().usedAt, 0);
    }

    void aRenamingThatCannotBeIsRefused_data() {
        QTest::addColumn<QByteArray>("provider");
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("newName");
        QTest::addColumn<QByteArray>("outcome");
        const QByteArray openai = "openai";
        const QByteArray first = "default";
        QTest::newRow("taken") << openai << first << QByteArray("work") << QByteArray("Misused");
        QTest::newRow("taken by a next value") << openai << first << QByteArray("next") << QByteArray("Misused");
        QTest::newRow("its own name") << openai << first << first << QByteArray("Misused");
        QTest::newRow("not there") << openai << QByteArray("nobody") << QByteArray("new") << QByteArray("NotFound");
        QTest::newRow("not there, onto one that is")
            << openai << QByteArray("nobody") << QByteArray("work") << QByteArray("NotFound");
        QTest::newRow("another provider's")
            << QByteArray("groq") << first << QByteArray("new") << QByteArray("NotFound");
        for (const char* bad : {"", "../x", "a/b", ".hidden", "-a", "a b", "\xC3\xA9"}) {
            QTest::addRow("name \"%s\"", bad) << openai << first << QByteArray(bad) << QByteArray("Misused");
        }
        QTest::newRow("long name") << openai << first << QByteArray(65, 'a') << QByteArray("Misused");
    }
    void aRenamingThatCannotBeIsRefused() {
        QFETCH(const QByteArray, provider);
        QFETCH(const QByteArray, name);
        QFETCH(const QByteArray, newName);
        QFETCH(const QByteArray, outcome);
        VaultFixture f;
        f.set(kOpenai, {{"api_key", "sk"}});
        f.set({"default", "openai", "work"}, {{"api_key", "sk-work"}});
        f.set({"default", "openai", "next"}, {{"api_key", "sk-next"}}, Slot::Next);
        const CredentialId id{"default", provider.toStdString(), name.toStdString()};
        QCOMPARE(outcomeOf(await(f.vault->rename(id, newName.toStdString()))), outcome);
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("sk"));
        QCOMPARE(f.get({"default", "openai", "work"}, "api_key"), QByteArray("sk-work"));
        QCOMPARE(f.get({"default", "openai", "next"}, "api_key", Slot::Next), QByteArray("sk-next"));
        QCOMPARE(f.vault->list("default")->size(), std::size_t(3));
    }

    void aRenamingIsWholeOrNotAtAll() {
        VaultFixture f;
        f.set(kOpenai, {{"api_key", "sk"}, {"base_url", "https://a.example"}});
        f.vault.reset();
        f.tamper("default", "UPDATE fields SET sealed = x'00' WHERE field = 'base_url'");
        f.reopen();
        QCOMPARE(outcomeOf(await(f.vault->rename(kOpenai, "work"))), QByteArray("Damaged"));
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("sk"));
        QVERIFY(f.vault->fields({"default", "openai", "work"})->empty());
        f.vault->lock();
        QCOMPARE(outcomeOf(await(f.vault->rename(kOpenai, "work"))), QByteArray("Keychain"));
    }

    // --- marks ------------------------------------------------------------------------------------------------------

    void aMarkBelongsToTheValue() {
        VaultFixture f;
        QCOMPARE(f.set(kOpenai, {{"api_key", "live"}, {"base_url", "https://a.example"}}), QByteArray("success"));
        QCOMPARE(f.marked(kOpenai), QByteArrayList());
        QCOMPARE(f.setForTest(kOpenai, {{"api_key", "test"}}), QByteArray("success"));
        QCOMPARE(f.marked(kOpenai), QByteArrayList{"api_key"});
        f.reopen();
        QCOMPARE(f.marked(kOpenai), QByteArrayList{"api_key"});
        QCOMPARE(f.vault->list("default")->front().fields.front().test, true);
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("test"));
        QVERIFY(await(f.vault->read(kOpenai, Slot::Current, {"api_key", "base_url"}))->front().test);
        QVERIFY(!await(f.vault->read(kOpenai, Slot::Current, {"api_key", "base_url"}))->back().test);
        // What is stored without it is not for test, whatever was there before.
        QCOMPARE(f.set(kOpenai, {{"api_key", "live again"}}), QByteArray("success"));
        QCOMPARE(f.marked(kOpenai), QByteArrayList());
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("live again"));
    }

    void marksGoWhereTheValuesGo() {
        VaultFixture f;
        f.set(kOpenai, {{"api_key", "live"}, {"base_url", "https://a.example"}});
        f.setForTest(kOpenai, {{"api_key", "test"}, {"organization", "org"}}, Slot::Next);
        QCOMPARE(f.marked(kOpenai), (QByteArrayList{"api_key (next)", "organization (next)"}));
        QCOMPARE(outcomeOf(await(f.vault->switchSlots(kOpenai))), QByteArray("success"));
        QCOMPARE(f.marked(kOpenai), (QByteArrayList{"api_key", "organization"}));
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("test"));
        QCOMPARE(f.get(kOpenai, "api_key", Slot::Next), QByteArray("live"));
        QCOMPARE(await(f.vault->rotate("default", ""))->sealed, std::size_t(4));
        QCOMPARE(f.marked(kOpenai), (QByteArrayList{"api_key", "organization"}));
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("test"));
        QCOMPARE(f.vault->remove(kOpenai, "api_key").value_or(-1), 2);
        QCOMPARE(f.set(kOpenai, {{"api_key", "new"}}), QByteArray("success"));
        QCOMPARE(f.marked(kOpenai), QByteArrayList{"organization"});
        QCOMPARE(f.vault->remove(kOpenai, "").value_or(-1), 3);
        QCOMPARE(f.set(kOpenai, {{"organization", "new"}}), QByteArray("success"));
        QCOMPARE(f.marked(kOpenai), QByteArrayList());
        QCOMPARE(f.get(kOpenai, "organization"), QByteArray("new"));
    }

    // --- data keys --------------------------------------------------------------------------------------------------

    void aLostDataKeyIsNeverReplaced() {
        VaultFixture f;
        f.set(kOpenai, {{"api_key", "sk"}});
        QVERIFY(await(f.keychain.remove(Vault::keychainItem("default"))).has_value());
        f.reopen();
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("KeyMissing"));
        QCOMPARE(f.set(kOpenai, {{"api_key", "new"}}), QByteArray("KeyMissing"));
        QCOMPARE(outcomeOf(await(f.vault->rotate("default", ""))), QByteArray("KeyMissing"));
        QCOMPARE(keychain::outcome(await(f.keychain.read(Vault::keychainItem("default")))), QByteArray("NotFound"));
        QCOMPARE(f.set({"other", "openai", "default"}, {{"api_key", "sk"}}), QByteArray("success"));
        // What cannot be opened can be given up, and then there may be a new key.
        QCOMPARE(f.vault->remove(kOpenai, "").value_or(-1), 1);
        QCOMPARE(f.set(kOpenai, {{"api_key", "new"}}), QByteArray("success"));
    }

    void aLostDataKeyIsNoticedWhileTheOldOneIsInMemory() {
        VaultFixture f;
        f.set(kOpenai, {{"api_key", "sk"}});
        QVERIFY(await(f.keychain.remove(Vault::keychainItem("default"))).has_value());
        QCOMPARE(f.set(kOpenai, {{"api_key", "new"}}),
                 QByteArray("KeyMissing")); // it could not be read after a restart
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("sk"));
    }

    void aKeychainThatIsNotThereIsNotAnEmptyOne() {
        VaultFixture f;
        f.set(kOpenai, {{"api_key", "sk"}});
        QVERIFY(QFile::remove(f.root.filePath(QStringLiteral("keychain.json"))));
        f.reopen();
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("Keychain"));
        QCOMPARE(f.set(kOpenai, {{"api_key", "new"}}), QByteArray("Keychain"));
    }

    void twoFirstCredentialsAtOnceHaveOneKey() {
        VaultFixture f;
        const auto first = keychain::startTask(f.vault->set(kOpenai, Slot::Current, f.values({{"api_key", "1"}})));
        const auto second = keychain::startTask(
            f.vault->set({"default", "groq", "default"}, Slot::Current, f.values({{"api_key", "2"}})));
        QTRY_VERIFY(first->has_value() && second->has_value());
        f.reopen();
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("1"));
        QCOMPARE(f.get({"default", "groq", "default"}, "api_key"), QByteArray("2"));
    }

    void rotationSealsEverythingAnewWhileReadersRead() {
        VaultFixture f;
        constexpr int kMany = 450; // three batches
        for (int i = 0; i < kMany; ++i) {
            f.set({"default", "openai", "n" + std::to_string(i)}, {{"api_key", "sk-" + std::to_string(i)}});
        }
        const auto before = parseDataKeys(*await(f.keychain.read(Vault::keychainItem("default"))));
        const auto rotated = keychain::startTask(f.vault->rotate("default", ""));
        int reads = 0;
        while (!rotated->has_value()) {
            const std::string i = std::to_string(reads % kMany);
            QCOMPARE(f.get({"default", "openai", "n" + i}, "api_key"), QByteArray::fromStdString("sk-" + i));
            QCoreApplication::processEvents();
            ++reads;
        }
        QVERIFY(reads > 2);
        QCOMPARE((**rotated)->sealed, std::size_t(kMany));
        const auto after = parseDataKeys(*await(f.keychain.read(Vault::keychainItem("default"))));
        QCOMPARE(after->size(), std::size_t(1));
        QVERIFY(after->front().id != before->front().id);
        f.reopen();
        QCOMPARE(f.get({"default", "openai", "n449"}, "api_key"), QByteArray("sk-449"));
    }

    void rotationOfOneProviderLeavesTheOthers() {
        VaultFixture f;
        f.set(kOpenai, {{"api_key", "sk"}});
        f.set({"default", "groq", "default"}, {{"api_key", "gsk"}});
        QCOMPARE(await(f.vault->rotate("default", "groq"))->sealed, std::size_t(1));
        QCOMPARE(parseDataKeys(*await(f.keychain.read(Vault::keychainItem("default"))))->size(), std::size_t(2));
        f.reopen();
        QCOMPARE(f.get(kOpenai, "api_key"), QByteArray("sk"));
        QCOMPARE(f.get({"default", "groq", "default"}, "api_key"), QByteArray("gsk"));
        QCOMPARE(await(f.vault->rotate("default", ""))->sealed, std::size_t(2));
        QCOMPARE(parseDataKeys(*await(f.keychain.read(Vault::keychainItem("default"))))->size(), std::size_t(1));
    }

    // --- the frozen format ------------------------------------------------------------------------------------------

    void aVaultOfVersion1Opens() {
        VaultFixture f;
        QVERIFY(QDir().mkdir(QString::fromStdString(f.folder)));
        ::chmod(f.folder.c_str(), 0700);
        const QDir frozen(QStringLiteral(KEYBEARER_TEST_DATA "/vault-1"));
        QVERIFY(QFile::copy(frozen.filePath(QStringLiteral("acme.db")), QString::fromStdString(f.file("acme"))));
        ::chmod(f.file("acme").c_str(), 0600);
        // An upgrade that was killed has left half a copy.
        const QString kept = QString::fromStdString(f.file("acme") + ".v1.backup");
        QFile half(kept + QStringLiteral(".new"));
        QVERIFY(half.open(QIODevice::WriteOnly) && half.write("SQLite format 3") == 15);
        half.close();
        QFile item(frozen.filePath(QStringLiteral("item.json")));
        QVERIFY(item.open(QIODevice::ReadOnly));
        QVERIFY(await(f.keychain.write(Vault::keychainItem("acme"), base::Secret(item.readAll().toStdString()))));
        QCOMPARE(f.get({"acme", "openai", "default"}, "api_key"), QByteArray("sk-frozen-openai"));
        QCOMPARE(f.get({"acme", "openai", "default"}, "api_key", Slot::Next), QByteArray("sk-frozen-next"));
        QCOMPARE(f.get({"acme", "openai", "Team.1@x"}, "base_url"), QByteArray("https://proxy.example/v1"));
        QCOMPARE(f.get({"acme", "vertex", "default"}, "private_key"), QByteArray("-----\xC3\x84\xC3\x96\n"));
        QCOMPARE(f.marked({"acme", "openai", "default"}), QByteArrayList()); // there were no marks yet
        QVERIFY(!half.exists());
        QFile copy(kept);
        QVERIFY(copy.open(QIODevice::ReadOnly));
        struct stat info {};
        QVERIFY(::stat(kept.toUtf8().constData(), &info) == 0);
        QCOMPARE(info.st_mode & 07777U, 0600U);
        const QByteArray header = copy.read(100);
        QCOMPARE(header.mid(60, 4), QByteArray("\0\0\0\1", 4)); // user_version (sqlite.org/fileformat.html, 1.3)
        QVERIFY(copy.readAll().contains("openai"));
        QCOMPARE(f.setForTest({"acme", "openai", "default"}, {{"api_key", "new"}}), QByteArray("success"));
        f.reopen(); // it is of the next version now
        QCOMPARE(f.marked({"acme", "openai", "default"}), QByteArrayList{"api_key"});
        QCOMPARE(await(f.vault->rotate("acme", ""))->sealed, std::size_t(4));
        QCOMPARE(f.get({"acme", "openai", "default"}, "api_key"), QByteArray("new"));
    }
};

QTEST_GUILESS_MAIN(TestVault)
#include "tst_vault.moc"
