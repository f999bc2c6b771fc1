// Other processes as the kernel shows them, with real ones.
#include "ipc/base/clock.h"
#include "tests/unit/process_test.h"

#include <QFile>
#include <QTest>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

using namespace keybearer::platform;
using namespace keybearer::test;
using keybearer::base::SystemClock;
using keybearer::base::UniqueFd;

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
    void knowsWhenItStarted();
    void findsTheParent();
    void noticesOtherNamespaces();
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

QTEST_GUILESS_MAIN(tst_Process)
#include "tst_process.moc"
