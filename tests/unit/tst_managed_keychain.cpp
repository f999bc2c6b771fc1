#include "daemon/keychain/managed_keychain.h"
#include "tests/unit/fake_service.h"
#include "tests/unit/keychain_test.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

#include <memory>

namespace keybearer::keychain {
namespace {

const std::vector<std::string> kKeys{"account/1", "account/2", "vault/default"};
const std::map<std::string, std::string> kItems{{"account/1", "one"}, {"account/2", "two"}, {"vault/default", "key"}};

} // namespace

class ManagedKeychainTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void theFirstWriteTakesTheService_data();
    void theFirstWriteTakesTheService();
    void theChoiceIsRecordedBeforeTheFirstWrite();
    void aFirstWriteThatCannotBeRecordedIsNotDone();
    void withoutAServiceNothingIsChosen();
    void nothingIsRecordedByReading();
    void anAbsentServiceStaysTheChoice();
    void anAbsentServiceIsNoPlaceToMoveTo_data();
    void anAbsentServiceIsNoPlaceToMoveTo();
    void aDamagedRecordIsAnError_data();
    void aDamagedRecordIsAnError();
    void aFileWithoutARecordIsNotPassedOver();
    void statusSaysWhatIsThere_data();
    void statusSaysWhatIsThere();
    void theFileIsTheFirstChoiceOnlyByHand_data();
    void theFileIsTheFirstChoiceOnlyByHand();
    void aFirstChoiceThatWasKilledCanBeRepeated_data();
    void aFirstChoiceThatWasKilledCanBeRepeated();
    void aSealedFileOpensWithUnlock();
    void anOpenFileInThePlaceOfASealedOneIsRefused();
    void aSealedFileUnderARecordOfAnOpenOneIsRight();

private:
    [[nodiscard]] std::unique_ptr<ManagedKeychain> open() const;
    [[nodiscard]] QString path(const char* name) const { return m_folder->filePath(QString::fromLatin1(name)); }
    [[nodiscard]] QByteArray record() const;
    void putRecord(const QByteArray& text) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<FakeStore> m_store;
};

void ManagedKeychainTest::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_store = std::make_shared<FakeStore>();
}

std::unique_ptr<ManagedKeychain> ManagedKeychainTest::open() const {
    ManagedKeychain::Parts parts;
    parts.secretService = [store = m_store] { return std::make_shared<FakeService>(store); };
    parts.cost = {14, 8, 1};
    return std::make_unique<ManagedKeychain>(m_folder->path().toStdString(), std::move(parts));
}

QByteArray ManagedKeychainTest::record() const {
    QFile file(path("keychain-choice.json"));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void ManagedKeychainTest::putRecord(const QByteArray& text) const {
    QFile file(path("keychain-choice.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
    file.close();
    QCOMPARE(::chmod(file.fileName().toLocal8Bit().constData(), 0600), 0);
}

void ManagedKeychainTest::theFirstWriteTakesTheService_data() {
    QTest::addColumn<bool>("isLocked");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("ready") << false << QByteArray("success");
    QTest::newRow("locked") << true << QByteArray("Locked");
}

void ManagedKeychainTest::theFirstWriteTakesTheService() {
    QFETCH(bool, isLocked);
    QFETCH(QByteArray, expected);
    m_store->state = isLocked ? State::Locked : State::Ready;
    const auto keychain = open();
    QCOMPARE(keychain->kind(), std::string("unset"));
    QCOMPARE(keychain->backend(), Selection::Unset);
    const qint64 before = QDateTime::currentSecsSinceEpoch();
    QCOMPARE(outcome(await(keychain->write("key", base::Secret("value")))), expected);
    QCOMPARE(keychain->kind(), std::string("secret-service"));
    QCOMPARE(keychain->backend(), Selection::SecretService);
    const QRegularExpression format(
        QStringLiteral("^\\{\"version\":1,\"backend\":\"secret-service\",\"chosen_at\":(\\d+)\\}\n$"));
    const auto match = format.match(QString::fromUtf8(record()));
    QVERIFY2(match.hasMatch(), record().constData());
    QVERIFY(match.captured(1).toLongLong() >= before);
    QVERIFY(match.captured(1).toLongLong() <= QDateTime::currentSecsSinceEpoch());

    QCOMPARE(open()->backend(), Selection::SecretService);
    QCOMPARE(outcome(await(open()->read("key"))), expected);
}

void ManagedKeychainTest::theChoiceIsRecordedBeforeTheFirstWrite() {
    ManagedKeychain::Parts parts;
    const auto service = std::make_shared<FakeService>(m_store, 1);
    parts.secretService = [service] { return service; };
    ManagedKeychain keychain(m_folder->path().toStdString(), std::move(parts));
    const auto write = startTask(keychain.write("key", base::Secret("value")));
    QVERIFY(service->hangs());
    QVERIFY(!write->has_value());
    QVERIFY(record().contains("secret-service"));
    QVERIFY(m_store->items.empty());
    service->goOn();
    QTRY_VERIFY(write->has_value());
}

void ManagedKeychainTest::aFirstWriteThatCannotBeRecordedIsNotDone() {
    QVERIFY(QDir().mkdir(path("keychain-choice.json.new")));
    const auto keychain = open();
    QCOMPARE(outcome(await(keychain->write("key", base::Secret("value")))), QByteArray("Failed"));
    QVERIFY(m_store->items.empty());
    QCOMPARE(keychain->backend(), Selection::Unset);
}

void ManagedKeychainTest::withoutAServiceNothingIsChosen() {
    m_store->state = State::Unavailable;
    const auto keychain = open();
    const auto written = await(keychain->write("key", base::Secret("value")));
    QCOMPARE(outcome(written), QByteArray("Unset"));
    QCOMPARE(QString::fromStdString(written.error().detail),
             QStringLiteral("no keychain was chosen yet: as it is; or choose the file: "
                            "keybearer keychain migrate --to file"));
    QCOMPARE(outcome(await(keychain->read("key"))), QByteArray("Unset"));
    QCOMPARE(outcome(await(keychain->remove("key"))), QByteArray("Unset"));
    QCOMPARE(outcome(await(keychain->unlock(passphrase("pass")))), QByteArray("Unset"));
    QCOMPARE(await(keychain->state()), State::Unavailable);
    QVERIFY(QDir(m_folder->path()).isEmpty());
}

void ManagedKeychainTest::nothingIsRecordedByReading() {
    m_store->items = kItems;
    const auto keychain = open();
    QVERIFY(await(keychain->read("account/1"))->reveal() == "one");
    QCOMPARE(outcome(await(keychain->read("another"))), QByteArray("NotFound"));
    QCOMPARE(await(keychain->state()), State::Ready);
    QVERIFY(QDir(m_folder->path()).isEmpty());
}

void ManagedKeychainTest::anAbsentServiceStaysTheChoice() {
    QVERIFY(await(open()->write("key", base::Secret("value"))));
    m_store->state = State::Unavailable;
    const auto keychain = open();
    QCOMPARE(outcome(await(keychain->read("key"))), QByteArray("Unavailable"));
    QCOMPARE(outcome(await(keychain->write("key", base::Secret("x")))), QByteArray("Unavailable"));
    QCOMPARE(outcome(await(keychain->remove("key"))), QByteArray("Unavailable"));
    QCOMPARE(outcome(await(keychain->unlock(passphrase("pass")))), QByteArray("Unavailable"));
    QCOMPARE(keychain->backend(), Selection::SecretService);
    QVERIFY(!QFile::exists(path("keychain.json")));
}

void ManagedKeychainTest::anAbsentServiceIsNoPlaceToMoveTo_data() {
    QTest::addColumn<int>("state");
    QTest::addColumn<QByteArray>("kind");
    QTest::newRow("absent") << int(State::Unavailable) << QByteArray("Unavailable");
    QTest::newRow("locked") << int(State::Locked) << QByteArray("Locked");
}

void ManagedKeychainTest::anAbsentServiceIsNoPlaceToMoveTo() {
    QFETCH(int, state);
    QFETCH(QByteArray, kind);
    QVERIFY(await(open()->migrate("file-plain", {}, {})));
    m_store->state = State(state);
    const auto keychain = open();
    QCOMPARE(outcome(await(keychain->migrate("secret-service", {}, {}))), kind); // also with nothing to move
    QCOMPARE(keychain->backend(), Selection::FilePlain);
}

void ManagedKeychainTest::aDamagedRecordIsAnError_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("cut") << QByteArray(R"({"version":1,"backend":"secret-ser)");
    QTest::newRow("array") << QByteArray("[]");
    QTest::newRow("version 2") << QByteArray(R"({"version":2,"backend":"secret-service","chosen_at":1})");
    QTest::newRow("version missing") << QByteArray(R"({"backend":"secret-service","chosen_at":1})");
    QTest::newRow("another backend") << QByteArray(R"({"version":1,"backend":"file","chosen_at":1})");
    QTest::newRow("unset") << QByteArray(R"({"version":1,"backend":"unset","chosen_at":1})");
    QTest::newRow("backend a number") << QByteArray(R"({"version":1,"backend":1,"chosen_at":1})");
    QTest::newRow("time a text") << QByteArray(R"({"version":1,"backend":"secret-service","chosen_at":"1"})");
    QTest::newRow("unknown member") << QByteArray(R"({"version":1,"backend":"secret-service","chosen_at":1,"x":1})");
    QTest::newRow("too large") << QByteArray(R"({"version":1,"backend":"secret-service","chosen_at":1})") +
                                      QByteArray(5000, ' ');
}

void ManagedKeychainTest::aDamagedRecordIsAnError() {
    QFETCH(QByteArray, text);
    putRecord(text);
    m_store->items = kItems;
    const auto keychain = open();
    const auto read = await(keychain->read("account/1"));
    QCOMPARE(outcome(read), QByteArray("Failed"));
    QVERIFY(read.error().detail.find(path("keychain-choice.json").toStdString()) != std::string::npos);
    QCOMPARE(outcome(await(keychain->write("key", base::Secret("x")))), QByteArray("Failed"));
    QCOMPARE(outcome(await(keychain->remove("account/1"))), QByteArray("Failed"));
    QCOMPARE(outcome(await(keychain->migrate("file-plain", {}, kKeys))), QByteArray("Failed"));
    QCOMPARE(await(keychain->status()).backend, std::string("unknown"));
    QCOMPARE(await(keychain->status()).state, std::string("unavailable"));
    QCOMPARE(record(), text);
    QCOMPARE(m_store->items, kItems);
}

void ManagedKeychainTest::aFileWithoutARecordIsNotPassedOver() {
    QVERIFY(await(open()->migrate("file-plain", {}, {})));
    QVERIFY(await(open()->write("key", base::Secret("value"))));
    QVERIFY(QFile::remove(path("keychain-choice.json")));
    const auto keychain = open();
    QCOMPARE(outcome(await(keychain->write("key", base::Secret("new")))), QByteArray("Failed"));
    QCOMPARE(outcome(await(keychain->read("key"))), QByteArray("Failed"));
    QCOMPARE(outcome(await(keychain->migrate("secret-service", {}, {}))), QByteArray("Failed"));
    QVERIFY(m_store->items.empty());
    QVERIFY(record().isEmpty());
}

void ManagedKeychainTest::statusSaysWhatIsThere_data() {
    QTest::addColumn<QByteArray>("backend");
    QTest::addColumn<int>("service");
    QTest::addColumn<QByteArray>("state");
    QTest::addColumn<QByteArray>("encrypted");
    QTest::addColumn<QByteArray>("inDetail");
    const int ready = static_cast<int>(State::Ready);
    const int locked = static_cast<int>(State::Locked);
    const int absent = static_cast<int>(State::Unavailable);
    QTest::newRow("unset, service") << QByteArray("unset") << ready << QByteArray("unset") << QByteArray("unknown")
                                    << QByteArray("first secret");
    QTest::newRow("unset, no service") << QByteArray("unset") << absent << QByteArray("unset") << QByteArray("unknown")
                                       << QByteArray("migrate --to file");
    QTest::newRow("service") << QByteArray("secret-service") << ready << QByteArray("ready") << QByteArray("unknown")
                             << QByteArray();
    QTest::newRow("service locked") << QByteArray("secret-service") << locked << QByteArray("locked")
                                    << QByteArray("unknown") << QByteArray();
    QTest::newRow("service absent") << QByteArray("secret-service") << absent << QByteArray("unavailable")
                                    << QByteArray("unknown") << QByteArray();
    QTest::newRow("file, open") << QByteArray("file-plain") << absent << QByteArray("ready") << QByteArray("no")
                                << QByteArray("not encrypted");
    QTest::newRow("file, sealed") << QByteArray("file-sealed") << absent << QByteArray("locked") << QByteArray("yes")
                                  << QByteArray("keybearer unlock");
}

void ManagedKeychainTest::statusSaysWhatIsThere() {
    QFETCH(QByteArray, backend);
    QFETCH(int, service);
    QFETCH(QByteArray, state);
    QFETCH(QByteArray, encrypted);
    QFETCH(QByteArray, inDetail);
    if (backend != "unset") {
        const std::string phrase = backend == "file-sealed" ? "pass" : "";
        QVERIFY(await(open()->migrate(backend.toStdString(), passphrase(phrase), {})));
    }
    m_store->state = static_cast<State>(service);
    const Status status = await(open()->status());
    QCOMPARE(QByteArray::fromStdString(status.backend), backend);
    QCOMPARE(QByteArray::fromStdString(status.state), state);
    QCOMPARE(QByteArray(!status.encrypted ? "unknown" : *status.encrypted ? "yes" : "no"), encrypted);
    QCOMPARE(status.chosenAt.has_value(), backend != "unset");
    QVERIFY2(QByteArray::fromStdString(status.detail).contains(inDetail), status.detail.c_str());
}

void ManagedKeychainTest::theFileIsTheFirstChoiceOnlyByHand_data() {
    QTest::addColumn<QByteArray>("backend");
    QTest::newRow("sealed") << QByteArray("file-sealed");
    QTest::newRow("open") << QByteArray("file-plain");
}

void ManagedKeychainTest::theFileIsTheFirstChoiceOnlyByHand() {
    QFETCH(QByteArray, backend);
    m_store->state = State::Unavailable;
    const auto keychain = open();
    const auto phrase = [&backend] { return passphrase(backend == "file-sealed" ? "pass" : ""); };
    const auto chosen = await(keychain->migrate(backend.toStdString(), phrase(), kKeys));
    QCOMPARE(outcome(chosen), QByteArray("success"));
    QCOMPARE(*chosen, 0);
    QCOMPARE(QByteArray::fromStdString(keychain->kind()), backend);
    // A file that was just sealed is open to the broker that sealed it.
    QCOMPARE(await(keychain->state()), State::Ready);
    QVERIFY(await(keychain->write("key", base::Secret("value"))));

    const auto later = open();
    QCOMPARE(outcome(await(later->unlock(phrase()))), QByteArray("success"));
    QVERIFY(await(later->read("key"))->reveal() == "value");
}

void ManagedKeychainTest::aFirstChoiceThatWasKilledCanBeRepeated_data() {
    QTest::addColumn<QByteArray>("first");
    QTest::addColumn<QByteArray>("second");
    QTest::addColumn<QByteArray>("phrase");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("open") << QByteArray("file-plain") << QByteArray("file-plain") << QByteArray()
                          << QByteArray("success");
    QTest::newRow("open, then sealed") << QByteArray("file-plain") << QByteArray("file-sealed") << QByteArray("pass")
                                       << QByteArray("success");
    QTest::newRow("sealed") << QByteArray("file-sealed") << QByteArray("file-sealed") << QByteArray("pass")
                            << QByteArray("success");
    QTest::newRow("sealed, another passphrase")
        << QByteArray("file-sealed") << QByteArray("file-sealed") << QByteArray("another") << QByteArray("Denied");
    QTest::newRow("sealed, then open") << QByteArray("file-sealed") << QByteArray("file-plain") << QByteArray()
                                       << QByteArray("Failed");
}

void ManagedKeychainTest::aFirstChoiceThatWasKilledCanBeRepeated() {
    QFETCH(QByteArray, first);
    QFETCH(QByteArray, second);
    QFETCH(QByteArray, phrase);
    QFETCH(QByteArray, expected);
    const auto before = open();
    QVERIFY(await(before->migrate(first.toStdString(), passphrase(first == "file-sealed" ? "pass" : ""), {})));
    QVERIFY(await(before->write("key", base::Secret("value"))));
    QVERIFY(QFile::remove(path("keychain-choice.json")));

    const auto keychain = open();
    const auto again = await(keychain->migrate(second.toStdString(), passphrase(phrase.toStdString()), {}));
    QCOMPARE(outcome(again), expected);
    if (again) {
        QCOMPARE(*again, 1);
        QVERIFY(await(keychain->read("key"))->reveal() == "value");
        QCOMPARE(QByteArray::fromStdString(keychain->kind()), second);
    } else {
        QVERIFY(record().isEmpty());
    }
}

void ManagedKeychainTest::aSealedFileOpensWithUnlock() {
    QVERIFY(await(open()->migrate("file-sealed", passphrase("pass"), {})));
    const auto keychain = open();
    QCOMPARE(outcome(await(keychain->read("key"))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain->unlock(passphrase("wrong")))), QByteArray("Denied"));
    QCOMPARE(await(keychain->state()), State::Locked);
    QCOMPARE(outcome(await(keychain->unlock(passphrase("pass")))), QByteArray("success"));
    QCOMPARE(await(keychain->state()), State::Ready);
    QCOMPARE(outcome(await(keychain->read("key"))), QByteArray("NotFound"));
}

void ManagedKeychainTest::anOpenFileInThePlaceOfASealedOneIsRefused() {
    QVERIFY(await(open()->migrate("file-plain", {}, {})));
    putRecord(R"({"version":1,"backend":"file-sealed","chosen_at":1})");
    const auto keychain = open();
    QCOMPARE(outcome(await(keychain->read("key"))), QByteArray("Failed"));
    QCOMPARE(outcome(await(keychain->write("key", base::Secret("x")))), QByteArray("Failed"));
    QCOMPARE(outcome(await(keychain->unlock(passphrase("pass")))), QByteArray("Failed"));
}

void ManagedKeychainTest::aSealedFileUnderARecordOfAnOpenOneIsRight() {
    const auto maker = open();
    QVERIFY(await(maker->migrate("file-sealed", passphrase("pass"), {})));
    QVERIFY(await(maker->write("key", base::Secret("value"))));
    putRecord(R"({"version":1,"backend":"file-plain","chosen_at":1})");
    const auto keychain = open();
    QCOMPARE(keychain->backend(), Selection::FileSealed);
    QCOMPARE(await(keychain->status()).encrypted, std::optional(true));
    QCOMPARE(outcome(await(keychain->read("key"))), QByteArray("Locked"));
    QVERIFY(await(keychain->unlock(passphrase("pass"))));
    QVERIFY(await(keychain->read("key"))->reveal() == "value");
}

} // namespace keybearer::keychain

QTEST_GUILESS_MAIN(keybearer::keychain::ManagedKeychainTest)
#include "tst_managed_keychain.moc"
