#include "app/mcp/message_headers.h"

#include <QTest>

using namespace keybearer::mcp;
using nlohmann::json;

namespace {

Message request(const char* method, json params) {
    params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"}};
    return *readMessage({{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", std::move(params)}});
}

json toolWith(json properties) {
    return {{"tools", {{{"name", "t"}, {"inputSchema", {{"properties", std::move(properties)}}}}}}};
}

std::string headerOf(const Headers& headers, const std::string& name) {
    for (const auto& [key, value] : headers) {
        if (key == name) {
            return value;
        }
    }
    return "none";
}

} // namespace

class TestMcpMessageHeaders : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The examples of the revision 2026-07-28, "Value Encoding".
    void valuesAreEncoded_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("value");
        QTest::newRow("plain") << QByteArray("us-west1") << QByteArray("us-west1");
        QTest::newRow("a blank within") << QByteArray("a b") << QByteArray("a b");
        QTest::newRow("blanks around") << QByteArray(" padded ") << QByteArray("=?base64?IHBhZGRlZCA=?=");
        QTest::newRow("not ASCII") << QByteArray("Hello, \xE4\xB8\x96\xE7\x95\x8C")
                                   << QByteArray("=?base64?SGVsbG8sIOS4lueVjA==?=");
        QTest::newRow("lines") << QByteArray("line1\nline2") << QByteArray("=?base64?bGluZTEKbGluZTI=?=");
        QTest::newRow("empty") << QByteArray("")
                               << QByteArray("=?base64?"
                                             "?=");
        QTest::newRow("encoded already") << QByteArray("=?base64?YQ==?=")
                                         << QByteArray("=?base64?PT9iYXNlNjQ/WVE9PT89?=");
    }
    void valuesAreEncoded() {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, value);
        QCOMPARE(encodeHeaderValue(text.toStdString()), value.toStdString());
    }

    void oneHeaderIsNoMore() {
        QVERIFY(areSingle({}) && areSingle({{"A", "b c\t=?"}, {"D", ""}}));
        for (const std::string& bad : {std::string("\r"), std::string("\n"), std::string("\0", 1)}) {
            QVERIFY(!areSingle({{"A", "b"}, {"C", "d" + bad + "e"}}));
            QVERIFY(!areSingle({{"A" + bad, "b"}, {"C", "d"}}));
        }
    }

    void aRequestSaysWhatItIsAbout_data() {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("member");
        QTest::newRow("tool") << QByteArray("tools/call") << QByteArray("name");
        QTest::newRow("prompt") << QByteArray("prompts/get") << QByteArray("name");
        QTest::newRow("resource") << QByteArray("resources/read") << QByteArray("uri");
        QTest::newRow("task") << QByteArray("tasks/get") << QByteArray("taskId");
        QTest::newRow("another") << QByteArray("tools/list") << QByteArray();
    }
    void aRequestSaysWhatItIsAbout() {
        QFETCH(const QByteArray, method);
        QFETCH(const QByteArray, member);
        json params = json::object();
        params[member.toStdString()] = "it";
        const Headers headers = messageHeaders(request(method.constData(), params), {});
        QCOMPARE(headerOf(headers, "MCP-Protocol-Version"), std::string("2026-07-28"));
        QCOMPARE(headerOf(headers, "Mcp-Method"), method.toStdString());
        QCOMPARE(headerOf(headers, "Mcp-Name"), std::string(member.isEmpty() ? "none" : "it"));
    }

    void messagesWithoutARevisionHaveNone() {
        json message{{"jsonrpc", "2.0"}, {"id", 1}, {"method", "tools/call"}, {"params", {{"name", "t"}}}};
        QVERIFY(messageHeaders(*readMessage(std::move(message)), {}).empty());
    }

    void argumentsAreRepeatedWhereTheToolSaysSo_data() {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("header");
        QTest::newRow("text") << QByteArray("\"eu\"") << QByteArray("eu");
        QTest::newRow("true") << QByteArray("true") << QByteArray("true");
        QTest::newRow("whole") << QByteArray("42") << QByteArray("42");
        QTest::newRow("whole with a point") << QByteArray("42.0") << QByteArray("42");
        QTest::newRow("negative") << QByteArray("-7") << QByteArray("-7");
        QTest::newRow("more than every parser reads") << QByteArray("9007199254740993") << QByteArray("none");
        QTest::newRow("null") << QByteArray("null") << QByteArray("none");
        QTest::newRow("an object") << QByteArray("{}") << QByteArray("none");
    }
    void argumentsAreRepeatedWhereTheToolSaysSo() {
        QFETCH(const QByteArray, value);
        QFETCH(const QByteArray, header);
        ToolHeaders tools;
        tools.learn(toolWith({{"a", {{"properties", {{"b", {{"x-mcp-header", "It"}}}}}}}}));
        const json arguments{{"a", {{"b", json::parse(value.toStdString())}}}};
        const Headers headers = messageHeaders(request("tools/call", {{"name", "t"}, {"arguments", arguments}}), tools);
        QCOMPARE(headerOf(headers, "Mcp-Param-It"), header.toStdString());
        QCOMPARE(headerOf(messageHeaders(request("tools/call", {{"name", "other"}, {"arguments", arguments}}), tools),
                          "Mcp-Param-It"),
                 std::string("none"));
    }

    void noToolMakesAnotherHeader() {
        ToolHeaders tools;
        tools.learn(toolWith({{"a", {{"x-mcp-header", "A: b\r\nAuthorization"}}},
                              {"b", {{"x-mcp-header", ""}}},
                              {"c", {{"x-mcp-header", 5}}}}));
        const json arguments{{"a", "x"}, {"b", "x"}, {"c", "x"}};
        QCOMPARE(messageHeaders(request("tools/call", {{"name", "t"}, {"arguments", arguments}}), tools).size(),
                 std::size_t(3));
        tools.learn(toolWith({{"a", {{"x-mcp-header", "A"}}}}));
        QCOMPARE(messageHeaders(request("tools/call", {{"name", "t"}, {"arguments", arguments}}), tools).size(),
                 std::size_t(4));
        tools.learn(toolWith(json::object())); // the tool has changed
        QCOMPARE(messageHeaders(request("tools/call", {{"name", "t"}, {"arguments", arguments}}), tools).size(),
                 std::size_t(3));
    }
};

QTEST_APPLESS_MAIN(TestMcpMessageHeaders)
#include "tst_mcp_message_headers.moc"
