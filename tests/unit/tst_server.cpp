#include "ipc/protocol/limits.h"
#include "ipc/server/server.h"

#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

using namespace keybearer;
using server::ConnectionId;
using server::ListeningSocket;
using server::Server;

namespace {

/// Answers "echo" at once and keeps "hold" until told; refuses connections when asked to.
class EchoHandler final : public server::Handler {
public:
    Server* server = nullptr;
    bool accepting = true;
    int closedCount = 0;
    std::vector<std::pair<ConnectionId, nlohmann::json>> held;
    std::vector<std::string> methods;
    std::vector<std::size_t> requestsAtTurnEnd;
    std::vector<server::ListenerId> listeners; ///< of the connections, in their order

    bool opened(ConnectionId, int, server::ListenerId listener) override {
        listeners.push_back(listener);
        return accepting;
    }
    void closed(ConnectionId) override { ++closedCount; }
    void turnEnded() override { requestsAtTurnEnd.push_back(methods.size()); }
    void request(ConnectionId id, protocol::Request request) override {
        methods.push_back(request.method);
        if (request.method == "hold") {
            held.emplace_back(id, request.id);
        } else {
            server->answer(id, protocol::encodeResult(request.id, request.params));
        }
    }
};

sockaddr_un addressOf(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return address;
}

/// A raw client; never blocks, so that the server's event loop can run in the same thread.
class RawClient {
public:
    explicit RawClient(const std::string& path) : m_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const sockaddr_un address = addressOf(path);
        m_connected = ::connect(m_fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        ::fcntl(m_fd.get(), F_SETFL, O_NONBLOCK);
    }
    bool connected() const { return m_connected; }
    ssize_t send(std::string_view bytes) { return ::send(m_fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    void endInput() { ::shutdown(m_fd.get(), SHUT_WR); }
    const std::string& received() {
        char chunk[65536];
        for (ssize_t n = 0; (n = ::recv(m_fd.get(), chunk, sizeof chunk, 0)) >= 0;) {
            if (n == 0) {
                m_closed = true;
                break;
            }
            m_received.append(chunk, static_cast<std::size_t>(n));
        }
        if (errno == ECONNRESET || errno == EPIPE) {
            m_closed = true;
        }
        return m_received;
    }
    bool closed() {
        received();
        return m_closed;
    }
    long lines() { return std::count(received().begin(), received().end(), '\n'); }

private:
    base::UniqueFd m_fd;
    std::string m_received;
    bool m_connected = false;
    bool m_closed = false;
};

struct Fixture {
    QTemporaryDir folder{QStringLiteral("/tmp/kbXXXXXX")};
    std::string path = folder.filePath(QStringLiteral("run/s")).toStdString();
    EchoHandler handler;
    std::unique_ptr<Server> server;

    Fixture() {
        auto socket = ListeningSocket::bind(path);
        Q_ASSERT(socket);
        server = std::make_unique<Server>(std::move(*socket), handler);
        handler.server = server.get();
    }
};

std::string echo(int id, const std::string& text = "x") {
    return nlohmann::json{{"jsonrpc", "2.0"}, {"id", id}, {"method", "echo"}, {"params", {{"t", text}}}}.dump() + "\n";
}

std::string hold(int id) {
    return nlohmann::json{{"jsonrpc", "2.0"}, {"id", id}, {"method", "hold"}}.dump() + "\n";
}

} // namespace

class tst_Server : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void answers();
    void twoRequestsSplitAtEveryByte();
    void theEndOfATurnIsToldAfterItsRequests();
    void syntaxErrorIsSaidAndEndsTheConnection();
    void wrongRequestLeavesTheConnectionOpen();
    void lineOfTheLimitPassesAndOneByteMoreDoesNot();
    void refusedConnectionIsClosedUnread();
    void overloadIsSaid();
    void clientThatNeverReadsLosesItsConnectionAlone();
    void answersReachAClientThatEndedItsInput();
    void vanishedClientIsReported();
    void manyIdleConnections();
    void socketIsPrivate();
    void whoCameInTimeIsServedToTheEndAndNobodyAfter();
    void twoSocketsAreServedAndTold();
    void anEndedConnectionGetsItsAnswersAndIsClosed();
    void aSocketForAnybodyLiesWhereNobodyElseWrites();
    void staleSocketIsReplaced();
    void liveSocketIsNot();
    void otherFilesAreNotReplaced_data();
    void otherFilesAreNotReplaced();
    void adoptsAListeningSocketAndLeavesItsFile();
    void adoptRefusesOtherDescriptors();
};

void tst_Server::answers() {
    Fixture f;
    RawClient client(f.path);
    client.send(echo(1, "hello"));
    QTRY_COMPARE(client.received(), std::string("{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":{\"t\":\"hello\"}}\n"));
}

void tst_Server::twoRequestsSplitAtEveryByte() {
    Fixture f;
    const std::string both = echo(1, "a") + echo(2, "b");
    for (std::size_t cut = 1; cut < both.size(); ++cut) {
        RawClient client(f.path);
        client.send(both.substr(0, cut));
        QCoreApplication::processEvents();
        client.send(both.substr(cut));
        QTRY_COMPARE(client.lines(), 2);
    }
    QCOMPARE(f.handler.methods.size(), 2 * (both.size() - 1));
}

void tst_Server::theEndOfATurnIsToldAfterItsRequests() {
    Fixture f;
    RawClient first(f.path);
    RawClient second(f.path);
    first.send(echo(1) + echo(2));
    second.send(echo(3));
    QTRY_COMPARE(second.lines(), 1);
    QTRY_COMPARE(first.lines(), 2);
    const std::vector<std::size_t>& ends = f.handler.requestsAtTurnEnd;
    QVERIFY(!ends.empty());
    QCOMPARE(ends.back(), 3U);
    QVERIFY(std::ranges::find(ends, 1U) == ends.end()); // not between two requests of one write
}

void tst_Server::syntaxErrorIsSaidAndEndsTheConnection() {
    Fixture f;
    RawClient client(f.path);
    client.send("GET / HTTP/1.1\r\n" + echo(1));
    QTRY_VERIFY(client.closed());
    QVERIFY(client.received().find("-32700") != std::string::npos);
    QVERIFY(f.handler.methods.empty()); // what follows a broken line is not looked at
    QCOMPARE(f.handler.closedCount, 1);
}

void tst_Server::wrongRequestLeavesTheConnectionOpen() {
    Fixture f;
    RawClient client(f.path);
    client.send("{\"jsonrpc\":\"2.0\",\"id\":1}\n" + echo(2));
    QTRY_COMPARE(client.lines(), 2);
    QVERIFY(client.received().find("-32600") != std::string::npos);
    QVERIFY(!client.closed());
}

void tst_Server::lineOfTheLimitPassesAndOneByteMoreDoesNot() {
    Fixture f;
    const std::size_t frame = echo(1, "").size() - 1;
    for (const std::size_t extra : {std::size_t{0}, std::size_t{1}}) {
        RawClient client(f.path);
        const std::string line = echo(1, std::string(protocol::kMaxLineBytes - frame + extra, 'x'));
        std::size_t sent = 0;
        QTRY_VERIFY(({
            const ssize_t n = client.send(std::string_view(line).substr(sent));
            sent += n > 0 ? static_cast<std::size_t>(n) : 0;
            client.lines() == 1;
        }));
        QCOMPARE(client.received().find("-32700") != std::string::npos, extra == 1);
    }
}

void tst_Server::refusedConnectionIsClosedUnread() {
    Fixture f;
    f.handler.accepting = false;
    RawClient client(f.path);
    QTRY_VERIFY(client.closed());
    QCOMPARE(client.received(), std::string());
    QVERIFY(f.handler.methods.empty());
}

void tst_Server::overloadIsSaid() {
    Fixture f;
    RawClient client(f.path);
    std::string many;
    for (int i = 0; i <= protocol::kMaxRequestsInFlight; ++i) {
        many += hold(i);
    }
    client.send(many);
    QTRY_COMPARE(client.lines(), 1);
    QVERIFY(client.received().find("overloaded") != std::string::npos);
    for (const auto& [id, requestId] : f.handler.held) {
        f.server->answer(id, protocol::encodeResult(requestId, nlohmann::json::object()));
    }
    client.send(echo(1000));
    QTRY_COMPARE(client.lines(), protocol::kMaxRequestsInFlight + 2);
}

void tst_Server::clientThatNeverReadsLosesItsConnectionAlone() {
    Fixture f;
    RawClient deaf(f.path);
    RawClient other(f.path);
    deaf.send(hold(1));
    QTRY_COMPARE(f.handler.held.size(), std::size_t{1});
    const ConnectionId id = f.handler.held.front().first;
    for (std::size_t i = 0; i < 6; ++i) {
        f.server->answer(id, std::string(protocol::kMaxLineBytes, 'x') + "\n");
    }
    QTRY_COMPARE(f.handler.closedCount, 1);
    other.send(echo(2));
    QTRY_COMPARE(other.lines(), 1);
}

void tst_Server::answersReachAClientThatEndedItsInput() {
    Fixture f;
    RawClient client(f.path);
    client.send(hold(1));
    client.endInput();
    QTRY_COMPARE(f.handler.held.size(), std::size_t{1});
    QVERIFY(!client.closed());
    f.server->answer(f.handler.held.front().first, protocol::encodeResult(1, nlohmann::json::object()));
    QTRY_VERIFY(client.closed());
    QCOMPARE(client.lines(), 1);
}

void tst_Server::vanishedClientIsReported() {
    Fixture f;
    {
        RawClient client(f.path);
        client.send(hold(1));
        QTRY_COMPARE(f.handler.held.size(), std::size_t{1});
    }
    QTRY_COMPARE(f.handler.closedCount, 1);
    f.server->answer(f.handler.held.front().first, "late\n"); // goes nowhere, and harms nobody
    QCOMPARE(f.server->connectionCount(), std::size_t{0});
}

void tst_Server::manyIdleConnections() {
    Fixture f;
    std::vector<std::unique_ptr<RawClient>> idle;
    for (int i = 0; i < 400; ++i) {
        idle.push_back(std::make_unique<RawClient>(f.path));
        QVERIFY(idle.back()->connected());
    }
    RawClient client(f.path);
    client.send(echo(1));
    QTRY_COMPARE(client.lines(), 1);
    QCOMPARE(f.server->connectionCount(), idle.size() + 1);
}

void tst_Server::socketIsPrivate() {
    Fixture f;
    struct stat info {};
    QCOMPARE(::lstat(f.path.c_str(), &info), 0);
    QCOMPARE(info.st_mode & 0777U, 0600U);
    f.server.reset();
    QVERIFY(::lstat(f.path.c_str(), &info) != 0);
}

void tst_Server::whoCameInTimeIsServedToTheEndAndNobodyAfter() {
    Fixture f;
    RawClient inTime(f.path); // in the backlog: the server has not run yet
    f.server->stopListening();
    QVERIFY(::access(f.path.c_str(), F_OK) != 0);
    const RawClient late(f.path);
    QVERIFY(!late.connected());
    inTime.send(echo(1));
    QTRY_COMPARE(inTime.lines(), 1L);
}

void tst_Server::twoSocketsAreServedAndTold() {
    Fixture f;
    const std::string second = f.path + "5";
    QCOMPARE(f.server->listen(*ListeningSocket::bind(second)), server::ListenerId{1});
    RawClient one(f.path);
    one.send(echo(1));
    QTRY_COMPARE(one.lines(), 1);
    RawClient two(second);
    two.send(echo(1));
    QTRY_COMPARE(two.lines(), 1);
    QCOMPARE(f.handler.listeners, (std::vector<server::ListenerId>{0, 1}));
    RawClient inTime(second);
    f.server->stopListening();
    QVERIFY(!RawClient(second).connected() && !RawClient(f.path).connected());
    QVERIFY(::access(second.c_str(), F_OK) != 0);
    inTime.send(echo(1));
    QTRY_COMPARE(inTime.lines(), 1);
}

void tst_Server::anEndedConnectionGetsItsAnswersAndIsClosed() {
    Fixture f;
    RawClient client(f.path);
    client.send(hold(1));
    QTRY_COMPARE(f.handler.held.size(), std::size_t{1});
    f.server->end(f.handler.held.front().first);
    client.send(echo(2)); // is not read
    RawClient other(f.path);
    other.send(echo(3));
    QTRY_COMPARE(other.lines(), 1);
    QVERIFY(!client.closed());
    f.server->answer(f.handler.held.front().first, protocol::encodeResult(1, nlohmann::json::object()));
    QTRY_VERIFY(client.closed());
    QCOMPARE(client.lines(), 1);
    QCOMPARE(f.handler.methods, (std::vector<std::string>{"hold", "echo"}));
    f.server->end(f.handler.held.front().first); // has gone
}

void tst_Server::aSocketForAnybodyLiesWhereNobodyElseWrites() {
    const QTemporaryDir root(QStringLiteral("/tmp/kbXXXXXX"));
    const std::string folder = root.filePath(QStringLiteral("any")).toStdString();
    const std::string path = folder + "/s";
    const auto modeOf = [](const std::string& file) {
        struct stat info {};
        return ::lstat(file.c_str(), &info) == 0 ? info.st_mode & 07777U : 0U;
    };
    {
        const auto socket = ListeningSocket::bind(path, server::Reachable::ByAnyUser);
        QVERIFY2(socket.has_value(), socket ? "" : socket.error().c_str());
        QCOMPARE(modeOf(folder), 0711U);
        QCOMPARE(modeOf(path), 0666U);
    }
    for (const mode_t mode : {0720U, 0702U, 0777U, 01777U}) {
        QCOMPARE(::chmod(folder.c_str(), mode), 0);
        QVERIFY(!ListeningSocket::bind(path, server::Reachable::ByAnyUser));
    }
    for (const mode_t mode : {0700U, 0755U, 0711U}) {
        QCOMPARE(::chmod(folder.c_str(), mode), 0);
        QVERIFY(ListeningSocket::bind(path, server::Reachable::ByAnyUser).has_value());
    }
    QVERIFY(!ListeningSocket::bind(path)); // 0711 is not enough for the owner's own
    const std::string link = folder + "-link";
    QCOMPARE(::symlink(folder.c_str(), link.c_str()), 0);
    QVERIFY(!ListeningSocket::bind(link + "/s", server::Reachable::ByAnyUser));
    QVERIFY(!ListeningSocket::bind(folder + "/no/such/s", server::Reachable::ByAnyUser));
}

void tst_Server::staleSocketIsReplaced() {
    Fixture f;
    const std::string other = f.path + "2";
    {
        const base::UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const sockaddr_un address = addressOf(other);
        QCOMPARE(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    QVERIFY(ListeningSocket::bind(other));
}

void tst_Server::liveSocketIsNot() {
    Fixture f;
    const auto second = ListeningSocket::bind(f.path);
    QVERIFY(!second);
    QVERIFY(second.error().find("another broker") != std::string::npos);
    RawClient client(f.path);
    client.send(echo(1));
    QTRY_COMPARE(client.lines(), 1);
}

void tst_Server::otherFilesAreNotReplaced_data() {
    QTest::addColumn<QString>("what");
    for (const char* what : {"file", "folder", "symbolic link"}) {
        QTest::newRow(what) << QString::fromLatin1(what);
    }
}

void tst_Server::otherFilesAreNotReplaced() {
    QFETCH(QString, what);
    Fixture f;
    const std::string path = f.path + "3";
    if (what == QStringLiteral("file")) {
        QVERIFY(base::UniqueFd(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)));
    } else if (what == QStringLiteral("folder")) {
        QCOMPARE(::mkdir(path.c_str(), 0700), 0);
    } else {
        QCOMPARE(::symlink(f.path.c_str(), path.c_str()), 0);
    }
    QVERIFY(!ListeningSocket::bind(path));
    struct stat info {};
    QCOMPARE(::lstat(path.c_str(), &info), 0);
}

void tst_Server::adoptsAListeningSocketAndLeavesItsFile() {
    Fixture f;
    const std::string path = f.path + "4";
    base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    const sockaddr_un address = addressOf(path);
    QCOMPARE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    QCOMPARE(::listen(fd.get(), 8), 0);
    const int kept = ::dup(fd.get()); // the service manager's own
    {
        auto socket = ListeningSocket::adopt(std::move(fd));
        QVERIFY(socket);
        EchoHandler handler;
        Server server(std::move(*socket), handler);
        handler.server = &server;
        RawClient client(path);
        client.send(echo(1));
        QTRY_COMPARE(client.lines(), 1);
    }
    QCOMPARE(::access(path.c_str(), F_OK), 0);
    QVERIFY(RawClient(path).connected());
    ::close(kept);
}

void tst_Server::adoptRefusesOtherDescriptors() {
    QVERIFY(!ListeningSocket::adopt(base::UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC))));
    QVERIFY(!ListeningSocket::adopt(base::UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))));
    QVERIFY(!ListeningSocket::adopt(base::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))));
}

QTEST_GUILESS_MAIN(tst_Server)
#include "tst_server.moc"
