#include "daemon/accounts/sign_in_list.h"

#include <QTest>

using namespace keybearer;
using namespace keybearer::accounts;

namespace {

class WallClock final : public base::Clock {
public:
    std::int64_t now = 1'700'000'000;

    [[nodiscard]] std::int64_t utcSeconds() const override { return now; }
    [[nodiscard]] std::chrono::milliseconds steady() const override { return {}; }
};

} // namespace

class tst_SignInList : public QObject {
    Q_OBJECT

    WallClock clock;

private Q_SLOTS:
    void opensUntilTwoWereIgnored() {
        SignInList list(clock);
        QVERIFY(!list.hold("lab", "work", false));
        list.ignored("lab", "work");
        QVERIFY(!list.hold("lab", "work", false));
        QVERIFY(list.waiting().empty());
        list.ignored("lab", "work");
        QVERIFY(list.hold("lab", "work", false) == Hold::NotAnswered);
        QVERIFY(!list.hold("lab", "home", false));
        QVERIFY(!list.hold("other", "work", false));
        list.answered("lab", "work");
        QVERIFY(!list.hold("lab", "work", false));
        QVERIFY(list.waiting().empty());
    }

    void whatIsHeldWaitsSinceTheFirstTime() {
        SignInList list(clock);
        const std::int64_t first = clock.now;
        QVERIFY(list.hold("lab", "work", true) == Hold::ScreenLocked);
        clock.now += 60;
        QVERIFY(list.hold("lab", "work", true) == Hold::ScreenLocked);
        const auto waiting = list.waiting();
        QCOMPARE(waiting.size(), std::size_t{1});
        QCOMPARE(waiting.front().provider, std::string("lab"));
        QCOMPARE(waiting.front().account, std::string("work"));
        QCOMPARE(waiting.front().since, first);
        QVERIFY(!list.hold("lab", "work", false)); // the screen is there again
    }

    void theOneThatWaitedLongestGoesFirst() {
        SignInList list(clock);
        for (std::size_t i = 0; i <= SignInList::kMaxEntries; ++i) {
            ++clock.now;
            QVERIFY(list.hold("lab", std::to_string(i), true).has_value());
        }
        const auto waiting = list.waiting();
        QCOMPARE(waiting.size(), SignInList::kMaxEntries);
        QVERIFY(std::none_of(waiting.begin(), waiting.end(), [](const auto& one) { return one.account == "0"; }));
    }
};

QTEST_GUILESS_MAIN(tst_SignInList)
#include "tst_sign_in_list.moc"
