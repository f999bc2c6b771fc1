/// The completion scripts: what is in them, and what bash, zsh and fish make of them.

#include "app/cli/app.h"
#include "app/cli/completion_script.h"
#include "app/cli/completion_tree.h"

#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <CLI/CLI.hpp>

#include <algorithm>

using namespace keybearer;

namespace {

std::string scriptFor(cli::Shell shell) {
    cli::Invocation invocation;
    return cli::completionScript(*cli::buildTree(invocation, nullptr), shell);
}

QByteArray runProgram(const QString& program, const QStringList& arguments, const QString& folder) {
    QProcess process;
    process.setWorkingDirectory(folder);
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(program, arguments);
    process.waitForFinished();
    return process.exitCode() == 0 ? process.readAllStandardOutput() : "failed: " + process.readAllStandardOutput();
}

bool writeFile(const QString& path, const QByteArray& content) {
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size() &&
           file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
}

} // namespace

class TestCliCompletion : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theTreeIsFlattenedWithItsKinds();
    void everyVerbAndOptionIsInEveryScript_data();
    void everyVerbAndOptionIsInEveryScript();
    void theShellAcceptsItsScript_data();
    void theShellAcceptsItsScript();
    void bashCompletes_data();
    void bashCompletes();
    void fishCompletes_data();
    void fishCompletes();
};

void TestCliCompletion::theTreeIsFlattenedWithItsKinds() {
    using Source = cli::ArgumentKind::Source;
    cli::Invocation invocation;
    const auto places = cli::placesOf(*cli::buildTree(invocation, nullptr));
    const auto place = [&](const std::string& path) { return *std::ranges::find(places, path, &cli::Place::path); };
    const auto option = [&](const std::string& path, const std::string& name) {
        const auto options = place(path).options;
        return *std::ranges::find(options, name, &cli::CompletedWord::name);
    };
    QVERIFY(place("/token").argument.source == Source::Accounts);
    QVERIFY(place("/account/rename").argument.source == Source::Accounts);
    QVERIFY(place("/login").argument.source == Source::Providers);
    QVERIFY(place("/daemon/stop").argument.source == Source::Nothing);
    QVERIFY(option("/login", "--client-secret-file").value.source == Source::Files);
    QVERIFY(option("/keychain/migrate", "--to").value.choices == (std::vector<std::string>{"file", "secret-service"}));
    QVERIFY(option("/login", "--scope").takesValue);
    QVERIFY(!option("/token", "--json").takesValue);
}

void TestCliCompletion::everyVerbAndOptionIsInEveryScript_data() {
    QTest::addColumn<int>("shell");
    QTest::newRow("bash") << static_cast<int>(cli::Shell::Bash);
    QTest::newRow("zsh") << static_cast<int>(cli::Shell::Zsh);
    QTest::newRow("fish") << static_cast<int>(cli::Shell::Fish);
}

void TestCliCompletion::everyVerbAndOptionIsInEveryScript() {
    QFETCH(int, shell);
    const std::string script = scriptFor(static_cast<cli::Shell>(shell));
    cli::Invocation invocation;
    for (const cli::Place& place : cli::placesOf(*cli::buildTree(invocation, nullptr))) {
        QVERIFY2(script.find("'" + place.path + "'") != std::string::npos, place.path.c_str());
        for (const cli::CompletedWord& option : place.options) {
            const std::string name = option.name.substr(2);
            QVERIFY2(script.find(name) != std::string::npos, name.c_str());
        }
    }
    QVERIFY(script.find("account list --names") != std::string::npos);
    QVERIFY(script.find("provider list --names") != std::string::npos);
}

void TestCliCompletion::theShellAcceptsItsScript_data() {
    everyVerbAndOptionIsInEveryScript_data();
}

void TestCliCompletion::theShellAcceptsItsScript() {
    QFETCH(int, shell);
    const QString program = QStandardPaths::findExecutable(QString::fromUtf8(QTest::currentDataTag()));
    if (program.isEmpty()) {
        QFAIL("this shell is not installed");
    }
    const QTemporaryDir dir;
    const QString path = dir.filePath(QStringLiteral("script"));
    QVERIFY(writeFile(path, QByteArray::fromStdString(scriptFor(static_cast<cli::Shell>(shell)))));
    QCOMPARE(runProgram(program, {QStringLiteral("-n"), path}, dir.path()), QByteArray());
}

void TestCliCompletion::bashCompletes_data() {
    QTest::addColumn<QString>("line");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const char* line, const char* expected) {
        QTest::newRow(name) << QString::fromUtf8(line) << QByteArray(expected);
    };
    row("verbs", "keybearer lo", "login logout lock");
    row("verbs below", "keybearer daemon st", "start stop status");
    row("options", "keybearer token --m", "--min-valid");
    row("option of another verb", "keybearer status --min", "");
    row("choices", "keybearer keychain migrate --to s", "secret-service");
    row("every choice", "keybearer keychain migrate --to ", "file secret-service");
    row("shells", "keybearer completion f", "fish");
    row("accounts", "keybearer token g", "github");
    row("accounts after an option", "keybearer token --min-valid 5 g", "github");
    row("nothing for a free value", "keybearer login --account g", "");
    row("an account that is called like a verb", "keybearer token login g", "github");
    row("providers", "keybearer login o", "openai");
    // '@' and ':' are word breaks of Readline: it keeps what stands before them.
    row("account with @", "keybearer token me@w", "work");
    row("names are data, not commands", "keybearer logout $", "$(touch");
}

void TestCliCompletion::bashCompletes() {
    QFETCH(QString, line);
    QFETCH(QByteArray, expected);
    const QString bash = QStandardPaths::findExecutable(QStringLiteral("bash"));
    if (bash.isEmpty()) {
        QFAIL("bash is not installed");
    }
    const QTemporaryDir dir;
    QVERIFY(writeFile(dir.filePath(QStringLiteral("script")), QByteArray::fromStdString(scriptFor(cli::Shell::Bash))));
    // Stands in for the program and a running broker; the third account is what no real name may be.
    const QByteArray program =
        "keybearer() { case \"$*\" in 'account list --names') "
        "printf '%s\\n' github me@work '$(touch pwned)' ;; 'provider list --names') echo openai ;; esac; }\n";
    const QByteArray driver = program +
                              "source ./script\ncompopt() { :; }\nCOMP_LINE=$1 COMP_POINT=${#1}\n_keybearer\nset -f\n"
                              "out=\"${COMPREPLY[*]}\"\nprintf '%s' \"${out%% pwned*}\"\n[ ! -e pwned ]\n";
    QVERIFY(writeFile(dir.filePath(QStringLiteral("driver")), driver));
    QProcess process;
    process.setWorkingDirectory(dir.path());
    process.start(bash, {QStringLiteral("--norc"), QStringLiteral("driver"), line});
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitCode(), 0);
    QCOMPARE(process.readAllStandardOutput(), expected);
    QCOMPARE(process.readAllStandardError(), QByteArray());
}

void TestCliCompletion::fishCompletes_data() {
    QTest::addColumn<QString>("line");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("verbs") << "keybearer lo" << QByteArray("lock\nlogin\nlogout\n");
    QTest::newRow("verbs below") << "keybearer daemon sto" << QByteArray("stop\n");
    QTest::newRow("options") << "keybearer token --m" << QByteArray("--min-valid\n");
    QTest::newRow("choices") << "keybearer keychain migrate --to s" << QByteArray("secret-service\n");
    // The folder holds one file, "script": it belongs to options that want a file and to no other.
    QTest::newRow("a file") << "keybearer unlock --passphrase-file s" << QByteArray("script\n");
    QTest::newRow("no file for a free value") << "keybearer login --account s" << QByteArray();
    QTest::newRow("no file for an argument") << "keybearer token s" << QByteArray();
}

void TestCliCompletion::fishCompletes() {
    QFETCH(QString, line);
    QFETCH(QByteArray, expected);
    const QString fish = QStandardPaths::findExecutable(QStringLiteral("fish"));
    if (fish.isEmpty()) {
        QFAIL("fish is not installed");
    }
    const QTemporaryDir dir;
    const QString path = dir.filePath(QStringLiteral("script"));
    QVERIFY(writeFile(path, QByteArray::fromStdString(scriptFor(cli::Shell::Fish))));
    const QString command = QStringLiteral("function keybearer; end; source %1; complete -C '%2'").arg(path, line);
    const QByteArray said =
        runProgram(fish, {QStringLiteral("--no-config"), QStringLiteral("-c"), command}, dir.path());
    QByteArray words; // fish writes "word<TAB>description"
    for (const QByteArray& each : said.split('\n')) {
        words += each.isEmpty() ? QByteArray() : each.split('\t').first() + '\n';
    }
    QCOMPARE(words, expected);
}

QTEST_GUILESS_MAIN(TestCliCompletion)
#include "tst_cli_completion.moc"
