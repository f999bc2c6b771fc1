#include "app/mcp/resumption.h"

#include <QTest>

using namespace keybearer::mcp;
using std::chrono::milliseconds;

namespace {

constexpr Resumption::Clock::time_point kNow{std::chrono::hours(1)};

SseParser after(std::string_view bytes) {
    SseParser parser;
    [[maybe_unused]] const bool isGood = parser.feed(bytes, [](const std::string&) {});
    return parser;
}

} // namespace

class TestMcpResumption : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pausesGrowAndEnd() {
        Resumption resumption(3);
        QCOMPARE(resumption.next(kNow).value().count(), 1000);
        QCOMPARE(resumption.next(kNow).value().count(), 2000);
        QCOMPARE(resumption.next(kNow).value().count(), 4000);
        QVERIFY(!resumption.next(kNow));
        resumption.worked();
        QCOMPARE(resumption.next(kNow).value().count(), 1000);
    }

    void theServersOwnPauseIsKeptWithinBounds() {
        Resumption resumption(100);
        resumption.take(after("retry: 1500\n\n"));
        QCOMPARE(resumption.next(kNow).value().count(), 1500);
        resumption.take(after("retry: 0\n\n"));
        QCOMPARE(resumption.next(kNow).value().count(), 20);
        resumption.take(after("retry: 500000\n\n"));
        QCOMPARE(resumption.next(kNow).value().count(), 30'000);
        resumption.take(after("data: a\n\n")); // says nothing about it
        QCOMPARE(resumption.next(kNow).value().count(), 30'000);
    }

    /// How long each stream was open, in milliseconds; -1: it could not be had. The last of them is one too many, or
    /// not.
    void whatWasOpenLongEnoughIsNoFailure_data() {
        QTest::addColumn<QList<int>>("ages");
        QTest::addColumn<bool>("isEnough");
        QTest::newRow("short") << QList<int>{0, 100, 9'999, 0} << true;
        QTest::newRow("a proxy's minute") << QList<int>(100, 60'000) << false;
        QTest::newRow("just long enough") << QList<int>{10'000, 10'000, 10'000, 10'000} << false;
        QTest::newRow("failures after a long one") << QList<int>{60'000, -1, -1, -1} << true;
        QTest::newRow("failures between long ones") << QList<int>{60'000, -1, -1, 60'000, -1, -1} << false;
        QTest::newRow("none") << QList<int>{-1, -1, -1, -1} << true;
    }
    void whatWasOpenLongEnoughIsNoFailure() {
        QFETCH(const QList<int>, ages);
        QFETCH(const bool, isEnough);
        Resumption resumption(3);
        auto now = kNow;
        for (qsizetype i = 0; i < ages.size(); ++i) {
            if (ages[i] >= 0) {
                resumption.opened(now);
            }
            now += milliseconds(ages[i] >= 0 ? ages[i] : 60'000);
            QCOMPARE(resumption.next(now).has_value(), i + 1 < ages.size() || !isEnough);
        }
    }

    void onlyAnotherEventIsProgress() {
        Resumption resumption(1);
        resumption.take(after("id: 5\ndata: a\n\n"));
        QVERIFY(resumption.next(kNow).has_value());
        resumption.take(after(""));
        resumption.take(after("id: 5\ndata: a\n\n"));
        QVERIFY(!resumption.next(kNow));
        QCOMPARE(resumption.lastEventId(), std::string("5"));
        resumption.take(after("id: 6\n\n"));
        QVERIFY(resumption.next(kNow).has_value());
        QCOMPARE(resumption.lastEventId(), std::string("6"));
    }
};

QTEST_APPLESS_MAIN(TestMcpResumption)
#include "tst_mcp_resumption.moc"
