#include "app/model/activity_log.h"
#include "app/model/audit_table.h"
#include "tests/unit/fake_broker.h"

#include <QSignalSpy>
#include <QTest>

using namespace keybearer;
using namespace Qt::Literals::StringLiterals;
using model::ActivityLog;
using model::AuditFilter;
using model::AuditRow;
using model::BrokerLink;
using nlohmann::json;

/// The audit record on its way to a person's eyes.
class tst_ModelActivity : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aRowIsRead();
    void membersThatAreMissingOrStrangeAreEmpty();
    void textOfOthersCannotPlayTricks();
    void filter_data();
    void filter();
    void tableKeepsWhatStays();
    void tableStartsAnewWhenRowsGo();
    void newestRowsFirstThenOlderOnes();
    void readsOnUntilItIsEnough();
    void stopsWhereARecordHoldsManagementOnly();
    void newRowsComeByThemselves();
    void nobodyLooksAndNothingIsAsked();
    void whatWasAskedBeforeIsOfNoInterest();
    void aFailureIsSaid();
};

namespace {

json rowJson(std::int64_t sequence, const char* event = "token.release", const char* verdict = "allow") {
    return {{"sequence", sequence},
            {"time", 1000 + sequence},
            {"event", event},
            {"verdict", verdict},
            {"reason", "a grant"},
            {"method", "token.get"},
            {"credential", "work"},
            {"uid", 1000},
            {"pid", 42},
            {"exe", "/usr/bin/git"},
            {"account", "work"},
            {"source", "cache"}};
}

/// Rows `first` to `last`.
json pageJson(std::int64_t first, std::int64_t last, bool more, const char* event = "token.release") {
    json rows = json::array();
    for (std::int64_t i = first; i <= last; ++i) {
        rows.push_back(rowJson(i, event));
    }
    return {{"rows", rows}, {"reached", first}, {"more", more}, {"last", last}, {"damaged", 0}};
}

struct Fixture {
    test::FakeBroker broker;
    BrokerLink link{broker.connector()};
    ActivityLog log{link};

    bool connect() {
        link.open();
        return QTest::qWaitFor([&] { return link.state() == BrokerLink::State::Open; });
    }
    [[nodiscard]] std::vector<std::int64_t> numbers() const {
        std::vector<std::int64_t> out;
        for (const AuditRow& row : log.rows()) {
            out.push_back(row.sequence);
        }
        return out;
    }
    /// As soon as it asks.
    bool answer(const json& page) {
        return QTest::qWaitFor([&] { return broker.release("audit.query", page); });
    }
    [[nodiscard]] std::size_t calls() const { return broker.calls("audit.query").size(); }
};

} // namespace

void tst_ModelActivity::aRowIsRead() {
    json source = rowJson(7, "credential.release", "deny");
    source.update({{"client_key", "ck_1"},
                   {"fields", "api_key,base_url"},
                   {"layers", "store,default"},
                   {"unusual", {"burst", "new_client", "odd"}},
                   {"purpose", "deploy"},
                   {"source", ""},
                   {"account", "boss"},
                   {"credential", "openai/work"}});
    const AuditRow row = model::auditRowFrom(source);
    QCOMPARE(row.sequence, 7);
    QCOMPARE(row.time, 1007);
    QCOMPARE(row.client, "/usr/bin/git#ck_1");
    QCOMPARE(row.program, u"git with key ck_1"_s);
    QCOMPARE(row.path, u"/usr/bin/git"_s);
    QCOMPARE(row.origin, u"api_key from store, base_url from default"_s);
    QCOMPARE(model::credentialText(row), u"openai/work of boss"_s);
    QVERIFY(row.isRefused());
    QVERIFY(row.isRelease());
    QCOMPARE(model::eventText(row), u"Key"_s);
    QCOMPARE(model::verdictText(row), u"Refused"_s);
    QCOMPARE(model::unusualText(row), u"many at once, first time for this program, odd"_s);
    const QString details = model::detailsOf(row);
    for (const QString& part : {u"deploy"_s, u"a grant"_s, u"/usr/bin/git"_s, u"42"_s}) {
        QVERIFY2(details.contains(part), qPrintable(part));
    }
}

void tst_ModelActivity::membersThatAreMissingOrStrangeAreEmpty() {
    for (const json& source : {json(), json::object(), json(7),
                               json{{"sequence", "x"}, {"exe", 3}, {"unusual", "burst"}, {"verdict", nullptr}}}) {
        const AuditRow row = model::auditRowFrom(source);
        QCOMPARE(row.sequence, 0);
        QCOMPARE(row.program, u"process 0"_s);
        QVERIFY(row.unusual.isEmpty());
        QVERIFY(!row.isRefused());
        QVERIFY(!row.isRelease());
    }
}

void tst_ModelActivity::textOfOthersCannotPlayTricks() {
    json source = rowJson(1);
    source["exe"] = "/tmp/\u202egpj.exe\n";
    source["purpose"] = "<b>bold</b>";
    const AuditRow row = model::auditRowFrom(source);
    QVERIFY(!row.program.contains(QChar(0x202e)));
    QVERIFY(!row.program.contains(u'\n'));
    QCOMPARE(row.client, "/tmp/\u202egpj.exe\n"); // the broker gets its own characters back
    model::AuditTable table;
    table.setRows({row});
    QVERIFY(table.data(table.index(0, 0), Qt::ToolTipRole).toString().contains("&lt;b&gt;"_L1));
}

void tst_ModelActivity::filter_data() {
    QTest::addColumn<QString>("event");
    QTest::addColumn<QString>("verdict");
    QTest::addColumn<bool>("byDefault");
    QTest::addColumn<bool>("refusedOnly");
    QTest::newRow("a token") << u"token.release"_s << u"allow"_s << true << false;
    QTest::newRow("a key") << u"credential.release"_s << u"allow"_s << true << false;
    QTest::newRow("no token") << u"token.release"_s << u"deny"_s << true << true;
    QTest::newRow("management") << u"account.list"_s << u"allow"_s << false << false;
    QTest::newRow("management that was refused") << u"account.list"_s << u"deny"_s << true << true;
    QTest::newRow("about the record itself") << u"audit.seal"_s << u""_s << false << false;
}

void tst_ModelActivity::filter() {
    QFETCH(QString, event);
    QFETCH(QString, verdict);
    AuditRow row = model::auditRowFrom(rowJson(1));
    row.event = event;
    row.verdict = verdict;
    QTEST(model::passes({}, row), "byDefault");
    AuditFilter filter;
    filter.withManagement = true;
    QVERIFY(model::passes(filter, row));
    filter.refusedOnly = true;
    QTEST(model::passes(filter, row), "refusedOnly");
    filter.refusedOnly = false;
    filter.unusualOnly = true;
    QVERIFY(!model::passes(filter, row));
    row.unusual << u"burst"_s;
    QVERIFY(model::passes(filter, row));
    for (const auto& [text, isThere] : {std::pair(u"GIT"_s, true), {u"cache"_s, true}, {u"svn"_s, false}}) {
        filter.text = text;
        QCOMPARE(model::passes(filter, row), isThere);
    }
    filter.text.clear();
    filter.client = "/usr/bin/gi";
    QVERIFY(!model::passes(filter, row));
    filter.client = "/usr/bin/git";
    QVERIFY(model::passes(filter, row));
    filter.credential = u"home"_s;
    QVERIFY(!model::passes(filter, row));
    filter.credential = u"work"_s;
    QVERIFY(model::passes(filter, row));
}

namespace {

std::vector<AuditRow> rowsDown(std::int64_t from, std::int64_t to) {
    std::vector<AuditRow> rows;
    for (std::int64_t i = from; i >= to; --i) {
        rows.push_back(model::auditRowFrom(rowJson(i)));
    }
    return rows;
}

} // namespace

void tst_ModelActivity::tableKeepsWhatStays() {
    model::AuditTable table;
    table.setRows(rowsDown(6, 4));
    const QPersistentModelIndex held = table.index(1, 0); // number 5
    QSignalSpy resets(&table, &QAbstractItemModel::modelReset);
    table.setRows(rowsDown(8, 2));
    QCOMPARE(table.rowCount(), 7);
    QCOMPARE(held.row(), 3);
    QCOMPARE(table.row(3).sequence, 5);
    QCOMPARE(table.rowOf(2), 6);
    QCOMPARE(table.rowOf(1), -1);
    table.setRows(rowsDown(8, 2));
    QCOMPARE(resets.size(), 0);
    QCOMPARE(table.columnCount(), 6);
    QCOMPARE(table.data(table.index(0, model::AuditTable::Program), Qt::DisplayRole).toString(), u"git"_s);
    QCOMPARE(table.headerData(0, Qt::Horizontal, Qt::DisplayRole).toString(), u"Time"_s);
    QVERIFY(!table.headerData(6, Qt::Horizontal, Qt::DisplayRole).isValid());
}

void tst_ModelActivity::tableStartsAnewWhenRowsGo() {
    model::AuditTable table;
    table.setRows(rowsDown(6, 1));
    QSignalSpy resets(&table, &QAbstractItemModel::modelReset);
    table.setRows(rowsDown(6, 2));
    QCOMPARE(resets.size(), 1);
    QCOMPARE(table.rowCount(), 5);
    table.setRows({});
    QCOMPARE(table.rowCount(), 0);
}

void tst_ModelActivity::newestRowsFirstThenOlderOnes() {
    Fixture f;
    QVERIFY(f.connect());
    f.log.load(77);
    QVERIFY(f.log.isLoading());
    QTRY_COMPARE(f.calls(), 1U);
    QVERIFY(f.broker.calls("audit.query")[0] == (json{{"since", 77}, {"limit", 500}}));
    // Enough for a beginning, and not all.
    json page = pageJson(1001, 1500, true);
    QVERIFY(f.broker.release("audit.query", page));
    QTRY_VERIFY(f.log.isLoaded());
    QVERIFY(!f.log.isLoading());
    QVERIFY(f.log.hasOlder());
    QCOMPARE(f.log.rows().front().sequence, 1001);
    f.log.loadOlder();
    f.log.loadOlder(); // once is enough
    QTRY_COMPARE(f.calls(), 2U);
    QVERIFY(f.broker.calls("audit.query")[1] == (json{{"since", 77}, {"limit", 500}, {"before", 1001}}));
    QVERIFY(f.broker.release("audit.query", pageJson(999, 1000, false)));
    QTRY_COMPARE(f.log.rows().size(), 502U);
    QCOMPARE(f.log.rows().front().sequence, 999);
    QVERIFY(!f.log.hasOlder());
}

void tst_ModelActivity::readsOnUntilItIsEnough() {
    Fixture f;
    QVERIFY(f.connect());
    f.broker.answer("audit.query", [](const json& params) {
        const std::int64_t before = params.value("before", std::int64_t{1001});
        return pageJson(before - 100, before - 1, true);
    });
    f.log.load(0);
    QTRY_VERIFY(f.log.isLoaded() && !f.log.isLoading());
    QCOMPARE(f.log.rows().size(), ActivityLog::kEnough);
    QVERIFY(f.log.hasOlder());
}

void tst_ModelActivity::stopsWhereARecordHoldsManagementOnly() {
    Fixture f;
    QVERIFY(f.connect());
    f.broker.answer("audit.query", [](const json& params) {
        const std::int64_t before = params.value("before", std::int64_t{100'001});
        return pageJson(before - 10, before - 1, true, "account.list");
    });
    f.log.load(0);
    QTRY_VERIFY(f.log.isLoaded() && !f.log.isLoading());
    QCOMPARE(f.calls(), static_cast<std::size_t>(ActivityLog::kMostPages));
    QVERIFY(f.log.hasOlder());
}

void tst_ModelActivity::newRowsComeByThemselves() {
    Fixture f;
    QVERIFY(f.connect());
    f.log.follow(true);
    f.log.load(0);
    QVERIFY(f.answer(pageJson(1, 3, false)));
    QTRY_COMPARE(f.calls(), 2U);
    const json waiting = f.broker.calls("audit.query")[1];
    QVERIFY(waiting["after"] == 3);
    QVERIFY(waiting["wait"] > 0);
    QVERIFY(!waiting.contains("since"));
    json page = pageJson(3, 5, false); // one that is known already
    page["reached"] = 5;
    QVERIFY(f.broker.release("audit.query", page));
    QTRY_COMPARE(f.numbers(), (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
    QTRY_COMPARE(f.calls(), 3U);
    QVERIFY(f.broker.calls("audit.query")[2]["after"] == 5);
}

void tst_ModelActivity::nobodyLooksAndNothingIsAsked() {
    Fixture f;
    QVERIFY(f.connect());
    f.log.follow(true);
    f.log.load(0);
    QVERIFY(f.answer(pageJson(1, 3, false)));
    QTRY_COMPARE(f.calls(), 2U);
    f.log.follow(false);
    f.log.follow(true); // the question from before still holds
    f.log.follow(false);
    json page = pageJson(4, 4, false);
    page["reached"] = 4;
    QVERIFY(f.broker.release("audit.query", page));
    QTRY_COMPARE(f.log.rows().size(), 4U);
    QCOMPARE(f.calls(), 2U);
    f.log.follow(true);
    QTRY_COMPARE(f.calls(), 3U);
    QVERIFY(f.broker.calls("audit.query")[2]["after"] == 4);
}

void tst_ModelActivity::whatWasAskedBeforeIsOfNoInterest() {
    Fixture f;
    QVERIFY(f.connect());
    f.log.load(10);
    f.log.load(20);
    QTRY_COMPARE(f.calls(), 2U);
    QVERIFY(f.broker.release("audit.query", pageJson(1, 1, false)));
    QVERIFY(f.broker.release("audit.query", pageJson(2, 2, false)));
    QTRY_VERIFY(f.log.isLoaded());
    QCOMPARE(f.numbers(), (std::vector<std::int64_t>{2}));
    f.log.clear();
    QVERIFY(f.log.rows().empty());
    QVERIFY(!f.log.isLoaded());
}

void tst_ModelActivity::aFailureIsSaid() {
    Fixture f;
    f.broker.refuse("audit.query", "denied", "no");
    QVERIFY(f.connect());
    QSignalSpy failures(&f.log, &ActivityLog::failed);
    f.log.follow(true);
    f.log.load(0);
    QTRY_COMPARE(failures.size(), 1);
    QVERIFY(!f.log.isLoading());
    QVERIFY(!f.log.isLoaded());
}

QTEST_GUILESS_MAIN(tst_ModelActivity)
#include "tst_model_activity.moc"
