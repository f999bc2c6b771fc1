#include "ipc/protocol/strict_json.h"

#include <QTest>

using keybearer::protocol::parseStrictJson;

class tst_StrictJson : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void accepts_data();
    void accepts();
    void refuses_data();
    void refuses();
    void errorsQuoteNothing();
};

void tst_StrictJson::accepts_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("canonical");
    QTest::newRow("object") << QByteArray(R"( {"a": [1, -2, 3.5, true, null, "x"]} )")
                            << QByteArray(R"({"a":[1,-2,3.5,true,null,"x"]})");
    QTest::newRow("same name in different objects")
        << QByteArray(R"({"a":{"a":1},"b":{"a":2}})") << QByteArray(R"({"a":{"a":1},"b":{"a":2}})");
    QTest::newRow("escapes") << QByteArray(R"({"a":"\u00e9\ud83d\udd11"})")
                             << QByteArray("{\"a\":\"\xC3\xA9\xF0\x9F\x94\x91\"}");
    QTest::newRow("deepest") << QByteArray("[[[[]]]]") << QByteArray("[[[[]]]]");
    QTest::newRow("siblings after a nested value")
        << QByteArray(R"([{"a":[1]},{"b":[2]},3])") << QByteArray(R"([{"a":[1]},{"b":[2]},3])");
}

void tst_StrictJson::accepts() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, canonical);
    const auto value = parseStrictJson(text.toStdString(), 4);
    QVERIFY2(value, value ? "" : value.error().c_str());
    QCOMPARE(value->dump(), canonical.toStdString());
}

void tst_StrictJson::refuses_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("cut off") << QByteArray(R"({"a":1)");
    QTest::newRow("trailing data") << QByteArray("{} {}");
    QTest::newRow("trailing comma") << QByteArray("[1,]");
    QTest::newRow("comment") << QByteArray("{} // x");
    QTest::newRow("single quotes") << QByteArray("{'a':1}");
    QTest::newRow("NaN") << QByteArray("[NaN]");
    QTest::newRow("number beyond double") << QByteArray("[1e999]");
    QTest::newRow("leading zero") << QByteArray("[01]");
    QTest::newRow("duplicate name") << QByteArray(R"({"a":1,"a":2})");
    QTest::newRow("duplicate name by escape") << QByteArray(R"({"a":1,"\u0061":2})");
    QTest::newRow("duplicate name, nested") << QByteArray(R"([{"b":{"a":1,"a":2}}])");
    QTest::newRow("too deep") << QByteArray("[[[[[]]]]]");
    QTest::newRow("invalid UTF-8") << QByteArray("[\"\xFF\"]");
    QTest::newRow("overlong UTF-8") << QByteArray("[\"\xC0\xAF\"]");
    QTest::newRow("lone surrogate escape") << QByteArray(R"(["\ud800"])");
    QTest::newRow("raw control character") << QByteArray("[\"a\nb\"]");
    QTest::newRow("NUL in a string") << QByteArray(R"(["a\u0000b"])");
    QTest::newRow("NUL in a name") << QByteArray(R"({"a\u0000b":1})");
    QTest::newRow("NUL byte") << QByteArray("[\"a\0b\"]", 7);
    QTest::newRow("byte order mark") << QByteArray("\xEF\xBB\xBF{}");
}

void tst_StrictJson::refuses() {
    QFETCH(QByteArray, text);
    QVERIFY(!parseStrictJson(std::string_view(text.constData(), static_cast<std::size_t>(text.size())), 4));
}

void tst_StrictJson::errorsQuoteNothing() {
    for (const char* text : {R"({"s3cret":1,"s3cret":2})", R"({"a":"s3cret)", "[\"s3cret\xFF\"]", "s3cret"}) {
        const auto value = parseStrictJson(text, 4);
        QVERIFY(!value);
        QVERIFY(value.error().find("s3cret") == std::string::npos);
    }
}

QTEST_GUILESS_MAIN(tst_StrictJson)
#include "tst_strict_json.moc"
