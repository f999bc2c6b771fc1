#include "app/mcp/message_headers.h"

#include <QTest>

#include <algorithm>

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
        json listed = toolWith({{"a", {{"properties", {{"b", {{"type", "string"}, {"x-mcp-header", "It"}}}}}}}});
        QVERIFY(tools.learn(listed).empty());
        const json arguments{{"a", {{"b", json::parse(value.toStdString())}}}};
        const Headers headers = messageHeaders(request("tools/call", {{"name", "t"}, {"arguments", arguments}}), tools);
        QCOMPARE(headerOf(headers, "Mcp-Param-It"), header.toStdString());
        QCOMPARE(headerOf(messageHeaders(request("tools/call", {{"name", "other"}, {"arguments", arguments}}), tools),
                          "Mcp-Param-It"),
                 std::string("none"));
    }

    /// The rules of the revision 2026-07-28, Streamable HTTP, "Schema Extension".
    void aToolWithBadAnnotationsIsLeftOut_data() {
        QTest::addColumn<QByteArray>("schema");
        QTest::addColumn<int>("headers"); // -1: left out
        const auto row = [](const QByteArray& name, QByteArray schema, int headers) {
            schema.replace("X:", "'x-mcp-header':").replace("S,", "'type':'string',").replace('\'', '"');
            QTest::newRow(name.constData()) << schema << headers;
        };
        row("none", "{'type':'object','properties':{'a':{'type':'number'}}}", 0);
        row("a string", "{'properties':{'a':{S,X:'A'}}}", 1);
        row("an integer and a boolean", "{'properties':{'a':{'type':'integer',X:'A'},'b':{'type':'boolean',X:'B'}}}",
            2);
        row("below", "{'properties':{'o':{'properties':{'a':{S,X:'A'}}}}}", 1);
        row("every mark of a token", "{'properties':{'a':{S,X:'!#$%&*+-.^_`|~09azAZ'}}}", 1);
        row("an argument of that name", "{'properties':{'x-mcp-header':{'type':'string'},'a':{S,X:'A'}}}", 1);
        row("within what is no schema", "{'properties':{'a':{'default':{X:5},'enum':[{X:5}]}}}", 0);
        row("empty", "{'properties':{'a':{S,X:''}}}", -1);
        row("no text", "{'properties':{'a':{S,X:5}}}", -1);
        row("null", "{'properties':{'a':{S,X:null}}}", -1);
        row("a blank", "{'properties':{'a':{S,X:'A B'}}}", -1);
        row("a colon", "{'properties':{'a':{S,X:'A:'}}}", -1);
        row("lines", "{'properties':{'a':{S,X:'A: b\\r\\nAuthorization'}}}", -1);
        row("not ASCII", "{'properties':{'a':{S,X:'\xC3\xA4'}}}", -1);
        row("too long", "{'properties':{'a':{S,X:'" + QByteArray(129, 'x') + "'}}}", -1);
        row("a number", "{'properties':{'a':{'type':'number',X:'A'}}}", -1);
        row("a list", "{'properties':{'a':{'type':'array',X:'A'}}}", -1);
        row("an object", "{'properties':{'a':{'type':'object',X:'A'}}}", -1);
        row("several types", "{'properties':{'a':{'type':['string','null'],X:'A'}}}", -1);
        row("no type", "{'properties':{'a':{X:'A'}}}", -1);
        row("a reference", "{'properties':{'a':{'$ref':'#/$defs/a',X:'A'}}}", -1);
        row("the root", "{S,X:'A','properties':{}}", -1);
        row("twice", "{'properties':{'a':{S,X:'A'},'b':{S,X:'A'}}}", -1);
        row("twice but for case", "{'properties':{'a':{S,X:'Region'},'b':{'properties':{'c':{S,X:'rEGION'}}}}}", -1);
        for (const char* keyword :
             {"items", "additionalItems", "unevaluatedItems", "contains", "additionalProperties",
              "unevaluatedProperties", "propertyNames", "contentSchema", "not", "if", "then", "else"}) {
            row(keyword, QByteArray("{'properties':{'a':{'") + keyword + "':{S,X:'A'}}}}", -1);
            row(QByteArray(keyword) + " of all", QByteArray("{'") + keyword + "':{'properties':{'a':{S,X:'A'}}}}", -1);
        }
        for (const char* keyword : {"items", "prefixItems", "allOf", "anyOf", "oneOf"}) {
            row(QByteArray(keyword) + ", a list",
                QByteArray("{'") + keyword + "':[true,{'properties':{'a':{S,X:'A'}}}]}", -1);
        }
        for (const char* keyword : {"$defs", "definitions", "patternProperties", "dependentSchemas", "dependencies"}) {
            row(keyword, QByteArray("{'") + keyword + "':{'x':['y'],'a':{S,X:'A'}}}", -1);
        }
        QByteArray many;
        for (int i = 0; i < 65; ++i) {
            many += (i > 0 ? ",'" : "'") + QByteArray::number(i) + "':{S,X:'A" + QByteArray::number(i) + "'}";
        }
        row("too many", "{'properties':{" + many + "}}", -1);
    }
    void aToolWithBadAnnotationsIsLeftOut() {
        QFETCH(const QByteArray, schema);
        QFETCH(const int, headers);
        const json arguments{{"a", "x"}, {"b", "x"}, {"o", {{"a", "x"}}}};
        const auto repeated = [&](const ToolHeaders& tools) {
            return static_cast<int>(
                messageHeaders(request("tools/call", {{"name", "t"}, {"arguments", arguments}}), tools).size() - 3);
        };
        ToolHeaders tools;
        json before = toolWith({{"a", {{"type", "string"}, {"x-mcp-header", "Old"}}}});
        QVERIFY(tools.learn(before).empty());
        QCOMPARE(repeated(tools), 1);
        json result{{"tools",
                     {{{"name", "good"}, {"inputSchema", json::object()}},
                      {{"name", "t"}, {"inputSchema", json::parse(schema.toStdString())}},
                      {{"name", "last"}}}},
                    {"nextCursor", "n"}};
        const json whole = result;
        const auto rejected = tools.learn(result);
        QCOMPARE(repeated(tools), std::max(headers, 0)); // what was known of the tool before is no longer true
        if (headers >= 0) {
            QVERIFY(rejected.empty() && result == whole);
            return;
        }
        QCOMPARE(rejected.size(), std::size_t(1));
        QCOMPARE(rejected.front().tool, std::string("t"));
        QVERIFY(!rejected.front().reason.empty());
        json expected = whole;
        expected["tools"].erase(1);
        QVERIFY(result == expected);
    }

    void whatIsNoListOfToolsStaysAsItIs() {
        ToolHeaders tools;
        for (const char* text :
             {"null", "5", "[]", "{}", R"({"tools":5})", R"({"tools":[5,null,{"name":5},{"inputSchema":7}]})"}) {
            json result = json::parse(text);
            QVERIFY(tools.learn(result).empty());
            QCOMPARE(result.dump(), json::parse(text).dump());
        }
    }
};

QTEST_APPLESS_MAIN(TestMcpMessageHeaders)
#include "tst_mcp_message_headers.moc"
