// From a process to who asks: programs, scripts, sandboxes, and what changes meanwhile.
#include "daemon/identity/lineage.h"
#include "ipc/base/clock.h"
#include "tests/unit/fuse_folder.h"
#include "tests/unit/identity_test.h"

#include <QProcess>
#include <QTest>

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

using namespace keybearer;
using namespace keybearer::identity;
using namespace keybearer::test;

namespace {

const std::string kSleeping = "import time\ntime.sleep(60)\n";

/// Where a version manager puts a script in front of it, the program itself.
std::string python() {
    QProcess process;
    process.start(QStringLiteral("python3"),
                  {QStringLiteral("-c"), QStringLiteral("import os, sys; print(os.path.realpath(sys.executable))")});
    return process.waitForFinished() ? process.readAllStandardOutput().trimmed().toStdString() : std::string();
}

/// Until the process executes something else than `program`.
void waitForExecFrom(pid_t pid, const std::string& program) {
    const QString link = QStringLiteral("/proc/%1/exe").arg(pid);
    while (QFile::symLinkTarget(link).toStdString() == program) {
        std::this_thread::yield();
    }
}

QByteArray failureOf(const base::Result<Subject, Refusal>& subject) {
    return subject ? QByteArray() : QByteArray::fromStdString(subject.error().sentence);
}

} // namespace

class tst_Identity : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void identifiesAProgram();
    void identifiesAScript_data();
    void identifiesAScript();
    void identifiesAScriptThatIsExecuted();
    void knowsNoScript_data();
    void knowsNoScript();
    void believesNoScriptThatChangedSince();
    void noticesADeletedExecutable();
    void noticesAReplacedExecutable();
    void saysThatAPeerIsWeak();
    void refusesWhoEndsMeanwhile();
    void refusesAFileThatIsReplacedMeanwhile();
    void refusesWhoExecutesAnotherProgramMeanwhile();
    void refusesAScriptThatIsReplacedMeanwhile();
    void handsOnWhyAFileHasNoHash();
    void refusesWhoHides();
    void knowsOtherNamespaces();
    void knowsAppImages();
    void fitsParentsAndChildren_data();
    void fitsParentsAndChildren();

private:
    std::string m_python;
};

void tst_Identity::initTestCase() {
    m_python = python();
    QVERIFY(!m_python.empty());
}

void tst_Identity::identifiesAProgram() {
    const Installed installed;
    const Child child = Child::running({"sleep", "60"});
    const auto subject = installed.examine(child.pid());
    QVERIFY2(subject, failureOf(subject).constData());
    const std::string path = QFile::symLinkTarget(QStringLiteral("/proc/%1/exe").arg(child.pid())).toStdString();
    QCOMPARE(subject->kind, SubjectKind::Program);
    QCOMPARE(subject->pid, child.pid());
    QCOMPARE(subject->startTicks, platform::Process::pin(child.pid())->startTicks());
    QCOMPARE(subject->name, path.substr(path.rfind('/') + 1));
    QCOMPARE(subject->executable.path, path);
    QCOMPARE(subject->executable.sha256, sha256Of(path));
    QCOMPARE(subject->executable.id.size, std::uint64_t(QFile(QString::fromStdString(path)).size()));
    QVERIFY(subject->executable.isRootOwned);
    QVERIFY(!subject->isDeleted && !subject->isWeak && !subject->script && !subject->terminal);
    QCOMPARE(subject->sandbox.kind, platform::SandboxKind::None);
    QVERIFY(subject->frontEnd.empty() && subject->package.empty());
    QVERIFY(!subject->ancestors.empty() && subject->ancestors.size() <= kMaxAncestors);
    QCOMPARE(subject->ancestors.front().pid, ::getpid());
    QCOMPARE(subject->ancestors.front().name, std::string("tst_identity"));
}

void tst_Identity::identifiesAScript_data() {
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("absolute") << QByteArray();
    QTest::newRow("relative") << QByteArray("job.py");
    QTest::newRow("through a link") << QByteArray("../sub/link.py");
}

void tst_Identity::identifiesAScript() {
    QFETCH(QByteArray, path);
    const Installed installed;
    const std::string script = installed.script("job.py", kSleeping);
    QCOMPARE(::mkdir(installed.path("sub").c_str(), 0700), 0);
    QCOMPARE(::symlink("../job.py", installed.path("sub/link.py").c_str()), 0);
    const std::string folder = path.startsWith("..") ? installed.path("sub") : installed.path("");
    const Child child = Child::running({m_python, "-I", path.isEmpty() ? script : path.toStdString(), "x"},
                                       [&] { return ::chdir(folder.c_str()) == 0; });
    QVERIFY(child.isReady());
    const auto subject = installed.examine(child.pid());
    QVERIFY2(subject, failureOf(subject).constData());
    QCOMPARE(subject->kind, SubjectKind::Script);
    QCOMPARE(subject->name, std::string("job.py"));
    QCOMPARE(subject->executable.path, m_python);
    QCOMPARE(subject->script->path, script);
    QCOMPARE(subject->script->sha256, sha256Of(script));
    QVERIFY(!subject->script->isRootOwned);
}

void tst_Identity::identifiesAScriptThatIsExecuted() {
    const Installed installed;
    const std::string script = installed.script("job", "#!" + m_python + " -I\n" + kSleeping);
    const Child child = Child::running({script, "x"});
    QVERIFY(child.isReady());
    const auto subject = installed.examine(child.pid());
    QVERIFY2(subject, failureOf(subject).constData());
    QCOMPARE(subject->kind, SubjectKind::Script);
    QCOMPARE(subject->script->path, script);
}

void tst_Identity::knowsNoScript_data() {
    QTest::addColumn<QByteArrayList>("words");
    const QByteArray code = QByteArray::fromStdString(kSleeping);
    QTest::newRow("code on the command line") << QByteArrayList{"python", "-c", code};
    QTest::newRow("a module") << QByteArrayList{"python", "-m", "http.server", "--bind", "127.0.0.1", "0"};
    QTest::newRow("a shell's command") << QByteArrayList{"sh", "-c", "sleep 60; :"};
    QTest::newRow("a descriptor") << QByteArrayList{"sh", "/dev/fd/0"};
    QTest::newRow("standard input, which is no terminal") << QByteArrayList{"sh"};
}

void tst_Identity::knowsNoScript() {
    QFETCH(QByteArrayList, words);
    const Installed installed;
    std::vector<std::string> command;
    for (const QByteArray& word : words) {
        command.push_back(word == "python" ? m_python : word.toStdString());
    }
    int ends[2];
    QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
    const base::UniqueFd reading(ends[0]);
    const base::UniqueFd writing(ends[1]); // never written to: who reads waits
    const Child child = Child::running(command, [&] { return ::dup2(reading.get(), STDIN_FILENO) == 0; });
    QVERIFY(child.isReady());
    const auto subject = installed.examine(child.pid());
    QVERIFY2(subject, failureOf(subject).constData());
    QCOMPARE(subject->kind, SubjectKind::Interpreter);
    QVERIFY(!subject->script && !subject->terminal);
}

void tst_Identity::believesNoScriptThatChangedSince() {
    const Installed installed;
    const std::string script = installed.script("job.py", "import os\nos.write(1, b'x')\n" + std::string(kSleeping));
    int ends[2];
    QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
    const base::UniqueFd reading(ends[0]);
    base::UniqueFd writing(ends[1]);
    const Child child = Child::running({m_python, script}, [&] { return ::dup2(writing.get(), STDOUT_FILENO) == 1; });
    writing.reset();
    char said = 0;
    QCOMPARE(::read(reading.get(), &said, 1), ssize_t{1}); // it has opened its script: what happens to that is too late
    QCOMPARE(installed.examine(child.pid())->kind, SubjectKind::Script);
    const auto waitForATick = [&] {
        timespec now{};
        const std::int64_t from = platform::Process::pin(child.pid())->startedAtNs() + 2 * platform::Process::tickNs();
        do {
            std::this_thread::yield();
            ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
        } while (now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec <= from);
    };
    waitForATick();
    const std::string other = installed.script("other.py", kSleeping); // even of the same content
    QCOMPARE(::rename(other.c_str(), script.c_str()), 0);
    auto subject = installed.examine(child.pid());
    QVERIFY(subject && subject->kind == SubjectKind::Interpreter && !subject->script);
    QCOMPARE(::unlink(script.c_str()), 0);
    subject = installed.examine(child.pid());
    QVERIFY(subject && subject->kind == SubjectKind::Interpreter && !subject->script);
}

void tst_Identity::noticesADeletedExecutable() {
    const Installed installed;
    const std::string path = copyOf("sleep", installed.folder.filePath(QStringLiteral("x")));
    const std::string sha256 = sha256Of(path);
    const Child child = Child::running({path, "60"});
    QVERIFY(!installed.examine(child.pid())->isDeleted);
    QCOMPARE(::unlink(path.c_str()), 0);
    const auto subject = installed.examine(child.pid());
    QVERIFY(subject && subject->isDeleted);
    QCOMPARE(subject->executable.path, path);
    QCOMPARE(subject->executable.sha256, sha256); // of what runs
}

void tst_Identity::noticesAReplacedExecutable() {
    const Installed installed;
    const std::string path = copyOf("sleep", installed.folder.filePath(QStringLiteral("x")));
    const std::string sha256 = sha256Of(path);
    const Child child = Child::running({path, "60"});
    const std::string other = copyOf("cat", installed.folder.filePath(QStringLiteral("y")));
    QCOMPARE(::rename(other.c_str(), path.c_str()), 0);
    const auto subject = installed.examine(child.pid());
    QVERIFY(subject && subject->isDeleted);
    QCOMPARE(subject->executable.sha256, sha256);
}

void tst_Identity::saysThatAPeerIsWeak() {
    const Installed installed;
    for (const bool isWeak : {false, true}) {
        Listener listener;
        const Child child = Child::running({installed.frontEnd, "connect", listener.path()});
        const base::UniqueFd connection = listener.accept();
        const auto peer = platform::peerProcess(connection.get(), base::SystemClock().steady(),
                                                isWeak ? platform::Pinning::ByNumber : platform::Pinning::ByKernel);
        QVERIFY(peer);
        const auto itself = identity::examine(*peer, {}, readNow);
        QVERIFY(itself && itself->pid == child.pid());
        QCOMPARE(itself->isWeak, isWeak);
        const auto starter = identity::examine(*peer, installed.surroundings, readNow);
        QVERIFY2(starter, failureOf(starter).constData());
        QCOMPARE(starter->pid, ::getpid());
        QCOMPARE(starter->isWeak, isWeak); // all of the way hangs on it
    }
}

void tst_Identity::refusesWhoEndsMeanwhile() {
    const Installed installed;
    Child child = Child::running({"sleep", "60"});
    const auto subject = installed.examine(child.pid(), [&](const platform::LocatedFile& file) {
        child.end();
        return readNow(file);
    });
    QVERIFY(!subject);
    QCOMPARE(subject.error().reason, Reason::Gone);
    const auto never = installed.examine(::getpid(), readNow);
    QVERIFY(never); // the same question about one that stays
}

void tst_Identity::refusesAFileThatIsReplacedMeanwhile() {
    const Installed installed;
    const auto reasonAfter = [&](const std::function<void(const std::string&)>& change) {
        const std::string path = copyOf("sleep", installed.folder.filePath(QStringLiteral("x")));
        const Child child = Child::running({path, "60"});
        const auto subject = installed.examine(child.pid(), [&](const platform::LocatedFile& file) {
            const auto sha256 = readNow(file);
            change(path);
            return sha256;
        });
        return subject ? Reason(-1) : subject.error().reason;
    };
    QCOMPARE(reasonAfter([](const std::string& path) { ::unlink(path.c_str()); }), Reason::Changed);
    QCOMPARE(reasonAfter([](const std::string& path) { ::chmod(path.c_str(), 0755); }), Reason::Changed);
    QCOMPARE(reasonAfter([](const std::string& path) { ::rename(path.c_str(), (path + "2").c_str()); }),
             Reason::Changed);
    QCOMPARE(reasonAfter([&](const std::string& path) {
                 const std::string other = copyOf("cat", installed.folder.filePath(QStringLiteral("y")));
                 ::rename(other.c_str(), path.c_str());
             }),
             Reason::Changed);
}

void tst_Identity::refusesWhoExecutesAnotherProgramMeanwhile() {
    const Installed installed;
    for (const char* next : {"sleep", "sh"}) { // also the same program anew
        int ends[2];
        QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
        const base::UniqueFd reading(ends[0]);
        base::UniqueFd writing(ends[1]);
        const std::string command =
            std::string("read -r x; exec ") + (std::string(next) == "sh"
                                                   ? "sh -c 'echo > " + installed.path("began") + "; sleep 60; :'"
                                                   : std::string("sleep 60"));
        const Child child =
            Child::running({"sh", "-c", command}, [&] { return ::dup2(reading.get(), STDIN_FILENO) == 0; });
        const std::string shell = QFile::symLinkTarget(QStringLiteral("/proc/%1/exe").arg(child.pid())).toStdString();
        bool isFirst = true;
        const auto subject = installed.examine(child.pid(), [&](const platform::LocatedFile& file) {
            if (std::exchange(isFirst, false)) {
                writing.reset();
                if (std::string(next) == "sh") {
                    while (!QFile::exists(installed.folder.filePath(QStringLiteral("began")))) {
                        std::this_thread::yield();
                    }
                } else {
                    waitForExecFrom(child.pid(), shell);
                }
            }
            return readNow(file);
        });
        QVERIFY(!subject);
        QCOMPARE(subject.error().reason, Reason::Changed);
    }
}

void tst_Identity::refusesAScriptThatIsReplacedMeanwhile() {
    const Installed installed;
    const std::string script = installed.script("job.py", kSleeping);
    const Child child = Child::running({m_python, script});
    const auto subject = installed.examine(child.pid(), [&](const platform::LocatedFile& file) {
        auto sha256 = readNow(file);
        if (file.path == script) {
            const std::string other = installed.script("other.py", kSleeping);
            ::rename(other.c_str(), script.c_str());
        }
        return sha256;
    });
    QVERIFY(!subject);
    QCOMPARE(subject.error().reason, Reason::Changed);
}

void tst_Identity::handsOnWhyAFileHasNoHash() {
    const Installed installed;
    const std::string script = installed.script("job.py", kSleeping);
    const Child child = Child::running({m_python, script});
    for (const std::string& one : {m_python, script}) {
        const auto subject = installed.examine(
            child.pid(), [&](const platform::LocatedFile& file) -> base::Result<std::string, Refusal> {
                if (file.path == one) {
                    return base::fail(Refusal{Reason::TooLarge, "x", {}});
                }
                return readNow(file);
            });
        QVERIFY(!subject);
        QCOMPARE(subject.error().reason, Reason::TooLarge);
    }
}

void tst_Identity::refusesWhoHides() {
    const Installed installed;
    const Child child = Child::forked([&] {
        if (::geteuid() == 0 && ::setuid(65534) != 0) { // nothing hides from root
            return false;
        }
        const Child hidden = Child::forked([] { return ::prctl(PR_SET_DUMPABLE, 0) == 0; });
        const auto subject = installed.examine(hidden.pid());
        return !subject && subject.error().reason == Reason::Hidden;
    });
    QVERIFY(child.isReady());
}

void tst_Identity::knowsOtherNamespaces() {
    if (::geteuid() != 0) {
        QSKIP("needs root, to make namespaces");
    }
    const Installed installed;
    const std::string script = installed.script("job.py", kSleeping);
    const Child inOther = Child::running({m_python, script}, [] { return ::unshare(CLONE_NEWNS) == 0; });
    const auto subject = installed.examine(inOther.pid());
    QVERIFY2(subject, failureOf(subject).constData());
    QCOMPARE(subject->sandbox.kind, platform::SandboxKind::Container);
    QCOMPARE(subject->kind, SubjectKind::Interpreter); // the script's path is one of its own folders
    QVERIFY(!subject->executable.isRootOwned && !subject->isDeleted);
    QCOMPARE(subject->executable.sha256, sha256Of(m_python));

    // A front end of ours in there is ours by its content; what lies at such a path is not.
    Roll roll;
    const Child starter = Child::running({"sh", "-c", installed.frontEnd + " wait " + roll.path() + "; :"},
                                         [] { return ::unshare(CLONE_NEWNS) == 0; });
    const auto ofStarter = installed.examine(roll.next());
    QVERIFY2(ofStarter, failureOf(ofStarter).constData());
    QCOMPARE(ofStarter->pid, starter.pid()); // no root's alone there: not looked through
    QCOMPARE(ofStarter->frontEnd, std::string("keybearer"));
    QCOMPARE(ofStarter->sandbox.kind, platform::SandboxKind::Container);
}

void tst_Identity::knowsAppImages() {
    if (::geteuid() != 0) {
        QSKIP("needs root, to mount without a helper");
    }
    const Installed installed;
    const std::string image = installed.script("Some.AppImage", "the image");
    QFile program(QString::fromStdString(helperProgram()));
    QVERIFY(program.open(QIODevice::ReadOnly));
    const std::string content = program.readAll().toStdString();
    const Child child = Child::forked([&] {
        const std::string mount = installed.path(".mount_SomeXy");
        if (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mkdir(mount.c_str(), 0755) != 0) {
            return false;
        }
        const FuseFolder mounted(mount, "AppRun", content);
        const auto subjectWith = [&](const std::string& said) {
            Roll roll;
            const Child running = Child::running({mount + "/AppRun", "wait", roll.path()},
                                                 [&] { return ::setenv("APPIMAGE", said.c_str(), 1) == 0; });
            const Surroundings none;
            const auto process = platform::Process::pin(roll.next());
            return process ? identity::examine(*process, none, readNow) : base::fail(Refusal::of(process.error()));
        };
        const auto right = subjectWith(image);
        const auto wrong = subjectWith("/missing");
        return mounted.isThere() && right && right->sandbox.kind == platform::SandboxKind::AppImage &&
               right->sandbox.id == image && right->image && right->image->sha256 == sha256Of(image) &&
               right->image->path == image && right->executable.sha256 == crypto::sha256Hex(content) &&
               !right->executable.isRootOwned && wrong && wrong->sandbox.id == "/missing" && !wrong->image;
    });
    QVERIFY(child.isReady());
}

void tst_Identity::fitsParentsAndChildren_data() {
    QTest::addColumn<QList<int>>("parent"); // pid group session start
    QTest::addColumn<QList<int>>("child");
    QTest::addColumn<bool>("isShell");
    QTest::addColumn<bool>("fits");
    const QList<int> parent{10, 10, 5, 100};
    QTest::newRow("as it was born") << parent << QList<int>{20, 10, 5, 100} << false << true;
    QTest::newRow("a group of its own") << parent << QList<int>{20, 20, 5, 101} << false << true;
    QTest::newRow("a session of its own") << parent << QList<int>{20, 20, 20, 101} << false << true;
    QTest::newRow("older than its parent") << parent << QList<int>{20, 10, 5, 99} << false << false;
    QTest::newRow("another session") << parent << QList<int>{20, 20, 6, 101} << false << false;
    QTest::newRow("another session, of a shell") << parent << QList<int>{20, 20, 6, 101} << true << false;
    QTest::newRow("another group") << parent << QList<int>{20, 7, 5, 101} << false << false;
    QTest::newRow("another group, of a shell") << parent << QList<int>{20, 7, 5, 101} << true << true;
}

void tst_Identity::fitsParentsAndChildren() {
    QFETCH(QList<int>, parent);
    QFETCH(QList<int>, child);
    QFETCH(bool, isShell);
    QFETCH(bool, fits);
    const auto stat = [](const QList<int>& numbers) {
        platform::ProcStat made;
        made.pid = numbers[0];
        made.group = numbers[1];
        made.session = numbers[2];
        made.startTicks = static_cast<std::uint64_t>(numbers[3]);
        return made;
    };
    QCOMPARE(couldHaveStarted(stat(parent), isShell, stat(child)), fits);
}

QTEST_GUILESS_MAIN(tst_Identity)
#include "tst_identity.moc"
