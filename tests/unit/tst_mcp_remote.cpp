#include "app/mcp/remote.h"

#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace keybearer::mcp;

namespace {

/// Of something at the other end that says what a test has it say.
std::unique_ptr<Remote> at(const QTcpServer& server) {
    return *Remote::at("http://127.0.0.1:" + std::to_string(server.serverPort()) + "/", {});
}

Token token() {
    return {std::make_shared<const keybearer::base::Secret>("x"), {}, {}};
}

} // namespace

class TestMcpRemote : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void addresses_data() {
        QTest::addColumn<bool>("good");
        const auto rows = [](bool good, std::initializer_list<const char*> urls) {
            for (const char* url : urls) {
                QTest::newRow(url) << good;
            }
        };
        rows(true, {"https://mcp.example/mcp", "https://MCP.example:8443/", "http://127.0.0.1:1/mcp",
                    "http://[::1]:1/mcp", "https://xn--bcher-kva.de/mcp", "https://a.xn--fiqs8s.xn--p1ai/"});
        rows(false, {"http://mcp.example/mcp", "https://mcp.example/#part", "https://me@mcp.example/", "mcp.example",
                     "https://", "https://xn--/", "https://b\u00FCcher.de/", "https://mcp.example\\@127.0.0.1/"});
    }
    void addresses() {
        QFETCH(bool, good);
        QCOMPARE(Remote::at(QTest::currentDataTag(), {}).has_value(), good);
    }

    void aHeaderWithLinesInItIsNotSent() {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        QSignalSpy connected(&server, &QTcpServer::newConnection);
        const auto remote = Remote::at("http://127.0.0.1:" + std::to_string(server.serverPort()) + "/", {});
        QVERIFY(remote.has_value());
        std::optional<Problem> problem;
        ExchangeHandlers handlers;
        handlers.ended = [&](const std::optional<Problem>& why) { problem = why; };
        const auto exchange =
            (*remote)->send("GET", {{"A", "b"}, {"C", "d\r\nX-Injected: yes"}}, {}, {}, std::move(handlers));
        exchange->pause(true);
        exchange->pause(false);
        QVERIFY(!problem); // a handler is called from the event loop
        QTRY_VERIFY(problem.has_value());
        QCOMPARE(problem->kind, std::string("bad_header"));
        QCOMPARE(connected.size(), 0);
    }

    void aServerWaitsForUs_data() {
        QTest::addColumn<QString>("method");
        QTest::newRow("GET") << "GET";
        QTest::newRow("POST") << "POST";
    }
    void aServerWaitsForUs() {
        QFETCH(QString, method);
        constexpr qsizetype kSize = 48 << 20; // more than the kernel keeps for both sides
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        const auto remote = at(server);
        qsizetype size = 0;
        bool hasEnded = false;
        ExchangeHandlers handlers;
        handlers.head = [](const Head&) {};
        handlers.body = [&](std::string_view bytes) { size += static_cast<qsizetype>(bytes.size()); };
        handlers.ended = [&](const std::optional<Problem>&) { hasEnded = true; };
        const auto exchange = remote->send(method.toStdString(), {}, "x", token(), std::move(handlers));
        exchange->pause(true);
        QTRY_VERIFY(server.hasPendingConnections());
        QTcpSocket* peer = server.nextPendingConnection();
        QTRY_VERIFY(peer->canReadLine());
        peer->write("HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(kSize) + "\r\n\r\n");
        peer->write(QByteArray(kSize, 'x'));
        QSignalSpy written(peer, &QTcpSocket::bytesWritten);
        while (written.wait(500)) {
        }
        QVERIFY(peer->bytesToWrite() > 0);
        exchange->pause(false);
        QTRY_VERIFY(hasEnded);
        QCOMPARE(size, kSize);
    }

    void whatWaitedIsSaidFromTheEventLoop() {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        const auto remote = at(server);
        std::string body;
        bool hasEnded = false;
        ExchangeHandlers handlers;
        handlers.head = [](const Head&) {};
        handlers.body = [&](std::string_view bytes) { body += bytes; };
        handlers.ended = [&](const std::optional<Problem>&) { hasEnded = true; };
        const auto exchange = remote->send("GET", {}, {}, token(), std::move(handlers));
        exchange->pause(true);
        QTRY_VERIFY(server.hasPendingConnections());
        QTcpSocket* peer = server.nextPendingConnection();
        QTRY_VERIFY(peer->canReadLine());
        peer->write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody");
        QTRY_COMPARE(peer->state(), QAbstractSocket::UnconnectedState); // the answer has been taken, but for us
        QCoreApplication::processEvents();
        QVERIFY(body.empty());
        exchange->pause(false);
        QVERIFY(body.empty() && !hasEnded);
        exchange->pause(true); // before it came to anything
        QCoreApplication::processEvents();
        QVERIFY(body.empty() && !hasEnded);
        exchange->pause(false);
        QTRY_VERIFY(hasEnded);
        QCOMPARE(body, std::string("body"));
    }

    void oneThatWasGivenUpSaysNothing() {
        const auto remote = Remote::at("http://127.0.0.1:1/", {});
        bool hasEnded = false;
        ExchangeHandlers handlers;
        handlers.ended = [&](const std::optional<Problem>&) { hasEnded = true; };
        (*remote)->send("GET", {{"A\n", "b"}}, {}, {}, std::move(handlers)).reset();
        QCoreApplication::processEvents();
        QVERIFY(!hasEnded);
    }
};

QTEST_GUILESS_MAIN(TestMcpRemote)
#include "tst_mcp_remote.moc"
