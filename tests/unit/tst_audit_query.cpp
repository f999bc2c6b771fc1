#include "daemon/audit/query.h"
#include "tests/unit/audit_test.h"

#include <set>

using namespace keybearer;
using namespace keybearer::audit;
using Way = Search::Way;

namespace {

/// Rows in several files: a release each ten seconds, in turns by two programs, each fifth denied.
struct Rows : AuditFixture {
    static constexpr int kCount = 100;

    Rows() {
        limits = {365, 64 << 10};
        auto log = open();
        for (int i = 1; i <= kCount; ++i) {
            const std::string name = i % 3 == 0 ? "openai/work" : i % 3 == 1 ? "openai" : "lab";
            Record record = recordOf(name);
            record.exe = i % 2 == 0 ? "/usr/bin/git" : "/opt/app \"\xC3\xA9\"/run";
            record.verdict = i % 5 == 0 ? "deny" : "allow";
            record.account = i == 7 ? "mine" : "";
            QVERIFY(log->append(record).has_value());
            clock.now += 10;
        }
    }
    [[nodiscard]] std::vector<Segment> files() const { return open()->files(); }
};

std::vector<std::uint64_t> numbersOf(Search& search) {
    while (search.step()) {
    }
    std::vector<std::uint64_t> numbers;
    for (const std::string& line : search.takeLines()) {
        numbers.push_back(readLine(line)->sequence);
    }
    return numbers;
}

std::vector<std::uint64_t> allMatching(const Rows& rows, const Filter& filter) {
    Search search(rows.files(), filter, Way::Forwards, 0, 1000);
    return numbersOf(search);
}

using Numbers = std::vector<std::uint64_t>;

Numbers range(std::uint64_t from, std::uint64_t to) {
    Numbers all;
    for (; from <= to; ++from) {
        all.push_back(from);
    }
    return all;
}

} // namespace

class TestAuditQuery : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everythingIsFoundBothWays() {
        const Rows rows;
        QVERIFY(rows.files().size() > 3);
        Search forwards(rows.files(), {}, Way::Forwards, 0, 1000);
        QVERIFY(numbersOf(forwards) == range(1, 100));
        QVERIFY(!forwards.hasMore());
        QCOMPARE(forwards.reached(), 100U);
        Search backwards(rows.files(), {}, Way::Backwards, UINT64_MAX, 1000);
        QVERIFY(numbersOf(backwards) == range(1, 100));
        QVERIFY(!backwards.hasMore());
        QCOMPARE(backwards.reached(), 1U);
    }

    void filtersAreTaken_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<int>("expected");
        const auto row = [](const char* name, const char* value, int expected) {
            QTest::addRow("%s %s", name, value) << QByteArray(name) << QByteArray(value) << expected;
        };
        row("client", "git", 50);
        row("client", "/opt/app \"\xC3\xA9\"", 50);
        row("client", "nobody", 0);
        row("credential", "openai", 67); // with openai/work
        row("credential", "openai/work", 33);
        row("credential", "open", 0);
        row("credential", "mine", 1); // an account
        row("event", "token.release", 100);
        row("event", "token", 0);
        row("verdict", "deny", 20);
        row("verdict", "allow", 80);
        row("since", "1700000500", 50);
        row("until", "1700000500", 50);
        row("until", "1700000001", 1);
        row("since", "1800000000", 0);
        row("unusual", "", 6);
    }
    void filtersAreTaken() {
        QFETCH(const QByteArray, name);
        QFETCH(const QByteArray, value);
        QFETCH(const int, expected);
        const Rows rows;
        Filter filter;
        const std::string text = value.toStdString();
        filter.client = name == "client" ? text : "";
        filter.credential = name == "credential" ? text : "";
        filter.event = name == "event" ? text : "";
        filter.verdict = name == "verdict" ? text : "";
        filter.unusual = name == "unusual";
        if (name == "since") {
            filter.since = value.toLongLong();
        }
        if (name == "until") {
            filter.until = value.toLongLong();
        }
        QCOMPARE(allMatching(rows, filter).size(), static_cast<std::size_t>(expected));
        Search backwards(rows.files(), filter, Way::Backwards, UINT64_MAX, 1000);
        QVERIFY(numbersOf(backwards) == allMatching(rows, filter));
    }

    void filtersCombine() {
        const Rows rows;
        Filter filter;
        filter.client = "git";
        filter.verdict = "deny";
        filter.since = 1'700'000'000 + 500;
        QVERIFY(allMatching(rows, filter) == (Numbers{60, 70, 80, 90, 100}));
    }

    void pagesHaveEachRowOnce_data() {
        QTest::addColumn<bool>("forwards");
        QTest::addColumn<int>("limit");
        for (const int limit : {1, 7, 50, 99, 100, 101}) {
            QTest::addRow("%d forwards", limit) << true << limit;
            QTest::addRow("%d backwards", limit) << false << limit;
        }
    }
    void pagesHaveEachRowOnce() {
        QFETCH(const bool, forwards);
        QFETCH(const int, limit);
        const Rows rows;
        Filter filter;
        filter.verdict = "allow";
        std::multiset<std::uint64_t> seen;
        std::uint64_t from = forwards ? 0 : UINT64_MAX;
        for (bool more = true; more;) {
            Search search(rows.files(), filter, forwards ? Way::Forwards : Way::Backwards, from,
                          static_cast<std::size_t>(limit));
            const Numbers page = numbersOf(search);
            QVERIFY(page.size() <= static_cast<std::size_t>(limit));
            QVERIFY(std::ranges::is_sorted(page));
            seen.insert(page.begin(), page.end());
            from = search.reached();
            more = search.hasMore();
        }
        const Numbers all = allMatching(rows, filter);
        QVERIFY(std::ranges::equal(seen, all));
    }

    void aPageHasABoundInBytes() {
        const AuditFixture file;
        auto log = file.open();
        const std::string longest(4096, '\x01');
        for (int i = 0; i < 60; ++i) {
            Record record = recordOf(longest);
            record.reason = record.exe = longest;
            QVERIFY(log->append(record).has_value());
        }
        Search search(log->files(), {}, Way::Forwards, 0, 1000);
        while (search.step()) {
        }
        const auto lines = search.takeLines();
        QVERIFY(lines.size() < 60);
        QVERIFY(search.hasMore());
        QCOMPARE(search.reached(), lines.size());
        Search rest(log->files(), {}, Way::Forwards, search.reached(), 1000);
        QCOMPARE(numbersOf(rest).front(), lines.size() + 1);
    }

    void aLargeFileIsNotReadWhole() {
        AuditFixture file;
        auto log = file.open();
        const std::vector<Record> many(1000, recordOf("a"));
        for (int i = 0; i < 12; ++i) {
            QVERIFY(log->append(many).has_value());
        }
        QVERIFY(log->files().front().bytes > 2U << 20U);
        Search end(log->files(), {}, Way::Backwards, UINT64_MAX, 10);
        QVERIFY(numbersOf(end) == range(11'991, 12'000));
        QVERIFY(end.bytesRead() <= kBlockBytes + 1);
        Search middle(log->files(), {}, Way::Forwards, 6000, 10);
        QVERIFY(numbersOf(middle) == range(6001, 6010));
        QVERIFY(middle.bytesRead() <= kBlockBytes);
        QCOMPARE(hashOfRow(log->files(), 12'000).value_or(""), log->mark().hash);
        QVERIFY(!hashOfRow(log->files(), 12'001));
    }

    void whatIsNoRowIsPassedOver() {
        const AuditFixture file;
        file.append(4);
        QList<QByteArray> lines = file.lines();
        lines[1] = "garbage";
        lines.insert(3, QByteArray());
        file.write(lines);
        std::vector<Segment> files{{}};
        files[0].path = file.path;
        files[0].bytes = static_cast<std::uint64_t>(file.content().size());
        for (const Way way : {Way::Forwards, Way::Backwards}) {
            Search search(files, {}, way, way == Way::Forwards ? 0 : UINT64_MAX, 10);
            QVERIFY(numbersOf(search) == (Numbers{1, 3, 4}));
            QCOMPARE(search.damaged(), 2U);
        }
        file.write(QByteArray(600'000, 'x'));
        files[0].bytes = 600'000;
        for (const Way way : {Way::Forwards, Way::Backwards}) {
            Search search(files, {}, way, way == Way::Forwards ? 0 : UINT64_MAX, 10);
            QVERIFY(numbersOf(search).empty());
            QVERIFY(search.damaged() > 0);
            QVERIFY(!search.hasMore());
        }
    }

    void rowsThatComeMeanwhileAreNotTorn() {
        const Rows rows;
        auto log = rows.open();
        Search search(log->files(), {}, Way::Forwards, 0, 1000);
        QVERIFY(search.step());
        AuditFixture::appendTo(*log, 50); // audit.log gets another name
        QVERIFY(numbersOf(search) == range(1, 100));
    }
};

QTEST_GUILESS_MAIN(TestAuditQuery)
#include "tst_audit_query.moc"
