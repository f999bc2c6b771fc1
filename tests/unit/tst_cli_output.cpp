/// Text from servers on a terminal, tables, times, JSON.

#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/status_text.h"

#include <QTest>

using namespace keybearer;
using nlohmann::json;

class TestCliOutput : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textFromOutsideCannotActOnTheTerminal_data();
    void textFromOutsideCannotActOnTheTerminal();
    void longTextIsCutAtACharacter();
    void timesAreRelative_data();
    void timesAreRelative();
    void theCountdownLooksLikeAClock_data();
    void theCountdownLooksLikeAClock();
    void colourIsForTerminalsWhoseOwnerWantsIt_data();
    void colourIsForTerminalsWhoseOwnerWantsIt();
    void tableColumnsLineUpWhateverTheyHold();
    void jsonIsAsciiAndSurvivesBadBytes();
    void membersOfAnotherTypeCountAsMissing();
    void errorsNeverCarryControlCharacters();
    void errorsAreJsonForPrograms();
    void statusSaysWhenNothingIsEncrypted();
    void statusSaysWhatPolicyMeans();
    void statusNamesTheIssuerWhereThereIsNoProvider();
};

void TestCliOutput::textFromOutsideCannotActOnTheTerminal_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("plain") << QByteArray("jane@example.com") << QByteArray("jane@example.com");
    QTest::newRow("two-byte letter") << QByteArray("Jos\xC3\xA9") << QByteArray("Jos\xC3\xA9");
    QTest::newRow("three-byte letter") << QByteArray("\xE6\x97\xA5") << QByteArray("\xE6\x97\xA5");
    QTest::newRow("four-byte letter") << QByteArray("\xF0\x9F\x94\x91") << QByteArray("\xF0\x9F\x94\x91");
    QTest::newRow("escape sequence") << QByteArray("a\x1b[2Jb") << QByteArray("a?[2Jb");
    QTest::newRow("line feed") << QByteArray("a\nb") << QByteArray("a?b");
    QTest::newRow("carriage return") << QByteArray("a\rb") << QByteArray("a?b");
    QTest::newRow("NUL") << QByteArray("a\0b", 3) << QByteArray("a?b");
    QTest::newRow("DEL") << QByteArray("a\x7f") << QByteArray("a?");
    QTest::newRow("C1 CSI, U+009B") << QByteArray("\xC2\x9B") << QByteArray("?");
    QTest::newRow("right-to-left override, U+202E") << QByteArray("a\xE2\x80\xAE") << QByteArray("a?");
    QTest::newRow("isolate, U+2066") << QByteArray("\xE2\x81\xA6") << QByteArray("?");
    QTest::newRow("line separator, U+2028") << QByteArray("\xE2\x80\xA8") << QByteArray("?");
    QTest::newRow("zero width space, U+200B") << QByteArray("\xE2\x80\x8B") << QByteArray("?");
    QTest::newRow("tag letter, U+E0041") << QByteArray("\xF3\xA0\x81\x81") << QByteArray("?");
    // Not well-formed by Unicode 15, table 3-7: one mark for each byte.
    QTest::newRow("bare continuation") << QByteArray("\x80") << QByteArray("?");
    QTest::newRow("overlong slash") << QByteArray("\xC0\xAF") << QByteArray("??");
    QTest::newRow("overlong in three bytes") << QByteArray("\xE0\x80\x9B") << QByteArray("???");
    QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << QByteArray("???");
    QTest::newRow("above U+10FFFF") << QByteArray("\xF4\x90\x80\x80") << QByteArray("????");
    QTest::newRow("cut off") << QByteArray("\xE6\x97") << QByteArray("??");
    QTest::newRow("cut off before ASCII") << QByteArray("\xE6\x97z") << QByteArray("??z");
}

void TestCliOutput::textFromOutsideCannotActOnTheTerminal() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    QCOMPARE(QByteArray::fromStdString(cli::shown(text.toStdString())), expected);
}

void TestCliOutput::longTextIsCutAtACharacter() {
    QCOMPARE(cli::shown("\xC3\xA9\xC3\xA9\xC3\xA9", 2), std::string("\xC3\xA9\xC3\xA9..."));
    QCOMPARE(cli::shown("ab", 2), std::string("ab"));
}

void TestCliOutput::timesAreRelative_data() {
    QTest::addColumn<qint64>("at");
    QTest::addColumn<QString>("expected");
    QTest::newRow("now") << qint64{1000000} << QStringLiteral("now");
    QTest::newRow("seconds") << qint64{1000059} << QStringLiteral("in 59 s");
    QTest::newRow("one minute") << qint64{1000060} << QStringLiteral("in 1 min");
    QTest::newRow("minutes") << qint64{1000250} << QStringLiteral("in 4 min");
    QTest::newRow("hours") << qint64{1000000 + 3600 * 47} << QStringLiteral("in 47 h");
    QTest::newRow("days") << qint64{1000000 + 86400 * 2} << QStringLiteral("in 2 d");
    QTest::newRow("past seconds") << qint64{999999} << QStringLiteral("1 s ago");
    QTest::newRow("past hours") << qint64{1000000 - 3700} << QStringLiteral("1 h ago");
}

void TestCliOutput::timesAreRelative() {
    QFETCH(qint64, at);
    QFETCH(QString, expected);
    QCOMPARE(QString::fromStdString(cli::relativeTime(at, 1000000)), expected);
}

void TestCliOutput::theCountdownLooksLikeAClock_data() {
    QTest::addColumn<int>("seconds");
    QTest::addColumn<QString>("expected");
    QTest::newRow("minutes") << 272 << QStringLiteral("4:32");
    QTest::newRow("padded") << 61 << QStringLiteral("1:01");
    QTest::newRow("seconds only") << 9 << QStringLiteral("0:09");
    QTest::newRow("an hour") << 3600 << QStringLiteral("60:00");
    QTest::newRow("overdue") << -5 << QStringLiteral("0:00");
}

void TestCliOutput::theCountdownLooksLikeAClock() {
    QFETCH(int, seconds);
    QFETCH(QString, expected);
    QCOMPARE(QString::fromStdString(cli::countdown(seconds)), expected);
}

void TestCliOutput::colourIsForTerminalsWhoseOwnerWantsIt_data() {
    QTest::addColumn<bool>("terminal");
    QTest::addColumn<QString>("noColor");
    QTest::addColumn<QString>("term");
    QTest::addColumn<bool>("expected");
    QTest::newRow("terminal") << true << QString() << QStringLiteral("xterm") << true;
    QTest::newRow("pipe") << false << QString() << QStringLiteral("xterm") << false;
    QTest::newRow("NO_COLOR") << true << QStringLiteral("1") << QStringLiteral("xterm") << false;
    QTest::newRow("dumb terminal") << true << QString() << QStringLiteral("dumb") << false;
    QTest::newRow("no TERM") << true << QString() << QString() << false;
}

void TestCliOutput::colourIsForTerminalsWhoseOwnerWantsIt() {
    QFETCH(bool, terminal);
    QFETCH(QString, noColor);
    QFETCH(QString, term);
    QFETCH(bool, expected);
    const base::Environment environment = [&](const std::string& name) -> std::optional<std::string> {
        const QString value = name == "NO_COLOR" ? noColor : name == "TERM" ? term : QString();
        return value.isEmpty() ? std::nullopt : std::optional(value.toStdString());
    };
    QCOMPARE(cli::colourWanted(terminal, environment), expected);
}

void TestCliOutput::tableColumnsLineUpWhateverTheyHold() {
    cli::Table table({"Name", "State"});
    table.add({{"Jos\xC3\xA9"}, {"ok", cli::Style::Good}});
    table.add({{"a\x1b[31m"}, {""}});
    QCOMPARE(table.render(false), std::string("Name    State\n"
                                              "Jos\xC3\xA9    ok\n"
                                              "a?[31m  -\n"));
    QVERIFY(table.render(true).find("\x1b[32mok\x1b[0m") != std::string::npos);
}

void TestCliOutput::jsonIsAsciiAndSurvivesBadBytes() {
    // RFC 8259 section 7: any character may be escaped; U+009B and U+202E act on terminals.
    QCOMPARE(cli::jsonText(json{{"a", "\xC2\x9B\xE2\x80\xAE"}}), std::string("{\n  \"a\": \"\\u009b\\u202e\"\n}\n"));
    QCOMPARE(cli::jsonText(json{{"a", "\xFF"}}), std::string("{\n  \"a\": \"\\ufffd\"\n}\n"));
}

void TestCliOutput::membersOfAnotherTypeCountAsMissing() {
    const json object{{"text", 1}, {"number", "1"}, {"list", "x"}, {"mixed", {"a", 1, "b"}}, {"nothing", nullptr}};
    QCOMPARE(cli::textOf(object, "text"), std::string());
    QCOMPARE(cli::textOf(object, "nothing"), std::string());
    QCOMPARE(cli::textOf(object, "absent"), std::string());
    QCOMPARE(cli::textOf(json::array(), "text"), std::string());
    QVERIFY(!cli::numberOf(object, "number"));
    QVERIFY(!cli::numberOf(object, "nothing"));
    QVERIFY(cli::listOf(object, "list").empty());
    QCOMPARE(cli::joinedOf(object, "mixed", ","), std::string("a,b"));
}

void TestCliOutput::errorsNeverCarryControlCharacters() {
    const client::Error error{"provider_error", "they said \x1b]0;owned\x07", json::object(), 7};
    QCOMPARE(cli::failureText(error), std::string("keybearer: they said ?]0;owned?\n"));
    const client::Error wanted{"client_id_required", "register first",
                               json{{"register_url", "https://x/\x1b[2J"}, {"redirect_uri", "http://127.0.0.1/cb"}}, 2};
    const std::string text = cli::failureText(wanted);
    QVERIFY(text.find('\x1b') == std::string::npos);
    QVERIFY(text.find("http://127.0.0.1/cb") != std::string::npos);
}

void TestCliOutput::errorsAreJsonForPrograms() {
    const client::Error error{"rate_limited", "wait", json{{"kind", "rate_limited"}, {"retry_after", 5}}, 5};
    const json expected = {
        {"error",
         {{"kind", "rate_limited"}, {"message", "wait"}, {"data", {{"kind", "rate_limited"}, {"retry_after", 5}}}}}};
    QVERIFY(cli::failureJson(error) == expected);
}

void TestCliOutput::statusSaysWhenNothingIsEncrypted() {
    const auto keychain = [](const char* backend) {
        return cli::keychainText(json{{"backend", backend}, {"state", "ready"}}, false);
    };
    QVERIFY(keychain("file-plain").find("NOT ENCRYPTED") != std::string::npos);
    QVERIFY(keychain("file-sealed").find("NOT ENCRYPTED") == std::string::npos);
    QVERIFY(keychain("secret-service").find("NOT ENCRYPTED") == std::string::npos);
}

void TestCliOutput::statusSaysWhatPolicyMeans() {
    const std::string text = cli::statusText(json{{"policy", "allow"}, {"accounts", json::array()}}, false);
    QVERIFY(text.find("allow: every program of this user may get every token") != std::string::npos);
}

void TestCliOutput::statusNamesTheIssuerWhereThereIsNoProvider() {
    const json account{
        {"account", "work"}, {"provider", ""}, {"issuer", "https://id.example.com"}, {"status", "signed_in"}};
    const std::string text = cli::statusText(json{{"accounts", json::array({account})}}, false);
    QVERIFY2(text.find("https://id.example.com (work)") != std::string::npos, text.c_str());
    json bound = account;
    bound["resource"] = "https://mcp.example.com/mcp";
    const std::string of = cli::statusText(json{{"accounts", json::array({bound})}}, false);
    QVERIFY2(of.find("https://mcp.example.com/mcp (work)") != std::string::npos, of.c_str());
}

QTEST_APPLESS_MAIN(TestCliOutput)
#include "tst_cli_output.moc"
