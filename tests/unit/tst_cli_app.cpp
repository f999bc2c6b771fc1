/// The command line as a whole: which verbs there are, what help says, what a wrong line is answered.

#include "app/cli/app.h"

#include <QProcess>
#include <QRegularExpression>
#include <QTest>

#include <CLI/CLI.hpp>

using namespace keybearer;

namespace {

struct Outcome {
    int code = -1;
    QByteArray out;
    QByteArray err;
};

/// Runs `arguments` in a child process with standard output and error in pipes.
Outcome runWith(const QStringList& arguments) {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("KEYBEARER_HOME"), QStringLiteral("/dev/null/home"));
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(KEYBEARER_PROGRAM), arguments);
    if (!process.waitForFinished()) {
        return {};
    }
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
            process.readAllStandardError()};
}

void everyVerb(const CLI::App& app, std::vector<const CLI::App*>& found) {
    for (const CLI::App* verb : app.get_subcommands({})) {
        found.push_back(verb);
        everyVerb(*verb, found);
    }
}

} // namespace

class TestCliApp : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyVerbIsExplained();
    void noOptionTakesASecret();
    void aTreeForOneVerbHoldsThatVerbOnly();
    void theNearestVerbIsSuggested_data();
    void theNearestVerbIsSuggested();
    void aWrongLineExitsWithTwo_data();
    void aWrongLineExitsWithTwo();
    void aWordThatMayBeASecretIsNotRepeated_data();
    void aWordThatMayBeASecretIsNotRepeated();
    void aloneItPrintsAnOverview();
    void withoutABrokerStatusExitsWithEight();
    void withoutABrokerAProgramGetsTheErrorAsJson();
    void namesForCompletionStartNoBroker();
    void doctorFindsOutWithoutABroker();
    void aFullDiskIsNotASuccess();
};

void TestCliApp::everyVerbIsExplained() {
    cli::Invocation invocation;
    const auto tree = cli::buildTree(invocation, nullptr);
    std::vector<const CLI::App*> verbs;
    everyVerb(*tree, verbs);
    QVERIFY(verbs.size() > cli::kVerbs.size());
    for (const CLI::App* verb : verbs) {
        const std::string help = verb->help();
        QVERIFY2(!verb->get_description().empty(), verb->get_name().c_str());
        QVERIFY2(help.find("Examples:\n  ") != std::string::npos, verb->get_name().c_str());
        QVERIFY2(help.find("Exit codes:\n  0  ") != std::string::npos, verb->get_name().c_str());
        for (const CLI::Option* option : verb->get_options()) {
            QVERIFY2(!option->get_description().empty(), option->get_name().c_str());
        }
    }
}

void TestCliApp::noOptionTakesASecret() {
    cli::Invocation invocation;
    const auto tree = cli::buildTree(invocation, nullptr);
    std::vector<const CLI::App*> verbs;
    everyVerb(*tree, verbs);
    const QRegularExpression secret(QStringLiteral("secret|passphrase|password|token|key"));
    for (const CLI::App* verb : verbs) {
        for (const CLI::Option* option : verb->get_options()) {
            const bool takesText = option->nonpositional() && option->get_items_expected_max() != 0;
            const QString name = QString::fromStdString(option->get_name());
            QVERIFY2(!takesText || !name.contains(secret) || name.endsWith(QStringLiteral("-file")), qPrintable(name));
        }
    }
}

void TestCliApp::aTreeForOneVerbHoldsThatVerbOnly() {
    for (const cli::Verb& verb : cli::kVerbs) {
        cli::Invocation invocation;
        const auto tree = cli::buildTree(invocation, &verb);
        const auto verbs = tree->get_subcommands({});
        QCOMPARE(verbs.size(), std::size_t{1});
        QCOMPARE(verbs.front()->get_name(), std::string(verb.name));
    }
}

void TestCliApp::theNearestVerbIsSuggested_data() {
    QTest::addColumn<QString>("word");
    QTest::addColumn<QString>("expected");
    QTest::newRow("swapped letters") << "lgoin"
                                     << "login";
    QTest::newRow("one letter short") << "logut"
                                      << "logout";
    QTest::newRow("one letter more") << "statuss"
                                     << "status";
    QTest::newRow("another letter") << "tokan"
                                    << "token";
    QTest::newRow("beginning") << "stat"
                               << "status";
    QTest::newRow("nothing alike") << "frobnicate" << QString();
    QTest::newRow("short and unlike") << "xy" << QString();
    QTest::newRow("empty") << "" << QString();
    QTest::newRow("very long") << QString(1000, QLatin1Char('l')) << QString();
}

void TestCliApp::theNearestVerbIsSuggested() {
    QFETCH(QString, word);
    QFETCH(QString, expected);
    const auto found = cli::nearest(word.toStdString(), {"login", "logout", "token", "status"});
    QCOMPARE(QString::fromStdString(found.value_or("")), expected);
}

void TestCliApp::aWrongLineExitsWithTwo_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char* name, const char* line, const char* says) {
        QTest::newRow(name) << QString::fromUtf8(line).split(QLatin1Char(' ')) << QByteArray(says);
    };
    row("unknown verb", "lgoin", "did you mean \"login\"?");
    row("unknown verb below", "daemon strat", "did you mean \"start\"?");
    row("unknown option", "status --jsno", "did you mean \"--json\"?");
    row("verb without its verb", "account", "list, rename");
    row("missing argument", "login", "wants PROVIDER");
    row("missing option", "keychain migrate", "wants --to");
    row("option without its value", "login x --account", "--account");
    row("number out of range", "login x --timeout 9", "10 to 3600");
    row("number out of range above", "token x --min-valid 86401", "0 to 86400");
    row("not a number", "login x --timeout soon", "--timeout");
    row("not a choice", "keychain migrate --to cloud", "secret-service");
    row("unknown shell", "completion ksh", "bash, zsh or fish");
    row("logout of nothing", "logout", "--all");
    row("logout of one and all", "logout a --all", "--all");
    row("two answers for the passphrase", "keychain migrate --to file --no-passphrase --passphrase-file f", "not both");
    row("passphrase for the keyring service", "keychain migrate --to secret-service --passphrase-file f",
        "own password");
    row("secret file that is missing", "unlock --passphrase-file /nonexistent/f", "cannot read");
}

void TestCliApp::aWrongLineExitsWithTwo() {
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, says);
    const Outcome outcome = runWith(arguments);
    QCOMPARE(outcome.code, 2);
    QCOMPARE(outcome.out, QByteArray());
    QVERIFY2(outcome.err.startsWith("keybearer: "), outcome.err.constData());
    QVERIFY2(outcome.err.contains(says), outcome.err.constData());

    const Outcome asJson = runWith(QStringList(arguments) << QStringLiteral("--json"));
    if (asJson.out.startsWith('{')) { // where --json itself became the value of an option there is none
        QCOMPARE(asJson.code, 2);
        QCOMPARE(nlohmann::json::parse(asJson.out.toStdString())["error"]["message"].is_string(), true);
        QCOMPARE(asJson.err, QByteArray());
    }
}

void TestCliApp::aWordThatMayBeASecretIsNotRepeated_data() {
    QTest::addColumn<QStringList>("arguments");
    const auto row = [](const char* name, const char* line) {
        QTest::newRow(name) << QString::fromUtf8(line).split(QLatin1Char(' '));
    };
    row("invented option", "login x --client-secret hunter2");
    row("invented option with =", "login x --client-secret=hunter2");
    row("one word too many", "unlock hunter2");
    row("second argument", "token x hunter2");
}

void TestCliApp::aWordThatMayBeASecretIsNotRepeated() {
    QFETCH(QStringList, arguments);
    const Outcome outcome = runWith(arguments);
    QCOMPARE(outcome.code, 2);
    QVERIFY2(!outcome.err.contains("hunter2"), outcome.err.constData());
}

void TestCliApp::aloneItPrintsAnOverview() {
    const Outcome outcome = runWith({});
    QCOMPARE(outcome.code, 0);
    for (const cli::Verb& verb : cli::kVerbs) {
        QVERIFY(outcome.out.contains(QByteArray(verb.name.data(), static_cast<qsizetype>(verb.name.size()))));
    }
}

void TestCliApp::withoutABrokerStatusExitsWithEight() {
    for (const char* verb : {"status", "daemon status"}) {
        const Outcome outcome = runWith(QString::fromUtf8(verb).split(QLatin1Char(' ')));
        QCOMPARE(outcome.code, 8);
        QCOMPARE(outcome.out, QByteArray());
        QVERIFY(outcome.err.contains("keybearer daemon start"));
    }
    QCOMPARE(runWith({QStringLiteral("daemon"), QStringLiteral("stop")}).code, 0);
    QCOMPARE(runWith({QStringLiteral("version")}).code, 0);
}

void TestCliApp::withoutABrokerAProgramGetsTheErrorAsJson() {
    const Outcome outcome = runWith({QStringLiteral("status"), QStringLiteral("--json")});
    QCOMPARE(outcome.code, 8);
    QCOMPARE(outcome.err, QByteArray());
    const auto object = nlohmann::json::parse(outcome.out.toStdString());
    QCOMPARE(object["error"]["kind"].get<std::string>(), std::string("no_broker"));
    QVERIFY(object["error"]["data"].is_object());
}

void TestCliApp::namesForCompletionStartNoBroker() {
    for (const char* group : {"account", "provider"}) {
        const Outcome outcome = runWith({QString::fromUtf8(group), QStringLiteral("list"), QStringLiteral("--names")});
        QCOMPARE(outcome.code, 8);
        QVERIFY(outcome.err.contains("no broker is running"));
    }
}

void TestCliApp::doctorFindsOutWithoutABroker() {
    const Outcome outcome = runWith({QStringLiteral("doctor"), QStringLiteral("--json")});
    QCOMPARE(outcome.code, 1);
    const auto object = nlohmann::json::parse(outcome.out.toStdString());
    std::vector<std::string> names;
    for (const auto& check : object["checks"]) {
        names.push_back(check["name"].get<std::string>());
        QVERIFY(check.at("mend").is_null());
    }
    QCOMPARE(names, (std::vector<std::string>{"broker program", "socket folder", "socket", "broker"}));
}

void TestCliApp::aFullDiskIsNotASuccess() {
    QProcess process;
    process.setStandardOutputFile(QStringLiteral("/dev/full"));
    process.start(QStringLiteral(KEYBEARER_PROGRAM), {QStringLiteral("version")});
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitCode(), 1);
    QVERIFY(process.readAllStandardError().contains("No space left"));
}

QTEST_GUILESS_MAIN(TestCliApp)
#include "tst_cli_app.moc"
