#include "ipc/base/private_file.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <memory>

namespace keybearer::base {

class PrivateFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void whatIsWrittenIsRead_data();
    void whatIsWrittenIsRead();
    void aMissingFileIsNoError();
    void aFileThatOthersCouldTouchIsRefused_data();
    void aFileThatOthersCouldTouchIsRefused();
    void theLimitIsTheLargestSize();
    void aWriteIsPrivateAndLeavesNothingBeside();
    void aWriteThatFailsKeepsTheOldFile_data();
    void aWriteThatFailsKeepsTheOldFile();
    void whatLiesInTheWayIsNotFollowed_data();
    void whatLiesInTheWayIsNotFollowed();
    void aMissingFolderIsAnError();
    void removingSucceedsTwice();

private:
    [[nodiscard]] std::string path() const { return m_path.toStdString(); }
    [[nodiscard]] QByteArray local() const { return m_path.toLocal8Bit(); }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

void PrivateFileTest::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->filePath(QStringLiteral("file"));
}

void PrivateFileTest::whatIsWrittenIsRead_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("text") << QByteArray("text\n");
    QTest::newRow("NUL bytes") << QByteArray("\0a\0", 3);
    QTest::newRow("large") << QByteArray(3'000'000, 'x');
}

void PrivateFileTest::whatIsWrittenIsRead() {
    QFETCH(QByteArray, bytes);
    QVERIFY(writePrivateFile(path(), "what was there before"));
    QVERIFY(writePrivateFile(path(), bytes.toStdString()));
    const auto read = readPrivateFile(path(), 4'000'000);
    QVERIFY(read && *read);
    QVERIFY((*read)->reveal() == bytes.toStdString());
}

void PrivateFileTest::aMissingFileIsNoError() {
    const auto read = readPrivateFile(path(), 10);
    QVERIFY(read.has_value());
    QVERIFY(!*read);
}

void PrivateFileTest::aFileThatOthersCouldTouchIsRefused_data() {
    QTest::addColumn<QByteArray>("what");
    QTest::addColumn<QByteArray>("sentence");
    for (const char* mode : {"0640", "0604", "0620", "0602", "0700", "0400", "4600"}) {
        QTest::newRow(mode) << QByteArray(mode) << QByteArray("chmod 600");
    }
    QTest::newRow("symbolic link") << QByteArray("link") << QByteArray("symbolic link");
    QTest::newRow("folder") << QByteArray("folder") << QByteArray("not a regular file");
    QTest::newRow("pipe that nobody writes to") << QByteArray("pipe") << QByteArray("not a regular file");
    QTest::newRow("another user's") << QByteArray("owner") << QByteArray("belongs to user");
}

void PrivateFileTest::aFileThatOthersCouldTouchIsRefused() {
    QFETCH(QByteArray, what);
    QFETCH(QByteArray, sentence);
    QVERIFY(writePrivateFile(path(), "secret"));
    QVERIFY(readPrivateFile(path(), 100));
    bool isMode = false;
    const uint mode = what.toUInt(&isMode, 8);
    if (isMode) {
        QCOMPARE(::chmod(local().constData(), mode), 0);
    } else if (what == "link") {
        QVERIFY(QFile::rename(m_path, m_path + QStringLiteral(".real")));
        QVERIFY(QFile::link(m_path + QStringLiteral(".real"), m_path));
    } else if (what == "folder") {
        QVERIFY(QFile::remove(m_path) && QDir().mkdir(m_path));
    } else if (what == "pipe") {
        QVERIFY(QFile::remove(m_path));
        QCOMPARE(::mkfifo(local().constData(), 0600), 0);
    } else {
        if (::geteuid() != 0) {
            QSKIP("only root can give a file away");
        }
        QCOMPARE(::chown(local().constData(), 65534, 65534), 0);
    }
    const auto read = readPrivateFile(path(), 100);
    QVERIFY(!read);
    QVERIFY(read.error().find(path()) != std::string::npos);
    QVERIFY2(QByteArray::fromStdString(read.error()).contains(sentence), read.error().c_str());
}

void PrivateFileTest::theLimitIsTheLargestSize() {
    QVERIFY(writePrivateFile(path(), "0123456789"));
    QVERIFY(readPrivateFile(path(), 10));
    const auto read = readPrivateFile(path(), 9);
    QVERIFY(!read);
    QVERIFY(read.error().find("larger than 9 bytes") != std::string::npos);
}

void PrivateFileTest::aWriteIsPrivateAndLeavesNothingBeside() {
    for (const mode_t mask : {mode_t{0}, mode_t{0777}}) {
        const mode_t old = ::umask(mask);
        const auto written = writePrivateFile(path(), "x");
        ::umask(old);
        QVERIFY(written);
        struct stat info {};
        QCOMPARE(::stat(local().constData(), &info), 0);
        QCOMPARE(info.st_mode & 07777U, 0600U);
    }
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
             QStringList{QStringLiteral("file")});
}

void PrivateFileTest::aWriteThatFailsKeepsTheOldFile_data() {
    QTest::addColumn<bool>("diskIsFull");
    QTest::newRow("the new file cannot be made") << false;
    QTest::newRow("the disk is full") << true;
}

void PrivateFileTest::aWriteThatFailsKeepsTheOldFile() {
    QFETCH(bool, diskIsFull);
    QVERIFY(writePrivateFile(path(), "old"));
    base::Result<void, std::string> written;
    if (diskIsFull) {
        rlimit old{};
        ::getrlimit(RLIMIT_FSIZE, &old);
        const rlimit small{64, old.rlim_max};
        const auto handler = ::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &small);
        written = writePrivateFile(path(), std::string(1000, 'n'));
        ::setrlimit(RLIMIT_FSIZE, &old);
        ::signal(SIGXFSZ, handler);
        QVERIFY(!QFile::exists(m_path + QStringLiteral(".new")));
    } else {
        // A folder in the place of the new file: neither unlink() nor open() gets past it, not even for root.
        QVERIFY(QDir().mkdir(m_path + QStringLiteral(".new")));
        written = writePrivateFile(path(), "new");
    }
    QVERIFY(!written);
    QVERIFY(written.error().find(path()) != std::string::npos);
    QVERIFY(readPrivateFile(path(), 100).value()->reveal() == "old");
}

void PrivateFileTest::whatLiesInTheWayIsNotFollowed_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("a link in the place of the new file") << QStringLiteral("file.new");
    QTest::newRow("a link in the place of the file") << QStringLiteral("file");
}

void PrivateFileTest::whatLiesInTheWayIsNotFollowed() {
    QFETCH(QString, name);
    const QString victim = m_folder->filePath(QStringLiteral("victim"));
    QFile file(victim);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("untouched");
    file.close();
    QVERIFY(QFile::link(victim, m_folder->filePath(name)));
    QVERIFY(writePrivateFile(path(), "new"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("untouched"));
    QVERIFY(readPrivateFile(path(), 100).value()->reveal() == "new");
}

void PrivateFileTest::aMissingFolderIsAnError() {
    const std::string nowhere = m_folder->filePath(QStringLiteral("no/file")).toStdString();
    QVERIFY(!writePrivateFile(nowhere, "x"));
}

void PrivateFileTest::removingSucceedsTwice() {
    QVERIFY(writePrivateFile(path(), "x"));
    QVERIFY(removePrivateFile(path()));
    QVERIFY(!QFile::exists(m_path));
    QVERIFY(removePrivateFile(path()));
    QVERIFY(QDir().mkdir(m_path));
    QVERIFY(!removePrivateFile(path()));
}

} // namespace keybearer::base

QTEST_GUILESS_MAIN(keybearer::base::PrivateFileTest)
#include "tst_private_file.moc"
