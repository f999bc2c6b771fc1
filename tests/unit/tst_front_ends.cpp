// Who asks through a front end of ours: the program, script or terminal that started it.
#include "daemon/identity/lineage.h"
#include "tests/unit/identity_test.h"

#include <QTest>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

using namespace keybearer;
using namespace keybearer::identity;
using namespace keybearer::test;

namespace {

QByteArray failureOf(const base::Result<Subject, Refusal>& subject) {
    return subject ? QByteArray() : QByteArray::fromStdString(subject.error().sentence);
}

int reasonOf(const base::Result<Subject, Refusal>& subject) {
    return subject ? -1 : int(subject.error().reason);
}

/// A program on a terminal of its own.
class OnTerminal {
public:
    explicit OnTerminal(const std::vector<std::string>& words)
        : m_master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)),
          m_name(nameOf(m_master.get())),
          m_child(Child::running(words, [this] {
              ::setsid();
              const int slave = ::open(m_name.c_str(), O_RDWR);
              ::setenv("PS1", "$ ", 1);
              ::setenv("HISTFILE", "/dev/null", 1);
              return slave >= 0 && ::ioctl(slave, TIOCSCTTY, 0) == 0 && ::dup2(slave, 0) == 0 &&
                     ::dup2(slave, 1) == 1 && ::dup2(slave, 2) == 2;
          })) {}

    void type(const std::string& line) {
        static_cast<void>(::write(m_master.get(), (line + "\n").c_str(), line.size() + 1) == 0);
    }
    [[nodiscard]] pid_t pid() const { return m_child.pid(); }
    [[nodiscard]] bool isReady() const { return m_child.isReady(); }
    /// As "pts/3".
    [[nodiscard]] std::string name() const { return m_name.substr(5); }

private:
    static std::string nameOf(int master) {
        ::grantpt(master);
        ::unlockpt(master);
        const char* name = ::ptsname(master);
        return name == nullptr ? std::string("/dev/") : name;
    }

    base::UniqueFd m_master;
    std::string m_name;
    Child m_child;
};

} // namespace

class tst_FrontEnds : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void looksThroughToTheStarter_data();
    void looksThroughToTheStarter();
    void looksThroughOneAnother();
    void looksThroughACopyOfItself();
    void looksThroughNoNameAlone();
    void looksThroughNoShellOfAnybodys();
    void looksThroughNothingElseForAProgramItself();
    void aWindowSpeaksForItself();
    void aWindowIsWhatWasInstalled_data();
    void aWindowIsWhatWasInstalled();
    void refusesAFrontEndThatChanged();
    void refusesAFrontEndFromBefore();
    void refusesAnOrphan_data();
    void refusesAnOrphan();
    void refusesAnotherUsersStarter();
    void refusesAWayThatIsTooLong();
    void refusesAStarterThatEndsMeanwhile();
    void knowsATerminal_data();
    void knowsATerminal();
    void knowsAShellItself_data();
    void knowsAShellItself();
    void knowsShellsOfTheSystemsList();
    void knowsReapersAndRunners();
};

void tst_FrontEnds::looksThroughToTheStarter_data() {
    QTest::addColumn<QByteArray>("command"); // of the script, F being the front end
    QTest::addColumn<QByteArray>("who");     // empty: the script
    QTest::newRow("directly") << QByteArray("F; :") << QByteArray();
    QTest::newRow("in a pipe") << QByteArray("echo x | F | cat; :") << QByteArray();
    QTest::newRow("in a subshell") << QByteArray("(F; :); :") << QByteArray();
    QTest::newRow("for its output") << QByteArray("x=$(F); :") << QByteArray();
    QTest::newRow("through sh -c") << QByteArray("sh -c 'F; :'; :") << QByteArray();
    QTest::newRow("through two shells") << QByteArray("sh -c \"bash -ec 'F; :'; :\"; :") << QByteArray();
    QTest::newRow("through timeout") << QByteArray("timeout 60 F; :") << QByteArray();
    QTest::newRow("through env and nice, which go away") << QByteArray("env X=y nice F; :") << QByteArray();
    QTest::newRow("xargs, whose command is its input") << QByteArray("echo x | xargs F; :") << QByteArray("xargs");
    QTest::newRow("find, whose command is any")
        << QByteArray("find . -maxdepth 0 -exec F ';'; :") << QByteArray("find");
}

void tst_FrontEnds::looksThroughToTheStarter() {
    QFETCH(QByteArray, command);
    QFETCH(QByteArray, who);
    const Installed installed;
    Roll roll;
    const std::string frontEnd = installed.frontEnd + " wait " + roll.path();
    const std::string script =
        installed.script("job.sh", "#!/bin/sh\n" + command.replace("F", frontEnd.c_str()).toStdString() + "\n");
    const Child child = Child::running({script}, [&] { return ::chdir(installed.path("").c_str()) == 0; });
    QVERIFY(child.isReady());
    const auto subject = installed.examine(roll.next());
    QVERIFY2(subject, failureOf(subject).constData());
    QCOMPARE(subject->frontEnd, std::string("keybearer"));
    if (who.isEmpty()) {
        QCOMPARE(subject->kind, SubjectKind::Script);
        QCOMPARE(subject->script->path, script);
    } else {
        QCOMPARE(subject->kind, SubjectKind::Program);
        QCOMPARE(subject->name, who.toStdString());
        QCOMPARE(subject->ancestors.front().pid, child.pid());
    }
}

void tst_FrontEnds::looksThroughOneAnother() {
    const Installed installed;
    Roll roll;
    const std::string command = installed.frontEnd + " start " + installed.frontEnd + " wait " + roll.path();
    const Child child = Child::running({"perl", "-e", "system('" + command + "'); 1"});
    const auto subject = installed.examine(roll.next());
    QVERIFY2(subject, failureOf(subject).constData());
    QCOMPARE(subject->pid, child.pid());
    QCOMPARE(subject->kind, SubjectKind::Interpreter);
}

void tst_FrontEnds::looksThroughACopyOfItself() {
    // What does the same under another name must not collect grants for all who call it.
    const Installed installed;
    const std::string copy = copyOf(installed.frontEnd, installed.folder.filePath(QStringLiteral("helper")));
    const Child child = Child::running({copy, "wait", "/dev/null"});
    const auto subject = installed.examine(child.pid());
    QVERIFY2(subject, failureOf(subject).constData());
    QCOMPARE(subject->pid, ::getpid());
    QCOMPARE(subject->frontEnd, std::string("keybearer"));
}

void tst_FrontEnds::looksThroughNoNameAlone() {
    const Installed installed;
    const QTemporaryDir elsewhere;
    const std::string other = copyOf("sleep", elsewhere.filePath(QStringLiteral("keybearer")));
    const Child child = Child::running({other, "60"});
    const auto subject = installed.examine(child.pid());
    QVERIFY2(subject, failureOf(subject).constData());
    QCOMPARE(subject->pid, child.pid());
    QVERIFY(subject->frontEnd.empty());
}

void tst_FrontEnds::looksThroughNoShellOfAnybodys() {
    const Installed installed;
    for (const char* name : {"sh", "timeout"}) {
        Roll roll;
        const std::string own = copyOf(name, installed.folder.filePath(QString::fromLatin1(name)));
        const std::string frontEnd = installed.frontEnd + " wait " + roll.path();
        const std::vector<std::string> shell{own, "-c", frontEnd + "; :"};
        const Child child = Child::running(
            std::string(name) == "sh" ? shell
                                      : std::vector<std::string>{own, "60", installed.frontEnd, "wait", roll.path()});
        const auto subject = installed.examine(roll.next());
        QVERIFY2(subject, failureOf(subject).constData());
        QCOMPARE(subject->pid, child.pid());
        QCOMPARE(subject->executable.path, own);
        QCOMPARE(subject->kind, std::string(name) == "sh" ? SubjectKind::Interpreter : SubjectKind::Program);
    }
}

void tst_FrontEnds::looksThroughNothingElseForAProgramItself() {
    // A shell that asks by itself, whatever it was told to run.
    const Installed installed;
    const Child child = Child::running({"sh", "-c", "sleep 60; :"});
    const auto subject = installed.examine(child.pid());
    QVERIFY2(subject, failureOf(subject).constData());
    QCOMPARE(subject->pid, child.pid());
    QCOMPARE(subject->kind, SubjectKind::Interpreter);
    QVERIFY(subject->frontEnd.empty());
}

namespace {

/// Something that can start programs, under our window's name.
struct WithWindow : Installed {
    std::string window = copyOf("/usr/bin/timeout", folder.filePath(QStringLiteral("keybearer-tray")));

    WithWindow() { surroundings.frontEnds.push_back({window, sha256Of(window), true}); }
};

} // namespace

void tst_FrontEnds::aWindowSpeaksForItself() {
    const WithWindow installed;
    const Child child = Child::running({installed.window, "60", "sleep", "60"});
    const auto subject = installed.examine(child.pid());
    QVERIFY2(subject, failureOf(subject).constData());
    QCOMPARE(subject->kind, SubjectKind::Window);
    QCOMPARE(subject->pid, child.pid());
    QCOMPARE(subject->frontEnd, std::string("keybearer-tray"));
}

void tst_FrontEnds::aWindowIsWhatWasInstalled_data() {
    QTest::addColumn<QByteArray>("what");
    for (const char* what : {"a copy elsewhere", "replaced meanwhile", "started our command line"}) {
        QTest::newRow(what) << QByteArray(what);
    }
}

void tst_FrontEnds::aWindowIsWhatWasInstalled() {
    QFETCH(QByteArray, what);
    const WithWindow installed;
    const QString window = QString::fromStdString(installed.window);
    const QString other = installed.folder.filePath(QStringLiteral("other"));
    const bool startsOurs = what == "started our command line";
    Roll roll;
    const Child child = Child::running({what == "a copy elsewhere" ? copyOf(installed.window, other) : installed.window,
                                        "60", installed.frontEnd, "wait", roll.path()});
    const pid_t started = roll.next();
    if (what == "replaced meanwhile") {
        QVERIFY(QFile::rename(window, other));
        QVERIFY(QFile::copy(other, window));
    }
    const auto subject = installed.examine(startsOurs ? started : child.pid());
    QVERIFY2(subject, failureOf(subject).constData());
    QCOMPARE(subject->kind, SubjectKind::Program);
    QCOMPARE(subject->pid, child.pid());
    QCOMPARE(subject->frontEnd, startsOurs ? std::string("keybearer") : std::string());
}

void tst_FrontEnds::refusesAFrontEndThatChanged() {
    Installed installed;
    installed.surroundings.frontEnds.front().sha256 = std::string(64, '0');
    const Child child = Child::running({installed.frontEnd, "wait", "/dev/null"});
    const auto subject = installed.examine(child.pid());
    QCOMPARE(reasonOf(subject), int(Reason::FrontEndChanged));
}

void tst_FrontEnds::refusesAFrontEndFromBefore() {
    Installed installed;
    installed.surroundings.frontEnds.front().sha256 = std::string(64, '0');
    const Child child = Child::running({installed.frontEnd, "wait", "/dev/null"});
    QVERIFY(QFile::remove(QString::fromStdString(installed.frontEnd)));
    const auto subject = installed.examine(child.pid());
    QCOMPARE(reasonOf(subject), int(Reason::FrontEndOld));
    QVERIFY(failureOf(subject).contains("restart the program that started it"));
    QVERIFY(!failureOf(subject).contains("daemon stop"));
}

void tst_FrontEnds::refusesAnOrphan_data() {
    QTest::addColumn<bool>("ownSession");
    QTest::addColumn<bool>("adopted");
    QTest::newRow("adopted by this test, from another session") << true << true;
    QTest::newRow("adopted by this test, from another group") << false << true;
    QTest::newRow("adopted by whoever does it here") << true << false;
}

void tst_FrontEnds::refusesAnOrphan() {
    QFETCH(bool, ownSession);
    QFETCH(bool, adopted);
    const Installed installed;
    QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, adopted ? 1 : 0), 0);
    Roll roll;
    const Child child = Child::running({helperProgram(), "leave", installed.frontEnd, "wait", roll.path()},
                                       [&] { return !ownSession || ::setsid() > 0; });
    const pid_t orphan = roll.next();
    siginfo_t info;
    QCOMPARE(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT), 0);
    const auto subject = installed.examine(orphan);
    QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
    QCOMPARE(reasonOf(subject), int(Reason::Orphan));
    QCOMPARE(subject.error().frontEnd, std::string("keybearer"));
}

void tst_FrontEnds::refusesAnotherUsersStarter() {
    if (::geteuid() != 0) {
        QSKIP("needs root, to become another user");
    }
    const Installed installed;
    const base::UniqueFd program(::open(installed.frontEnd.c_str(), O_PATH | O_CLOEXEC));
    const Child child = Child::running({"/proc/self/fd/" + std::to_string(program.get()), "wait", "/dev/null"},
                                       [&] { return ::setuid(65534) == 0; });
    QVERIFY(child.isReady());
    const auto subject = installed.examine(child.pid());
    QCOMPARE(reasonOf(subject), int(Reason::Hidden));
    QCOMPARE(subject.error().frontEnd, std::string("keybearer"));
}

void tst_FrontEnds::refusesAWayThatIsTooLong() {
    const Installed installed;
    const auto reasonWith = [&](int programs) {
        Roll roll;
        std::vector<std::string> words;
        for (int i = 1; i < programs; ++i) {
            words.insert(words.end(), {installed.frontEnd, "start"});
        }
        words.insert(words.end(), {installed.frontEnd, "wait", roll.path()});
        const Child child = Child::running(words);
        return reasonOf(installed.examine(roll.next()));
    };
    QCOMPARE(reasonWith(15), -1);
    QCOMPARE(reasonWith(16), int(Reason::TooDeep));
}

void tst_FrontEnds::refusesAStarterThatEndsMeanwhile() {
    const Installed installed;
    Roll roll;
    Child child = Child::running({"perl", "-e", "system('" + installed.frontEnd + " wait " + roll.path() + "'); 1"});
    const pid_t frontEnd = roll.next();
    const auto subject = installed.examine(frontEnd, [&](const platform::LocatedFile& file) {
        const auto sha256 = readNow(file);
        if (file.path != installed.frontEnd) {
            child.end();
        }
        return sha256;
    });
    QCOMPARE(reasonOf(subject), int(Reason::Gone));
}

void tst_FrontEnds::knowsATerminal_data() {
    QTest::addColumn<QByteArray>("shell");
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<bool>("isTerminal");
    for (const char* shell : {"bash --norc -i", "dash -i", "zsh -f", "fish --no-config"}) {
        const auto row = [&](const char* title, const char* line, bool isTerminal) {
            QTest::addRow("%s: %s", shell, title) << QByteArray(shell) << QByteArray(line) << isTerminal;
        };
        row("a command", "F", true);
        row("the end of a pipe", "echo x | F", true);
        row("in the background", "F &", true);
        if (QByteArray(shell) != "fish --no-config") { // which has none
            row("a subshell", "(F; :)", true);
            row("a subshell at the end of a pipe", "echo x | (F; :)", true);
        }
        row("for its output", "echo $(F)", true);
        row("through sh -c", "sh -c 'F; :'", true);
        row("through sh -c at the end of a pipe", "echo x | sh -c 'F; :'", true);
        row("a script from a pipe", "echo 'F; :' | sh", false);
        row("a script from a pipe, with a word for it", "echo 'F; :' | sh -s", false);
    }
}

void tst_FrontEnds::knowsATerminal() {
    QFETCH(QByteArray, shell);
    QFETCH(QByteArray, line);
    QFETCH(bool, isTerminal);
    const Installed installed;
    Roll roll;
    std::vector<std::string> words;
    for (const QByteArray& word : shell.split(' ')) {
        words.push_back(word.toStdString());
    }
    OnTerminal terminal(words);
    QVERIFY(terminal.isReady());
    terminal.type(line.replace("F", (installed.frontEnd + " wait " + roll.path()).c_str()).toStdString());
    const auto subject = installed.examine(roll.next());
    QVERIFY2(subject, failureOf(subject).constData());
    if (isTerminal) {
        QCOMPARE(subject->kind, SubjectKind::TerminalSession);
        QCOMPARE(subject->terminal->name, terminal.name());
        QCOMPARE(subject->terminal->session, terminal.pid());
        QCOMPARE(subject->name, words.front());
    } else {
        QCOMPARE(subject->kind, SubjectKind::Interpreter);
        QVERIFY(subject->pid != terminal.pid() && !subject->terminal);
    }
}

void tst_FrontEnds::knowsAShellItself_data() {
    QTest::addColumn<QByteArrayList>("words");
    QTest::addColumn<int>("kind");
    QTest::newRow("interactive") << QByteArrayList{"bash", "--norc"} << int(SubjectKind::TerminalSession);
    QTest::newRow("with a script") << QByteArrayList{"bash", "job.sh"} << int(SubjectKind::Script);
    QTest::newRow("with a command") << QByteArrayList{"bash", "-c", "sleep 60; :"} << int(SubjectKind::Interpreter);
    QTest::newRow("another interpreter") << QByteArrayList{"perl"} << int(SubjectKind::Interpreter);
    QTest::newRow("no interpreter") << QByteArrayList{"cat"} << int(SubjectKind::Program);
}

void tst_FrontEnds::knowsAShellItself() {
    QFETCH(QByteArrayList, words);
    QFETCH(int, kind);
    const Installed installed;
    const std::string script = installed.script("job.sh", "sleep 60; :\n");
    std::vector<std::string> command;
    for (const QByteArray& word : words) {
        command.push_back(word == "job.sh" ? script : word.toStdString());
    }
    const OnTerminal terminal(command);
    QVERIFY(terminal.isReady());
    const auto subject = installed.examine(terminal.pid());
    QVERIFY2(subject, failureOf(subject).constData());
    QCOMPARE(int(subject->kind), kind);
    QCOMPARE(subject->terminal.has_value(), kind == int(SubjectKind::TerminalSession));
}

void tst_FrontEnds::knowsShellsOfTheSystemsList() {
    Installed installed;
    const std::string path = copyOf("cat", installed.folder.filePath(QStringLiteral("newshell")));
    const OnTerminal alone({path});
    const OnTerminal told({path, "-u"});
    QCOMPARE(installed.examine(alone.pid())->kind, SubjectKind::Program);
    installed.surroundings.shells.emplace_back("newshell");
    QCOMPARE(installed.examine(alone.pid())->kind, SubjectKind::TerminalSession);
    QCOMPARE(installed.examine(told.pid())->kind, SubjectKind::Interpreter); // whatever that may mean to it
}

void tst_FrontEnds::knowsReapersAndRunners() {
    for (const char* name : {"systemd", "init", "tini", "containerd-shim-runc-v2"}) {
        QVERIFY2(isReaper(name), name);
    }
    for (const char* name : {"timeout", "time"}) {
        QVERIFY2(runsItsCommandLine(name), name);
    }
    for (const char* name : {"", "systemd-run", "bash", "xargs", "sudo", "env", "make"}) {
        QVERIFY2(!isReaper(name) && !runsItsCommandLine(name), name);
    }
    // By its name, under which a real one would be found.
    const Installed installed;
    Roll roll;
    const std::string reaper = copyOf("timeout", installed.folder.filePath(QStringLiteral("systemd")));
    const Child child = Child::running({reaper, "60", installed.frontEnd, "wait", roll.path()});
    QCOMPARE(reasonOf(installed.examine(roll.next())), int(Reason::Orphan));
}

QTEST_GUILESS_MAIN(tst_FrontEnds)
#include "tst_front_ends.moc"
