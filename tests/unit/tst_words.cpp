#include "app/model/words.h"

#include <QTest>

using namespace keybearer;

class TestWords : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTimeThatRunsOut() {
        QCOMPARE(model::countdown(272), QStringLiteral("4:32"));
        QCOMPARE(model::countdown(9), QStringLiteral("0:09"));
        QCOMPARE(model::countdown(-5), QStringLiteral("0:00"));
        QCOMPARE(model::countdown(3600), QStringLiteral("60:00"));
    }

    void theLargestUnitThatFits_data() {
        QTest::addColumn<qint64>("distance");
        QTest::addColumn<QString>("text");
        QTest::newRow("now") << qint64(0) << QStringLiteral("now");
        QTest::newRow("less than a minute ago") << qint64(-59) << QStringLiteral("now");
        QTest::newRow("a minute") << qint64(60) << QStringLiteral("in 1 minute(s)");
        QTest::newRow("just below an hour") << qint64(3599) << QStringLiteral("in 59 minute(s)");
        QTest::newRow("hours ago") << qint64(-7200) << QStringLiteral("2 hour(s) ago");
        QTest::newRow("days") << qint64(3 * 86'400 + 5) << QStringLiteral("in 3 day(s)");
    }
    void theLargestUnitThatFits() { // untranslated: the plural forms are the translation's
        QFETCH(const qint64, distance);
        QFETCH(const QString, text);
        QCOMPARE(model::relativeTime(1'800'000'000 + distance, 1'800'000'000), text);
    }
};

QTEST_GUILESS_MAIN(TestWords)
#include "tst_words.moc"
