#include "ipc/protocol/limits.h"
#include "ipc/protocol/params.h"

#include <QTest>

using namespace keybearer::protocol;
using nlohmann::json;

class tst_Params : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsEveryType();
    void secretsLeaveTheTree();
    void refuses_data();
    void refuses();
    void range();
};

namespace {

Result<Params> check(const char* method, const char* params) {
    return Params::check(*findMethod(method), json::parse(params));
}

} // namespace

void tst_Params::readsEveryType() {
    const auto params = check("account.login", R"({"provider":"p","scopes":["a","b"],"timeout":20,"account":null})");
    QVERIFY(params);
    QCOMPARE(params->requiredString("provider"), std::string("p"));
    QVERIFY(!params->string("account"));
    QCOMPARE(params->integer("timeout").value(), 20);
    QCOMPARE(params->stringList("scopes")->size(), std::size_t{2});
    QVERIFY(check("token.get", R"({"account":"a","refresh":true})")->boolean("refresh"));
    QVERIFY(!check("token.get", R"({"account":"a"})")->boolean("refresh"));
    QCOMPARE(check("token.get", R"({"account":"a","min_valid":18446744073709551615})")->integer("min_valid").value(),
             INT64_MAX);
}

void tst_Params::secretsLeaveTheTree() {
    auto params = check("system.unlock", R"({"passphrase":"open sesame"})");
    QVERIFY(params);
    QVERIFY(!params->string("passphrase"));
    QCOMPARE(params->takeSecret("passphrase")->reveal(), std::string_view("open sesame"));
    QVERIFY(!params->takeSecret("passphrase"));
}

void tst_Params::refuses_data() {
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("params");
    QTest::newRow("missing") << QByteArray("account.rename") << QByteArray(R"({"new_name":"b"})");
    QTest::newRow("missing secret") << QByteArray("vault.export") << QByteArray("{}");
    QTest::newRow("null for a required one")
        << QByteArray("account.rename") << QByteArray(R"({"account":null,"new_name":"b"})");
    QTest::newRow("unknown") << QByteArray("token.get") << QByteArray(R"({"account":"a","acount":"b"})");
    QTest::newRow("number for string") << QByteArray("token.get") << QByteArray(R"({"account":1})");
    QTest::newRow("string for integer") << QByteArray("token.get") << QByteArray(R"({"account":"a","min_valid":"5"})");
    QTest::newRow("fraction for integer")
        << QByteArray("token.get") << QByteArray(R"({"account":"a","min_valid":5.5})");
    QTest::newRow("integer for boolean") << QByteArray("token.get") << QByteArray(R"({"account":"a","refresh":1})");
    QTest::newRow("string for list") << QByteArray("account.login") << QByteArray(R"({"provider":"p","scopes":"a b"})");
    QTest::newRow("number in list") << QByteArray("account.login")
                                    << QByteArray(R"({"provider":"p","scopes":["a",1]})");
    QTest::newRow("object for string") << QByteArray("token.get") << QByteArray(R"({"account":{}})");
    QTest::newRow("long string") << QByteArray("token.get")
                                 << QByteArray(R"({"account":")" + QByteArray(int(kMaxStringBytes) + 1, 'a') + R"("})");
    QByteArray many = R"({"provider":"p","scopes":[)";
    for (std::size_t i = 0; i <= kMaxListEntries; ++i) {
        many += i == 0 ? R"("s")" : R"(,"s")";
    }
    QTest::newRow("long list") << QByteArray("account.login") << QByteArray(many + "]}");
}

void tst_Params::refuses() {
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, params);
    const auto checked = check(method.constData(), params.constData());
    QVERIFY(!checked);
    QCOMPARE(checked.error().kind, ErrorKind::InvalidParams);
}

void tst_Params::range() {
    QCOMPARE(inRange("n", 0, 0, 5).value(), 0);
    QCOMPARE(inRange("n", 5, 0, 5).value(), 5);
    QCOMPARE(inRange("n", 6, 0, 5).error().kind, ErrorKind::InvalidValue);
    QCOMPARE(inRange("n", -1, 0, 5).error().kind, ErrorKind::InvalidValue);
}

QTEST_GUILESS_MAIN(tst_Params)
#include "tst_params.moc"
