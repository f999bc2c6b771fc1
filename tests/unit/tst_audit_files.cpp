/// \file
/// Files that follow one another, and old ones that go.

#include "tests/unit/audit_test.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

using namespace keybearer;
using namespace keybearer::audit;

namespace {

constexpr std::int64_t kDay = 86'400;

/// Files of 8 KiB, about 20 rows; 64 KiB in all.
struct SmallFiles : AuditFixture {
    SmallFiles() { limits = {365, 64 << 10}; }
};

QJsonObject firstRowOf(const AuditFixture& file) {
    return objectOf(file.lines().value(0));
}

QStringList names(int from, int to) {
    QStringList all;
    for (int i = from; i <= to; ++i) {
        all << QStringLiteral("audit-%1.log").arg(i, 6, 10, QLatin1Char('0'));
    }
    return all << QStringLiteral("audit.log");
}

} // namespace

class TestAuditFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFullFileIsFollowedByAnother() {
        const SmallFiles file;
        auto log = file.open();
        AuditFixture::appendTo(*log, 70);
        QCOMPARE(file.fileNames(), names(1, 2));
        QCOMPARE(file.verified(), 70U);
        QCOMPARE(log->files().size(), 3U);
        std::uint64_t next = 1;
        for (const Segment& segment : log->files()) {
            QCOMPARE(segment.first, next);
            QCOMPARE(AuditFixture::linesOf(segment.path).size(), static_cast<qsizetype>(segment.last - next + 1));
            next = segment.last + 1;
        }
        log = file.open(); // the same after a restart
        QCOMPARE(log->count(), 70U);
        QCOMPARE(log->files().size(), 3U);
        QCOMPARE(log->files()[1].lastHash, objectOf(file.lines()[0]).value(u"prev").toString().toStdString());
        AuditFixture::appendTo(*log, 1);
        QCOMPARE(file.verified(), 71U);
    }

    void anOldFileIsFollowedByAnother() {
        AuditFixture file;
        file.limits.keepDays = 16; // a file holds one
        auto log = file.open();
        AuditFixture::appendTo(*log, 1);
        file.clock.now += kDay - 1;
        AuditFixture::appendTo(*log, 1);
        QCOMPARE(file.fileNames(), names(1, 0));
        file.clock.now += 1;
        AuditFixture::appendTo(*log, 1);
        QCOMPARE(file.fileNames(), names(1, 1));
        QCOMPARE(file.verified(), 3U);
    }

    void theOldestFilesGoWhenAllAreTooLarge() {
        const SmallFiles file;
        auto log = file.open();
        AuditFixture::appendTo(*log, 400);
        AuditFixture::settle(*log);
        const QStringList left = file.fileNames();
        QVERIFY(left.size() > 4 && left.size() <= 8);
        QVERIFY(!left.contains(QStringLiteral("audit-000001.log")));
        qint64 bytes = 0;
        for (const QString& name : left) {
            bytes += QFileInfo(file.folder.filePath(name)).size();
        }
        QVERIFY(bytes <= 64 << 10);
        QVERIFY(file.verified() > 100);
        const Report report = file.verify();
        QVERIFY(report.first > 1);
        QCOMPARE(report.last, log->count());
        const QJsonObject row = firstRowOf(file);
        QCOMPARE(row.value(u"event").toString(), QStringLiteral("audit.removed"));
        QVERIFY(row.value(u"reason").toString().endsWith(
            QStringLiteral(" were removed: the record has reached 65536 bytes")));
        QCOMPARE(row.value(u"removed").toString().section(u' ', 0, 0).toULongLong(), report.first - 1);
        QVERIFY(file.open().has_value());
        QVERIFY(file.verified() > 100);
    }

    void rowsThatAreTooOldGo() {
        AuditFixture file;
        file.limits.keepDays = 16;
        auto log = file.open();
        for (int day = 0; day < 20; ++day) {
            AuditFixture::appendTo(*log, 1);
            file.clock.now += kDay;
        }
        AuditFixture::settle(*log);
        const Report report = file.verify();
        QCOMPARE(AuditFixture::firstOf(report), std::string());
        QVERIFY(report.firstTime >= file.clock.now - 17 * kDay);
        QVERIFY(report.firstTime <= file.clock.now - 16 * kDay);
        QVERIFY(firstRowOf(file).value(u"reason").toString().endsWith(QStringLiteral("they are older than 16 days")));
    }

    /// Killed after the row about them was written and before the files went: they go the next time.
    void filesThatWereLeftGoTheNextTime() {
        const SmallFiles file;
        const QString path = file.folder.filePath(QStringLiteral("audit-000001.log"));
        QByteArray first;
        {
            auto log = file.open();
            do {
                first = AuditFixture::contentOf(path.toStdString());
                AuditFixture::appendTo(*log, 1);
                AuditFixture::settle(*log);
            } while (QFile::exists(path) || first.isEmpty());
        }
        const std::uint64_t rows = file.verified();
        QVERIFY(rows > 0);
        AuditFixture::writeTo(path.toStdString(), first);
        QVERIFY(file.verified() > rows); // the same chain, with an older beginning
        auto log = file.open();
        AuditFixture::appendTo(*log, 60);
        AuditFixture::settle(*log);
        QVERIFY(!QFile::exists(path));
        QVERIFY(file.verified() > 0);
    }

    void whatIsMissingIsFoundOut_data() {
        QTest::addColumn<QString>("gone");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("oldest file") << QStringLiteral("audit-000001.log")
                                     << QByteArray(":1: this line has another number than 1: rows 1 to ");
        QTest::newRow("file in the middle")
            << QStringLiteral("audit-000002.log") << QByteArray(":1: this line has another number, ");
        QTest::newRow("newest file") << QStringLiteral("audit.log") << QByteArray(":0: this file cannot be opened");
    }
    void whatIsMissingIsFoundOut() {
        QFETCH(const QString, gone);
        QFETCH(const QByteArray, says);
        const SmallFiles file;
        file.append(70);
        QVERIFY(QFile::remove(file.folder.filePath(gone)));
        const std::string error = file.verifyError();
        QVERIFY2(QByteArray::fromStdString(error).startsWith(says), error.c_str());
    }

    /// Somebody removes old files and says so in a row of his own: its number and hash must be those of the last one.
    void aRemovalMustFit() {
        const SmallFiles file;
        file.append(70);
        auto log = file.open();
        Record note = recordOf("");
        note.event = "audit.removed";
        const std::string wrong = removedText({22, std::string(64, 'a')});
        note.removed = wrong;
        QVERIFY(log->append(note).has_value());
        QVERIFY(QFile::remove(file.folder.filePath(QStringLiteral("audit-000001.log"))));
        QVERIFY(file.verifyError().find("are missing, and no row says") != std::string::npos);
    }

    /// Killed between the two steps: audit.log has its new name, and there is no other yet.
    void aNewFileThatWasNotMadeIsMadeAtTheStart() {
        const AuditFixture file;
        file.append(3);
        QVERIFY(
            QFile::rename(QString::fromStdString(file.path), file.folder.filePath(QStringLiteral("audit-000001.log"))));
        auto log = file.open();
        QVERIFY(log.has_value());
        QCOMPARE(log->count(), 3U);
        AuditFixture::appendTo(*log, 1);
        QCOMPARE(file.verified(), 4U);
    }

    void otherFilesAreLeftAlone() {
        const SmallFiles file;
        const QStringList others{QStringLiteral("audit-1.log"),          QStringLiteral("audit-0000001x.log"),
                                 QStringLiteral("audit-000001.log.bak"), QStringLiteral("audit-1234567890.log"),
                                 QStringLiteral("other-000001.log"),     QStringLiteral("audit-.log")};
        for (const QString& name : others) {
            AuditFixture::writeTo(file.folder.filePath(name).toStdString(), "mine\n");
        }
        auto log = file.open();
        AuditFixture::appendTo(*log, 400);
        AuditFixture::settle(*log);
        for (const QString& name : others) {
            QCOMPARE(AuditFixture::contentOf(file.folder.filePath(name).toStdString()), QByteArray("mine\n"));
        }
        QVERIFY(file.verified() > 0);
    }

    void aDamagedFileDoesNotStopTheRecord() {
        const SmallFiles file;
        file.append(70);
        const std::string damaged = file.folder.filePath(QStringLiteral("audit-000001.log")).toStdString();
        AuditFixture::writeTo(damaged, "garbage\n");
        auto log = file.open();
        QVERIFY(log.has_value());
        QCOMPARE(file.verify().problems.at(1).text, std::string("this line is not a record"));
        AuditFixture::appendTo(*log, 400);
        AuditFixture::settle(*log);
        QVERIFY(!QFile::exists(QString::fromStdString(damaged))); // it went when it was its turn
        QVERIFY(file.verified() > 0);
    }

    void aFileThatCannotBeMadeIsNoLoss() {
        const SmallFiles file;
        auto log = file.open();
        AuditFixture::appendTo(*log, 20);
        rlimit before{};
        QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
        const int next = ::dup(0);
        ::close(next);
        const rlimit small{static_cast<rlim_t>(next), before.rlim_max};
        base::Result<void, std::string> appended;
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &small), 0);
        for (int i = 0; i < 30 && appended; ++i) {
            appended = log->append(recordOf("a"));
        }
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &before), 0);
        QVERIFY(!appended);
        QVERIFY2(appended.error().find("Too many open files") != std::string::npos, appended.error().c_str());
        const std::uint64_t rows = log->count();
        QVERIFY(log->append(recordOf("a")).has_value());
        QCOMPARE(file.verified(), rows + 1);
    }

    /// What is unusual is known from the rows that are there, in whatever file.
    void theHistoryIsReadFromTheFiles() {
        SmallFiles file;
        file.append(70);
        file.clock.now += 14 * kDay + 3600;
        auto log = file.open();
        QVERIFY(log->append(recordOf("account69")).has_value());
        QVERIFY(log->append(recordOf("somebody")).has_value());
        QCOMPARE(objectOf(file.lines().end()[-2]).value(u"unusual").toString(), QStringLiteral("new_hour"));
        QCOMPARE(objectOf(file.lines().last()).value(u"unusual").toString(), QStringLiteral("new_client"));
    }

    void onlyReleasesAreJudged() {
        const AuditFixture file;
        auto log = file.open();
        Record denied = recordOf("a");
        denied.verdict = "deny";
        Record login = recordOf("a");
        login.event = "account.login";
        QVERIFY(log->append(denied).has_value());
        QVERIFY(log->append(login).has_value());
        QVERIFY(log->append(recordOf("a")).has_value());
        const QList<QByteArray> lines = file.lines();
        QVERIFY(!objectOf(lines[0]).contains(u"unusual") && !objectOf(lines[1]).contains(u"unusual"));
        QCOMPARE(objectOf(lines[2]).value(u"unusual").toString(), QStringLiteral("new_client"));
    }
};

QTEST_GUILESS_MAIN(TestAuditFiles)
#include "tst_audit_files.moc"
