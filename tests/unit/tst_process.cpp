// Other processes as the kernel shows them, with real ones.
#include "daemon/platform/process.h"
#include "ipc/base/clock.h"
#include "tests/unit/fuse_folder.h"
#include "tests/unit/process_children.h"

#include <QFile>
#include <QTest>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>

using namespace keybearer::platform;
using namespace keybearer::test;
using keybearer::base::SystemClock;
using keybearer::base::UniqueFd;

namespace {

constexpr uid_t kNobody = 65534;

bool isRoot() {
    return ::geteuid() == 0;
}

void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

template<class Result>
ProcessFault faultOf(const Result& result) {
    return result ? ProcessFault(-1) : result.error().fault;
}

/// In a child, with folders of its own that nobody sees: true when `check` returned true.
bool inOwnMounts(const std::function<bool()>& check) {
    const Child child = Child::forked([&] {
        return ::unshare(CLONE_NEWNS) == 0 && ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount("x", "/mnt", "tmpfs", 0, "mode=755") == 0 && check();
    });
    return child.isReady();
}

} // namespace

class tst_Process : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void holdsAPeer_data();
    void holdsAPeer();
    void refusesAPeerThatEnded_data() { holdsAPeer_data(); }
    void refusesAPeerThatEnded();
    void refusesAConnectionThatWasHandedOn_data() { holdsAPeer_data(); }
    void refusesAConnectionThatWasHandedOn();
    void refusesAPeerThatIsYoungerThanItsConnection_data() { holdsAPeer_data(); }
    void refusesAPeerThatIsYoungerThanItsConnection();
    void refusesAPeerThatBecameAnotherUser();
    void cannotLookIntoOneThatHides();
    void refusesWhatIsNoLocalSocket();
    void noticesAnEnd();
    void refusesNumbersOfNobody();
    void cannotLookIntoOthersProcesses();
    void looksWhileItCannotBeLookedAtItself();
    void findsTheExecutable();
    void followsARenamedExecutable();
    void noticesADeletedExecutable();
    void noticesAReplacedExecutable();
    void findsAFileThatIsNamedLikeADeletedOne();
    void findsFilesAsTheProcessDoes();
    void findsNoOtherThings_data();
    void findsNoOtherThings();
    void readsArgumentsWithinBounds();
    void knowsWhenItStarted();
    void findsTheParent();
    void noticesOtherNamespaces();
    void noticesAnotherRoot();
    void readsFlatpakInfoOfTheProcess_data();
    void readsFlatpakInfoOfTheProcess();
    void tellsWhatOnlyRootCanChange();
    void believesNoFuseMount();
};

void tst_Process::holdsAPeer_data() {
    QTest::addColumn<bool>("byKernel");
    QTest::newRow("by the kernel") << true;
    QTest::newRow("by its number") << false;
}

void tst_Process::holdsAPeer() {
    QFETCH(bool, byKernel);
    Listener listener;
    const Child child = Child::running({helperProgram(), "connect", listener.path()});
    QVERIFY(child.isReady());
    const UniqueFd connection = listener.accept();
    const auto peer =
        peerProcess(connection.get(), SystemClock().steady(), byKernel ? Pinning::ByKernel : Pinning::ByNumber);
    QVERIFY2(peer, peer ? "" : peer.error().sentence.c_str());
    QCOMPARE(peer->pid(), child.pid());
    QCOMPARE(peer->uid(), ::geteuid());
    QCOMPARE(peer->isWeak(), !byKernel);
    QVERIFY(peer->isAlive());
    QVERIFY(isAlive(peerHandle(connection.get())));
    const auto executable = peer->executable();
    QVERIFY(executable);
    QCOMPARE(executable->path, helperProgram());
}

void tst_Process::refusesAPeerThatEnded() {
    QFETCH(bool, byKernel);
    Listener listener;
    Child child = Child::running({helperProgram(), "connect", listener.path()});
    const UniqueFd connection = listener.accept();
    QVERIFY(connection);
    child.end();
    const auto peer =
        peerProcess(connection.get(), SystemClock().steady(), byKernel ? Pinning::ByKernel : Pinning::ByNumber);
    QCOMPARE(faultOf(peer), ProcessFault::Gone);
    QVERIFY(!isAlive(peerHandle(connection.get())));
}

void tst_Process::refusesAConnectionThatWasHandedOn() {
    QFETCH(bool, byKernel);
    Listener listener;
    const Child child = Child::running({helperProgram(), "handover", listener.path()});
    const UniqueFd connection = listener.accept();
    QVERIFY(connection);
    siginfo_t info;
    QCOMPARE(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT), 0);
    QVERIFY(::send(connection.get(), "", 0, 0) == 0); // somebody is still there
    const auto peer =
        peerProcess(connection.get(), SystemClock().steady(), byKernel ? Pinning::ByKernel : Pinning::ByNumber);
    QCOMPARE(faultOf(peer), ProcessFault::Gone);
    QVERIFY(!isAlive(peerHandle(connection.get())));
}

void tst_Process::refusesAPeerThatIsYoungerThanItsConnection() {
    QFETCH(bool, byKernel);
    Listener listener;
    const Child child = Child::running({helperProgram(), "connect", listener.path()});
    const UniqueFd connection = listener.accept();
    QVERIFY(connection);
    const auto process = Process::pin(child.pid());
    QVERIFY(process);
    const auto tick = std::chrono::milliseconds(1000 / ::sysconf(_SC_CLK_TCK));
    const auto started = tick * static_cast<std::int64_t>(process->startTicks());
    const Pinning pinning = byKernel ? Pinning::ByKernel : Pinning::ByNumber;
    QVERIFY(peerProcess(connection.get(), started, pinning));
    const auto younger = peerProcess(connection.get(), started - tick, pinning);
    QCOMPARE(faultOf(younger), ProcessFault::Gone);
    QVERIFY(younger.error().sentence.find("began after") != std::string::npos);
}

void tst_Process::refusesAPeerThatBecameAnotherUser() {
    if (!isRoot()) {
        QSKIP("needs root, to become another user");
    }
    Listener listener;
    const Child child = Child::forked([&] {
        const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, listener.path().c_str(), sizeof address.sun_path - 1);
        return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
               ::setuid(kNobody) == 0;
    });
    QVERIFY(child.isReady());
    const UniqueFd connection = listener.accept();
    QCOMPARE(faultOf(peerProcess(connection.get(), SystemClock().steady())), ProcessFault::Changed);
}

void tst_Process::cannotLookIntoOneThatHides() {
    const Child child = Child::forked([] {
        if (isRoot() && ::setuid(kNobody) != 0) { // nothing hides from root
            return false;
        }
        const Child hidden = Child::forked([] { return ::prctl(PR_SET_DUMPABLE, 0) == 0; });
        const auto process = Process::pin(hidden.pid());
        return process && process->uid() == ::geteuid() && faultOf(process->executable()) == ProcessFault::Hidden;
    });
    QVERIFY(child.isReady());
}

void tst_Process::refusesWhatIsNoLocalSocket() {
    const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    QCOMPARE(faultOf(peerProcess(file.get(), SystemClock().steady())), ProcessFault::Unknown);
    QCOMPARE(faultOf(peerProcess(-1, SystemClock().steady())), ProcessFault::Unknown);
    QVERIFY(!isAlive(peerHandle(file.get())));
    QVERIFY(!isAlive(peerHandle(-1)));
    const UniqueFd alone(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    QCOMPARE(faultOf(peerProcess(alone.get(), SystemClock().steady())), ProcessFault::Unknown);
}

void tst_Process::noticesAnEnd() {
    Child child = Child::running({"sleep", "60"});
    const auto process = Process::pin(child.pid());
    QVERIFY(process && process->isAlive());
    const auto executable = process->executable();
    QVERIFY(executable);
    ::kill(child.pid(), SIGKILL);
    siginfo_t info;
    QCOMPARE(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT), 0);
    QVERIFY(!process->isAlive()); // also before anybody waited for it
    QCOMPARE(faultOf(process->executable()), ProcessFault::Gone);
    child.end();
    QVERIFY(!process->isAlive());
    QCOMPARE(faultOf(process->state()), ProcessFault::Gone);
    QCOMPARE(faultOf(process->arguments()), ProcessFault::Gone);
    QCOMPARE(faultOf(process->sharesFiles()), ProcessFault::Gone);
    QCOMPARE(faultOf(process->sandbox(*executable)), ProcessFault::Gone);
    QCOMPARE(faultOf(process->fileAt("/etc/passwd")), ProcessFault::Gone);
    QCOMPARE(faultOf(process->parent()), ProcessFault::Gone);
}

void tst_Process::refusesNumbersOfNobody() {
    pid_t ended = 0;
    {
        const Child child = Child::running({"sleep", "60"});
        ended = child.pid();
    }
    QCOMPARE(faultOf(Process::pin(ended)), ProcessFault::Gone);
    for (const std::int32_t pid : {0, -1}) {
        QVERIFY(!Process::pin(pid));
    }
}

void tst_Process::cannotLookIntoOthersProcesses() {
    if (!isRoot()) {
        QSKIP("needs root, to become another user");
    }
    const pid_t parent = ::getpid();
    const Child child = Child::forked([&] {
        if (::setuid(kNobody) != 0) {
            return false;
        }
        const auto process = Process::pin(parent);
        return process && process->uid() == 0 && faultOf(process->executable()) == ProcessFault::Hidden &&
               faultOf(process->sharesFiles()) == ProcessFault::Hidden &&
               faultOf(process->fileAt("/etc/passwd")) == ProcessFault::Hidden;
    });
    QVERIFY(child.isReady());
}

void tst_Process::looksWhileItCannotBeLookedAtItself() {
    const Child child = Child::forked([] {
        if (isRoot() && ::setuid(kNobody) != 0) {
            return false;
        }
        const Child other = Child::running({"sleep", "60"});
        if (::prctl(PR_SET_DUMPABLE, 0) != 0) { // as the broker is
            return false;
        }
        const auto process = Process::pin(other.pid());
        const auto executable = process ? process->executable() : keybearer::base::fail(process.error());
        unsigned char magic[4]{};
        const auto fd = executable ? openForReading(*executable) : keybearer::base::fail(std::string());
        return executable && process->sharesFiles().value_or(false) && process->sandbox(*executable) && fd &&
               readAt(fd->get(), 0, magic) == sizeof magic && magic[1] == 'E';
    });
    QVERIFY(child.isReady());
}

void tst_Process::findsTheExecutable() {
    const Child child = Child::running({"sleep", "60"});
    const auto process = Process::pin(child.pid());
    QVERIFY(process);
    const auto file = process->executable();
    QVERIFY2(file, file ? "" : file.error().sentence.c_str());
    struct stat info {};
    QCOMPARE(::stat(file->path.c_str(), &info), 0);
    QCOMPARE(file->id.device, info.st_dev);
    QCOMPARE(file->id.inode, info.st_ino);
    QCOMPARE(file->id.size, std::uint64_t(info.st_size));
    QCOMPARE(file->id.ctimeNs, info.st_ctim.tv_sec * 1'000'000'000 + info.st_ctim.tv_nsec);
    QVERIFY(file->isInPlace && file->isRootOwned && !file->isOnFuse);
    QVERIFY(currentId(*file) == file->id);
    QCOMPARE(QString::fromStdString(file->path), QFile::symLinkTarget(QStringLiteral("/proc/%1/exe").arg(child.pid())));
    const auto sandbox = process->sandbox(*file);
    QVERIFY(sandbox && sandbox->kind == SandboxKind::None);
}

void tst_Process::followsARenamedExecutable() {
    const QTemporaryDir folder;
    const std::string before = copyOf("sleep", folder.filePath(QStringLiteral("before")));
    const Child child = Child::running({before, "60"});
    const auto process = Process::pin(child.pid());
    const std::string after = folder.filePath(QStringLiteral("after")).toStdString();
    QCOMPARE(::rename(before.c_str(), after.c_str()), 0);
    const auto file = process->executable();
    QVERIFY(file && file->isInPlace && !file->isRootOwned);
    QCOMPARE(file->path, after);
}

void tst_Process::noticesADeletedExecutable() {
    const QTemporaryDir folder;
    const std::string path = copyOf("sleep", folder.filePath(QStringLiteral("x")));
    const Child child = Child::running({path, "60"});
    const auto process = Process::pin(child.pid());
    QVERIFY(process->executable()->isInPlace);
    QCOMPARE(::unlink(path.c_str()), 0);
    const auto file = process->executable();
    QVERIFY(file && !file->isInPlace && !file->isRootOwned);
    QCOMPARE(file->path, path);
    QVERIFY(openForReading(*file)); // what runs can still be read
}

void tst_Process::noticesAReplacedExecutable() {
    const QTemporaryDir folder;
    const std::string path = copyOf("sleep", folder.filePath(QStringLiteral("x")));
    const Child child = Child::running({path, "60"});
    const auto process = Process::pin(child.pid());
    const FileId before = process->executable()->id;
    const std::string other = copyOf("cat", folder.filePath(QStringLiteral("y")));
    QCOMPARE(::rename(other.c_str(), path.c_str()), 0);
    const auto file = process->executable();
    QVERIFY(file && !file->isInPlace);
    QCOMPARE(file->path, path);
    QCOMPARE(file->id.inode, before.inode);
    QVERIFY(file->id != before); // its last name went: the change time tells
}

void tst_Process::findsAFileThatIsNamedLikeADeletedOne() {
    const QTemporaryDir folder;
    const std::string path = copyOf("sleep", folder.filePath(QStringLiteral("x (deleted)")));
    const Child child = Child::running({path, "60"});
    const auto file = Process::pin(child.pid())->executable();
    QVERIFY(file && file->isInPlace);
    QCOMPARE(file->path, path);
}

void tst_Process::findsFilesAsTheProcessDoes() {
    const QTemporaryDir folder;
    const std::string top = QFileInfo(folder.path()).canonicalFilePath().toStdString();
    QCOMPARE(::mkdir((top + "/sub").c_str(), 0700), 0);
    write(top + "/script", "x");
    QCOMPARE(::symlink("script", (top + "/link").c_str()), 0);
    const Child child = Child::running({"sleep", "60"}, [&] { return ::chdir((top + "/sub").c_str()) == 0; });
    const auto process = Process::pin(child.pid());
    QVERIFY(process);
    for (const std::string& path : {std::string("../script"), std::string("../link"), top + "/script"}) {
        const auto file = process->fileAt(path);
        QVERIFY2(file, path.c_str());
        QCOMPARE(file->path, top + "/script");
        QVERIFY(file->isInPlace && !file->isRootOwned);
        QCOMPARE(file->id.size, 1U);
    }
    const auto roots = process->fileAt("/etc/passwd");
    QVERIFY(roots && roots->isRootOwned);
}

void tst_Process::findsNoOtherThings_data() {
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("missing") << QByteArray("missing");
    QTest::newRow("folder") << QByteArray("/");
    QTest::newRow("pipe") << QByteArray("pipe");
    QTest::newRow("device") << QByteArray("/dev/null");
    QTest::newRow("its own descriptor, which would be ours") << QByteArray("/dev/fd/0");
    QTest::newRow("its own executable, which would be ours") << QByteArray("/proc/self/exe");
    QTest::newRow("its own folder, which would be ours") << QByteArray("/proc/self/root/etc/passwd");
    QTest::newRow("what the kernel makes up") << QByteArray("/proc/self/status");
}

void tst_Process::findsNoOtherThings() {
    QFETCH(QByteArray, path);
    const QTemporaryDir folder;
    const std::string top = folder.path().toStdString();
    QCOMPARE(::mkfifo((top + "/pipe").c_str(), 0600), 0);
    const Child child = Child::running({"sleep", "60"}, [&] { return ::chdir(top.c_str()) == 0; });
    const auto process = Process::pin(child.pid());
    QVERIFY(process);
    QCOMPARE(faultOf(process->fileAt(path.toStdString())), ProcessFault::Malformed);
}

void tst_Process::readsArgumentsWithinBounds() {
    const auto argumentsOf = [](const std::vector<std::string>& words) {
        const Child child = Child::running(words);
        return *Process::pin(child.pid())->arguments();
    };
    const std::vector<std::string> few{"sh", "-c", "sleep 60; :", "", "a b"};
    QVERIFY(argumentsOf(few).words == few && !argumentsOf(few).isCut);
    std::vector<std::string> many{"sh", "-c", "sleep 60; :"};
    many.resize(256, "x");
    QVERIFY(argumentsOf(many).words == many && !argumentsOf(many).isCut);
    many.emplace_back("one more");
    QVERIFY(argumentsOf(many).words.size() == 256 && argumentsOf(many).isCut);
    QVERIFY(argumentsOf({"sh", "-c", "sleep 60; :", std::string(70'000, 'x')}).isCut);
}

void tst_Process::knowsWhenItStarted() {
    const auto wall = [] {
        timespec now{};
        ::clock_gettime(CLOCK_REALTIME, &now);
        return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
    };
    const std::int64_t before = wall();
    const Child child = Child::running({"sleep", "60"});
    const std::int64_t started = Process::pin(child.pid())->startedAtNs();
    const std::int64_t tick = 1'000'000'000 / ::sysconf(_SC_CLK_TCK);
    QVERIFY(started >= before - 2 * tick && started <= wall() + tick);
}

void tst_Process::findsTheParent() {
    Roll roll;
    const Child shell = Child::running({"sh", "-c", helperProgram() + " wait " + roll.path() + "; :"});
    const auto process = Process::pin(roll.next());
    QVERIFY(process);
    const auto parent = process->parent();
    QVERIFY2(parent, parent ? "" : parent.error().sentence.c_str());
    QCOMPARE(parent->pid(), shell.pid());
    QCOMPARE(parent->parent()->pid(), ::getpid());
    const auto first = Process::pin(1);
    if (first) {
        QVERIFY(!first->parent()); // nobody's child
    }
}

void tst_Process::noticesOtherNamespaces() {
    if (!isRoot()) {
        QSKIP("needs root, to make namespaces");
    }
    const Child otherFiles = Child::running({"sleep", "60"}, [] { return ::unshare(CLONE_NEWNS) == 0; });
    QVERIFY(otherFiles.isReady());
    const auto process = Process::pin(otherFiles.pid());
    QCOMPARE(process->sharesFiles().value(), false);
    const auto file = process->executable();
    QVERIFY(file && !file->isInPlace && !file->isRootOwned); // whatever lies at that path is there, not here
    QCOMPARE(process->sandbox(*file)->kind, SandboxKind::Container);

    const Child otherNumbers = Child::forked([] {
        if (::unshare(CLONE_NEWPID) != 0) {
            return false;
        }
        const pid_t inside = ::fork();
        if (inside == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::execlp("sleep", "sleep", "60", nullptr);
            ::_exit(1);
        }
        return inside > 0;
    });
    QVERIFY(otherNumbers.isReady());
    QFile children(QStringLiteral("/proc/%1/task/%1/children").arg(otherNumbers.pid()));
    QVERIFY(children.open(QIODevice::ReadOnly));
    const auto inside = Process::pin(children.readAll().trimmed().toInt());
    QVERIFY(inside);
    QCOMPARE(inside->sharesFiles().value(), true);
    QCOMPARE(inside->sandbox(*inside->executable())->kind, SandboxKind::Container);
}

void tst_Process::noticesAnotherRoot() {
    if (!isRoot()) {
        QSKIP("needs root, to change the root folder");
    }
    const QTemporaryDir folder;
    const Child child = Child::forked([&] { return ::chroot(folder.path().toLocal8Bit().constData()) == 0; });
    QVERIFY(child.isReady());
    const auto process = Process::pin(child.pid());
    QCOMPARE(process->sharesFiles().value(), false);
    QCOMPARE(process->sandbox(*process->executable())->kind, SandboxKind::Container);
}

void tst_Process::readsFlatpakInfoOfTheProcess_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<int>("kind"); // -1: refused
    QTest::newRow("an application") << QByteArray("[Application]\nname=org.example.App\n") << int(SandboxKind::Flatpak);
    QTest::newRow("nonsense") << QByteArray("x") << -1;
    QTest::newRow("too large") << QByteArray("[Application]\nname=org.example.App\n#" + QByteArray(70'000, 'x')) << -1;
    QTest::newRow("a symbolic link") << QByteArray("-> info") << -1;
    QTest::newRow("a pipe") << QByteArray("|") << -1;
    QTest::newRow("none") << QByteArray() << int(SandboxKind::Container);
}

void tst_Process::readsFlatpakInfoOfTheProcess() {
    QFETCH(QByteArray, content);
    QFETCH(int, kind);
    if (!isRoot()) {
        QSKIP("needs root, to change the root folder");
    }
    const QTemporaryDir folder;
    const std::string info = folder.filePath(QStringLiteral(".flatpak-info")).toStdString();
    if (content == "|") {
        QCOMPARE(::mkfifo(info.c_str(), 0600), 0);
    } else if (content.startsWith("->")) {
        write(folder.filePath(QStringLiteral("info")).toStdString(), "[Application]\nname=org.example.App\n");
        QCOMPARE(::symlink("info", info.c_str()), 0);
    } else if (!content.isEmpty()) {
        write(info, content.toStdString());
    }
    const Child child = Child::forked([&] { return ::chroot(folder.path().toLocal8Bit().constData()) == 0; });
    QVERIFY(child.isReady());
    const auto process = Process::pin(child.pid());
    const auto sandbox = process->sandbox(*process->executable());
    if (kind < 0) {
        QCOMPARE(faultOf(sandbox), ProcessFault::Malformed);
    } else {
        QVERIFY(sandbox);
        QCOMPARE(int(sandbox->kind), kind);
        QCOMPARE(sandbox->id, std::string(kind == int(SandboxKind::Flatpak) ? "org.example.App" : ""));
    }
}

void tst_Process::tellsWhatOnlyRootCanChange() {
    QVERIFY(isRootsAlone("/etc/passwd"));
    QVERIFY(isRootsAlone("/"));
    QVERIFY(!isRootsAlone("etc/passwd"));
    QVERIFY(!isRootsAlone("/etc/missing"));
    QVERIFY(!isRootsAlone(""));
    const QTemporaryDir folder;
    QVERIFY(!isRootsAlone(folder.path().toStdString())); // everybody's /tmp above it
    if (!isRoot()) {
        QSKIP("needs root for the other rows");
    }
    QVERIFY(inOwnMounts([] {
        const std::string path = "/mnt/folder/file";
        ::mkdir("/mnt/folder", 0755);
        write(path, "x");
        ::chmod(path.c_str(), 0755);
        const auto holds = [&](bool expected, const std::string& of) { return isRootsAlone(of) == expected; };
        return holds(true, path) && holds(true, "//mnt//folder/file") && ::symlink("folder", "/mnt/link") == 0 &&
               holds(false, "/mnt/link/file") && ::chmod(path.c_str(), 0775) == 0 && holds(false, path) &&
               ::chmod(path.c_str(), 0757) == 0 && holds(false, path) && ::chmod(path.c_str(), 0755) == 0 &&
               holds(true, path) && ::chmod("/mnt/folder", 01775) == 0 && holds(false, path) &&
               ::chmod("/mnt/folder", 0755) == 0 && ::chown("/mnt/folder", kNobody, 0) == 0 && holds(false, path) &&
               ::chown("/mnt/folder", 0, 0) == 0 && ::chown(path.c_str(), kNobody, 0) == 0 && holds(false, path) &&
               ::chown(path.c_str(), 0, 0) == 0 && holds(true, path);
    }));
}

void tst_Process::believesNoFuseMount() {
    if (!isRoot()) {
        QSKIP("needs root, to mount without a helper");
    }
    QVERIFY(inOwnMounts([] {
        ::mkdir("/mnt/fuse", 0755);
        const FuseFolder mounted("/mnt/fuse", "program", "content");
        struct stat info {};
        return mounted.isThere() && ::stat("/mnt/fuse/program", &info) == 0 && info.st_uid == 0 &&
               (info.st_mode & 022U) == 0 && isRootsAlone("/mnt") && !isRootsAlone("/mnt/fuse/program");
    }));
}

QTEST_GUILESS_MAIN(tst_Process)
#include "tst_process.moc"
