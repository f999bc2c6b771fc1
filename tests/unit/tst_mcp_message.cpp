#include "app/mcp/message.h"

#include <QTest>

using namespace keybearer::mcp;
using Kind = Message::Kind;

namespace {

/// JSON that is written with single quotes.
QByteArray quoted(QByteArray text) {
    return text.replace('\'', '"');
}

} // namespace

class TestMcpMessage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsAMessage_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("id");
        const auto row = [](const char* text, Kind kind, const char* id) {
            QTest::newRow(text) << quoted(text) << static_cast<int>(kind) << QByteArray(id);
        };
        row("{'jsonrpc':'2.0','id':5,'method':'ping'}", Kind::Request, "5");
        row("{'jsonrpc':'2.0','id':-1,'method':'ping'}", Kind::Request, "-1");
        row("{'jsonrpc':'2.0','id':'a b','method':'ping'}", Kind::Request, "\"a b\"");
        row("{'jsonrpc':'2.0','method':'notifications/x'}", Kind::Notification, "");
        row("{'jsonrpc':'2.0','id':5,'result':{}}", Kind::Response, "5");
        row("{'jsonrpc':'2.0','id':5,'error':{}}", Kind::Response, "5");
        row("{'jsonrpc':'2.0','id':null,'error':{}}", Kind::Response, "");
    }
    void whatIsAMessage() {
        QFETCH(const QByteArray, text);
        QFETCH(const int, kind);
        QFETCH(const QByteArray, id);
        const auto message = parseMessage(text.toStdString());
        QVERIFY(message.has_value());
        QCOMPARE(static_cast<int>(message->kind), kind);
        QCOMPARE(message->id, id.toStdString());
    }

    void whatIsNone_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("id");
        const auto row = [](const char* name, const QByteArray& text, int code, const char* id = "null") {
            QTest::newRow(name) << quoted(text) << code << QByteArray(id);
        };
        row("nothing", "", -32700);
        row("two", "{'jsonrpc':'2.0','method':'a'} {}", -32700);
        row("no UTF-8", "\"\xFF\"", -32700);
        row("a byte order mark alone", "\xEF\xBB\xBF", -32700);
        row("too deep", QByteArray("[").repeated(200) + QByteArray("]").repeated(200), -32700);
        row("too large", "\"" + QByteArray(static_cast<qsizetype>(kMaxMessage), 'x') + "\"", -32700);
        row("a number", "5", -32600);
        row("a batch", "[{'jsonrpc':'2.0','id':1,'method':'a'}]", -32600);
        row("no version", "{'id':1,'method':'a'}", -32600, "1");
        row("another version", "{'jsonrpc':'1.0','id':'x','method':'a'}", -32600, "\"x\"");
        row("an id that is none", "{'jsonrpc':'2.0','id':1.5,'method':'a'}", -32600);
        row("no id", "{'jsonrpc':'2.0','id':null,'method':'a'}", -32600);
        row("a long id", "{'jsonrpc':'2.0','method':'a','id':'" + QByteArray(2000, 'x') + "'}", -32600);
        row("an empty method", "{'jsonrpc':'2.0','id':1,'method':''}", -32600, "1");
        row("a method with a line in it", "{'jsonrpc':'2.0','id':1,'method':'a\\r\\nb: c'}", -32600, "1");
        row("a long method", "{'jsonrpc':'2.0','id':1,'method':'" + QByteArray(257, 'x') + "'}", -32600, "1");
        row("neither", "{'jsonrpc':'2.0','id':1}", -32600, "1");
        row("both", "{'jsonrpc':'2.0','id':1,'result':1,'error':{}}", -32600, "1");
    }
    void whatIsNone() {
        QFETCH(const QByteArray, text);
        QFETCH(const int, code);
        QFETCH(const QByteArray, id);
        const auto message = parseMessage(text.toStdString());
        QVERIFY(!message.has_value());
        QCOMPARE(message.error().code, code);
        QCOMPARE(message.error().id, id.toStdString());
    }

    void aRevisionIsReadFromRequestsAlone() {
        const auto versionOf = [](const char* text) {
            return parseMessage(quoted(text).toStdString())->claimedVersion();
        };
        QCOMPARE(versionOf("{'jsonrpc':'2.0','id':1,'method':'a','params':{'_meta':{"
                           "'io.modelcontextprotocol/protocolVersion':'2026-07-28'}}}"),
                 std::string("2026-07-28"));
        for (const char* none :
             {"{'jsonrpc':'2.0','method':'a','params':{'_meta':{"
              "'io.modelcontextprotocol/protocolVersion':'2026-07-28'}}}",
              "{'jsonrpc':'2.0','id':1,'method':'a','params':{'_meta':{"
              "'io.modelcontextprotocol/protocolVersion':'2\\r\\nX: y'}}}",
              "{'jsonrpc':'2.0','id':1,'method':'a','params':[]}", "{'jsonrpc':'2.0','id':1,'method':'a'}"}) {
            QCOMPARE(versionOf(none), std::string());
        }
    }

    void aRevisionFitsAHeader() {
        QVERIFY(isRevision("2025-06-18") && isRevision(std::string(64, 'x')) && isRevision("DRAFT-2026-v1"));
        for (const std::string& none :
             {std::string(), std::string(65, 'x'), std::string("2025-06-18\r\nX-Injected: yes"), std::string("a\nb"),
              std::string("a\rb"), std::string("a\0b", 3), std::string("a b"), std::string("a\tb"), std::string("\x7F"),
              std::string("ä")}) {
            QVERIFY2(!isRevision(none), none.c_str());
        }
    }

    void anErrorAnswerIsOneMessage() {
        const std::string text = errorAnswer("\"a\"", -32000, "it \"failed\"\n", "kind", 500);
        const auto message = parseMessage(text);
        QVERIFY(message.has_value());
        QCOMPARE(message->id, std::string("\"a\""));
        const auto& error = message->body.at("error");
        QCOMPARE(error.at("message").get<std::string>(), std::string("it \"failed\"\n"));
        QCOMPARE(error.at("data").at("status").get<int>(), 500);
        QVERIFY(text.find('\n') == std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestMcpMessage)
#include "tst_mcp_message.moc"
