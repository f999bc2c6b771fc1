#include "tests/unit/audit_test.h"

#include <QCryptographicHash>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>

using namespace keybearer;
using audit::AuditLog;
using audit::Record;
using audit::recordOf;
using Fixture = audit::AuditFixture;

class TestAuditLog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRecordIsOneLineOfJson() {
        const Fixture file;
        file.append(1);
        const QJsonObject line = audit::objectOf(file.lines().value(0));
        QCOMPARE(line.value(u"seq").toInt(), 1);
        QCOMPARE(line.value(u"time").toInteger(), 1'700'000'000);
        QCOMPARE(line.value(u"event").toString(), QStringLiteral("token.release"));
        QCOMPARE(line.value(u"verdict").toString(), QStringLiteral("allow"));
        QCOMPARE(line.value(u"reason").toString(), QStringLiteral("because"));
        QCOMPARE(line.value(u"method").toString(), QStringLiteral("token.get"));
        QCOMPARE(line.value(u"credential").toString(), QStringLiteral("account0"));
        QCOMPARE(line.value(u"uid").toInt(), 1000);
        QCOMPARE(line.value(u"pid").toInt(), 4242);
        QCOMPARE(line.value(u"exe").toString(), QStringLiteral("/usr/bin/git"));
        QCOMPARE(line.value(u"prev").toString(), QString(64, u'0'));
        QCOMPARE(line.value(u"unusual").toString(), QStringLiteral("new_client"));
        QCOMPARE(line.size(), 12);
    }

    void whatIsNotKnownIsLeftOut() {
        const Fixture file;
        auto log = file.open();
        Record record = recordOf("openai");
        for (const auto& [name, member] : audit::kOptionalTexts) {
            record.*member = name;
        }
        QVERIFY(log->append(record).has_value());
        const QJsonObject line = audit::objectOf(file.lines().value(0));
        for (const auto& [name, member] : audit::kOptionalTexts) {
            const QString key = QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
            QCOMPARE(line.value(key).toString(), name == "unusual" ? QStringLiteral("new_client") : key);
        }
        QCOMPARE(line.size(), 11 + qsizetype(audit::kOptionalTexts.size()));
    }

    void everyLineCarriesTheHashOfTheOneBefore() {
        const Fixture file;
        file.append(3);
        const QList<QByteArray> lines = file.lines();
        QCOMPARE(lines.size(), 3);
        for (qsizetype i = 1; i < lines.size(); ++i) {
            const QByteArray hash = QCryptographicHash::hash(lines[i - 1], QCryptographicHash::Sha256).toHex();
            QCOMPARE(audit::objectOf(lines[i]).value(u"prev").toString().toLatin1(), hash);
            QCOMPARE(audit::objectOf(lines[i]).value(u"seq").toInt(), i + 1);
        }
        QCOMPARE(file.verified(), 3U);
    }

    void severalRecordsAreLinesOfOneChain() {
        const Fixture file;
        auto log = file.open();
        const std::vector<Record> three{recordOf("a"), recordOf("b"), recordOf("c")};
        QVERIFY(log->append(three).has_value());
        QVERIFY(log->append(recordOf("d")).has_value());
        QCOMPARE(log->count(), 4U);
        QCOMPARE(file.lines().size(), 4);
        QCOMPARE(audit::objectOf(file.lines()[1]).value(u"credential").toString(), QStringLiteral("b"));
        QCOMPARE(file.verified(), 4U);
    }

    void theChainGoesOnAfterReopening() {
        const Fixture file;
        file.append(2);
        file.append(2);
        QCOMPARE(file.verified(), 4U);
        QCOMPARE(file.open()->count(), 4U);
    }

    void onlyTheTailIsReadToGoOn() {
        const Fixture file;
        auto log = file.open();
        for (int i = 0; i < 300; ++i) {
            QVERIFY(log->append(recordOf(std::string(4096, 'c'))).has_value());
        }
        QVERIFY(file.content().size() > 1'000'000);
        file.append(1);
        QCOMPARE(file.verified(), 301U);
    }

    void theLongestLinesAreContinued() {
        const Fixture file;
        const std::string longest(10'000, '\x01');
        Record record = recordOf(longest);
        record.exe = record.credential;
        record.event = record.verdict = record.reason = record.method = record.credential;
        for (int i = 0; i < 3; ++i) {
            QVERIFY(file.open()->append(record).has_value());
        }
        QCOMPARE(file.verified(), 3U);
    }

    void textFromOutsideCannotBreakALine_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("shown");
        QTest::newRow("line feed") << QByteArray("a\nb") << QStringLiteral("a\nb");
        QTest::newRow("quote") << QByteArray("a\",\"seq\":9,\"b") << QStringLiteral("a\",\"seq\":9,\"b");
        QTest::newRow("NUL") << QByteArray("a\0b", 3) << QString::fromLatin1("a\0b", 3);
        QTest::newRow("escape sequence") << QByteArray("\x1b[31m") << QStringLiteral("\x1b[31m");
        QTest::newRow("invalid UTF-8") << QByteArray("a\xff"
                                                     "b")
                                       << QStringLiteral("a\uFFFD"
                                                         "b");
        QTest::newRow("half a character") << QByteArray("a\xc3") << QStringLiteral("a\uFFFD");
        QTest::newRow("beyond ASCII") << QByteArray("/home/\xC3\xA9") << QStringLiteral("/home/\u00E9");
        QTest::newRow("longest") << QByteArray(4096, 'x') << QString(4096, u'x');
        QTest::newRow("too long") << QByteArray(100'000, 'x') << QString(4096, u'x');
    }
    void textFromOutsideCannotBreakALine() {
        QFETCH(const QByteArray, text);
        QFETCH(const QString, shown);
        const Fixture file;
        const std::string outside = text.toStdString();
        Record record = recordOf(outside);
        record.exe = outside;
        QVERIFY(file.open()->append(record).has_value());
        const QList<QByteArray> lines = file.lines();
        QCOMPARE(lines.size(), 1);
        QCOMPARE(audit::objectOf(lines[0]).value(u"credential").toString(), shown);
        QCOMPARE(audit::objectOf(lines[0]).value(u"exe").toString(), shown);
        QVERIFY(std::ranges::all_of(lines[0], [](char c) { return c >= 0x20 && c < 0x7F; }));
        QCOMPARE(file.verified(), 1U);
    }

    void aChangedFileIsFoundOut_data() {
        QTest::addColumn<int>("change");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("changed line") << 0 << QByteArray(":3: this line does not follow");
        QTest::newRow("removed line") << 1 << QByteArray(":2: this line has another number");
        QTest::newRow("removed first line") << 2 << QByteArray(":1: this line has another number");
        QTest::newRow("swapped lines") << 3 << QByteArray(":2: this line has another number");
        QTest::newRow("repeated line") << 4 << QByteArray(":3: this line has another number");
        QTest::newRow("garbage") << 5 << QByteArray(":2: this line is not a record");
        QTest::newRow("empty line") << 6 << QByteArray(":2: this line is not a record");
        QTest::newRow("other hash") << 7 << QByteArray(":2: this line does not follow");
        QTest::newRow("negative number") << 8 << QByteArray(":2: this line is not a record");
    }
    void aChangedFileIsFoundOut() {
        QFETCH(const int, change);
        QFETCH(const QByteArray, says);
        const Fixture file;
        file.append(4);
        QList<QByteArray> lines = file.lines();
        switch (change) {
        case 0: lines[1].replace("account1", "account9"); break;
        case 1: lines.removeAt(1); break;
        case 2: lines.removeFirst(); break;
        case 3: lines.swapItemsAt(1, 2); break;
        case 4: lines.insert(2, lines[1]); break;
        case 5: lines[1] = "[]"; break;
        case 6: lines.insert(1, QByteArray()); break;
        case 7: lines[1].replace("\"prev\":\"", "\"prev\":\"x"); break;
        default: lines[1].replace("\"seq\":2", "\"seq\":-2"); break;
        }
        file.write(lines);
        const std::string error = file.verifyError();
        QVERIFY2(QByteArray::fromStdString(error).startsWith(says), error.c_str());
    }

    void anIncompleteLineIsFoundOut() {
        const Fixture file;
        file.append(2);
        file.write(file.content().chopped(1));
        QCOMPARE(file.verifyError(), std::string(":2: this line is incomplete"));
        file.write(QByteArray(600'000, 'x'));
        QCOMPARE(file.verifyError(), std::string(":1: this line is too long for a record"));
    }

    void aMissingFileIsAnError() {
        const Fixture file;
        QCOMPARE(file.verifyError(), std::string(":0: this file cannot be opened, so its rows are missing"));
    }

    void aTornLastLineIsCutOffAndNoted_data() {
        QTest::addColumn<int>("whole");
        QTest::addColumn<QByteArray>("torn");
        QTest::newRow("half a line") << 2 << QByteArray("{\"seq\":3,\"time\":17000");
        QTest::newRow("one byte") << 2 << QByteArray("{");
        QTest::newRow("zeroes") << 2 << QByteArray(4096, '\0');
        QTest::newRow("first line of all") << 0 << QByteArray("{\"seq\":1,");
    }
    void aTornLastLineIsCutOffAndNoted() {
        QFETCH(const int, whole);
        QFETCH(const QByteArray, torn);
        const Fixture file;
        file.append(whole);
        file.write(file.content() + torn);
        QVERIFY(file.open().has_value());
        QCOMPARE(file.verified(), static_cast<unsigned>(whole) + 1U);
        QCOMPARE(audit::objectOf(file.lines().last()).value(u"event").toString(), QStringLiteral("audit.repair"));
        QVERIFY(file.open().has_value());
        QCOMPARE(file.lines().size(), whole + 1); // noted once
    }

    void whatIsNoAuditFileIsLeftAlone_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("text") << QByteArray("my diary\n");
        QTest::newRow("JSON without number") << QByteArray("{\"prev\":\"\"}\n");
        QTest::newRow("one endless line") << QByteArray(600'000, 'x');
    }
    void whatIsNoAuditFileIsLeftAlone() {
        QFETCH(const QByteArray, content);
        const Fixture file;
        file.write(content);
        const auto log = file.open();
        QVERIFY(!log);
        QVERIFY(log.error().find("move it away") != std::string::npos);
        QCOMPARE(file.content(), content);
    }

    void theFileIsForItsOwnerOnly() {
        const Fixture file;
        const ::mode_t before = ::umask(0);
        file.append(1);
        ::umask(before);
        struct stat info {};
        QCOMPARE(::stat(file.path.c_str(), &info), 0);
        QCOMPARE(info.st_mode & 07777U, 0600U);
    }

    void filesThatAreNotOursAloneAreRefused() {
        const Fixture file;
        file.append(1);
        for (const ::mode_t mode : {0640U, 0602U, 0604U}) {
            QCOMPARE(::chmod(file.path.c_str(), mode), 0);
            QVERIFY(file.open().error().find("chmod 600") != std::string::npos);
        }
        const Fixture link;
        QCOMPARE(::symlink(file.path.c_str(), link.path.c_str()), 0);
        QVERIFY(link.open().error().find("symbolic link") != std::string::npos);
        const Fixture pipe;
        QCOMPARE(::mkfifo(pipe.path.c_str(), 0600), 0);
        QVERIFY(pipe.open().error().find("not a regular file") != std::string::npos);
        const Fixture folder;
        QCOMPARE(::mkdir(folder.path.c_str(), 0700), 0);
        QVERIFY(!folder.open());
    }

    void aFailedWriteIsReportedAndLeavesNoHalfLine() {
        const Fixture file;
        auto log = file.open();
        QVERIFY(log->append(recordOf("first")).has_value());
        const auto size = static_cast<rlim_t>(file.content().size());

        rlimit before{};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
        auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
        const std::vector<Record> two{recordOf("lost"), recordOf("lost, too")};
        // The last one has room for the first line and not for the second.
        for (const rlim_t room : {rlim_t{0}, rlim_t{50}, rlim_t{400}}) {
            const rlimit small{size + room, before.rlim_max};
            QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
            const auto appended = log->append(two);
            QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
            QVERIFY(!appended);
            QVERIFY(appended.error().starts_with("cannot write the audit record: "));
            QCOMPARE(static_cast<rlim_t>(file.content().size()), size);
        }
        std::signal(SIGXFSZ, handler);

        QCOMPARE(log->count(), 1U);
        QVERIFY(log->append(recordOf("second")).has_value());
        QCOMPARE(file.verified(), 2U);
    }

    void anErrorThatAppendsNothingIsReported() {
        const Fixture file;
        file.append(1);
        QVERIFY(!AuditLog::open(file.path + "/below.log", file.clock));
        QVERIFY(!AuditLog::open("/dev/full", file.clock));
    }

    void nothingIsTakenWhileTheDiskRefuses() {
        const Fixture file;
        std::atomic<int> answer = 0;
        auto log = file.open([&answer](int) {
            errno = EIO;
            return answer.load();
        });
        QVERIFY(log->append(recordOf("a")).has_value());
        Fixture::settle(*log);
        answer = -1;
        QVERIFY(log->append(recordOf("b")).has_value()); // it is with the kernel
        Fixture::settle(*log);
        const auto refused = log->append(recordOf("c"));
        QVERIFY(!refused);
        QCOMPARE(
            refused.error(),
            std::string("cannot write the audit record: the disk does not keep the audit record: Input/output error"));
        answer = 0;
        log->hurry();
        QVERIFY(QTest::qWaitFor([&] { return log->append(recordOf("d")).has_value(); }));
        QCOMPARE(file.verified(), 3U);
    }

    /// A commit that was not begun by a row is no old one.
    void rowsAreTakenWhileASealIsWritten() {
        const Fixture file;
        std::atomic<bool> isHeld = false;
        std::atomic<bool> isIn = false;
        auto log = file.open([&](int) {
            isIn = true;
            while (isHeld) {
                std::this_thread::yield();
            }
            return 0;
        });
        QVERIFY(log->append(recordOf("a")).has_value());
        Fixture::settle(*log);
        isHeld = true;
        isIn = false;
        QVERIFY(log->beginSeal(audit::testKey(), true).has_value());
        log->hurry();
        QVERIFY(QTest::qWaitFor([&] { return isIn.load(); }));
        const auto taken = log->append(recordOf("b"));
        isHeld = false;
        QVERIFY2(taken.has_value(), taken ? "" : taken.error().c_str());
    }

    void everyRowReachesTheDisk() {
        const Fixture file;
        std::atomic<int> syncs = 0;
        {
            auto log = file.open([&syncs](int) { return ++syncs, 0; });
            Fixture::appendTo(*log, 100);
            QVERIFY(QTest::qWaitFor([&] { return syncs > 0 && log->isSettled(); }));
            QVERIFY(syncs < 100); // many rows, one commit
            syncs = 0;
            QVERIFY(log->append(recordOf("last")).has_value());
        }
        QCOMPARE(syncs, 1); // at its end, too
    }
};

QTEST_GUILESS_MAIN(TestAuditLog)
#include "tst_audit_log.moc"
