#include "daemon/oauth/retry_after.h"

#include <QTest>

using namespace keybearer::oauth;

namespace {

/// RFC 9110 section 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT (date -u -d '1994-11-06 08:49:37' +%s)
constexpr std::int64_t kExample = 784111777;

} // namespace

class tst_RetryAfter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void datesAreRead_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qint64>("seconds");
        const auto row = [](const char* text, qint64 seconds) { QTest::newRow(text) << QByteArray(text) << seconds; };
        row("Sun, 06 Nov 1994 08:49:37 GMT", kExample);
        row("Sunday, 06-Nov-94 08:49:37 GMT", kExample);
        row("Sun Nov  6 08:49:37 1994", kExample);
        // date -u -d '...' +%s
        row("Thu, 01 Jan 1970 00:00:00 GMT", 0);
        row("Thu, 29 Feb 2024 23:59:59 GMT", 1709251199);
        row("Sat Nov 21 00:00:00 2026", 1795219200);
        row("Tuesday, 01-Jan-30 00:00:00 GMT", 1893456000);
    }

    void datesAreRead() {
        QFETCH(QByteArray, text);
        QFETCH(qint64, seconds);
        const auto date = parseHttpDate(text.toStdString(), 1795219200);
        QVERIFY(date.has_value());
        QCOMPARE(qint64{*date}, seconds);
    }

    void otherDatesAreRefused_data() {
        QTest::addColumn<QByteArray>("text");
        for (const char* text :
             {"Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 6 Nov 1994 08:49:37 GMT",
              "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
              "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
              "Sun, 06 Nov 1994 08-49-37 GMT", "Sun, 06 Nov -994 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
              "1994-11-06T08:49:37Z", ", 06 Nov 1994 08:49:37 GMT", "Sun Nov  x 08:49:37 1994", "tomorrow"}) {
            QTest::newRow(text) << QByteArray(text);
        }
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("long") << QByteArray(100'000, '9');
    }

    void otherDatesAreRefused() {
        QFETCH(QByteArray, text);
        QVERIFY(!parseHttpDate(text.toStdString(), kExample).has_value());
    }

    void retryAfterIsClamped_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("seconds"); // -1: not understood
        const auto row = [](const char* name, const QByteArray& text, int seconds) {
            QTest::newRow(name) << text << seconds;
        };
        row("zero", "0", 0);
        row("seconds", "120", 120);
        row("leading zeros", "0000000000005", 5);
        row("limit", "300", 300);
        row("above", "301", 300);
        row("a day", "86400", 300);
        row("absurd", QByteArray(1000, '9'), 300);
        row("negative", "-5", -1);
        row("plus", "+5", -1);
        row("fraction", "1.5", -1);
        row("words", "soon", -1);
        row("empty", "", -1);
        row("space", " 5", -1);
        row("date, in 20 s", "Sun, 06 Nov 1994 08:49:57 GMT", 20);
        row("date, now", "Sun, 06 Nov 1994 08:49:37 GMT", 0);
        row("date, past", "Sun, 06 Nov 1983 08:49:37 GMT", 0);
        row("date, far", "Sun, 06 Nov 2094 08:49:37 GMT", 300);
        row("bad date", "Sun, 06 Xxx 2094 08:49:37 GMT", -1);
    }

    void retryAfterIsClamped() {
        QFETCH(QByteArray, text);
        QFETCH(int, seconds);
        const auto wait = parseRetryAfter(text.toStdString(), kExample);
        QCOMPARE(wait ? static_cast<int>(wait->count()) : -1, seconds);
    }
};

QTEST_APPLESS_MAIN(tst_RetryAfter)
#include "tst_retry_after.moc"
