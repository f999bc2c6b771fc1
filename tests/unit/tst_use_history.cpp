#include "daemon/audit/use_history.h"

#include <QTest>

#include <string>

using namespace keybearer::audit;

namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kHour = 3600;
/// 2023-11-14, midnight UTC.
constexpr std::int64_t kMidnight = 1'699'920'000;

std::string_view noted(UseHistory& history, std::int64_t time, std::string_view client = "/usr/bin/git",
                       std::string_view credential = "work") {
    return toString(history.note(client, credential, time));
}

} // namespace

/// What is unusual, with every time given.
class TestUseHistory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theFirstTimeIsUnusual() {
        UseHistory history;
        QVERIFY(noted(history, kMidnight) == "new_client");
        QVERIFY(noted(history, kMidnight).empty());
        QVERIFY(noted(history, kMidnight, "/usr/bin/curl") == "new_client");
        QVERIFY(noted(history, kMidnight, "/usr/bin/git", "private") == "new_client");
        QVERIFY(noted(history, kMidnight, "/usr/bin/curl").empty());
        QVERIFY(noted(history, kMidnight, "/usr/bin/", "gitwork") == "new_client"); // no two pairs run together
    }

    void aBurstIsToldOnceAMinute() {
        UseHistory history;
        noted(history, kMidnight);
        for (std::uint32_t i = 1; i < UseHistory::kQuietBurst; ++i) {
            QVERIFY(noted(history, kMidnight + 59).empty());
        }
        QVERIFY(noted(history, kMidnight + 59) == "burst");
        QVERIFY(noted(history, kMidnight + 59).empty());
    }

    void whatIsUsualIsNoBurst() {
        UseHistory history;
        const std::uint32_t usual = UseHistory::kQuietBurst;
        for (std::uint32_t i = 0; i < usual; ++i) {
            history.note("p", "c", kMidnight);
        }
        const std::uint32_t most = usual * UseHistory::kBurstFactor;
        for (std::uint32_t i = 0; i < most; ++i) {
            QCOMPARE(history.note("p", "c", kMidnight + 60), 0U);
        }
        QCOMPARE(history.note("p", "c", kMidnight + 60), unsigned{kBurst});
        for (std::uint32_t i = 0; i < most; ++i) { // from now on it is usual
            QCOMPARE(history.note("p", "c", kMidnight + 120), 0U);
        }
    }

    void aMinuteBeginsAnew() {
        UseHistory history;
        for (int minute = 0; minute < 5; ++minute) {
            for (std::uint32_t i = 0; i < UseHistory::kQuietBurst; ++i) {
                QVERIFY((history.note("p", "c", kMidnight + minute * 60) & kBurst) == 0);
            }
        }
    }

    void anHourIsNewAfterTwoWeeks_data() {
        QTest::addColumn<qint64>("after");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("another hour at once") << qint64{kHour} << QByteArray();
        QTest::newRow("a second before two weeks") << qint64{14 * kDay - 1} << QByteArray();
        QTest::newRow("two weeks, the known hour") << qint64{14 * kDay} << QByteArray();
        QTest::newRow("two weeks, the hour after") << qint64{14 * kDay + kHour} << QByteArray("new_hour");
        QTest::newRow("two weeks, the hour before") << qint64{15 * kDay - kHour} << QByteArray("new_hour");
    }
    void anHourIsNewAfterTwoWeeks() {
        QFETCH(const qint64, after);
        QFETCH(const QByteArray, says);
        UseHistory history;
        history.note("p", "c", kMidnight);
        QVERIFY(toString(history.note("p", "c", kMidnight + after)) == says.toStdString());
        QVERIFY(toString(history.note("p", "c", kMidnight + after)).empty()); // known from now on
    }

    void severalThingsAtOnce() {
        UseHistory history;
        history.note("p", "c", kMidnight);
        const std::int64_t later = kMidnight + 20 * kDay + 5 * kHour;
        QVERIFY(toString(kNewHour | kBurst) == "burst,new_hour");
        QVERIFY(toString(kNewClient | kBurst | kNewHour) == "new_client,burst,new_hour");
        QVERIFY(toString(history.note("p", "c", later)) == "new_hour");
    }

    void aReleaseThatWasNotGivenIsForgotten() {
        UseHistory history;
        history.takeBack("p", "c", kMidnight, kNewClient); // nothing to forget
        const unsigned first = history.note("p", "c", kMidnight);
        history.takeBack("p", "c", kMidnight, first);
        QCOMPARE(history.size(), 0U);
        QCOMPARE(history.note("p", "c", kMidnight), unsigned{kNewClient});
        const std::int64_t later = kMidnight + 14 * kDay + kHour;
        history.takeBack("p", "c", later, history.note("p", "c", later));
        QCOMPARE(history.note("p", "c", later), unsigned{kNewHour});
        for (std::uint32_t i = 1; i < UseHistory::kQuietBurst; ++i) {
            history.note("p", "c", later);
        }
        history.takeBack("p", "c", later, history.note("p", "c", later));
        QCOMPARE(history.note("p", "c", later), unsigned{kBurst});
    }

    void timesThatMakeNoSenseDoNoHarm() {
        UseHistory history;
        for (const std::int64_t time :
             {std::int64_t{-1} << 40, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1} << 40, kMidnight}) {
            history.note("p", "c", time);
        }
        QCOMPARE(history.note("p", "c", kMidnight), 0U);
    }

    void theOldestMakeRoom() {
        UseHistory history;
        for (std::size_t i = 0; i < UseHistory::kMostPairs; ++i) {
            history.note("p" + std::to_string(i), "c", kMidnight + static_cast<std::int64_t>(i));
        }
        QCOMPARE(history.size(), UseHistory::kMostPairs);
        history.note("one more", "c", kMidnight);
        QVERIFY(history.size() < UseHistory::kMostPairs);
        QCOMPARE(history.note("p" + std::to_string(UseHistory::kMostPairs - 1), "c", kMidnight), 0U);
        QCOMPARE(history.note("p0", "c", kMidnight), unsigned{kNewClient});
    }
};

QTEST_APPLESS_MAIN(TestUseHistory)
#include "tst_use_history.moc"
