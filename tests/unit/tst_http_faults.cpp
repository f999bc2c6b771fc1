#include "tests/unit/raw_http_server.h"

#include <QTest>
#include <QTimer>

#include <sys/socket.h>

#include <algorithm>

using namespace keybearer;
using namespace keybearer::oauth;
using namespace keybearer::test;

class tst_HttpFaults : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void badAnswersAreErrors_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<QByteArray>("words");
        const QByteArray zlib = qCompress(QByteArray(20'000'000, '0')).mid(4);
        for (const char* status : {"301", "302", "303", "307", "308", "300", "304"}) {
            QTest::addRow("redirect %s", status)
                << "HTTP/1.1 " + QByteArray(status) + " Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
                << ErrorKind::BadResponse << QByteArray("redirect");
        }
        QTest::newRow("huge, stated") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx")
                                      << ErrorKind::BadResponse << QByteArray("larger than 1 MiB");
        QTest::newRow("huge, until closed") << "HTTP/1.1 200 OK\r\n\r\n" + QByteArray((1 << 20) + 1, 'x')
                                            << ErrorKind::BadResponse << QByteArray("larger than 1 MiB");
        QTest::newRow("huge, in chunks") << "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" +
                                                QByteArray(0x200000, 'x') + "\r\n0\r\n\r\n"
                                         << ErrorKind::BadResponse << QByteArray("larger than 1 MiB");
        QTest::newRow("compression bomb")
            << "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: deflate\r\nContent-Length: " +
                   QByteArray::number(zlib.size()) + "\r\n\r\n" + zlib
            << ErrorKind::BadResponse << QByteArray("compressed");
        QTest::newRow("truncated") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":")
                                   << ErrorKind::Unreachable << QByteArray("before the answer was complete");
        QTest::newRow("truncated error") << QByteArray("HTTP/1.1 400 No\r\nContent-Length: 100\r\n\r\n{\"error\":")
                                         << ErrorKind::Unreachable << QByteArray("before the answer was complete");
        QTest::newRow("truncated chunk") << QByteArray(
                                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{\"a\":")
                                         << ErrorKind::Unreachable << QByteArray("before the answer was complete");
        QTest::newRow("half a header") << QByteArray("HTTP/1.1 200 OK\r\nContent-Le") << ErrorKind::Unreachable
                                       << QByteArray();
        QTest::newRow("another protocol")
            << QByteArray("SSH-2.0-OpenSSH_9.2\r\n") << ErrorKind::Unreachable << QByteArray();
        QTest::newRow("status line without a number")
            << QByteArray("HTTP/1.1 abc def\r\nContent-Length: 2\r\n\r\n{}") << ErrorKind::Unreachable << QByteArray();
        QTest::newRow("status zero") << QByteArray("HTTP/1.1 000 x\r\nContent-Length: 2\r\n\r\n{}")
                                     << ErrorKind::BadResponse << QByteArray("not HTTP");
        QTest::newRow("nothing") << QByteArray() << ErrorKind::Unreachable
                                 << QByteArray("before the answer was complete");
    }

    void badAnswersAreErrors() {
        QFETCH(QByteArray, bytes);
        QFETCH(ErrorKind, kind);
        QFETCH(QByteArray, words);
        RawServer server(saying(bytes));
        HttpClient client;
        const auto response = await(client.post(server.url(), aForm(), {}));
        QVERIFY(!response.has_value());
        QVERIFY2(response.error().detail.find(words.toStdString()) != std::string::npos,
                 response.error().detail.c_str());
        QCOMPARE(response.error().kind, kind);
        QCOMPARE(server.requests.size(), 1); // nothing followed, nothing repeated
    }

    void bodyOfExactlyTheLimitIsRead() {
        const QByteArray body(static_cast<qsizetype>(kMaxBodyBytes), 'x');
        RawServer server(saying(json(body)));
        HttpClient client;
        const auto response = await(client.get(server.url(), {}));
        QVERIFY2(response.has_value(), response ? "" : response.error().detail.c_str());
        QCOMPARE(response->body.size(), kMaxBodyBytes);
    }

    void endlessBodyIsStopped() {
        // Writes for as long as somebody reads.
        RawServer server([](QTcpSocket& socket) {
            socket.write("HTTP/1.1 200 OK\r\n\r\n");
            const auto more = [&socket] { socket.write(QByteArray(64 * 1024, 'x')); };
            QObject::connect(&socket, &QTcpSocket::bytesWritten, &socket, more);
            more();
        });
        HttpClient client;
        const auto response = await(client.get(server.url(), {}));
        QVERIFY(!response.has_value());
        QCOMPARE(response.error().kind, ErrorKind::BadResponse);
    }

    void endlessHeaderIsStopped() {
        RawServer server([](QTcpSocket& socket) {
            socket.write("HTTP/1.1 200 OK\r\n");
            const auto more = [&socket] { socket.write("X: " + QByteArray(64 * 1024, 'x') + "\r\n"); };
            QObject::connect(&socket, &QTcpSocket::bytesWritten, &socket, more);
            more();
        });
        HttpClient client;
        const auto response = await(client.get(server.url(), {{}, std::chrono::milliseconds(300)}));
        QVERIFY(!response.has_value());
        QCOMPARE(response.error().kind, ErrorKind::Unreachable);
    }

    void dripDoesNotExtendTheDeadline() {
        RawServer server([](QTcpSocket& socket) {
            socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            auto* timer = new QTimer(&socket);
            QObject::connect(timer, &QTimer::timeout, &socket, [&socket] { socket.write("x"); });
            timer->start(10);
        });
        HttpClient client;
        const auto response = await(client.get(server.url(), {{}, std::chrono::milliseconds(300)}));
        QVERIFY(!response.has_value());
        QCOMPARE(response.error().kind, ErrorKind::Unreachable);
        QVERIFY(response.error().detail.find("time allowed") != std::string::npos);
    }

    void silenceEndsAtTheDeadline() {
        RawServer server([](QTcpSocket&) {});
        HttpClient client;
        const auto response = await(client.post(server.url(), aForm(), {{}, std::chrono::milliseconds(100)}));
        QVERIFY(!response.has_value());
        QCOMPARE(response.error().kind, ErrorKind::Unreachable);
        QVERIFY(response.error().detail.find("time allowed") != std::string::npos);
    }

    void lostConnectionDoesNotRepeatAPost_data() {
        QTest::addColumn<bool>("reset");
        QTest::addColumn<bool>("warm");
        QTest::newRow("closed, first use") << false << false;
        QTest::newRow("reset, first use") << true << false;
        QTest::newRow("closed, connection used before") << false << true;
        QTest::newRow("reset, connection used before") << true << true;
    }

    /// A second copy of a refresh request would present a token that the first one has used up (RFC 9700 section 4.14).
    void lostConnectionDoesNotRepeatAPost() {
        QFETCH(bool, reset);
        QFETCH(bool, warm);
        bool answering = warm;
        RawServer server([&](QTcpSocket& socket) {
            if (std::exchange(answering, false)) {
                socket.write(json("{}"));
                return;
            }
            if (reset) {
                const linger hard{1, 0};
                ::setsockopt(static_cast<int>(socket.socketDescriptor()), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
            }
            socket.abort();
        });
        HttpClient client;
        if (warm) {
            QVERIFY(await(client.get(server.url(), {})).has_value());
        }
        const auto response = await(client.post(server.url(), aForm(), {}));
        QVERIFY(!response.has_value());
        QCOMPARE(response.error().kind, ErrorKind::Unreachable);
        QVERIFY2(response.error().detail.find("closed the connection") != std::string::npos,
                 response.error().detail.c_str());
        const auto posts = std::count_if(server.requests.begin(), server.requests.end(),
                                         [](const QByteArray& request) { return request.startsWith("POST"); });
        QCOMPARE(posts, 1);
        QVERIFY(!response.error().neverSent);
    }

    void connectionRefusedSaysSo() {
        std::string url;
        {
            const RawServer server(saying({}));
            url = server.url();
        }
        HttpClient client;
        const auto response = await(client.get(url, {}));
        QVERIFY(!response.has_value());
        QCOMPARE(response.error().kind, ErrorKind::Unreachable);
        QCOMPARE(response.error().detail, "127.0.0.1 refused the connection");
        // Nothing was connected to, so no refresh token can have been used up.
        QVERIFY(await(client.post(url, aForm(), {})).error().neverSent);
        QVERIFY(await(client.post("http://login.example", aForm(), {})).error().neverSent);
    }

    void headersHoldNoControlCharacters() {
        RawServer server(saying("HTTP/1.1 401 No\r\nContent-Type: application/json\rX: y\r\n"
                                "WWW-Authenticate: Bearer\r\n\tevil=\"\x1b[2J\"\r\nContent-Length: 2\r\n\r\n{}"));
        HttpClient client;
        const auto response = await(client.get(server.url(), {}));
        QVERIFY2(response.has_value(), response ? "" : response.error().detail.c_str());
        for (const char c : response->contentType + response->wwwAuthenticate) {
            QVERIFY(c >= 0x20 && c < 0x7F);
        }
    }
};

QTEST_GUILESS_MAIN(tst_HttpFaults)
#include "tst_http_faults.moc"
