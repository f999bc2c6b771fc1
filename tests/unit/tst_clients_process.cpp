#include "daemon/broker/clients_process.h"

#include <QCoreApplication>
#include <QCoroTask>
#include <QFile>
#include <QTest>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>

using namespace keybearer;
using access::Client;
using access::ClientKind;
using broker::RemoteClients;

/// With the real process, forked before there is an application; see main().
class tst_ClientsProcess : public QObject {
    Q_OBJECT
public:
    tst_ClientsProcess(spawner::Forked process, spawner::Forked hanging)
        : m_pid(process.pid), m_clients(std::move(process)), m_hangingPid(hanging.pid), m_hanging(std::move(hanging)) {}

private Q_SLOTS:
    void whoAsksIsToldFromOverThere();
    void aSocketThatIsNone();
    void aCrowdAtOnce();
    void aFileThatSomebodyMayBeGranted();
    void filesThatAreNone_data();
    void filesThatAreNone();
    void oneThatHangsIsGivenUp();
    void whenItIsGoneNobodyIsKnown(); // the last

private:
    [[nodiscard]] Client identify(int socket) { return QCoro::waitFor(m_clients.identify(socket, m_clock.steady())); }

    std::int32_t m_pid;
    base::SystemClock m_clock;
    RemoteClients m_clients;
    std::int32_t m_hangingPid;
    RemoteClients m_hanging;
};

namespace {

struct Pair {
    base::UniqueFd one;
    base::UniqueFd other;
};

Pair connected() {
    int ends[2] = {-1, -1};
    (void)!::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
    return {base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

QCoro::Task<> count(RemoteClients& clients, int socket, std::chrono::milliseconds when, std::shared_ptr<int> known) {
    const Client client = co_await clients.identify(socket, when);
    *known += client.pid == ::getpid() ? 1 : 0;
}

} // namespace

void tst_ClientsProcess::whoAsksIsToldFromOverThere() {
    const Pair pair = connected();
    const Client client = identify(pair.one.get());
    QVERIFY2(client.problem.empty(), client.problem.c_str());
    QCOMPARE(client.pid, ::getpid());
    QVERIFY(client.kind == ClientKind::Program);
    QCOMPARE(QString::fromStdString(client.path), QFile::symLinkTarget(QStringLiteral("/proc/self/exe")));
    QCOMPARE(client.digest.size(), 64U);
    QVERIFY(!client.ancestors.empty());
    QCOMPARE(client.ancestors.front().pid, ::getppid());
}

void tst_ClientsProcess::aSocketThatIsNone() {
    QVERIFY(!identify(STDIN_FILENO).problem.empty());
    QVERIFY(!identify(-1).problem.empty());
    QVERIFY(!m_clients.isGone());
}

void tst_ClientsProcess::aCrowdAtOnce() {
    const Pair pair = connected();
    constexpr int kCrowd = 2000;                 // more than a socket holds
    const auto known = std::make_shared<int>(0); // who waits may be answered in a later test
    for (int i = 0; i < kCrowd; ++i) {
        count(m_clients, pair.one.get(), m_clock.steady(), known);
    }
    QTRY_COMPARE_WITH_TIMEOUT(*known, kCrowd, 60'000);
}

void tst_ClientsProcess::aFileThatSomebodyMayBeGranted() {
    const auto shell = QCoro::waitFor(m_clients.describe(ClientKind::Program, "/bin/sh"));
    QVERIFY2(shell, shell ? "" : shell.error().c_str());
    QVERIFY(shell->path.starts_with("/usr/bin/"));
    const std::string own = QCoreApplication::applicationFilePath().toStdString();
    const auto file = QCoro::waitFor(m_clients.describe(ClientKind::Program, own));
    QVERIFY(file);
    QCOMPARE(file->path, own);
    const auto sandboxed = QCoro::waitFor(m_clients.describe(ClientKind::Sandboxed, "org.example.App"));
    QVERIFY(sandboxed);
    QCOMPARE(sandboxed->path, "org.example.App");
}

void tst_ClientsProcess::filesThatAreNone_data() {
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("missing") << QByteArray("/nonexistent");
    QTest::newRow("a folder") << QByteArray("/usr");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("NUL") << QByteArray("/bin/sh\0", 8);
    QTest::newRow("longer than a path can be") << QByteArray("/") + QByteArray(5000, 'x');
}

void tst_ClientsProcess::filesThatAreNone() {
    QFETCH(QByteArray, path);
    const auto file = QCoro::waitFor(m_clients.describe(ClientKind::Program, path.toStdString()));
    QVERIFY(!file);
    QVERIFY(file.error().find("no such file") != std::string::npos);
    QVERIFY(!m_clients.isGone());
}

void tst_ClientsProcess::oneThatHangsIsGivenUp() {
    const Pair pair = connected();
    ::kill(m_hangingPid, SIGSTOP);
    const auto known = std::make_shared<int>(0); // who waits may be answered in a later test
    for (int asked = 0; asked < 100'000 && !m_hanging.isGone(); ++asked) {
        count(m_hanging, pair.one.get(), m_clock.steady(), known);
    }
    QVERIFY(m_hanging.isGone());
    const Client client = QCoro::waitFor(m_hanging.identify(pair.one.get(), m_clock.steady()));
    QVERIFY(client.kind == ClientKind::Unknown);
    QCOMPARE(*known, 0);
    ::kill(m_hangingPid, SIGKILL);
    ::waitpid(m_hangingPid, nullptr, 0);
}

void tst_ClientsProcess::whenItIsGoneNobodyIsKnown() {
    const Pair pair = connected();
    ::kill(m_pid, SIGSTOP);
    const auto known = std::make_shared<int>(0);               // who waits may be answered in a later test
    count(m_clients, pair.one.get(), m_clock.steady(), known); // waits when the process ends
    ::kill(m_pid, SIGKILL);
    QTRY_VERIFY(m_clients.isGone());
    const Client client = identify(pair.one.get());
    QCOMPARE(*known, 0);
    QVERIFY(client.kind == ClientKind::Unknown);
    QVERIFY(client.problem.find("has ended") != std::string::npos);
    const auto file = QCoro::waitFor(m_clients.describe(ClientKind::Program, "/bin/sh"));
    QVERIFY(!file && file.error().find("has ended") != std::string::npos);
    ::waitpid(m_pid, nullptr, 0);
}

int main(int argc, char** argv) {
    auto process = spawner::forkHelper("keybearer-ids", broker::runClients);
    auto hanging = spawner::forkHelper("keybearer-ids", broker::runClients);
    if (!process || !hanging) {
        return 1;
    }
    const QCoreApplication application(argc, argv);
    tst_ClientsProcess test(std::move(*process), std::move(*hanging));
    return QTest::qExec(&test, argc, argv);
}

#include "tst_clients_process.moc"
