#include "daemon/accounts/backoff.h"
#include "daemon/accounts/token_cache.h"

#include <QTest>

using namespace keybearer;
using namespace keybearer::accounts;
using namespace std::chrono_literals;

namespace {

CachedToken token(TokenKind kind, const char* value, std::chrono::milliseconds lastUsed) {
    return CachedToken{std::move(kind), base::AccessToken{base::Secret(value)}, "", 0ms, 0ms, lastUsed, 0s, {}, false};
}

} // namespace

class tst_TokenCache : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void orderAndRepetitionOfScopesDoNotMatter();
    void scopeBeyond_data();
    void scopeBeyond();
    void kindsDoNotMix();
    void theOneNotUsedLongestGoes();
    void holdersDoNotTouchEachOther();
    void remainingNeverRoundsUp();
    void renewalLead_data();
    void renewalLead();
    void backoff_data();
    void backoff();
    void backoffEndsWithSuccess();
};

void tst_TokenCache::orderAndRepetitionOfScopesDoNotMatter() {
    QVERIFY(tokenKind({"b", "a", "b"}, "") == tokenKind({"a", "b"}, ""));
    QVERIFY(tokenKind({"a"}, "") != tokenKind({"a", "b"}, ""));
    QVERIFY(tokenKind({"a"}, "") != tokenKind({"a"}, "https://api.example"));
    QVERIFY(tokenKind({"a"}, "") != tokenKind({"a"}, "", "reports"));
}

void tst_TokenCache::scopeBeyond_data() {
    QTest::addColumn<std::vector<std::string>>("asked");
    QTest::addColumn<std::string>("granted");
    QTest::addColumn<std::string>("beyond");
    using Words = std::vector<std::string>;
    QTest::newRow("the whole grant") << Words{} << std::string("read write") << std::string();
    QTest::newRow("as asked") << Words{"read", "write"} << std::string("write read") << std::string();
    QTest::newRow("less") << Words{"read", "write"} << std::string("read") << std::string();
    QTest::newRow("not stated") << Words{"read"} << std::string() << std::string();
    QTest::newRow("more") << Words{"read"} << std::string("read write") << std::string("write");
    QTest::newRow("something else") << Words{"read"} << std::string("write") << std::string("write");
    QTest::newRow("a longer word") << Words{"read"} << std::string("read:all") << std::string("read:all");
    QTest::newRow("what opens nothing") << Words{"read"} << std::string("openid read offline_access") << std::string();
    QTest::newRow("gaps") << Words{"read"} << std::string(" read  ") << std::string();
}

void tst_TokenCache::scopeBeyond() {
    QFETCH(std::vector<std::string>, asked);
    QFETCH(std::string, granted);
    QFETCH(std::string, beyond);
    QCOMPARE(accounts::scopeBeyond(tokenKind(asked, ""), granted), beyond);
}

void tst_TokenCache::kindsDoNotMix() {
    TokenCache cache;
    cache.put(token({}, "whole", 1ms));
    cache.put(token(tokenKind({"read"}, ""), "part", 2ms));
    cache.put(token(tokenKind({}, "https://api.example"), "api", 3ms));
    QCOMPARE(cache.find({})->token.reveal(), std::string_view("whole"));
    QCOMPARE(cache.find(tokenKind({"read"}, ""))->token.reveal(), std::string_view("part"));
    QCOMPARE(cache.find(tokenKind({}, "https://api.example"))->token.reveal(), std::string_view("api"));
    QVERIFY(cache.find(tokenKind({"read"}, "https://api.example")) == nullptr);
    cache.put(token({}, "newer", 4ms));
    QCOMPARE(cache.find({})->token.reveal(), std::string_view("newer"));
    QCOMPARE(cache.all().size(), std::size_t{3});
}

void tst_TokenCache::theOneNotUsedLongestGoes() {
    TokenCache cache;
    for (std::size_t n = 0; n < kMaxCachedTokens; ++n) {
        cache.put(token(tokenKind({"s" + std::to_string(n)}, ""), "x", std::chrono::milliseconds(n == 3 ? 1 : 10 + n)));
    }
    cache.put(token({}, "x", 100ms));
    QCOMPARE(cache.all().size(), kMaxCachedTokens);
    QVERIFY(cache.find(tokenKind({"s3"}, "")) == nullptr);
    QVERIFY(cache.find(tokenKind({"s0"}, "")) != nullptr);
    QVERIFY(cache.find({}) != nullptr);
}

void tst_TokenCache::holdersDoNotTouchEachOther() {
    TokenCache cache;
    cache.put(token({}, "local", 1ms));
    for (std::size_t n = 0; n < 2 * kMaxCachedTokens; ++n) {
        TokenKind kind = tokenKind({"s" + std::to_string(n)}, "");
        kind.holder = "fw_1";
        const auto gone = cache.put(token(std::move(kind), "x", std::chrono::milliseconds(10 + n)));
        QCOMPARE(gone.has_value(), n >= kMaxCachedTokens);
    }
    TokenKind other;
    other.holder = "fw_2";
    QVERIFY(cache.find(other) == nullptr);
    QVERIFY(other.isWhole() && other != TokenKind{});
    QCOMPARE(cache.find({})->token.reveal(), std::string_view("local"));
    QCOMPARE(cache.takeAllOf("fw_1").size(), kMaxCachedTokens);
    QCOMPARE(cache.all().size(), std::size_t{1});
}

void tst_TokenCache::remainingNeverRoundsUp() {
    CachedToken cached = token({}, "x", 0ms);
    cached.validUntil = 10'000ms;
    QCOMPARE(cached.remaining(8'001ms).count(), 1);
    QCOMPARE(cached.remaining(10'000ms).count(), 0);
    QCOMPARE(cached.remaining(10'001ms).count(), -1);
}

void tst_TokenCache::renewalLead_data() {
    QTest::addColumn<int>("lifetime");
    QTest::addColumn<double>("jitter");
    QTest::addColumn<int>("lead");
    QTest::newRow("an hour: five minutes") << 3600 << 0.0 << 300'000;
    QTest::newRow("an hour, spread") << 3600 << 0.75 << 375'000;
    QTest::newRow("a day: no more than that") << 86'400 << 0.0 << 300'000;
    QTest::newRow("ten minutes: a sixth") << 600 << 0.0 << 100'000;
    QTest::newRow("five minutes: before the default min_valid of a minute") << 300 << 0.0 << 75'000;
    QTest::newRow("a minute: half of it") << 60 << 0.5 << 30'000;
    QTest::newRow("nothing") << 0 << 0.5 << 0;
}

void tst_TokenCache::renewalLead() {
    QFETCH(int, lifetime);
    QFETCH(double, jitter);
    QFETCH(int, lead);
    QCOMPARE(accounts::renewalLead(std::chrono::seconds(lifetime), jitter).count(), lead);
}

void tst_TokenCache::backoff_data() {
    QTest::addColumn<int>("failures");
    QTest::addColumn<int>("retryAfter"); // -1: none
    QTest::addColumn<double>("jitter");
    QTest::addColumn<int>("pause"); // milliseconds
    QTest::newRow("the first costs nothing") << 1 << -1 << 0.0 << 0;
    QTest::newRow("second") << 2 << -1 << 0.0 << 1'000;
    QTest::newRow("third") << 3 << -1 << 0.0 << 2'000;
    QTest::newRow("third, spread") << 3 << -1 << 0.5 << 1'500;
    QTest::newRow("seventh") << 7 << -1 << 0.0 << 32'000;
    QTest::newRow("never more than a minute") << 100 << -1 << 0.0 << 60'000;
    QTest::newRow("the server asks for more") << 1 << 120 << 0.0 << 120'000;
    QTest::newRow("the server asks for less") << 7 << 1 << 0.0 << 32'000;
}

void tst_TokenCache::backoff() {
    QFETCH(int, failures);
    QFETCH(int, retryAfter);
    QFETCH(double, jitter);
    QFETCH(int, pause);
    constexpr auto kNow = 1'000'000ms;
    Backoff tested;
    for (int n = 0; n < failures; ++n) {
        tested.failed(kNow, retryAfter < 0 ? std::nullopt : std::optional(std::chrono::seconds(retryAfter)), jitter);
    }
    const std::chrono::milliseconds end = kNow + std::chrono::milliseconds(pause);
    QCOMPARE(tested.until().count(), end.count());
    QCOMPARE(tested.isPaused(kNow), pause > 0);
    QVERIFY(!tested.isPaused(end));
    QCOMPARE(tested.isPausedByServer(kNow), retryAfter > 0);
    QVERIFY(!tested.isPausedByServer(kNow + std::chrono::seconds(std::max(retryAfter, 0))));
}

void tst_TokenCache::backoffEndsWithSuccess() {
    Backoff tested;
    tested.failed(1s, 100s, 0);
    tested.succeeded();
    QVERIFY(!tested.isPaused(1s));
    tested.failed(1s, std::nullopt, 0);
    QVERIFY(!tested.isPaused(1s)); // the first again
}

QTEST_APPLESS_MAIN(tst_TokenCache)
#include "tst_token_cache.moc"
