#include "app/cli/forward_plan.h"

#include <QTest>

#include <algorithm>

using namespace keybearer::cli;

class tst_CliForward : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void scopes();
    void destinations_data();
    void destinations();
    void folders_data();
    void folders();
    void noCommandHoldsAKeyOrLosesAWord();
    void theScriptIsOneWordForEveryShell();
    void theEnvironmentIsOursWithoutOurVariables();
};

void tst_CliForward::scopes() {
    ForwardOptions options;
    QVERIFY(!forwardedScopes(options));
    options.scopes = {"read"};
    options.providers = {"openai", "groq/ci"};
    QVERIFY(!forwardedScopes(options));
    options.accounts = {"work"};
    const std::vector<std::string> wanted{"account:work scope=read", "openai/default", "groq/ci"};
    QCOMPARE(*forwardedScopes(options), wanted);
}

void tst_CliForward::destinations_data() {
    QTest::addColumn<std::string>("host");
    QTest::addColumn<bool>("isOne");
    QTest::newRow("name") << std::string("build1") << true;
    QTest::newRow("user") << std::string("me@build1.example.com") << true;
    QTest::newRow("address") << std::string("ssh://me@[::1]:22") << true;
    QTest::newRow("empty") << std::string() << false;
    QTest::newRow("option") << std::string("-oProxyCommand=x") << false;
    QTest::newRow("space") << std::string("a b") << false;
    QTest::newRow("line feed") << std::string("a\nb") << false;
    QTest::newRow("not ASCII") << std::string("\xc3\xbc") << false;
    QTest::newRow("long") << std::string(256, 'h') << false;
}

void tst_CliForward::destinations() {
    QFETCH(std::string, host);
    QTEST(isDestination(host), "isOne");
}

void tst_CliForward::folders_data() {
    QTest::addColumn<std::string>("line");
    QTest::addColumn<std::string>("folder");
    QTest::newRow("one") << std::string("keybearer-forward /tmp/keybearer.Ab_1-x")
                         << std::string("/tmp/keybearer.Ab_1-x");
    QTest::newRow("greeting") << std::string("Welcome to keybearer-forward /tmp/x") << std::string();
    QTest::newRow("relative") << std::string("keybearer-forward tmp/x") << std::string();
    QTest::newRow("none") << std::string("keybearer-forward ") << std::string();
    QTest::newRow("command") << std::string("keybearer-forward /tmp/x;id") << std::string();
    QTest::newRow("substitution") << std::string("keybearer-forward /tmp/$(id)") << std::string();
    QTest::newRow("colon") << std::string("keybearer-forward /tmp/x:/etc/y") << std::string();
    QTest::newRow("space") << std::string("keybearer-forward /tmp/x y") << std::string();
    QTest::newRow("carriage return") << std::string("keybearer-forward /tmp/x\r") << std::string();
    QTest::newRow("long") << std::string("keybearer-forward /").append(std::string(95, 'x')) << std::string();
}

void tst_CliForward::folders() {
    QFETCH(std::string, line);
    QTEST(remoteFolderIn(line).value_or(std::string()), "folder");
}

void tst_CliForward::noCommandHoldsAKeyOrLosesAWord() {
    ForwardOptions options;
    options.host = "build1";
    options.sshOptions = {"Port=22"};
    const SshPaths paths{"/run/50%/c", "/run/a:b/broker.sock"};
    const auto master = masterCommand(options, paths);
    QCOMPARE(master[2], std::string("/run/50%%/c"));
    QVERIFY(std::ranges::find(master, "-oPort=22") != master.end());
    QVERIFY(std::ranges::find(master, "-oControlPersist=no") < std::ranges::find(master, "-oPort=22"));
    const auto listen = listenCommand(options, paths, "/tmp/k");
    QVERIFY(std::ranges::find(listen, "/tmp/k/broker.sock:/run/a\\:b/broker.sock") != listen.end());
    const auto run = runCommand(options, paths, "/tmp/k", {"a b", "it's", ""}, false);
    QCOMPARE(run[run.size() - 3], std::string("--"));
    QCOMPARE(run[run.size() - 2], std::string("build1"));
    QVERIFY(run.back().ends_with(" 'a b' 'it'\\''s' ''"));
}

void tst_CliForward::theScriptIsOneWordForEveryShell() {
    ForwardOptions options;
    options.host = "build1";
    const std::string script = masterCommand(options, {"/c", "/s"}).back();
    const std::string inner = script.substr(script.find('\'') + 1, script.rfind('\'') - script.find('\'') - 1);
    QCOMPARE(inner.find_first_of("'\\\n!"), std::string::npos);
}

void tst_CliForward::theEnvironmentIsOursWithoutOurVariables() {
    const char* const ours[] = {"PATH=/bin", "KEYBEARER_CLIENT_KEY=secret", "KEYBEARER_HOME=/h", "SSH_AUTH_SOCK=/a",
                                nullptr};
    const std::vector<std::string> wanted{"PATH=/bin", "SSH_AUTH_SOCK=/a"};
    QCOMPARE(environmentForSsh(ours), wanted);
}

QTEST_GUILESS_MAIN(tst_CliForward)
#include "tst_cli_forward.moc"
