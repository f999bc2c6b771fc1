#include "daemon/platform/activation.h"
#include "daemon/platform/hardening.h"
#include "daemon/platform/instance_lock.h"
#include "daemon/platform/peer.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <functional>

using namespace keybearer::platform;
using keybearer::base::UniqueFd;

class tst_Platform : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void peerIsWhoConnected();
    void peerOfSomethingElseIsNobody();
    void lockIsHeldOnceAndNamesItsHolder();
    void lockEndsWithItsOwner();
    void lockRefusesASymbolicLink();
    void hardeningHolds();
    void activation_data();
    void activation();
};

namespace {

/// Runs `check` in a child, where it may change the process for good; true when it returned true.
bool inChild(const std::function<bool()>& check) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(check() ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

void tst_Platform::peerIsWhoConnected() {
    int ends[2];
    QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const UniqueFd a(ends[0]);
    const UniqueFd b(ends[1]);
    const auto peer = peerOf(a.get());
    QVERIFY(peer);
    QCOMPARE(peer->uid, ::geteuid());
    QCOMPARE(peer->pid, ::getpid());
    QCOMPARE(QString::fromStdString(peer->exe), QFile::symLinkTarget(QStringLiteral("/proc/self/exe")));
}

void tst_Platform::peerOfSomethingElseIsNobody() {
    const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    QVERIFY(!peerOf(file.get()));
    QVERIFY(!peerOf(-1));
}

void tst_Platform::lockIsHeldOnceAndNamesItsHolder() {
    const QTemporaryDir folder;
    const std::string path = folder.path().toStdString();
    const auto first = InstanceLock::acquire(path, "/run/x/broker.sock");
    QVERIFY(first);
    const auto second = InstanceLock::acquire(path, "/elsewhere");
    QVERIFY(!second && second.error().taken);
    QVERIFY(second.error().holder.find(std::to_string(::getpid())) != std::string::npos);
    QVERIFY(second.error().holder.find("/run/x/broker.sock") != std::string::npos);
    QVERIFY(second.error().socket == "/run/x/broker.sock");
    first->tellServing();
    const auto third = InstanceLock::acquire(path, "/elsewhere");
    QVERIFY(!third && third.error().holder == second.error().holder && third.error().socket == second.error().socket);
    const auto nowhere = InstanceLock::acquire(path + "/missing", "/elsewhere");
    QVERIFY(!nowhere && !nowhere.error().taken);
}

void tst_Platform::lockEndsWithItsOwner() {
    const QTemporaryDir folder;
    const std::string path = folder.path().toStdString();
    QVERIFY(inChild([&] {
                const auto lock = InstanceLock::acquire(path, "/s");
                ::kill(::getpid(), lock ? SIGKILL : SIGTERM);
                return false;
            }) == false);
    QVERIFY(InstanceLock::acquire(path, "/s"));
}

void tst_Platform::lockRefusesASymbolicLink() {
    const QTemporaryDir folder;
    const std::string path = folder.path().toStdString();
    QCOMPARE(::symlink("/etc/passwd", (path + "/broker.lock").c_str()), 0);
    const auto lock = InstanceLock::acquire(path, "/s");
    QVERIFY(!lock && !lock.error().taken);
}

void tst_Platform::hardeningHolds() {
    QVERIFY(inChild([] {
        const int kept = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        const int stray = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        const std::vector<Measure> measures = hardenProcess({kept});
        if (measures.size() != 4 || !std::ranges::all_of(measures, &Measure::inForce)) {
            return false;
        }
        rlimit core{1, 1};
        ::getrlimit(RLIMIT_CORE, &core);
        return ::fcntl(kept, F_GETFD) != -1 && ::fcntl(stray, F_GETFD) == -1 && core.rlim_max == 0 &&
               ::prctl(PR_GET_DUMPABLE) == 0 && ::umask(0) == 077;
    }));
}

void tst_Platform::activation_data() {
    QTest::addColumn<QByteArray>("count");
    QTest::addColumn<bool>("ours");
    QTest::addColumn<bool>("accepted");
    QTest::addColumn<bool>("given");
    QTest::newRow("none") << QByteArray() << true << true << false;
    QTest::newRow("one") << QByteArray("1") << true << true << true;
    QTest::newRow("for another process") << QByteArray("1") << false << true << false;
    QTest::newRow("two") << QByteArray("2") << true << false << false;
    QTest::newRow("nonsense") << QByteArray("x") << true << false << false;
}

void tst_Platform::activation() {
    QFETCH(QByteArray, count);
    QFETCH(bool, ours);
    QFETCH(bool, accepted);
    QFETCH(bool, given);
    QVERIFY(inChild([&] {
        qputenv("LISTEN_PID", QByteArray::number(ours ? ::getpid() : 1));
        qputenv("LISTEN_FDS", count);
        if (count.isEmpty()) {
            qunsetenv("LISTEN_FDS");
        }
        auto socket = activatedSocket();
        const bool right = socket.has_value() == accepted && (!socket || socket->has_value() == given);
        if (socket && *socket) {
            const int fd = (*socket)->release(); // the test's own descriptor 3 is none of its business
            return right && fd == 3 && !qEnvironmentVariableIsSet("LISTEN_FDS");
        }
        return right && !qEnvironmentVariableIsSet("LISTEN_FDS");
    }));
}

QTEST_GUILESS_MAIN(tst_Platform)
#include "tst_platform.moc"
