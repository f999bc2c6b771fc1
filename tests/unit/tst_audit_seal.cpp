/// \file
/// What each change to the files looks like afterwards, and that a crash at any moment looks like none.

#include "daemon/crypto/crypto.h"
#include "tests/unit/audit_test.h"

#include <unistd.h>

using namespace keybearer;
using namespace keybearer::audit;

namespace {

/// A record of which the first `rows` rows are sealed.
void sealedRows(const AuditFixture& file, int rows, const SealKey& key = testKey()) {
    auto log = file.open();
    AuditFixture::appendTo(*log, rows);
    QVERIFY(log->prepareSeal(key).has_value());
    QVERIFY(log->beginSeal(key, true).has_value());
}

/// Starts again with the key that the keychain has, and gives the event and reason of a row that says what was found.
QString newsOf(const AuditFixture& file, const SealKey& key = testKey()) {
    const qsizetype before = file.lines().size();
    {
        auto log = file.open();
        if (!log || !log->beginSeal(key, false)) {
            return QStringLiteral("failed");
        }
    }
    const QList<QByteArray> lines = file.lines();
    if (lines.size() == before) {
        return {};
    }
    const QJsonObject news = objectOf(lines.last());
    return news.value(u"event").toString() + QStringLiteral(": ") + news.value(u"reason").toString();
}

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

/// The lines, chained anew from the one at `from` on, as somebody would who knows the format.
QList<QByteArray> chainedAnew(QList<QByteArray> lines, qsizetype from) {
    for (qsizetype i = from; i < lines.size(); ++i) {
        const QByteArray previous =
            i == 0 ? QByteArray(64, '0') : QByteArray::fromStdString(crypto::sha256Hex(lines[i - 1].toStdString()));
        const qsizetype at = lines[i].indexOf("\"prev\":\"") + 8;
        lines[i].replace(at, 64, previous);
        lines[i].replace(7, lines[i].indexOf(',') - 7, QByteArray::number(i + 1));
    }
    return lines;
}

} // namespace

class TestAuditSeal : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aHeadIsReadAgain() {
        const Mark mark{42, std::string(64, 'b')};
        const auto head = parseHead(formatHead(testKey(), mark));
        QVERIFY(head.has_value());
        QCOMPARE(head->file, testKey().file);
        QCOMPARE(head->mark.count, 42U);
        QCOMPARE(head->mark.hash, mark.hash);
        QVERIFY(isSealedBy(*head, testKey()));
        QVERIFY(!isSealedBy(*head, testKey('x')));
        SealKey elsewhere = testKey();
        elsewhere.file = "fedcba9876543210";
        QVERIFY(!isSealedBy(*head, elsewhere));
    }

    void theSealIsTheOneOfTheFormat() {
        // FORMAT.md's example; the expected value is Python's:
        // hmac.new(b"k"*32, b"keybearer-audit-head 1\n0123456789abcdef\n42\n" + b"b"*64 + b"\n", "sha256").hexdigest()
        const auto head = parseHead(formatHead(testKey(), {42, std::string(64, 'b')}));
        QCOMPARE(head->mac, std::string("bac992c6560159ee613703901a149e138b5f6ea363a0b43e48436698d7fa3b73"));
    }

    void eachMemberIsSealed_data() {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::newRow("file") << QByteArray("0123456789abcdef") << QByteArray("0123456789abcdee");
        QTest::newRow("count") << QByteArray("\"count\":42") << QByteArray("\"count\":41");
        QTest::newRow("hash") << QByteArray("\"hash\":\"b") << QByteArray("\"hash\":\"c");
    }
    void eachMemberIsSealed() {
        QFETCH(const QByteArray, from);
        QFETCH(const QByteArray, to);
        QByteArray text = QByteArray::fromStdString(formatHead(testKey(), {42, std::string(64, 'b')}));
        QVERIFY(text.contains(from));
        text.replace(from, to);
        const auto head = parseHead(text.toStdString());
        QVERIFY(head.has_value());
        QVERIFY(!isSealedBy(*head, testKey()));
    }

    void whatIsNoHeadIsRefused_data() {
        QTest::addColumn<QByteArray>("text");
        const QByteArray good = QByteArray::fromStdString(formatHead(testKey(), {42, std::string(64, 'b')}));
        const auto row = [&](const char* name, const char* from, const char* to) {
            QTest::newRow(name) << QByteArray(good).replace(from, to);
        };
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("no line feed") << good.chopped(1);
        QTest::newRow("something behind it") << good + "\n";
        QTest::newRow("too long") << good.chopped(1) + QByteArray(2000, ' ') + "\n";
        row("another version", "\"version\":1", "\"version\":2");
        row("another format", "audit-head", "audit-tail");
        row("white space", "\"count\":42", "\"count\": 42");
        row("count 0", "\"count\":42", "\"count\":0");
        row("negative count", "\"count\":42", "\"count\":-2");
        row("leading zero", "\"count\":42", "\"count\":042");
        row("beyond 64 bits", "\"count\":42", "\"count\":18446744073709551616");
        row("short name", "0123456789abcdef", "0123456789abcde");
        row("name of no hexadecimal", "0123456789abcdef", "0123456789abcdeg");
        row("short hash", "\"hash\":\"b", "\"hash\":\"");
        row("hash in capitals", "\"hash\":\"b", "\"hash\":\"B");
        row("no mac", "\"mac\"", "\"mad\"");
    }
    void whatIsNoHeadIsRefused() {
        QFETCH(const QByteArray, text);
        QVERIFY(!parseHead(text.toStdString()));
    }

    void aSealedRecordIsWhole() {
        const AuditFixture file;
        sealedRows(file, 5);
        const Report report = file.verifySealed();
        QCOMPARE(AuditFixture::firstOf(report), std::string());
        QCOMPARE(report.rows, 5U);
        QCOMPARE(report.sealed, 5U);
        QVERIFY(report.notes.empty());
        QCOMPARE(newsOf(file), QString());
        struct stat info {};
        QCOMPARE(::stat(file.headPath.c_str(), &info), 0);
        QCOMPARE(info.st_mode & 07777U, 0600U);
    }

    void eachCommitIsSealed() {
        const AuditFixture file;
        auto log = file.open();
        AuditFixture::appendTo(*log, 2);
        QVERIFY(log->prepareSeal(testKey()).has_value());
        QVERIFY(log->beginSeal(testKey(), true).has_value());
        for (const std::uint64_t rows : {3U, 4U, 5U}) {
            QVERIFY(log->append(recordOf("more")).has_value());
            AuditFixture::settle(*log);
            QCOMPARE(parseHead(*log->headText())->mark.count, rows);
        }
    }

    void aChangeIsFoundOut_data() {
        QTest::addColumn<int>("change");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("end cut off")
            << 0
            << QByteArray(
                   ":4: the record ends here, and the seal says that there were 6 rows: rows 5 to 6 were cut off");
        QTest::newRow("last row cut off")
            << 1
            << QByteArray(":5: the record ends here, and the seal says that there were 6 rows: row 6 were cut off");
        QTest::newRow("row changed")
            << 2 << QByteArray(":3: this line does not follow from the one before it, row 2: one of them was changed");
        QTest::newRow("last row changed") << 3 << QByteArray(":6: this is not the row that was sealed as number 6");
        QTest::newRow("row removed")
            << 4 << QByteArray(":2: this line has another number, 3 in the place of 2: row 2 were taken out");
        QTest::newRow("rows swapped") << 5 << QByteArray(":2: this line has another number, 3 in the place of 2");
        QTest::newRow("row changed and chained anew")
            << 6
            << QByteArray(":6: this is not the row that was sealed as number 6: the rows up to it were written anew");
        QTest::newRow("row removed and chained anew")
            << 7 << QByteArray(":5: the record ends here, and the seal says that there were 6 rows");
        QTest::newRow("another record in its place")
            << 8 << QByteArray(":6: this is not the row that was sealed as number 6");
        QTest::newRow("emptied")
            << 9
            << QByteArray(
                   ":0: the record ends here, and the seal says that there were 6 rows: rows 1 to 6 were cut off");
        QTest::newRow("beginning removed")
            << 10 << QByteArray(":1: this line has another number than 1: row 1 are missing, and no row says");
    }
    void aChangeIsFoundOut() {
        QFETCH(const int, change);
        QFETCH(const QByteArray, says);
        const AuditFixture file;
        sealedRows(file, 6);
        QList<QByteArray> lines = file.lines();
        switch (change) {
        case 0: lines = lines.mid(0, 4); break;
        case 1: lines.removeLast(); break;
        case 2: lines[1].replace("account1", "account9"); break;
        case 3: lines[5].replace("account5", "account9"); break;
        case 4: lines.removeAt(1); break;
        case 5: lines.swapItemsAt(1, 2); break;
        case 6:
            lines[1].replace("account1", "account9");
            lines = chainedAnew(lines, 2);
            break;
        case 7:
            lines.removeAt(1);
            lines = chainedAnew(lines, 1);
            break;
        case 8: {
            const AuditFixture other;
            other.append(8);
            lines = other.lines();
            lines[0].replace("account0", "account9");
            lines = chainedAnew(lines, 1);
            break;
        }
        case 9: lines.clear(); break;
        default: lines.removeFirst(); break;
        }
        file.write(lines.isEmpty() ? QByteArray() : lines.join('\n') + '\n');
        const std::string error = AuditFixture::firstOf(file.verifySealed());
        QVERIFY2(QByteArray::fromStdString(error).startsWith(says), error.c_str());
    }

    void aChangedSealIsFoundOut_data() {
        QTest::addColumn<int>("change");
        QTest::addColumn<QByteArray>("says");
        QTest::addColumn<QString>("news");
        QTest::newRow("gone") << 0 << QByteArray(":0: the seal (audit.head) is missing")
                              << QStringLiteral("audit.tampered: audit.head, which held the seal, was gone");
        QTest::newRow("changed") << 1 << QByteArray(":0: the seal (audit.head) was not made with this record's key")
                                 << QStringLiteral("audit.tampered: audit.head was not as the broker had written it");
        QTest::newRow("garbage") << 2 << QByteArray(":0: the seal (audit.head) is not what a broker writes")
                                 << QStringLiteral("audit.tampered: audit.head was not as the broker had written it");
        QTest::newRow("empty") << 3 << QByteArray(":0: the seal (audit.head) is not what a broker writes")
                               << QStringLiteral("audit.tampered: audit.head was not as the broker had written it");
        QTest::newRow("of another key") << 4
                                        << QByteArray(":0: the seal (audit.head) was not made with this record's key")
                                        << QStringLiteral(
                                               "audit.tampered: audit.head was not as the broker had written it");
    }
    void aChangedSealIsFoundOut() {
        QFETCH(const int, change);
        QFETCH(const QByteArray, says);
        QFETCH(const QString, news);
        const AuditFixture file;
        sealedRows(file, 6);
        const QByteArray head = AuditFixture::contentOf(file.headPath);
        switch (change) {
        case 0: QVERIFY(QFile::remove(QString::fromStdString(file.headPath))); break;
        case 1: AuditFixture::writeTo(file.headPath, QByteArray(head).replace("\"count\":6", "\"count\":5")); break;
        case 2: AuditFixture::writeTo(file.headPath, "{}\n"); break;
        case 3: AuditFixture::writeTo(file.headPath, ""); break;
        default:
            AuditFixture::writeTo(file.headPath, QByteArray::fromStdString(
                                                     formatHead(testKey('x'), parseHead(head.toStdString())->mark)));
            break;
        }
        const std::string error = AuditFixture::firstOf(file.verifySealed());
        QVERIFY2(QByteArray::fromStdString(error).startsWith(says), error.c_str());
        const QString found = newsOf(file);
        QVERIFY2(found.startsWith(news), qPrintable(found));
    }

    /// The broker seals what it finds; what it found stays in the record for good.
    void aRestartHidesNothing_data() {
        QTest::addColumn<int>("kept");
        QTest::addColumn<QByteArray>("change");
        QTest::addColumn<QString>("news");
        QTest::newRow("end cut off")
            << 4 << QByteArray()
            << QStringLiteral(
                   "audit.tampered: the record ended at row 4, and 6 rows were sealed: rows 5 to 6 were cut off");
        QTest::newRow("everything cut off")
            << 0 << QByteArray()
            << QStringLiteral(
                   "audit.tampered: the record ended at row 0, and 6 rows were sealed: rows 1 to 6 were cut off");
        QTest::newRow("last row changed")
            << 6 << QByteArray("account5") << QStringLiteral("audit.tampered: row 6 was not the one that was sealed");
    }
    void aRestartHidesNothing() {
        QFETCH(const int, kept);
        QFETCH(const QByteArray, change);
        QFETCH(const QString, news);
        const AuditFixture file;
        sealedRows(file, 6);
        QList<QByteArray> lines = file.lines().mid(0, kept);
        if (!change.isEmpty()) {
            lines.last().replace(change, "account9");
        }
        file.write(lines.isEmpty() ? QByteArray() : lines.join('\n') + '\n');
        const QString found = newsOf(file);
        QVERIFY2(found.startsWith(news), qPrintable(found));
        QCOMPARE(newsOf(file), QString());
        const Report report = file.verifySealed();
        QCOMPARE(report.problems.size(), 1U);
        QVERIFY2(contains(report.problems[0].text, "the broker found when it started: "),
                 report.problems[0].text.c_str());
    }

    /// SIGKILL and power loss: the rows are there, the head is one of the older ones.
    void aHeadThatIsBehindIsNoTampering_data() {
        QTest::addColumn<int>("sealed");
        for (int sealed = 1; sealed <= 6; ++sealed) {
            QTest::addRow("%d of 6", sealed) << sealed;
        }
    }
    void aHeadThatIsBehindIsNoTampering() {
        QFETCH(const int, sealed);
        const AuditFixture file;
        sealedRows(file, sealed);
        const QByteArray head = AuditFixture::contentOf(file.headPath);
        {
            auto log = file.open();
            QVERIFY(log->beginSeal(testKey(), false).has_value());
            AuditFixture::appendTo(*log, 6 - sealed);
        }
        AuditFixture::writeTo(file.headPath, head);
        const Report report = file.verifySealed();
        QCOMPARE(AuditFixture::firstOf(report), std::string());
        QCOMPARE(report.sealed, static_cast<unsigned>(sealed));
        QCOMPARE(report.notes.empty(), sealed == 6);
        if (sealed < 6) {
            QVERIFY2(contains(report.notes[0], " not sealed yet"), report.notes[0].c_str());
        }
        const QString news = newsOf(file);
        QVERIFY2(sealed == 6 ? news.isEmpty() : news.startsWith(QStringLiteral("audit.seal: row")), qPrintable(news));
        QCOMPARE(AuditFixture::firstOf(file.verifySealed()), std::string());
    }

    /// Power loss: the file ends anywhere behind the rows that are sealed.
    void everyCutBehindTheSealIsNoTampering() {
        const AuditFixture file;
        sealedRows(file, 3);
        const QByteArray head = AuditFixture::contentOf(file.headPath);
        const qsizetype sealed = file.content().size();
        file.append(2);
        const QByteArray all = file.content();
        for (qsizetype size = sealed; size <= all.size(); size += 7) {
            file.write(all.left(size));
            AuditFixture::writeTo(file.headPath, head);
            const QString news = newsOf(file);
            QVERIFY2(!news.startsWith(QStringLiteral("audit.tampered")) && news != QStringLiteral("failed"),
                     qPrintable(news));
            QCOMPARE(AuditFixture::firstOf(file.verifySealed()), std::string());
        }
        file.write(all.left(sealed - 1)); // what is sealed was on the disk before the head
        QVERIFY(newsOf(file).startsWith(QStringLiteral("audit.tampered")));
    }

    /// Killed while the first key is made: a head without a key in the keychain, which then makes another one.
    void aHeadOfAKeyThatNeverWasIsNoTampering() {
        const AuditFixture file;
        {
            auto log = file.open();
            AuditFixture::appendTo(*log, 2);
            QVERIFY(log->prepareSeal(testKey('x')).has_value());
        }
        {
            auto log = file.open();
            QVERIFY(log->prepareSeal(testKey()).has_value());
            QVERIFY(log->beginSeal(testKey(), true).has_value());
        }
        const Report report = file.verifySealed();
        QCOMPARE(AuditFixture::firstOf(report), std::string());
        QCOMPARE(report.sealed, 3U);
        QVERIFY2(contains(report.notes.at(0), "the keychain had no key"), report.notes[0].c_str());
    }

    void rowsThatNothingSealedAreNamed() {
        const AuditFixture file;
        sealedRows(file, 3);
        file.append(4); // the keychain was locked
        Report report = file.verifySealed();
        QCOMPARE(AuditFixture::firstOf(report), std::string());
        QCOMPARE(QByteArray::fromStdString(report.notes.at(0)), QByteArray("rows 4 to 7 not sealed yet"));
        auto log = file.open();
        AuditFixture::appendTo(*log, 2);
        QVERIFY(log->beginSeal(testKey(), false).has_value()); // it has opened
        AuditFixture::settle(*log);
        report = file.verifySealed();
        QCOMPARE(AuditFixture::firstOf(report), std::string());
        QCOMPARE(report.sealed, 10U);
        QVERIFY2(contains(report.notes.at(0), "rows 4 to 7 were written and not yet sealed"), report.notes[0].c_str());
    }

    void withoutTheKeyTheChainAloneIsChecked() {
        const AuditFixture file;
        sealedRows(file, 3);
        Report report = file.verify();
        QVERIFY(report.problems.empty());
        QCOMPARE(report.sealed, 0U);
        QCOMPARE(QByteArray::fromStdString(report.notes.at(0)),
                 QByteArray("the seal cannot be checked: no key in this test"));
    }

    void theBrokersMemoryIsHeldAgainstTheFile() {
        const AuditFixture file;
        file.append(4);
        auto log = file.open();
        Expected expected;
        expected.written = log->mark();
        QCOMPARE(AuditFixture::firstOf(file.verify(expected)), std::string());
        file.write(file.lines().mid(0, 3));
        QVERIFY(contains(AuditFixture::firstOf(file.verify(expected)),
                         ":3: the record ends here, and the broker has written 4 rows: row 4"));
        file.write(QByteArray());
        QVERIFY(contains(AuditFixture::firstOf(file.verify(expected)), "the broker has written 4 rows: rows 1 to 4"));
    }
};

QTEST_GUILESS_MAIN(TestAuditSeal)
#include "tst_audit_seal.moc"
