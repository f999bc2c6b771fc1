/// Secrets typed at a pseudo-terminal, and secrets from files.

#include "app/cli/interrupt.h"
#include "app/cli/keychain_setup.h"
#include "app/cli/prompt.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>

using namespace keybearer;

namespace {

/// A pseudo-terminal with a child process at its far end. The test is the person: it types, and sees the screen.
class Person {
public:
    explicit Person(const std::function<int(cli::Terminal&)>& program) {
        m_master = base::UniqueFd(::posix_openpt(O_RDWR | O_NOCTTY));
        ::grantpt(m_master.get());
        ::unlockpt(m_master.get());
        const std::string name = ::ptsname(m_master.get());
        // Held open here too, so that the terminal outlives the child and its state can be read.
        m_slave = base::UniqueFd(::open(name.c_str(), O_RDWR | O_NOCTTY));
        m_child = ::fork();
        if (m_child == 0) {
            ::setsid();
            for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP}) {
                ::signal(signal, SIG_DFL); // Qt Test has handlers of its own
            }
            ::close(::open(name.c_str(), O_RDWR)); // Linux: makes it the controlling terminal
            auto terminal = cli::Terminal::open(name.c_str());
            ::_exit(terminal ? program(*terminal) : 99);
        }
    }
    Person(const Person&) = delete;
    Person& operator=(const Person&) = delete;
    ~Person() {
        if (m_child > 0) {
            ::kill(m_child, SIGKILL);
            ::waitpid(m_child, nullptr, 0);
        }
    }

    /// Reads the screen until it ends with `text`.
    bool sees(const std::string& text) {
        while (!m_screen.ends_with(text)) {
            pollfd entry{m_master.get(), POLLIN, 0};
            char chunk[256];
            if (::poll(&entry, 1, 20'000) <= 0) {
                return false;
            }
            const ssize_t got = ::read(m_master.get(), chunk, sizeof chunk);
            if (got <= 0) {
                return false;
            }
            m_screen.append(chunk, static_cast<std::size_t>(got));
        }
        return true;
    }
    void types(const std::string& text) {
        QCOMPARE(::write(m_master.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    void signals(int signal) { ::kill(m_child, signal); }
    /// The status of waitpid().
    int end(int options = 0) {
        int status = -1;
        ::waitpid(m_child, &status, options);
        if ((options & WUNTRACED) == 0) {
            m_child = -1;
        }
        return status;
    }
    /// Everything that appeared on the screen.
    std::string screen() {
        pollfd entry{m_master.get(), POLLIN, 0};
        char chunk[256];
        while (::poll(&entry, 1, 0) > 0) {
            const ssize_t got = ::read(m_master.get(), chunk, sizeof chunk);
            if (got <= 0) {
                break;
            }
            m_screen.append(chunk, static_cast<std::size_t>(got));
        }
        return m_screen;
    }
    [[nodiscard]] bool echoes() const {
        termios state{};
        return ::tcgetattr(m_slave.get(), &state) == 0 && (state.c_lflag & static_cast<tcflag_t>(ECHO)) != 0;
    }

private:
    base::UniqueFd m_master;
    base::UniqueFd m_slave;
    pid_t m_child = -1;
    std::string m_screen;
};

int expectSecret(cli::Terminal& terminal, std::string_view expected) {
    const auto secret = terminal.readSecret("Secret: ");
    return secret && secret->reveal() == expected ? 0 : 1;
}

} // namespace

class TestCliPrompt : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTypedSecretIsReadAndNeverShown();
    void aLineIsShown();
    void theEndOfInputIsNotAnEmptySecret();
    void aSignalEndsTheProgramAndRestoresTheTerminal_data();
    void aSignalEndsTheProgramAndRestoresTheTerminal();
    void afterAStopTheQuestionIsAskedAgain();
    void duringALoginCtrlCSaysTheLastWords();
    void aNewPassphraseIsAskedTwice();
    void aPassphraseThatIsNotRepeatedIsAskedAgain();
    void withoutAPassphraseTheWordsMustBeTyped_data();
    void withoutAPassphraseTheWordsMustBeTyped();
    void whatIsNoTerminalIsRefused();
    void aSecretFileHoldsOneLine_data();
    void aSecretFileHoldsOneLine();
    void aSecretFileThatIsMissingIsAnError();
};

void TestCliPrompt::aTypedSecretIsReadAndNeverShown() {
    Person person([](cli::Terminal& terminal) { return expectSecret(terminal, "correct horse"); });
    QVERIFY(person.sees("Secret: "));
    QVERIFY(!person.echoes());
    person.types("correct horse\n");
    QCOMPARE(person.end(), 0);
    QVERIFY(person.echoes());
    QCOMPARE(person.screen(), std::string("Secret: \r\n"));
}

void TestCliPrompt::aLineIsShown() {
    Person person([](cli::Terminal& terminal) {
        const auto line = terminal.readLine("Name: ");
        return line && *line == "jane" ? 0 : 1;
    });
    QVERIFY(person.sees("Name: "));
    person.types("jane\n");
    QCOMPARE(person.end(), 0);
    QCOMPARE(person.screen(), std::string("Name: jane\r\n"));
}

void TestCliPrompt::theEndOfInputIsNotAnEmptySecret() {
    Person person([](cli::Terminal& terminal) {
        const auto secret = terminal.readSecret("Secret: ");
        return !secret && secret.error().kind == "cancelled" ? 0 : 1;
    });
    QVERIFY(person.sees("Secret: "));
    person.types("\x04");
    QCOMPARE(person.end(), 0);
    QVERIFY(person.echoes());
}

void TestCliPrompt::aSignalEndsTheProgramAndRestoresTheTerminal_data() {
    QTest::addColumn<int>("signal");
    QTest::addColumn<QByteArray>("key");
    QTest::newRow("Ctrl-C") << SIGINT << QByteArray("\x03");
    QTest::newRow("Ctrl-backslash") << SIGQUIT << QByteArray("\x1c");
    QTest::newRow("kill") << SIGTERM << QByteArray();
    QTest::newRow("hang-up") << SIGHUP << QByteArray();
}

void TestCliPrompt::aSignalEndsTheProgramAndRestoresTheTerminal() {
    QFETCH(int, signal);
    QFETCH(QByteArray, key);
    Person person([](cli::Terminal& terminal) { return expectSecret(terminal, "x"); });
    QVERIFY(person.sees("Secret: "));
    QVERIFY(!person.echoes());
    if (key.isEmpty()) {
        person.signals(signal);
    } else {
        person.types(key.toStdString());
    }
    const int status = person.end();
    QVERIFY(WIFSIGNALED(status));
    QCOMPARE(WTERMSIG(status), signal);
    QVERIFY(person.echoes());
}

void TestCliPrompt::afterAStopTheQuestionIsAskedAgain() {
    // The child is an orphaned process group, which SIGTSTP does not stop (POSIX, XSH 2.4.3): as if continued at once.
    Person person([](cli::Terminal& terminal) { return expectSecret(terminal, "again"); });
    QVERIFY(person.sees("Secret: "));
    person.types("half");
    person.signals(SIGTSTP);
    QVERIFY(person.sees("\r\nSecret: "));
    QVERIFY(!person.echoes());
    person.types("again\n");
    QCOMPARE(person.end(), 0);
    QVERIFY(person.screen().find("half") == std::string::npos);
}

void TestCliPrompt::duringALoginCtrlCSaysTheLastWords() {
    Person person([](cli::Terminal& terminal) {
        const cli::Interrupt interrupt("bye\n", 2, 4);
        const int screen = ::open("/dev/tty", O_RDWR);
        ::dup2(screen, 2);
        return expectSecret(terminal, "x");
    });
    QVERIFY(person.sees("Secret: "));
    person.types("\x03");
    const int status = person.end();
    QVERIFY(WIFEXITED(status));
    QCOMPARE(WEXITSTATUS(status), 4);
    QVERIFY(person.echoes());
    QVERIFY(person.screen().ends_with("bye\r\n"));
}

void TestCliPrompt::aNewPassphraseIsAskedTwice() {
    Person person([](cli::Terminal& terminal) {
        const auto passphrase = cli::askNewPassphrase(terminal);
        return passphrase && passphrase->reveal() == "open sesame" ? 0 : 1;
    });
    QVERIFY(person.sees("encrypted): "));
    person.types("open sesame\n");
    QVERIFY(person.sees("again: "));
    person.types("open sesame\n");
    QCOMPARE(person.end(), 0);
    QVERIFY(person.screen().find("sesame") == std::string::npos);
}

void TestCliPrompt::aPassphraseThatIsNotRepeatedIsAskedAgain() {
    Person person([](cli::Terminal& terminal) { return cli::askNewPassphrase(terminal) ? 1 : 0; });
    for (int attempt = 0; attempt < 3; ++attempt) {
        QVERIFY(person.sees("encrypted): "));
        person.types("one\n");
        QVERIFY(person.sees("again: "));
        person.types("two\n");
    }
    QCOMPARE(person.end(), 0);
}

void TestCliPrompt::withoutAPassphraseTheWordsMustBeTyped_data() {
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<bool>("accepted");
    QTest::newRow("the words") << QByteArray("not encrypted\n") << true;
    QTest::newRow("nothing") << QByteArray("\n") << false;
    QTest::newRow("yes") << QByteArray("yes\n") << false;
    QTest::newRow("capitals") << QByteArray("Not Encrypted\n") << false;
}

void TestCliPrompt::withoutAPassphraseTheWordsMustBeTyped() {
    QFETCH(QByteArray, answer);
    QFETCH(bool, accepted);
    Person person([](cli::Terminal& terminal) {
        const auto passphrase = cli::askNewPassphrase(terminal);
        return passphrase ? (passphrase->empty() ? 10 : 1) : passphrase.error().exitCode;
    });
    QVERIFY(person.sees("encrypted): "));
    person.types("\n");
    QVERIFY(person.sees("stop: "));
    person.types(answer.toStdString());
    QCOMPARE(WEXITSTATUS(person.end()), accepted ? 10 : 6);
}

void TestCliPrompt::whatIsNoTerminalIsRefused() {
    const auto terminal = cli::Terminal::open("/dev/null");
    QVERIFY(!terminal);
    QCOMPARE(terminal.error().kind, std::string("no_terminal"));
}

void TestCliPrompt::aSecretFileHoldsOneLine_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("line feed at the end") << QByteArray("s3cret\n") << QByteArray("s3cret");
    QTest::newRow("no line feed") << QByteArray("s3cret") << QByteArray("s3cret");
    QTest::newRow("CR LF") << QByteArray("s3cret\r\n") << QByteArray("s3cret");
    QTest::newRow("spaces are part of it") << QByteArray(" a b \n") << QByteArray(" a b ");
    QTest::newRow("longest") << QByteArray(65000, 'x') << QByteArray(65000, 'x');
    QTest::newRow("empty") << QByteArray() << QByteArray();
    QTest::newRow("only a line feed") << QByteArray("\n") << QByteArray();
    QTest::newRow("two lines") << QByteArray("a\nb\n") << QByteArray();
    QTest::newRow("two line feeds") << QByteArray("a\n\n") << QByteArray();
    QTest::newRow("NUL") << QByteArray("a\0b", 3) << QByteArray();
    QTest::newRow("too long") << QByteArray(66000, 'x') << QByteArray();
}

void TestCliPrompt::aSecretFileHoldsOneLine() {
    QFETCH(QByteArray, content);
    QFETCH(QByteArray, expected);
    const QTemporaryDir dir;
    QFile file(dir.filePath(QStringLiteral("secret")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
    file.close();
    const auto secret = cli::readSecretFile(file.fileName().toStdString());
    QCOMPARE(secret.has_value(), !expected.isEmpty());
    if (secret) {
        QCOMPARE(secret->reveal(), std::string_view(expected.constData(), static_cast<std::size_t>(expected.size())));
    } else {
        QCOMPARE(secret.error().exitCode, 2);
        QVERIFY(secret.error().message.find("a\nb") == std::string::npos);
    }
}

void TestCliPrompt::aSecretFileThatIsMissingIsAnError() {
    const QTemporaryDir dir;
    const auto secret = cli::readSecretFile(dir.filePath(QStringLiteral("absent")).toStdString());
    QVERIFY(!secret);
    QVERIFY(secret.error().message.find("No such file") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestCliPrompt)
#include "tst_cli_prompt.moc"
