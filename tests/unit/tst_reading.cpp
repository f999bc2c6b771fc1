#include "app/model/reading.h"

#include <QTest>

using namespace keybearer;
using nlohmann::json;

class TestReading : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void membersThatAreNotWhatTheyShouldBeAreEmpty_data() {
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("missing") << QByteArray("{}");
        QTest::newRow("null") << QByteArray(R"({"m":null})");
        QTest::newRow("another type") << QByteArray(R"({"m":1.5})");
        QTest::newRow("no object") << QByteArray("[]");
    }
    void membersThatAreNotWhatTheyShouldBeAreEmpty() {
        QFETCH(const QByteArray, answer);
        const json object = json::parse(answer.toStdString());
        QCOMPARE(model::textOf(object, "m"), QString());
        QCOMPARE(model::exactOf(object, "m"), std::string());
        QVERIFY(!model::numberOf(object, "m"));
        QVERIFY(!model::isTrue(object, "m"));
        QVERIFY(model::listOf(object, "m").empty());
        QVERIFY(model::objectOf(object, "m").empty());
        QVERIFY(model::textsOf(object, "m").isEmpty());
    }

    void members() {
        const json object = json::parse(R"({"s":"x","n":7,"b":true,"l":["a",1,"b"],"o":{"k":1}})");
        QCOMPARE(model::textOf(object, "s"), QStringLiteral("x"));
        QCOMPARE(model::numberOf(object, "n"), std::optional<std::int64_t>(7));
        QVERIFY(model::isTrue(object, "b"));
        QCOMPARE(model::listOf(object, "l").size(), 3U);
        QCOMPARE(model::textsOf(object, "l"), (QStringList{QStringLiteral("a"), QStringLiteral("b")}));
        QVERIFY(model::objectOf(object, "o").contains("k"));
    }

    /// What would turn a line around, or hide a part of it, is seen; what goes back to the broker is as it came.
    void textsFromElsewhereAreHarmless() {
        const json object{{"path", "/tmp/a\u202Egpj\n"}};
        QCOMPARE(model::textOf(object, "path"), QStringLiteral("/tmp/a?gpj?"));
        QCOMPARE(model::exactOf(object, "path"), std::string("/tmp/a\u202Egpj\n"));
    }
};

QTEST_GUILESS_MAIN(TestReading)
#include "tst_reading.moc"
