#include "tests/unit/receiver_clients.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

using namespace keybearer::oauth;
using namespace receiver_test;

namespace {

/// A connected socket that sends at once, without an event loop in between. The caller closes it.
int connectBlocking(quint16 port, const QByteArray& bytes) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::send(fd, bytes.constData(), static_cast<std::size_t>(bytes.size()), MSG_NOSIGNAL) != bytes.size()) {
        ::close(fd);
        return -1;
    }
    return fd;
}

} // namespace

class TestReceiverCrowd : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // A wait that ends with its receiver is told so by the event loop.
    void cleanup() { QCoreApplication::processEvents(); }

    void idleConnectionsDoNotHoldTheResponseUp() {
        const Login login = waiting();
        std::vector<std::unique_ptr<Client>> crowd;
        for (int i = 0; i < 200; ++i) {
            crowd.push_back(std::make_unique<Client>(login.port));
            crowd.back()->send(i % 2 == 0 ? QByteArray() : QByteArray("GET /half"));
        }
        Client browser(login.port);
        browser.send(login.callback());
        QCOMPARE(login.code(), std::string("SplxlOBe"));
        const auto open = [&crowd] {
            return std::ranges::count_if(crowd, [](const auto& client) { return client->isOpen(); });
        };
        QTRY_VERIFY(open() < kMaxCallbackConnections);
    }

    void theNewestConnectionsStay() {
        const Login login = waiting();
        std::vector<std::unique_ptr<Client>> crowd;
        for (int i = 0; i <= kMaxCallbackConnections; ++i) {
            crowd.push_back(std::make_unique<Client>(login.port));
            QVERIFY(crowd.back()->connects());
        }
        QTRY_VERIFY(!crowd.front()->isOpen());
        for (std::size_t i = 1; i < crowd.size(); ++i) {
            QVERIFY(crowd[i]->isOpen());
        }
    }

    void aResponseAmidACrowdIsRead_data() {
        QTest::addColumn<int>("before");
        QTest::addColumn<int>("after");
        QTest::newRow("at its head") << 0 << 2 * kMaxCallbackConnections;
        QTest::newRow("first to wait for room") << kMaxCallbackConnections << 0;
        QTest::newRow("at its end") << 2 * kMaxCallbackConnections << 0;
    }
    void aResponseAmidACrowdIsRead() {
        QFETCH(const int, before);
        QFETCH(const int, after);
        const Login login = waiting();
        std::vector<int> sockets;
        for (int i = 0; i < before; ++i) {
            sockets.push_back(connectBlocking(login.port, {}));
        }
        sockets.push_back(connectBlocking(login.port, login.callback()));
        for (int i = 0; i < after; ++i) {
            sockets.push_back(connectBlocking(login.port, {}));
        }
        QVERIFY(std::ranges::find(sockets, -1) == sockets.end());
        QCOMPARE(login.code(), std::string("SplxlOBe"));
        std::ranges::for_each(sockets, ::close);
    }

    // RFC 9112 section 9.6: a reset could take the answer away from the client.
    void aRefusedConnectionIsClosedAndNotReset() {
        const Login login = waiting();
        const int fd = connectBlocking(login.port, "GET /" + QByteArray(200'000, 'a'));
        QVERIFY(fd >= 0);
        QByteArray answer;
        ssize_t last = -1;
        QVERIFY(QTest::qWaitFor([&] {
            std::array<char, 4096> chunk{};
            last = ::recv(fd, chunk.data(), chunk.size(), MSG_DONTWAIT);
            answer.append(chunk.data(), std::max<ssize_t>(last, 0));
            return last == 0 || (last < 0 && errno != EAGAIN);
        }));
        QCOMPARE(last, 0);
        QCOMPARE(status(answer), 414);
        ::close(fd);
    }

    void theWaitingBrowserSurvivesACrowd() {
        const Login login = waiting();
        Client browser(login.port);
        browser.send(login.callback());
        QCOMPARE(login.code(), std::string("SplxlOBe"));
        std::vector<std::unique_ptr<Client>> crowd;
        for (int i = 0; i < 100; ++i) {
            crowd.push_back(std::make_unique<Client>(login.port));
        }
        QVERIFY(crowd.back()->connects());
        QTRY_VERIFY(!crowd.front()->isOpen());
        QVERIFY(browser.isOpen());
    }

    // Takes as long as the real deadline.
    void aRequestThatNeverEndsIsGivenUp() {
        const Login login = waiting();
        Client silent(login.port);
        QVERIFY(silent.connects());
        Client dripping(login.port);
        QVERIFY(dripping.connects());
        dripping.send("GET /");
        QTimer drip;
        QObject::connect(&drip, &QTimer::timeout, &drip, [&dripping] { dripping.send("a"); });
        drip.start(100);
        QTRY_VERIFY_WITH_TIMEOUT(!silent.isOpen() && !dripping.isOpen(), 40'000);
        QVERIFY(login.isPending());
    }
};

QTEST_GUILESS_MAIN(TestReceiverCrowd)
#include "tst_receiver_crowd.moc"
