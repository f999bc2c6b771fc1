/// \file
/// What a person types as a time, and how the audit record looks.

#include "app/cli/audit_text.h"
#include "app/cli/when.h"

#include <QTest>

#include <ctime>

using namespace keybearer;
using nlohmann::json;

namespace {

/// 2026-03-04 15:06:07 in Berlin (UTC+1), 14:06:07 UTC.
constexpr std::int64_t kNow = 1'772'633'167;

json row() {
    return {{"sequence", 7},       {"time", kNow},          {"event", "token.release"}, {"verdict", "allow"},
            {"reason", "allowed"}, {"method", "token.get"}, {"credential", "work"},     {"uid", 1000},
            {"pid", 42},           {"exe", "/usr/bin/git"}};
}

} // namespace

class TestCliAudit : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        ::setenv("TZ", "Europe/Berlin", 1);
        ::tzset();
        if (cli::localSecond(kNow) != "2026-03-04 15:06:07") {
            ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1); // a machine without zones
            ::tzset();
        }
    }

    void timesAreRead_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qint64>("expected");
        // Expected values: date -d '...' +%s with TZ=Europe/Berlin.
        QTest::newRow("seconds") << QByteArray("30s") << qint64{kNow - 30};
        QTest::newRow("minutes") << QByteArray("15m") << qint64{kNow - 900};
        QTest::newRow("hours") << QByteArray("2h") << qint64{kNow - 7200};
        QTest::newRow("days") << QByteArray("3d") << qint64{kNow - 259'200};
        QTest::newRow("weeks") << QByteArray("2w") << qint64{kNow - 1'209'600};
        QTest::newRow("before all time") << QByteArray("999999w") << qint64{0};
        QTest::newRow("today") << QByteArray("today") << qint64{1'772'578'800};
        QTest::newRow("yesterday") << QByteArray("yesterday") << qint64{1'772'492'400};
        QTest::newRow("date") << QByteArray("2026-03-01") << qint64{1'772'319'600};
        QTest::newRow("date in summer") << QByteArray("2025-07-01") << qint64{1'751'320'800};
        QTest::newRow("minute") << QByteArray("2026-03-01 14:05") << qint64{1'772'370'300};
        QTest::newRow("second") << QByteArray("2026-03-01T14:05:09") << qint64{1'772'370'309};
        QTest::newRow("UTC") << QByteArray("2026-03-01T13:05:09Z") << qint64{1'772'370'309};
        QTest::newRow("zone in the east") << QByteArray("2026-03-01T15:05:09+02:00") << qint64{1'772'370'309};
        QTest::newRow("zone in the west") << QByteArray("2026-03-01T08:35:09-04:30") << qint64{1'772'370'309};
    }
    void timesAreRead() {
        QFETCH(const QByteArray, text);
        QFETCH(const qint64, expected);
        QCOMPARE(qint64{cli::parseWhen(text.toStdString(), kNow).value_or(-1)}, expected);
    }

    void whatIsNoTimeIsRefused_data() {
        QTest::addColumn<QByteArray>("text");
        for (const char* text : {"",
                                 "h",
                                 "2",
                                 "2x",
                                 "-2h",
                                 "+2h",
                                 "2.5h",
                                 "2 h",
                                 "2hh",
                                 "1000000d",
                                 "tomorrow",
                                 "Today",
                                 "2026",
                                 "2026-3-1",
                                 "2026-03",
                                 "2026-13-01",
                                 "2026-00-01",
                                 "2026-02-30",
                                 "2026-03-32",
                                 "2026-03-00",
                                 "26-03-01",
                                 "1969-12-31",
                                 "2026/03/01",
                                 "2026-03-01 ",
                                 "2026-03-01 24:00",
                                 "2026-03-01 14:60",
                                 "2026-03-01 14",
                                 "2026-03-01 14:05:60",
                                 "2026-03-01 14:05:",
                                 "2026-03-01x14:05",
                                 "2026-03-01T14:05 Z",
                                 "2026-03-01T14:05+2",
                                 "2026-03-01T14:05+02:60",
                                 "2026-03-01T14:05+24:00",
                                 "2026-03-01T14:05+0200",
                                 "2026-03-01Z",
                                 "2026-03-01T14:05Zx",
                                 "1970-01-01T00:00+02:00"}) {
            QTest::addRow("\"%s\"", text) << QByteArray(text);
        }
    }
    void whatIsNoTimeIsRefused() {
        QFETCH(const QByteArray, text);
        QVERIFY(!cli::parseWhen(text.toStdString(), kNow));
    }

    void aRowIsOneLine_data() {
        QTest::addColumn<QByteArray>("changes");
        QTest::addColumn<QByteArray>("line");
        const auto line = [](const char* name, const json& changes, const char* text) {
            QTest::newRow(name) << QByteArray::fromStdString(changes.dump())
                                << QByteArray("2026-03-04 15:06:07  ") + text + "\n";
        };
        line("token", {{"account", "work"}, {"source", "cache"}},
             "git[42]  token.release work (cache)  allow  allowed");
        line("chosen account", {{"credential", "lab"}, {"account", "work"}, {"source", "refresh"}},
             "git[42]  token.release lab of work (refresh)  allow  allowed");
        line("key",
             {{"event", "credential.release"},
              {"credential", "openai"},
              {"fields", "key,url"},
              {"layers", "store,default"}},
             "git[42]  credential.release openai (key from store, url from default)  allow  allowed");
        line("layers missing", {{"fields", "key,url"}, {"layers", "store"}},
             "git[42]  token.release work (key from store, url from ?)  allow  allowed");
        line("refused", {{"verdict", "deny"}, {"reason", "policy refuses"}},
             "git[42]  token.release work  deny  policy refuses");
        line("unusual", {{"unusual", {"new_client", "burst", "x"}}},
             "git[42]  token.release work  allow  unusual: new_client, burst, x  allowed");
        line("grant", {{"grant", "g1"}, {"client_key", "k1"}, {"purpose", "tests"}},
             "git[42]  token.release work  allow  allowed; grant g1; client_key k1; purpose tests");
        line("broker's own", {{"event", "audit.repair"}, {"verdict", ""}, {"credential", ""}, {"reason", "cut off"}},
             "git[42]  audit.repair  cut off");
        line("no program", {{"exe", ""}}, "process 42  token.release work  allow  allowed");
        line("escape sequences", {{"exe", "/tmp/\x1b[2Jx\n"}, {"credential", "a\xE2\x80\xAE\x62"}, {"reason", "\x07"}},
             "?[2Jx?[42]  token.release a?b  allow  ?");
    }
    void aRowIsOneLine() {
        QFETCH(const QByteArray, changes);
        QFETCH(const QByteArray, line);
        json changed = row();
        changed.update(json::parse(changes.toStdString()));
        QCOMPARE(QByteArray::fromStdString(cli::auditLine(changed, false)), line);
    }

    void whatIsMissingDoesNoHarm() {
        QCOMPARE(cli::auditLine(json::object(), false), std::string("1970-01-01 01:00:00  process 0  \n"));
        QCOMPARE(cli::auditLine(json(7), false), std::string("1970-01-01 01:00:00  process 0  \n"));
    }

    void aRowForProgramsIsOneLineOfJson() {
        json changed = row();
        changed["exe"] = "/a\n\xC2\x9B\xFF";
        const std::string line = cli::auditJsonLine(changed);
        QCOMPARE(std::count(line.begin(), line.end(), '\n'), std::ptrdiff_t{1});
        QVERIFY(std::all_of(line.begin(), line.end(), [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); }));
        QCOMPARE(json::parse(line)["exe"].get<std::string>(), std::string("/a\n\xC2\x9B\xEF\xBF\xBD"));
    }

    void aCheckIsSaid() {
        json report{{"ok", true},
                    {"rows", 12},
                    {"first", 1},
                    {"first_time", kNow},
                    {"last", 12},
                    {"sealed", 12},
                    {"problems", json::array()},
                    {"more_problems", false},
                    {"notes", json::array()}};
        QCOMPARE(cli::verifyText(report, false),
                 std::string("The record is whole. 12 rows since 2026-03-04 15:06:07, sealed up to row 12.\n"));
        report["sealed"] = nullptr;
        report["rows"] = 1;
        report["notes"] = {"the seal cannot be checked: the keychain is locked"};
        QCOMPARE(cli::verifyText(report, false),
                 std::string("The record is whole. 1 row since 2026-03-04 15:06:07, not sealed.\n"
                             "Note: the seal cannot be checked: the keychain is locked.\n"));
        report["ok"] = false;
        report["problems"] = {{{"file", "audit.log"}, {"line", 3}, {"row", 3}, {"message", "changed \x1b[2J"}},
                              {{"file", "audit.log"}, {"line", 0}, {"row", nullptr}, {"message", "gone"}}};
        report["more_problems"] = true;
        QCOMPARE(cli::verifyText(report, false),
                 std::string("The record is not as it was written:\n"
                             "  audit.log:3: changed ?[2J\n"
                             "  audit.log: gone\n"
                             "  ... and more.\n"
                             "Note: the seal cannot be checked: the keychain is locked.\n"));
    }
};

QTEST_APPLESS_MAIN(TestCliAudit)
#include "tst_cli_audit.moc"
