/// \file
/// Moving from one keychain to another, and what a kill in the middle leaves. A kill is played by a service that stops
/// answering at the n-th call, or by a folder that stands where a new file must go; then another broker starts.

#include "daemon/keychain/managed_keychain.h"
#include "tests/unit/fake_service.h"
#include "tests/unit/keychain_test.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

namespace keybearer::keychain {
namespace {

using Values = std::map<std::string, std::string>;

const Values kItems{{"account/1", "one"}, {"account/2", "two"}, {"vault/default", "key"}};
const std::vector<std::string> kKeys{"account/1", "account/2", "never written", "vault/default", "account/1"};

base::Passphrase phraseFor(const QByteArray& backend, const char* phrase = "pass") {
    return passphrase(backend == "file-sealed" ? phrase : "");
}

} // namespace

class KeychainMigrationTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void everyItemMoves_data();
    void everyItemMoves();
    void aKillAtAnyStepLosesNothing_data();
    void aKillAtAnyStepLosesNothing();
    void aStepThatFailsLosesNothing_data();
    void aStepThatFailsLosesNothing();
    void whatTheServiceGarblesIsNotTrusted();
    void whatCannotBeReadIsNotLeftBehind_data();
    void whatCannotBeReadIsNotLeftBehind();
    void movesAreRefused_data();
    void movesAreRefused();
    void itemsThatWereNotNamedStayInTheFile();
    void allItemsOfAFileGoAlongToAFile();
    void anotherPassphraseReplacesTheFirst();
    void callsWaitForTheMove();
    void aSecondMoveMeanwhileIsRefused();
    void anOldFileThatIsNotInUseIsReplaced();

private:
    [[nodiscard]] std::unique_ptr<ManagedKeychain> open(int hangsAtCall = 0);
    [[nodiscard]] QString path(const char* name) const { return m_folder->filePath(QString::fromLatin1(name)); }
    /// A broker with the items in this keychain.
    [[nodiscard]] std::unique_ptr<ManagedKeychain> openWithItems(const QByteArray& backend);
    /// What a broker that starts now reads; unlocks with either passphrase.
    [[nodiscard]] Values valuesNow();

    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<FakeStore> m_store;
    std::shared_ptr<FakeService> m_service; ///< of the keychain opened last
};

void KeychainMigrationTest::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_store = std::make_shared<FakeStore>();
}

std::unique_ptr<ManagedKeychain> KeychainMigrationTest::open(int hangsAtCall) {
    m_service = std::make_shared<FakeService>(m_store, hangsAtCall);
    ManagedKeychain::Parts parts;
    parts.secretService = [service = m_service] { return service; };
    parts.cost = {14, 8, 1};
    return std::make_unique<ManagedKeychain>(m_folder->path().toStdString(), std::move(parts));
}

std::unique_ptr<ManagedKeychain> KeychainMigrationTest::openWithItems(const QByteArray& backend) {
    auto keychain = open();
    if (!await(keychain->migrate(backend.toStdString(), phraseFor(backend), {}))) {
        qFatal("the first choice failed");
    }
    for (const auto& [key, value] : kItems) {
        if (!await(keychain->write(key, base::Secret(value)))) {
            qFatal("a write failed");
        }
    }
    return keychain;
}

Values KeychainMigrationTest::valuesNow() {
    const auto keychain = open();
    if (!await(keychain->unlock(passphrase("pass")))) {
        (void)await(keychain->unlock(passphrase("new pass")));
    }
    Values values;
    for (const auto& [key, value] : kItems) {
        if (const auto read = await(keychain->read(key))) {
            values.emplace(key, read->reveal());
        }
    }
    return values;
}

void KeychainMigrationTest::everyItemMoves_data() {
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    for (const char* from : {"secret-service", "file-sealed", "file-plain"}) {
        for (const char* to : {"secret-service", "file-sealed", "file-plain"}) {
            if (qstrcmp(from, to) != 0) {
                QTest::addRow("%s to %s", from, to) << QByteArray(from) << QByteArray(to);
            }
        }
    }
}

void KeychainMigrationTest::everyItemMoves() {
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    const auto keychain = openWithItems(from);
    QCOMPARE(QByteArray::fromStdString(keychain->kind()), from);
    const auto moved = await(keychain->migrate(to.toStdString(), phraseFor(to), kKeys));
    QCOMPARE(outcome(moved), QByteArray("success"));
    QCOMPARE(*moved, 3);
    QCOMPARE(QByteArray::fromStdString(keychain->kind()), to);
    for (const auto& [key, value] : kItems) {
        QVERIFY(await(keychain->read(key))->reveal() == value);
    }
    QCOMPARE(outcome(await(keychain->read("never written"))), QByteArray("NotFound"));
    QCOMPARE(valuesNow(), kItems);
    // The old copies are gone.
    QCOMPARE(m_store->items, to == "secret-service" ? kItems : Values());
    QCOMPARE(QFile::exists(path("keychain.json")), to != "secret-service");
}

void KeychainMigrationTest::aKillAtAnyStepLosesNothing_data() {
    everyItemMoves_data();
}

void KeychainMigrationTest::aKillAtAnyStepLosesNothing() {
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    for (int step = 1;; ++step) {
        init();
        openWithItems(from).reset();
        const auto keychain = open(step);
        const auto service = m_service;
        QVERIFY(await(keychain->unlock(passphrase("pass"))));
        const auto move = startTask(keychain->migrate(to.toStdString(), phraseFor(to), kKeys));
        QTRY_VERIFY(move->has_value() || service->hangs());
        if (move->has_value()) {
            QCOMPARE(outcome(move->value()), QByteArray("success"));
            // With the service on one side: a read, a write or a removal of each item, and more.
            QVERIFY(step > (from == "secret-service" || to == "secret-service" ? 6 : 0));
            return;
        }
        QCOMPARE(valuesNow(), kItems);
        // A move that is begun again comes to its end.
        const auto again = open();
        QVERIFY(await(again->unlock(passphrase("pass"))));
        if (QByteArray::fromStdString(again->kind()) == from) {
            QCOMPARE(outcome(await(again->migrate(to.toStdString(), phraseFor(to), kKeys))), QByteArray("success"));
        }
        QCOMPARE(valuesNow(), kItems);
        service->goOn();
        QTRY_VERIFY(move->has_value());
    }
}

void KeychainMigrationTest::aStepThatFailsLosesNothing_data() {
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<QByteArray>("blocked");
    for (const char* from : {"secret-service", "file-sealed", "file-plain"}) {
        for (const char* to : {"secret-service", "file-sealed", "file-plain"}) {
            for (const char* blocked : {"keychain.json.new", "keychain-choice.json.new"}) {
                const bool writesFile = qstrcmp(to, "secret-service") != 0;
                const bool recordsChoice = qstrcmp(from, to) != 0;
                const bool isRecord = qstrcmp(blocked, "keychain-choice.json.new") == 0;
                const bool isSameAndRefused = qstrcmp(from, to) == 0 && qstrcmp(to, "file-sealed") != 0;
                if (!isSameAndRefused && (isRecord ? recordsChoice : writesFile)) {
                    QTest::addRow("%s to %s, no %s", from, to, blocked)
                        << QByteArray(from) << QByteArray(to) << QByteArray(blocked);
                }
            }
        }
    }
}

void KeychainMigrationTest::aStepThatFailsLosesNothing() {
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    QFETCH(QByteArray, blocked);
    const auto keychain = openWithItems(from);
    QVERIFY(QDir().mkdir(path(blocked.constData())));
    QCOMPARE(outcome(await(keychain->migrate(to.toStdString(), phraseFor(to, "new pass"), kKeys))),
             QByteArray("Failed"));
    QCOMPARE(valuesNow(), kItems);
    // The broker that saw the failure can go on as well.
    if (await(keychain->state()) == State::Locked) {
        QVERIFY(await(keychain->unlock(passphrase("new pass"))));
    }
    for (const auto& [key, value] : kItems) {
        QVERIFY(await(keychain->read(key))->reveal() == value);
    }
}

void KeychainMigrationTest::whatTheServiceGarblesIsNotTrusted() {
    const auto keychain = openWithItems("file-plain");
    m_store->garbles = true;
    QCOMPARE(outcome(await(keychain->migrate("secret-service", {}, kKeys))), QByteArray("Failed"));
    QCOMPARE(QByteArray::fromStdString(keychain->kind()), QByteArray("file-plain"));
    QCOMPARE(valuesNow(), kItems);
}

void KeychainMigrationTest::whatCannotBeReadIsNotLeftBehind_data() {
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<int>("service");
    QTest::addColumn<QByteArray>("expected");
    const int ready = static_cast<int>(State::Ready);
    const int locked = static_cast<int>(State::Locked);
    const int absent = static_cast<int>(State::Unavailable);
    QTest::newRow("from a locked service")
        << QByteArray("secret-service") << QByteArray("file-plain") << locked << QByteArray("Locked");
    QTest::newRow("from an absent service")
        << QByteArray("secret-service") << QByteArray("file-sealed") << absent << QByteArray("Unavailable");
    QTest::newRow("to a locked service") << QByteArray("file-plain") << QByteArray("secret-service") << locked
                                         << QByteArray("Locked");
    QTest::newRow("to an absent service")
        << QByteArray("file-plain") << QByteArray("secret-service") << absent << QByteArray("Unavailable");
    for (const char* to : {"secret-service", "file-plain", "file-sealed"}) {
        QTest::addRow("from a locked file to %s", to)
            << QByteArray("file-sealed") << QByteArray(to) << ready << QByteArray("Locked");
    }
}

void KeychainMigrationTest::whatCannotBeReadIsNotLeftBehind() {
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    QFETCH(int, service);
    QFETCH(QByteArray, expected);
    openWithItems(from).reset();
    m_store->state = static_cast<State>(service);
    const auto keychain = open();
    QCOMPARE(outcome(await(keychain->migrate(to.toStdString(), phraseFor(to), kKeys))), expected);
    QCOMPARE(QByteArray::fromStdString(keychain->kind()), from);
    m_store->state = State::Ready;
    QCOMPARE(valuesNow(), kItems);
}

void KeychainMigrationTest::movesAreRefused_data() {
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<QByteArray>("phrase");
    QTest::newRow("service to itself") << QByteArray("secret-service") << QByteArray("secret-service") << QByteArray();
    QTest::newRow("open file to itself") << QByteArray("file-plain") << QByteArray("file-plain") << QByteArray();
    QTest::newRow("sealed without a passphrase")
        << QByteArray("file-plain") << QByteArray("file-sealed") << QByteArray();
    QTest::newRow("another passphrase that is empty")
        << QByteArray("file-sealed") << QByteArray("file-sealed") << QByteArray();
    QTest::newRow("unknown") << QByteArray("file-plain") << QByteArray("kwallet") << QByteArray("pass");
    QTest::newRow("unset") << QByteArray("file-plain") << QByteArray("unset") << QByteArray("pass");
    QTest::newRow("empty") << QByteArray("file-plain") << QByteArray() << QByteArray("pass");
}

void KeychainMigrationTest::movesAreRefused() {
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    QFETCH(QByteArray, phrase);
    const auto keychain = openWithItems(from);
    QCOMPARE(outcome(await(keychain->migrate(to.toStdString(), passphrase(phrase.toStdString()), kKeys))),
             QByteArray("Misused"));
    QCOMPARE(QByteArray::fromStdString(keychain->kind()), from);
    QCOMPARE(valuesNow(), kItems);
}

void KeychainMigrationTest::itemsThatWereNotNamedStayInTheFile() {
    const auto keychain = openWithItems("file-plain");
    const auto moved = await(keychain->migrate("secret-service", {}, {"account/1"}));
    QVERIFY(moved);
    QCOMPARE(*moved, 1);
    QFile file(path("keychain.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray rest = file.readAll();
    QVERIFY(!rest.contains("account/1"));
    QVERIFY(rest.contains("account/2"));
}

void KeychainMigrationTest::allItemsOfAFileGoAlongToAFile() {
    const auto keychain = openWithItems("file-plain");
    const auto moved = await(keychain->migrate("file-sealed", passphrase("pass"), {"account/1"}));
    QVERIFY(moved);
    QCOMPARE(*moved, 3);
    QCOMPARE(valuesNow(), kItems);
}

void KeychainMigrationTest::anotherPassphraseReplacesTheFirst() {
    const auto keychain = openWithItems("file-sealed");
    const auto moved = await(keychain->migrate("file-sealed", passphrase("new pass"), {}));
    QCOMPARE(outcome(moved), QByteArray("success"));
    QCOMPARE(*moved, 3);
    QVERIFY(await(keychain->read("account/1"))->reveal() == "one");
    const auto later = open();
    QCOMPARE(outcome(await(later->unlock(passphrase("pass")))), QByteArray("Denied"));
    QCOMPARE(outcome(await(later->unlock(passphrase("new pass")))), QByteArray("success"));
    QVERIFY(await(later->read("account/1"))->reveal() == "one");
}

void KeychainMigrationTest::callsWaitForTheMove() {
    openWithItems("secret-service").reset();
    const auto keychain = open(2);
    const auto move = startTask(keychain->migrate("file-plain", {}, kKeys));
    QVERIFY(m_service->hangs());
    const auto read = startTask(keychain->read("account/1"));
    const auto write = startTask(keychain->write("account/1", base::Secret("newest")));
    const auto remove = startTask(keychain->remove("account/2"));
    QVERIFY(!read->has_value() && !write->has_value() && !remove->has_value());
    QCOMPARE(m_service->calls(), 2);
    m_service->goOn();
    QTRY_VERIFY(move->has_value() && read->has_value() && write->has_value() && remove->has_value());
    QCOMPARE(outcome(move->value()), QByteArray("success"));
    QVERIFY(read->value() && write->value() && remove->value());
    QVERIFY(await(keychain->read("account/1"))->reveal() == "newest");
    QCOMPARE(outcome(await(keychain->read("account/2"))), QByteArray("NotFound"));
    QVERIFY(m_store->items.empty());
}

void KeychainMigrationTest::aSecondMoveMeanwhileIsRefused() {
    openWithItems("secret-service").reset();
    const auto keychain = open(2);
    const auto move = startTask(keychain->migrate("file-plain", {}, kKeys));
    QCOMPARE(outcome(await(keychain->migrate("file-plain", {}, kKeys))), QByteArray("Timeout"));
    m_service->goOn();
    QTRY_VERIFY(move->has_value());
    QCOMPARE(outcome(move->value()), QByteArray("success"));
}

void KeychainMigrationTest::anOldFileThatIsNotInUseIsReplaced() {
    // What a move leaves that was killed before it removed the file.
    QVERIFY(await(openWithItems("file-plain")->write("account/1", base::Secret("stale"))));
    QVERIFY(QFile::copy(path("keychain.json"), path("kept")));
    QVERIFY(await(open()->migrate("secret-service", {}, kKeys)));
    QVERIFY(QFile::rename(path("kept"), path("keychain.json")));
    m_store->items = kItems;
    QCOMPARE(valuesNow(), kItems);
    QVERIFY(await(open()->migrate("file-plain", {}, kKeys)));
    QCOMPARE(valuesNow(), kItems);
}

} // namespace keybearer::keychain

QTEST_GUILESS_MAIN(keybearer::keychain::KeychainMigrationTest)
#include "tst_keychain_migration.moc"
