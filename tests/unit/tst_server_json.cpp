#include "daemon/oauth/http_client.h"
#include "daemon/oauth/server_json.h"

#include <QTest>

using namespace keybearer::oauth;

class tst_ServerJson : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void objectIsRead() {
        const auto object = parseServerObject(R"({"a":[1,-2,3.5,true,null,{"b":"\u00e4"}],"c":{}})", "it");
        QVERIFY(object.has_value());
        QCOMPARE(object->dump(), "{\"a\":[1,-2,3.5,true,null,{\"b\":\"\xC3\xA4\"}],\"c\":{}}");
    }

    void deepestAllowedNestingIsRead() {
        QVERIFY(parseServerObject("{\"a\":" + std::string(31, '[') + std::string(31, ']') + "}", "it").has_value());
    }

    void sameNameInDifferentObjectsIsRead() {
        QVERIFY(parseServerObject(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})", "it").has_value());
    }

    void everythingElseIsRefused_data() {
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char* name, const QByteArray& text) { QTest::newRow(name) << text; };
        row("empty", "");
        row("white space", " ");
        row("HTML", "<html></html>");
        row("cut", "{\"a\":");
        row("array", "[]");
        row("string", "\"a\"");
        row("number", "1");
        row("null", "null");
        row("text after it", "{}x");
        row("second object", "{}{}");
        row("NUL and text after it", QByteArray("{}\0x", 4));
        row("NUL in a string", QByteArray("{\"a\":\"\0\"}", 9));
        row("twice", R"({"a":1,"a":2})");
        row("twice, escaped", R"({"a":1,"\u0061":2})");
        row("twice, deeper", R"({"x":[{"a":1,"b":2,"a":3}]})");
        row("too deep, arrays", "{\"a\":" + QByteArray(32, '[') + QByteArray(32, ']') + "}");
        row("too deep, objects", QByteArray("{\"a\":").repeated(33) + "1" + QByteArray(33, '}'));
        row("depth bomb", "{\"a\":" + QByteArray(100'000, '['));
        row("not UTF-8", "{\"a\":\"\xFF\"}");
        row("overlong UTF-8", "{\"a\":\"\xC0\x80\"}");
        row("lone surrogate", R"({"a":"\ud800"})");
        row("number too large", R"({"a":1e999})");
        row("comment", "{}/**/");
        row("trailing comma", R"({"a":1,})");
        row("single quotes", "{'a':1}");
        row("NaN", R"({"a":NaN})");
        row("leading zero", R"({"a":01})");
        row("line break in a string", "{\"a\":\"\n\"}");
        row("too large", "{\"a\":\"" + QByteArray(static_cast<qsizetype>(kMaxBodyBytes), 'x') + "\"}");
    }

    void everythingElseIsRefused() {
        QFETCH(QByteArray, text);
        const auto object = parseServerObject(text.toStdString(), "the answer");
        QVERIFY(!object.has_value());
        QCOMPARE(object.error().kind, ErrorKind::BadResponse);
        QVERIFY(object.error().detail.starts_with("the answer "));
    }

    void wipeEmptiesEveryString() {
        auto object = parseServerObject(R"({"a":"x","b":["y",{"c":"z"}],"d":1})", "it");
        QVERIFY(object.has_value());
        wipeStrings(*object);
        QCOMPARE(object->dump(), R"({"a":"","b":["",{"c":""}],"d":1})");
    }

    void absentMemberIsNull() {
        const auto object = parseServerObject(R"({"a":1,"n":null})", "it");
        QVERIFY(memberOrNull(*object, "a").is_number());
        QVERIFY(memberOrNull(*object, "n").is_null());
        QVERIFY(memberOrNull(*object, "b").is_null());
    }
};

QTEST_APPLESS_MAIN(tst_ServerJson)
#include "tst_server_json.moc"
