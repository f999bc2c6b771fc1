#include "daemon/audit/audit_line.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace keybearer;
using audit::Mark;
using audit::readLine;
using audit::Record;

namespace {

const QByteArray kHash(64, 'a');

QByteArray minimal(const QByteArray& more = {}) {
    return "{\"seq\":1" + more + ",\"prev\":\"" + kHash + "\"}";
}

} // namespace

/// Lines that are written are read again; lines that are none are refused.
class TestAuditLine : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aWrittenLineIsReadAgain() {
        const std::string outside("/opt/\xC3\xA9\xF0\x9F\x94\x91\"\\\n\x1b\0x", 17);
        Record record;
        record.uid = 4'294'967'295U;
        record.pid = -1;
        record.exe = outside;
        for (const auto& [name, member] : audit::kFirstTexts) {
            record.*member = name;
        }
        for (const auto& [name, member] : audit::kOptionalTexts) {
            record.*member = name;
        }
        std::string line;
        audit::appendLine(line, record, UINT64_MAX, -audit::kMaxTime, kHash.toStdString());
        const auto row = readLine(line);
        QVERIFY(row.has_value());
        QCOMPARE(row->sequence, UINT64_MAX);
        QCOMPARE(row->time, -audit::kMaxTime);
        QCOMPARE(row->record.uid, record.uid);
        QCOMPARE(row->record.pid, record.pid);
        QCOMPARE(audit::unescaped(row->record.exe), outside);
        QVERIFY(row->previousHash == kHash.toStdString());
        for (const auto& [name, member] : audit::kFirstTexts) {
            QVERIFY(row->record.*member == name);
        }
        for (const auto& [name, member] : audit::kOptionalTexts) {
            QVERIFY(row->record.*member == name);
        }
        QVERIFY(QJsonDocument::fromJson(QByteArray::fromStdString(line)).isObject());
    }

    void theLongestLineHasABound() {
        const std::string longest(100'000, '\x01');
        Record record;
        record.exe = longest;
        for (const auto& [name, member] : audit::kFirstTexts) {
            record.*member = longest;
        }
        for (const auto& [name, member] : audit::kOptionalTexts) {
            record.*member = longest;
        }
        std::string line;
        audit::appendLine(line, record, UINT64_MAX, -audit::kMaxTime, kHash.toStdString());
        QVERIFY(line.size() < audit::kMaxLineBytes);
        QVERIFY(readLine(line).has_value());
    }

    void rowsOfLaterVersionsAreRead() {
        const auto row = readLine(minimal(",\"later\":\"x\",\"number\":-7").toStdString());
        QVERIFY(row.has_value());
        QCOMPARE(row->sequence, 1U);
    }

    void whatIsNoRecordIsRefused_data() {
        QTest::addColumn<QByteArray>("line");
        const auto row = [](const char* name, const QByteArray& line) { QTest::newRow(name) << line; };
        row("nothing", "");
        row("a list", "[]");
        row("an empty object", "{}");
        row("no number", "{\"prev\":\"" + kHash + "\"}");
        row("no hash", "{\"seq\":1}");
        row("number 0", "{\"seq\":0,\"prev\":\"\"}");
        row("negative number", "{\"seq\":-1,\"prev\":\"\"}");
        row("leading zero", "{\"seq\":01,\"prev\":\"\"}");
        row("plus", "{\"seq\":+1,\"prev\":\"\"}");
        row("fraction", "{\"seq\":1.0,\"prev\":\"\"}");
        row("exponent", "{\"seq\":1e3,\"prev\":\"\"}");
        row("beyond 64 bits", "{\"seq\":18446744073709551616,\"prev\":\"\"}");
        row("a time far away", minimal(",\"time\":1099511627777"));
        row("a time long ago", minimal(",\"time\":-1099511627777"));
        row("number as text", "{\"seq\":\"1\",\"prev\":\"\"}");
        row("text as number", minimal(",\"event\":1"));
        row("null", minimal(",\"event\":null"));
        row("object in it", minimal(",\"x\":{}"));
        row("list in it", minimal(",\"x\":[]"));
        row("number twice", minimal(",\"seq\":1"));
        row("text twice", minimal(",\"event\":\"a\",\"event\":\"b\""));
        row("uid beyond 32 bits", minimal(",\"uid\":4294967296"));
        row("white space", "{ \"seq\":1,\"prev\":\"\"}");
        row("something behind it", minimal() + "x");
        row("comma at the end", "{\"seq\":1,\"prev\":\"\",}");
        row("no end", "{\"seq\":1,\"prev\":\"\"");
        row("no end of a text", "{\"seq\":1,\"prev\":\"");
        row("name without quotes", "{seq:1,\"prev\":\"\"}");
        row("control character", minimal(",\"event\":\"a\x1f\""));
        row("DEL", minimal(",\"event\":\"a\x7f\""));
        row("byte beyond ASCII", minimal(",\"event\":\"\xC3\xA9\""));
        row("half an escape", minimal(",\"event\":\"\\u12\""));
        row("escape of no hexadecimal", minimal(",\"event\":\"\\u12g4\""));
        row("unknown escape", minimal(",\"event\":\"\\x\""));
        row("backslash at the end", "{\"seq\":1,\"prev\":\"\\");
    }
    void whatIsNoRecordIsRefused() {
        QFETCH(const QByteArray, line);
        QVERIFY(!readLine(line.toStdString()));
    }

    void escapesBecomeText_data() {
        QTest::addColumn<QByteArray>("escaped");
        QTest::addColumn<QByteArray>("text");
        // RFC 8259 section 7.
        QTest::newRow("none") << QByteArray("plain") << QByteArray("plain");
        QTest::newRow("short ones") << QByteArray(R"(\"\\\/\b\f\n\r\t)") << QByteArray("\"\\/\b\f\n\r\t");
        QTest::newRow("one byte") << QByteArray(R"(\u0041)") << QByteArray("A");
        QTest::newRow("two bytes") << QByteArray(R"(\u00e9)") << QByteArray("\xC3\xA9");
        QTest::newRow("three bytes") << QByteArray(R"(\u65E5)") << QByteArray("\xE6\x97\xA5");
        QTest::newRow("four bytes") << QByteArray(R"(\ud83d\udd11)") << QByteArray("\xF0\x9F\x94\x91");
        QTest::newRow("half a pair") << QByteArray(R"(\ud83dx)") << QByteArray("\xEF\xBF\xBDx");
        QTest::newRow("half a pair, at the end") << QByteArray(R"(\ud83d)") << QByteArray("\xEF\xBF\xBD");
        QTest::newRow("the other half") << QByteArray(R"(\udd11)") << QByteArray("\xEF\xBF\xBD");
        QTest::newRow("two first halves") << QByteArray(R"(\ud83d\ud83d)") << QByteArray("\xEF\xBF\xBD\xEF\xBF\xBD");
    }
    void escapesBecomeText() {
        QFETCH(const QByteArray, escaped);
        QFETCH(const QByteArray, text);
        QCOMPARE(QByteArray::fromStdString(audit::unescaped(escaped.toStdString())), text);
    }

    void aRemovalNamesARow() {
        const auto mark = audit::parseRemoved(audit::removedText({17, kHash.toStdString()}));
        QVERIFY(mark.has_value());
        QCOMPARE(mark->count, 17U);
        QCOMPARE(mark->hash, kHash.toStdString());
    }

    void whatIsNoRemovalIsRefused_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("no hash") << QByteArray("17 ");
        QTest::newRow("short hash") << "17 " + kHash.chopped(1);
        QTest::newRow("long hash") << "17 " + kHash + "a";
        QTest::newRow("capitals") << "17 " + kHash.toUpper();
        QTest::newRow("no number") << " " + kHash;
        QTest::newRow("number 0") << "0 " + kHash;
        QTest::newRow("leading zero") << "017 " + kHash;
        QTest::newRow("no space") << "17" + kHash;
    }
    void whatIsNoRemovalIsRefused() {
        QFETCH(const QByteArray, text);
        QVERIFY(!audit::parseRemoved(text.toStdString()));
    }
};

QTEST_APPLESS_MAIN(TestAuditLine)
#include "tst_audit_line.moc"
