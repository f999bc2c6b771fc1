#include "ipc/protocol/message.h"

#include <QTest>

using namespace keybearer::protocol;

class tst_Message : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void parses();
    void refuses_data();
    void refuses();
    void answersAreOneLineEach();
    void aBodyIsWrittenMemberByMember();
    void aBodyOfATreeIsTheTree();
    void errorsCarryCodeAndKind();
    void everyKindIsFoundByName();
};

void tst_Message::parses() {
    const auto request = parseRequest(R"({"jsonrpc":"2.0","id":"a","method":"m","params":{"x":1}})");
    QVERIFY(request);
    QCOMPARE(request->method, std::string("m"));
    QVERIFY(request->id == "a");
    QVERIFY(request->params == nlohmann::json({{"x", 1}}));
    const auto bare = parseRequest(R"({"jsonrpc":"2.0","id":7,"method":"m"})");
    QVERIFY(bare && bare->params.is_object() && bare->params.empty());
}

void tst_Message::refuses_data() {
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<int>("code"); // JSON-RPC 2.0 section 5.1
    QTest::newRow("not JSON") << QByteArray("hello") << -32700;
    QTest::newRow("empty line") << QByteArray("") << -32700;
    QTest::newRow("batch") << QByteArray(R"([{"jsonrpc":"2.0","id":1,"method":"m"}])") << -32600;
    QTest::newRow("number") << QByteArray("1") << -32600;
    QTest::newRow("no version") << QByteArray(R"({"id":1,"method":"m"})") << -32600;
    QTest::newRow("version 1") << QByteArray(R"({"jsonrpc":"1.0","id":1,"method":"m"})") << -32600;
    QTest::newRow("version as number") << QByteArray(R"({"jsonrpc":2.0,"id":1,"method":"m"})") << -32600;
    QTest::newRow("notification") << QByteArray(R"({"jsonrpc":"2.0","method":"m"})") << -32600;
    QTest::newRow("null id") << QByteArray(R"({"jsonrpc":"2.0","id":null,"method":"m"})") << -32600;
    QTest::newRow("fractional id") << QByteArray(R"({"jsonrpc":"2.0","id":1.5,"method":"m"})") << -32600;
    QTest::newRow("object id") << QByteArray(R"({"jsonrpc":"2.0","id":{},"method":"m"})") << -32600;
    QTest::newRow("long id") << QByteArray(R"({"jsonrpc":"2.0","method":"m","id":")" + QByteArray(129, 'x') + R"("})")
                             << -32600;
    QTest::newRow("no method") << QByteArray(R"({"jsonrpc":"2.0","id":1})") << -32600;
    QTest::newRow("method is no string") << QByteArray(R"({"jsonrpc":"2.0","id":1,"method":1})") << -32600;
    QTest::newRow("positional params") << QByteArray(R"({"jsonrpc":"2.0","id":1,"method":"m","params":[1]})") << -32600;
    QTest::newRow("null params") << QByteArray(R"({"jsonrpc":"2.0","id":1,"method":"m","params":null})") << -32600;
    QTest::newRow("unknown member") << QByteArray(R"({"jsonrpc":"2.0","id":1,"method":"m","x":1})") << -32600;
    QTest::newRow("33 deep") << QByteArray(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"a":)" +
                                           QByteArray(31, '[') + QByteArray(31, ']') + "}}")
                             << -32700;
}

void tst_Message::refuses() {
    QFETCH(QByteArray, line);
    QFETCH(int, code);
    const auto request = parseRequest(line.toStdString());
    QVERIFY(!request);
    QCOMPARE(errorInfo(request.error().error.kind).code, code);
}

void tst_Message::answersAreOneLineEach() {
    const std::string line = encodeResult(7, nlohmann::json{{"text", "a\nb"}});
    QCOMPARE(line, std::string("{\"id\":7,\"jsonrpc\":\"2.0\",\"result\":{\"text\":\"a\\nb\"}}\n"));
    QVERIFY(encodeResult("x", nlohmann::json{{"bad", "\xFF"}}).back() == '\n'); // replaced, not thrown over
}

void tst_Message::aBodyIsWrittenMemberByMember() {
    QCOMPARE(std::string(Body().text()), std::string("{}"));
    Body body;
    body.add("text", std::string(1000, '"')).add("number", -7).add("none", std::nullopt).add("largest", INT64_MAX);
    Body moved(std::move(body));
    body = Body();
    moved.add("late", "\xFF");
    std::vector<Body> items(2);
    items[1].add("a", "b");
    moved.add("items", items).add("none of them", std::vector<Body>()).addTree("tree", nlohmann::json{{"x", {1, 2}}});
    const auto read = nlohmann::json::parse(moved.text());
    QVERIFY(read == nlohmann::json({{"text", std::string(1000, '"')},
                                    {"number", -7},
                                    {"none", nullptr},
                                    {"largest", INT64_MAX},
                                    {"late", "\uFFFD"},
                                    {"items", nlohmann::json::array({nlohmann::json::object(), {{"a", "b"}}})},
                                    {"none of them", nlohmann::json::array()},
                                    {"tree", {{"x", {1, 2}}}}}));
    QCOMPARE(std::string(body.text()), std::string("{}"));
}

void tst_Message::aBodyOfATreeIsTheTree() {
    const auto tree = nlohmann::json::parse(
        R"({"a":[1,-2,18446744073709551615,1.5,true,null,"x",{}],"b":{"c":[],"d":-9223372036854775808}})");
    QVERIFY(nlohmann::json::parse(Body(tree).text()) == tree);
}

void tst_Message::errorsCarryCodeAndKind() {
    const auto answer = nlohmann::json::parse(encodeError("x", {ErrorKind::LoginRequired, "why", {{"account", "a"}}}));
    QVERIFY(answer["id"] == "x");
    QVERIFY(answer["error"]["code"] == -32020);
    QVERIFY(answer["error"]["message"] == "why");
    QVERIFY(answer["error"]["data"] == nlohmann::json({{"kind", "login_required"}, {"account", "a"}}));
}

void tst_Message::everyKindIsFoundByName() {
    for (const ErrorInfo& info : kErrors) {
        QCOMPARE(errorByName(info.name), &info);
        QVERIFY(info.exitCode >= 1 && info.exitCode <= 8);
    }
    QVERIFY(errorByName("nonsense") == nullptr);
}

QTEST_GUILESS_MAIN(tst_Message)
#include "tst_message.moc"
