#include "app/cli/duration.h"

#include <QTest>

using keybearer::cli::parseDuration;

class TestCliDuration : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void times_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qint64>("seconds"); // -1: refused
        const auto row = [](const char* text, qint64 seconds) { QTest::newRow(text) << QByteArray(text) << seconds; };
        row("0", 0);
        row("45", 45);
        row("45s", 45);
        row("90m", 5400);
        row("12h", 43'200);
        row("30d", 2'592'000);
        row("2w", 1'209'600);
        row("9999999999w", 6'047'999'999'395'200);
        for (const char* bad : {"", "h", "d30", "-1h", "+1h", "1.5h", "1 h", " 1h", "1h ", "1hh", "1y", "1H", "soon",
                                "12345678901s", "0x10"}) {
            row(bad, -1);
        }
    }
    void times() {
        QFETCH(const QByteArray, text);
        QFETCH(const qint64, seconds);
        const auto read = parseDuration({text.data(), static_cast<std::size_t>(text.size())});
        QCOMPARE(read ? qint64{read->count()} : qint64{-1}, seconds);
    }
};

QTEST_APPLESS_MAIN(TestCliDuration)
#include "tst_cli_duration.moc"
