#include "daemon/keychain/file_keychain.h"
#include "tests/unit/keychain_test.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <sys/stat.h>

#include <memory>

namespace keybearer::keychain {
namespace {

/// The least that is allowed, so that the tests are quick.
constexpr ScryptCost kCheap{14, 8, 1};

Items oneItem() {
    Items items;
    items.emplace("key", base::Secret("value"));
    return items;
}

} // namespace

class FileKeychainTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void anItemComesBack_data();
    void anItemComesBack();
    void aSealedFileIsLockedUntilItsPassphrase();
    void lockingForgetsTheKey();
    void aLockStopsAnUnlockThatIsUnderWay();
    void aWrongPassphraseIsDenied_data();
    void aWrongPassphraseIsDenied();
    void unlockingDoesNotHoldUpTheEventLoop();
    void aSecondUnlockMeanwhileIsRefused();
    void anUnlockOutlivesItsKeychain();
    void aSealedFileDoesNotShowItsItems();
    void anotherPassphraseMeansAnotherSalt();
    void anEmptyPassphraseSealsNothing();
    void aFileThatIsGoneIsUnavailable();
    void aDamagedFileIsNeverWrittenOver_data();
    void aDamagedFileIsNeverWrittenOver();
    void aFileReplacedUnderneathIsLockedAgain();
    void aFileOfTheOtherFormIsRefused();
    void theFormOfAFileIsKnownWithoutAPassphrase();

private:
    [[nodiscard]] FileKeychain sealed() const { return {m_path.toStdString(), FileForm::Sealed, kCheap}; }
    [[nodiscard]] FileKeychain plain() const { return {m_path.toStdString(), FileForm::Plain, kCheap}; }
    [[nodiscard]] QByteArray contents() const;
    void put(const QByteArray& bytes) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

void FileKeychainTest::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->filePath(QStringLiteral("keychain.json"));
}

QByteArray FileKeychainTest::contents() const {
    QFile file(m_path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void FileKeychainTest::put(const QByteArray& bytes) const {
    QFile file(m_path);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write(bytes);
    file.close();
    QCOMPARE(::chmod(m_path.toLocal8Bit().constData(), 0600), 0);
}

void FileKeychainTest::anItemComesBack_data() {
    QTest::addColumn<bool>("isSealed");
    QTest::addColumn<QByteArray>("value");
    for (const bool isSealed : {false, true}) {
        const char* form = isSealed ? "sealed" : "plain";
        QTest::addRow("%s text", form) << isSealed << QByteArray("a refresh token");
        QTest::addRow("%s empty", form) << isSealed << QByteArray("");
        QTest::addRow("%s NUL bytes", form) << isSealed << QByteArray("a\0b\0", 4);
        QTest::addRow("%s 60 KiB", form) << isSealed << QByteArray(60 * 1024, '\xff');
    }
}

void FileKeychainTest::anItemComesBack() {
    QFETCH(bool, isSealed);
    QFETCH(QByteArray, value);
    FileKeychain keychain = isSealed ? sealed() : plain();
    QCOMPARE(keychain.kind(), std::string(isSealed ? "file-sealed" : "file-plain"));
    QCOMPARE(outcome(await(keychain.replaceAll({}, passphrase("pass")))), QByteArray("success"));
    QCOMPARE(await(keychain.state()), State::Ready);
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("NotFound"));
    QCOMPARE(outcome(await(keychain.write("other", base::Secret("o")))), QByteArray("success"));
    QCOMPARE(outcome(await(keychain.write("key", base::Secret("first")))), QByteArray("success"));
    QCOMPARE(outcome(await(keychain.write("key", base::Secret(value.toStdString())))), QByteArray("success"));

    FileKeychain later = isSealed ? sealed() : plain();
    QCOMPARE(outcome(await(later.unlock(passphrase("pass")))), QByteArray("success"));
    QVERIFY(await(later.read("key"))->reveal() == value.toStdString());
    QVERIFY(await(later.read("other"))->reveal() == "o");
    QCOMPARE(outcome(await(later.remove("key"))), QByteArray("success"));
    QCOMPARE(outcome(await(later.remove("key"))), QByteArray("success"));
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("NotFound"));
    QVERIFY(await(keychain.read("other"))->reveal() == "o");
}

void FileKeychainTest::aSealedFileIsLockedUntilItsPassphrase() {
    {
        FileKeychain maker = sealed();
        QVERIFY(await(maker.replaceAll(oneItem(), passphrase("pass"))));
    }
    const QByteArray before = contents();
    FileKeychain keychain = sealed();
    QCOMPARE(await(keychain.state()), State::Locked);
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain.read("never written"))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain.write("key", base::Secret("x")))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain.remove("key"))), QByteArray("Locked"));
    QCOMPARE(contents(), before);
    QCOMPARE(outcome(await(keychain.unlock(passphrase("pass")))), QByteArray("success"));
    QCOMPARE(await(keychain.state()), State::Ready);
    QVERIFY(await(keychain.read("key"))->reveal() == "value");
}

void FileKeychainTest::lockingForgetsTheKey() {
    FileKeychain keychain = sealed();
    QVERIFY(await(keychain.replaceAll(oneItem(), passphrase("pass"))));
    keychain.lock();
    QCOMPARE(await(keychain.state()), State::Locked);
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain.unlock(passphrase("pass")))), QByteArray("success"));
    QVERIFY(await(keychain.read("key"))->reveal() == "value");
}

void FileKeychainTest::aLockStopsAnUnlockThatIsUnderWay() {
    FileKeychain keychain = sealed();
    QVERIFY(await(keychain.replaceAll(oneItem(), passphrase("pass"))));
    keychain.lock();
    const auto unlocking = startTask(keychain.unlock(passphrase("pass")));
    const auto sealing = [&] { return startTask(keychain.replaceAll(oneItem(), passphrase("other"))); };
    keychain.lock();
    QVERIFY(QTest::qWaitFor([&] { return unlocking->has_value(); }));
    QCOMPARE(outcome(**unlocking), QByteArray("Locked"));
    QCOMPARE(await(keychain.state()), State::Locked);
    const auto sealed = sealing();
    keychain.lock();
    QVERIFY(QTest::qWaitFor([&] { return sealed->has_value(); }));
    QCOMPARE(outcome(**sealed), QByteArray("success"));
    QCOMPARE(await(keychain.state()), State::Locked);
}

void FileKeychainTest::aWrongPassphraseIsDenied_data() {
    QTest::addColumn<QByteArray>("attempt");
    QTest::newRow("another") << QByteArray("Pass");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("longer") << QByteArray("pass ");
    QTest::newRow("shorter") << QByteArray("pas");
}

void FileKeychainTest::aWrongPassphraseIsDenied() {
    QFETCH(QByteArray, attempt);
    FileKeychain maker = sealed();
    QVERIFY(await(maker.replaceAll(oneItem(), passphrase("pass"))));
    FileKeychain keychain = sealed();
    QCOMPARE(outcome(await(keychain.unlock(passphrase(attempt.toStdString())))), QByteArray("Denied"));
    QCOMPARE(await(keychain.state()), State::Locked);
    // A wrong attempt does not lock what is open.
    QCOMPARE(outcome(await(maker.unlock(passphrase(attempt.toStdString())))), QByteArray("Denied"));
    QCOMPARE(await(maker.state()), State::Ready);
}

void FileKeychainTest::unlockingDoesNotHoldUpTheEventLoop() {
    FileKeychain keychain = sealed();
    int turns = 0;
    QTimer timer;
    QObject::connect(&timer, &QTimer::timeout, &timer, [&turns] { ++turns; });
    timer.start(0);
    const auto made = startTask(keychain.replaceAll({}, passphrase("pass")));
    QVERIFY(!made->has_value());
    QTRY_VERIFY(made->has_value());
    QVERIFY(turns > 0);
}

void FileKeychainTest::aSecondUnlockMeanwhileIsRefused() {
    FileKeychain keychain = sealed();
    QVERIFY(await(keychain.replaceAll(oneItem(), passphrase("pass"))));
    const auto first = startTask(keychain.unlock(passphrase("pass")));
    const auto second = startTask(keychain.unlock(passphrase("pass")));
    QVERIFY(second->has_value());
    QCOMPARE(outcome(second->value()), QByteArray("Failed"));
    QTRY_VERIFY(first->has_value());
    QCOMPARE(outcome(first->value()), QByteArray("success"));
}

void FileKeychainTest::anUnlockOutlivesItsKeychain() {
    auto keychain = std::make_unique<FileKeychain>(m_path.toStdString(), FileForm::Sealed, kCheap);
    const auto made = startTask(keychain->replaceAll(oneItem(), passphrase("pass")));
    keychain.reset();
    QTRY_VERIFY(made->has_value());
    QCOMPARE(outcome(made->value()), QByteArray("success"));
}

void FileKeychainTest::aSealedFileDoesNotShowItsItems() {
    FileKeychain keychain = sealed();
    QVERIFY(await(keychain.replaceAll(oneItem(), passphrase("pass"))));
    QVERIFY(!contents().contains("value"));
    QVERIFY(!contents().contains("\"key\""));
    QVERIFY(!contents().contains(QByteArray("value").toBase64(QByteArray::OmitTrailingEquals)));
    QVERIFY(!contents().contains("not encrypted"));
    FileKeychain open = plain();
    QVERIFY(await(open.replaceAll(oneItem(), {})));
    QVERIFY(contents().contains("not encrypted"));
}

void FileKeychainTest::anotherPassphraseMeansAnotherSalt() {
    FileKeychain keychain = sealed();
    QVERIFY(await(keychain.replaceAll(oneItem(), passphrase("pass"))));
    const auto first = parseKeychainFile(contents().toStdString());
    QVERIFY(await(keychain.replaceAll(oneItem(), passphrase("pass"))));
    const auto second = parseKeychainFile(contents().toStdString());
    QVERIFY(first && second);
    QVERIFY(first->seal.salt != second->seal.salt);
    QCOMPARE(second->seal.cost, kCheap);
    QCOMPARE(ScryptCost(), (ScryptCost{17, 8, 1}));
}

void FileKeychainTest::anEmptyPassphraseSealsNothing() {
    FileKeychain keychain = sealed();
    QCOMPARE(outcome(await(keychain.replaceAll(oneItem(), {}))), QByteArray("Failed"));
    QVERIFY(!QFile::exists(m_path));
}

void FileKeychainTest::aFileThatIsGoneIsUnavailable() {
    for (const FileForm form : {FileForm::Sealed, FileForm::Plain}) {
        FileKeychain keychain(m_path.toStdString(), form, kCheap);
        QCOMPARE(await(keychain.state()), State::Unavailable);
        QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("Unavailable"));
        QCOMPARE(outcome(await(keychain.write("key", base::Secret("x")))), QByteArray("Unavailable"));
        QCOMPARE(outcome(await(keychain.remove("key"))), QByteArray("Unavailable"));
        QCOMPARE(outcome(await(keychain.unlock(passphrase("pass")))), QByteArray("Unavailable"));
        QVERIFY(!QFile::exists(m_path));
    }
}

void FileKeychainTest::aDamagedFileIsNeverWrittenOver_data() {
    QTest::addColumn<bool>("isSealed");
    QTest::addColumn<QByteArray>("damage");
    for (const bool isSealed : {false, true}) {
        for (const char* damage : {"truncated", "emptied", "changed", "appended"}) {
            QTest::addRow("%s %s", isSealed ? "sealed" : "plain", damage) << isSealed << QByteArray(damage);
        }
    }
}

void FileKeychainTest::aDamagedFileIsNeverWrittenOver() {
    QFETCH(bool, isSealed);
    QFETCH(QByteArray, damage);
    FileKeychain keychain = isSealed ? sealed() : plain();
    QVERIFY(await(keychain.replaceAll(oneItem(), passphrase("pass"))));
    QByteArray bytes = contents();
    if (damage == "truncated") {
        bytes.chop(10);
    } else if (damage == "emptied") {
        bytes.clear();
    } else if (damage == "changed") {
        // The last character before the closing quote: of the box, or of the value.
        const qsizetype at = bytes.lastIndexOf('"') - 2;
        bytes[at] = bytes.at(at) == '!' ? '?' : '!';
    } else {
        bytes += "x";
    }
    put(bytes);
    const auto read = await(keychain.read("key"));
    QCOMPARE(outcome(read), QByteArray("Failed"));
    QVERIFY(read.error().detail.find(m_path.toStdString()) != std::string::npos);
    QCOMPARE(outcome(await(keychain.write("key", base::Secret("x")))), QByteArray("Failed"));
    QCOMPARE(outcome(await(keychain.remove("key"))), QByteArray("Failed"));
    QCOMPARE(outcome(await(keychain.unlock(passphrase("pass")))), QByteArray("Failed"));
    QCOMPARE(await(keychain.state()), State::Unavailable);
    QCOMPARE(contents(), bytes);
}

void FileKeychainTest::aFileReplacedUnderneathIsLockedAgain() {
    FileKeychain keychain = sealed();
    QVERIFY(await(keychain.replaceAll(oneItem(), passphrase("pass"))));
    FileKeychain other = sealed();
    QVERIFY(await(other.replaceAll({}, passphrase("another"))));
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain.write("key", base::Secret("x")))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain.unlock(passphrase("another")))), QByteArray("success"));
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("NotFound"));
}

void FileKeychainTest::aFileOfTheOtherFormIsRefused() {
    FileKeychain open = plain();
    FileKeychain closed = sealed();
    QVERIFY(await(open.replaceAll(oneItem(), {})));
    QCOMPARE(outcome(await(closed.read("key"))), QByteArray("Failed"));
    QCOMPARE(outcome(await(closed.unlock(passphrase("pass")))), QByteArray("Failed"));
    QCOMPARE(outcome(await(closed.write("key", base::Secret("x")))), QByteArray("Failed"));
    QVERIFY(await(closed.replaceAll(oneItem(), passphrase("pass"))));
    QCOMPARE(outcome(await(open.read("key"))), QByteArray("Failed"));
    QCOMPARE(outcome(await(open.write("key", base::Secret("x")))), QByteArray("Failed"));
}

void FileKeychainTest::theFormOfAFileIsKnownWithoutAPassphrase() {
    const std::string path = m_path.toStdString();
    QCOMPARE(FileKeychain::formAt(path).value(), std::optional<FileForm>());
    FileKeychain open = plain();
    QVERIFY(await(open.replaceAll({}, {})));
    QCOMPARE(FileKeychain::formAt(path).value(), std::optional(FileForm::Plain));
    FileKeychain closed = sealed();
    QVERIFY(await(closed.replaceAll({}, passphrase("pass"))));
    QCOMPARE(FileKeychain::formAt(path).value(), std::optional(FileForm::Sealed));
    put("{}");
    QVERIFY(!FileKeychain::formAt(path));
}

} // namespace keybearer::keychain

QTEST_GUILESS_MAIN(keybearer::keychain::FileKeychainTest)
#include "tst_file_keychain.moc"
