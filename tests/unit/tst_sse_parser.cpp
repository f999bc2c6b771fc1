#include "app/mcp/message.h"
#include "app/mcp/sse_parser.h"

#include <QStringList>
#include <QTest>

using namespace keybearer::mcp;
using std::chrono::milliseconds;

namespace {

QStringList fed(SseParser& parser, const QByteArray& bytes, qsizetype piece) {
    QStringList events;
    for (qsizetype at = 0; at < bytes.size(); at += piece) {
        const QByteArray part = bytes.mid(at, piece);
        const bool isGood = parser.feed({part.constData(), static_cast<std::size_t>(part.size())},
                                        [&](const std::string& data) { events << QString::fromStdString(data); });
        if (!isGood) {
            events << QStringLiteral("TOO LARGE");
            break;
        }
    }
    return events;
}

} // namespace

class TestSseParser : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatTheStandardShows_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QStringList>("events");
        QTest::addColumn<QByteArray>("id");
        const auto row = [](const char* name, const QByteArray& bytes, const QStringList& events, const char* id = "") {
            QTest::newRow(name) << bytes << events << QByteArray(id);
        };
        const auto one = [](const char* text) { return QStringList{QString::fromUtf8(text)}; };
        row("several lines", "data: YHOO\ndata: +2\ndata: 10\n\n", one("YHOO\n+2\n10"));
        row("comment and id", ": test stream\n\ndata: first\nid: 1\n\n", one("first"), "1");
        row("an empty id", "id: 1\ndata: a\n\ndata:b\nid\n\n", {QStringLiteral("a"), QStringLiteral("b")}, "");
        row("one blank is taken off", "data:  two\n\n", one(" two"));
        row("no data", "event: message\n\n", {});
        row("an empty event has an id", "id: 7\ndata: \n\n", {}, "7");
        row("cut off", "data: a\n\nid: 9\ndata: b\n", one("a"), "");
        row("carriage returns", "data: a\r\rdata: b\r\n\r\n", {QStringLiteral("a"), QStringLiteral("b")});
        row("byte order mark",
            "\xEF\xBB\xBF"
            "data: a\n\n",
            one("a"));
        row("other types", "event: ping\ndata: a\n\nevent: message\ndata: b\n\n", one("b"));
        row("unknown fields", "other: x\ndata: a\nother\n\n", one("a"));
        row("an id that no header carries", "id: 1\ndata: a\n\nid: \xC3\xA4\ndata: b\n\n",
            {QStringLiteral("a"), QStringLiteral("b")}, "1");
        row("an id that is too long", "id: " + QByteArray(1025, 'x') + "\ndata: a\n\n", one("a"), "");
    }
    void whatTheStandardShows() {
        QFETCH(const QByteArray, bytes);
        QFETCH(const QStringList, events);
        QFETCH(const QByteArray, id);
        for (const qsizetype piece : {qsizetype(1), qsizetype(3), bytes.size()}) {
            SseParser parser;
            QCOMPARE(fed(parser, bytes, piece), events);
            QCOMPARE(parser.lastEventId(), id.toStdString());
        }
    }

    void theServerSaysWhenToComeBack_data() {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<int>("ms");
        QTest::newRow("plain") << QByteArray("1500") << 1500;
        QTest::newRow("for ever") << QByteArray("4000000000") << 600'000;
        QTest::newRow("none") << QByteArray("") << -1;
        QTest::newRow("a word") << QByteArray("5s") << -1;
        QTest::newRow("negative") << QByteArray("-5") << -1;
        QTest::newRow("more than a number holds") << QByteArray("99999999999999999999") << -1;
    }
    void theServerSaysWhenToComeBack() {
        QFETCH(const QByteArray, value);
        QFETCH(const int, ms);
        SseParser parser;
        QVERIFY(fed(parser, "retry: " + value + "\n\n", 100).isEmpty());
        QCOMPARE(parser.retry().value_or(milliseconds(-1)).count(), ms);
    }

    void whatIsTooLargeEndsIt() {
        const auto most = static_cast<qsizetype>(kMaxMessage);
        SseParser whole;
        QCOMPARE(fed(whole, "data: " + QByteArray(most, 'x') + "\n\n", 100'000).constFirst().size(), most);
        SseParser line;
        QCOMPARE(fed(line, "data: " + QByteArray(most + 100, 'x'), 100'000), QStringList{QStringLiteral("TOO LARGE")});
        SseParser lines;
        QCOMPARE(fed(lines, ("data: " + QByteArray(most / 2, 'x') + "\n").repeated(3), 100'000),
                 QStringList{QStringLiteral("TOO LARGE")});
        SseParser comment;
        QCOMPARE(fed(comment, ":" + QByteArray(2 * most, 'x'), 100'000), QStringList{QStringLiteral("TOO LARGE")});
        QVERIFY(!comment.feed("data: a\n\n", [](const std::string&) {}));
    }
};

QTEST_APPLESS_MAIN(TestSseParser)
#include "tst_sse_parser.moc"
