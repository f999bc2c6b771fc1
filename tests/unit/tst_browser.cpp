/// What is started to open a URL, and with what.

#include "app/common/browser.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace keybearer;

namespace {

const std::string kUrl = "https://id.example.com/authorize?scope=a%20b&state=x";

base::Environment environmentOf(std::vector<std::pair<std::string, std::string>> variables) {
    return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
        for (const auto& [key, value] : variables) {
            if (key == name && !value.empty()) {
                return value;
            }
        }
        return std::nullopt;
    };
}

QString joined(const std::vector<common::Command>& commands) {
    QStringList lines;
    for (const common::Command& command : commands) {
        QStringList words;
        for (const std::string& word : command) {
            words << QString::fromStdString(word);
        }
        lines << words.join(QLatin1Char('|'));
    }
    return lines.join(QLatin1Char('\n'));
}

/// An executable script in `dir`.
std::string script(const QTemporaryDir& dir, const QString& name, const QByteArray& body) {
    const QString path = dir.filePath(name);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write("#!/bin/sh\n" + body) < 0) {
        return {};
    }
    file.close();
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return path.toStdString();
}

QByteArray content(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestCliBrowser : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onlyWebUrlsAreOpened_data();
    void onlyWebUrlsAreOpened();
    void commandsFollowTheEnvironment_data();
    void commandsFollowTheEnvironment();
    void theUrlArrivesAsOneArgumentAndNothingElseLeaksIn();
    void secretsDoNotGoToTheBrowser_data();
    void secretsDoNotGoToTheBrowser();
    void aProgramThatIsMissingIsPassedOver();
    void aBrowserThatFailsMakesRoomForTheNext();
    void aBrowserThatEndsWellIsEnough();
};

void TestCliBrowser::onlyWebUrlsAreOpened_data() {
    QTest::addColumn<QByteArray>("url");
    QTest::addColumn<bool>("expected");
    QTest::newRow("https") << QByteArray("https://a/") << true;
    QTest::newRow("http") << QByteArray("http://127.0.0.1:9400/auth") << true;
    QTest::newRow("scheme in capitals") << QByteArray("HTTPS://a/") << true;
    QTest::newRow("empty") << QByteArray() << false;
    QTest::newRow("scheme only") << QByteArray("https://") << false;
    QTest::newRow("no host") << QByteArray("https:///etc/passwd") << false;
    QTest::newRow("file") << QByteArray("file:///etc/passwd") << false;
    QTest::newRow("javascript") << QByteArray("javascript:alert(1)") << false;
    QTest::newRow("private scheme") << QByteArray("com.example.app:/cb") << false;
    QTest::newRow("option") << QByteArray("--incognito") << false;
    QTest::newRow("path") << QByteArray("/bin/sh") << false;
    QTest::newRow("no slashes") << QByteArray("https:a") << false;
    QTest::newRow("leading space") << QByteArray(" https://a/") << false;
    QTest::newRow("space inside") << QByteArray("https://a/ --flag") << false;
    QTest::newRow("line feed") << QByteArray("https://a/\n") << false;
    QTest::newRow("NUL") << QByteArray("https://a/\0b", 12) << false;
    QTest::newRow("not ASCII") << QByteArray("https://\xC3\xA9/") << false;
}

void TestCliBrowser::onlyWebUrlsAreOpened() {
    QFETCH(QByteArray, url);
    QFETCH(bool, expected);
    QCOMPARE(common::isWebUrl(url.toStdString()), expected);
    QCOMPARE(!common::browserCommands(environmentOf({{"BROWSER", "firefox"}}), url.toStdString()).empty(), expected);
}

void TestCliBrowser::commandsFollowTheEnvironment_data() {
    QTest::addColumn<QString>("browser");
    QTest::addColumn<QString>("display");
    QTest::addColumn<QString>("wayland");
    QTest::addColumn<QString>("expected");
    // "@" stands for the URL, "|" separates arguments.
    const QString none;
    QTest::newRow("nothing set") << none << none << none << none;
    QTest::newRow("X display") << none << ":0" << none << "xdg-open|@";
    QTest::newRow("Wayland display") << none << none << "wayland-0"
                                     << "xdg-open|@";
    QTest::newRow("BROWSER without a display") << "w3m" << none << none << "w3m|@";
    QTest::newRow("BROWSER goes first and alone") << "firefox"
                                                  << ":0" << none << "firefox|@";
    QTest::newRow("list") << "firefox:w3m" << none << none << "firefox|@\nw3m|@";
    QTest::newRow("%s") << "lynx -accept %s -x" << none << none << "lynx|-accept|@|-x";
    QTest::newRow("%s inside a word") << "open --url=%s" << none << none << "open|--url=@";
    QTest::newRow("%s twice") << "b %s %s" << none << none << "b|@|@";
    QTest::newRow("%%") << "b 100%% %s" << none << none << "b|100%|@";
    QTest::newRow("%%s is not %s") << "b %%s" << none << none << "b|%s|@";
    QTest::newRow("shell characters mean nothing") << "b;rm -rf $HOME" << none << none << "b;rm|-rf|$HOME|@";
    QTest::newRow("quotes mean nothing") << "b 'a c'" << none << none << "b|'a|c'|@";
    QTest::newRow("empty entries") << "::  :b" << none << none << "b|@";
    QTest::newRow("more than one space") << "b   -x" << none << none << "b|-x|@";
}

void TestCliBrowser::commandsFollowTheEnvironment() {
    QFETCH(QString, browser);
    QFETCH(QString, display);
    QFETCH(QString, wayland);
    QFETCH(QString, expected);
    const auto environment = environmentOf({{"BROWSER", browser.toStdString()},
                                            {"DISPLAY", display.toStdString()},
                                            {"WAYLAND_DISPLAY", wayland.toStdString()}});
    expected.replace(QLatin1Char('@'), QString::fromStdString(kUrl));
    QCOMPARE(joined(common::browserCommands(environment, kUrl)), expected);
}

void TestCliBrowser::theUrlArrivesAsOneArgumentAndNothingElseLeaksIn() {
    const QTemporaryDir dir;
    const QString seen = dir.filePath(QStringLiteral("seen"));
    // The script's own descriptor on itself is closed on exec by the shell; ls holds one on /proc/self/fd.
    const std::string program =
        script(dir, QStringLiteral("browser"),
               "{ printf '%s\\n' \"$#\" \"$1\"; readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2;\n"
               "  [ -e /proc/$$/fd/77 ] && echo leaked; env | grep -c '^KEYBEARER_'; echo \"$KB_TEST_KEPT\"; umask; ps "
               "-o sid= -p $$ | tr -d ' '; echo $$; } > '" +
                   seen.toUtf8() + ".part'\nmv '" + seen.toUtf8() + ".part' '" + seen.toUtf8() + "'\n");
    const int open = ::open("/dev/null", O_RDONLY); // a descriptor that somebody forgot to close on exec
    QVERIFY(::dup2(open, 77) == 77);
    qputenv("KEYBEARER_CLIENT_KEY", "kb_live_canary");
    qputenv("KB_TEST_KEPT", "kept");
    const mode_t mask = ::umask(027); // the person's, whatever the broker's is
    common::Browser browser({{program, kUrl}});
    QVERIFY(browser.start());
    ::umask(mask);
    qunsetenv("KEYBEARER_CLIENT_KEY");
    ::close(77);
    ::close(open);
    QTRY_VERIFY(QFile::exists(seen));
    const QList<QByteArray> lines = content(seen).split('\n');
    QCOMPARE(lines.value(0), QByteArray("1"));
    QCOMPARE(lines.value(1), QByteArray::fromStdString(kUrl));
    QCOMPARE(lines.value(2), QByteArray("/dev/null"));
    QVERIFY(!content(seen).contains("leaked"));
    QCOMPARE(lines.value(5), QByteArray("0")); // variables of ours
    QCOMPARE(lines.value(6), QByteArray("kept"));
    QCOMPARE(lines.value(7), QByteArray("0027"));
    QCOMPARE(lines.value(lines.size() - 3), lines.value(lines.size() - 2)); // leader of its own session
}

void TestCliBrowser::secretsDoNotGoToTheBrowser_data() {
    QTest::addColumn<bool>("goes");
    for (const char* name : {"HOME", "DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_ACTIVATION_TOKEN",
                             "MONKEY", "GNOME_KEYRING_CONTROL", "KEYBOARD", "PATH", "COMPASS_HOME"}) {
        QTest::newRow(name) << true;
    }
    for (const char* name : {"OPENAI_API_KEY", "GITHUB_TOKEN", "KEYBEARER_SOCKET", "AWS_SECRET_ACCESS_KEY",
                             "DB_PASSWORD", "TOKEN", "GOOGLE_APPLICATION_CREDENTIALS", "SSH_AUTH_SOCK",
                             "AZURE_DEVOPS_EXT_PAT", "AWS_SESSION_TOKEN", "KEY_OF_MINE"}) {
        QTest::newRow(name) << false;
    }
}

void TestCliBrowser::secretsDoNotGoToTheBrowser() {
    QFETCH(bool, goes);
    QCOMPARE(common::goesToBrowser(QTest::currentDataTag()), goes);
}

void TestCliBrowser::aProgramThatIsMissingIsPassedOver() {
    const QTemporaryDir dir;
    const QString seen = dir.filePath(QStringLiteral("seen"));
    const std::string second = script(dir, QStringLiteral("second"), "touch '" + seen.toUtf8() + "'\n");
    common::Browser browser({{dir.filePath(QStringLiteral("absent")).toStdString(), kUrl}, {second, kUrl}});
    QVERIFY(browser.start());
    QTRY_VERIFY(QFile::exists(seen));
    common::Browser none({{dir.filePath(QStringLiteral("absent")).toStdString(), kUrl}});
    QVERIFY(!none.start());
}

void TestCliBrowser::aBrowserThatFailsMakesRoomForTheNext() {
    const QTemporaryDir dir;
    const QString seen = dir.filePath(QStringLiteral("seen"));
    const std::string failing = script(dir, QStringLiteral("failing"), "exit 3\n");
    const std::string second = script(dir, QStringLiteral("second"), "touch '" + seen.toUtf8() + "'\nexit 1\n");
    common::Browser browser({{failing, kUrl}, {second, kUrl}});
    QVERIFY(browser.start());
    QTRY_VERIFY(!browser.stillHopeful());
    QVERIFY(QFile::exists(seen));
}

void TestCliBrowser::aBrowserThatEndsWellIsEnough() {
    const QTemporaryDir dir;
    const QString first = dir.filePath(QStringLiteral("first"));
    const QString second = dir.filePath(QStringLiteral("second"));
    common::Browser browser({{script(dir, QStringLiteral("one"), "touch '" + first.toUtf8() + "'\n"), kUrl},
                             {script(dir, QStringLiteral("two"), "touch '" + second.toUtf8() + "'\n"), kUrl}});
    QVERIFY(browser.start());
    QTRY_VERIFY(QFile::exists(first));
    QTest::qWait(0);
    QVERIFY(browser.stillHopeful());
    QVERIFY(!QFile::exists(second));
}

QTEST_GUILESS_MAIN(TestCliBrowser)
#include "tst_browser.moc"
