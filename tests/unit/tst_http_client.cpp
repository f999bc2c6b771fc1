#include "daemon/oauth/form_encoding.h"
#include "tests/unit/raw_http_server.h"

#include <QTest>

#include <memory>

using namespace keybearer;
using namespace keybearer::oauth;
using namespace keybearer::test;

class tst_HttpClient : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void getReadsStatusTypeBodyAndTimes() {
        RawServer server(saying("HTTP/1.1 503 Busy\r\nContent-Type: Application/JSON; charset=UTF-8\r\n"
                                "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:50:00 GMT\r\n"
                                "WWW-Authenticate: Bearer realm=\"x\"\r\nContent-Length: 7\r\n\r\n{\"a\":1}"));
        HttpClient client;
        const auto response = await(client.get(server.url(), {}));
        QVERIFY2(response.has_value(), response ? "" : response.error().detail.c_str());
        QCOMPARE(response->status, 503);
        QCOMPARE(response->contentType, "application/json");
        QCOMPARE(response->body.reveal(), "{\"a\":1}");
        QCOMPARE(response->wwwAuthenticate, "Bearer realm=\"x\"");
        QVERIFY(response->serverDate.has_value());
        QCOMPARE(*response->serverDate, std::int64_t{784111777});
        QVERIFY(response->retryAfter.has_value());
        QCOMPARE(response->retryAfter->count(), std::int64_t{23}); // counted from the server's own clock
    }

    void requestSaysWhoItIsAndNothingMore() {
        RawServer server(saying(json("{}")));
        HttpClient client;
        QVERIFY(await(client.get(server.url(), {})).has_value());
        const QByteArray request = server.requests.at(0);
        QVERIFY(request.startsWith("GET /token HTTP/1.1\r\n"));
        QVERIFY(request.contains("User-Agent: keybearer/" KEYBEARER_VERSION "\r\n"));
        QVERIFY(request.contains("Accept: application/json\r\n"));
        QVERIFY(request.contains("Accept-Encoding: identity\r\n"));
        QVERIFY(!request.contains("Authorization"));
        QVERIFY(!request.contains("Cookie"));
    }

    void postSendsTheFormEncoded() {
        RawServer server(saying(json("{}")));
        HttpClient client;
        QVERIFY(await(client.post(server.url(), aForm(), {})).has_value());
        const QByteArray request = server.requests.at(0);
        QVERIFY(request.startsWith("POST /token HTTP/1.1\r\n"));
        QVERIFY(request.contains("Content-Type: application/x-www-form-urlencoded\r\n"));
        QVERIFY(!request.contains("Authorization"));
        QVERIFY(request.endsWith("\r\n\r\ngrant_type=refresh_token&refresh_token=r%26%3D%2B+1"));
    }

    void largeFormArrivesWhole() {
        RawServer server(saying(json("{}")));
        HttpClient client;
        Form form;
        form.emplace_back("token", base::Secret(std::string(200'000, 'x')));
        QVERIFY(await(client.post(server.url(), std::move(form), {})).has_value());
        QVERIFY(server.requests.at(0).endsWith("\r\n\r\ntoken=" + QByteArray(200'000, 'x')));
    }

    void formEncodingFollowsAppendixB() {
        // RFC 6749 appendix B: U+0020, U+0025, U+0026, U+002B, U+00A3, U+20AC
        Form form;
        form.emplace_back("k", base::Secret(" %&+\xC2\xA3\xE2\x82\xAC"));
        QCOMPARE(encodeForm(form).reveal(), "k=+%25%26%2B%C2%A3%E2%82%AC");
    }

    void basicEncodesBothHalvesFirst() {
        RawServer server(saying(json("{}")));
        HttpClient client;
        auto basic = std::make_pair(std::string("my:id"), base::Secret("p w/?"));
        QVERIFY(await(client.post(server.url(), aForm(), {}, std::move(basic))).has_value());
        // printf '%s' 'my%3Aid:p+w%2F%3F' | base64
        QVERIFY(server.requests.at(0).contains("Authorization: Basic bXklM0FpZDpwK3clMkYlM0Y=\r\n"));
    }

    void bearerGoesIntoTheHeader() {
        RawServer server(saying(json("{}")));
        HttpClient client;
        const base::AccessToken token{base::Secret("abc.DEF~")};
        QVERIFY(await(client.get(server.url(), {}, &token)).has_value());
        QVERIFY(server.requests.at(0).contains("Authorization: Bearer abc.DEF~\r\n"));
    }

    void removeSendsATokenAndNoBody() {
        RawServer server(saying("HTTP/1.1 204 No Content\r\n\r\n"));
        HttpClient client;
        const base::AccessToken token{base::Secret("abc.DEF~")};
        const auto response = await(client.remove(server.url(), {}, token));
        QVERIFY(response.has_value());
        QCOMPARE(response->status, 204);
        QVERIFY(server.requests.at(0).startsWith("DELETE /token HTTP/1.1\r\n"));
        QVERIFY(server.requests.at(0).contains("Authorization: Bearer abc.DEF~\r\n"));
    }

    void bearerThatWouldSplitTheHeaderIsRefused() {
        RawServer server(saying(json("{}")));
        HttpClient client;
        const base::AccessToken token{base::Secret("abc\r\nX-Evil: 1")};
        const auto response = await(client.get(server.url(), {}, &token));
        QVERIFY(!response.has_value());
        QCOMPARE(response.error().kind, ErrorKind::Misconfigured);
        QVERIFY(response.error().detail.find("Evil") == std::string::npos);
        QCOMPARE(server.connections, 0);
    }

    void errorAnswersKeepTheirBodies_data() {
        QTest::addColumn<QByteArray>("status");
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<int>("code");
        QTest::newRow("400") << QByteArray("400 Bad Request") << QByteArray() << 400;
        QTest::newRow("401") << QByteArray("401 Unauthorized") << QByteArray() << 401;
        QTest::newRow("401 Basic") << QByteArray("401 Unauthorized")
                                   << QByteArray("WWW-Authenticate: Basic realm=\"x\"\r\n") << 401;
        QTest::newRow("401 Bearer") << QByteArray("401 Unauthorized")
                                    << QByteArray("WWW-Authenticate: Bearer error=\"invalid_token\"\r\n") << 401;
        QTest::newRow("401 Negotiate") << QByteArray("401 Unauthorized")
                                       << QByteArray("WWW-Authenticate: Negotiate\r\n") << 401;
        QTest::newRow("401 NTLM") << QByteArray("401 Unauthorized") << QByteArray("WWW-Authenticate: NTLM\r\n") << 401;
        QTest::newRow("403") << QByteArray("403 Forbidden") << QByteArray() << 403;
        QTest::newRow("404") << QByteArray("404 Not Found") << QByteArray() << 404;
        QTest::newRow("418") << QByteArray("418 Teapot") << QByteArray() << 418;
        QTest::newRow("429") << QByteArray("429 Slow Down") << QByteArray() << 429;
        QTest::newRow("500") << QByteArray("500 Oops") << QByteArray() << 500;
        QTest::newRow("502") << QByteArray("502 Bad Gateway") << QByteArray() << 502;
        QTest::newRow("503") << QByteArray("503 Busy") << QByteArray() << 503;
    }

    void errorAnswersKeepTheirBodies() {
        QFETCH(QByteArray, status);
        QFETCH(QByteArray, fields);
        QFETCH(int, code);
        RawServer server(saying(json("{\"error\":\"e\"}", status, fields)));
        HttpClient client;
        const auto response = await(client.post(server.url(), aForm(), {}));
        QVERIFY2(response.has_value(), response ? "" : response.error().detail.c_str());
        QCOMPARE(response->status, code);
        QCOMPARE(response->body.reveal(), "{\"error\":\"e\"}");
        QCOMPARE(server.requests.size(), 1);
    }

    void cookiesAreNotKept() {
        RawServer server(saying(json("{}", "200 OK", "Set-Cookie: a=b\r\n")));
        HttpClient client;
        QVERIFY(await(client.get(server.url(), {})).has_value());
        QVERIFY(await(client.get(server.url(), {})).has_value());
        QCOMPARE(server.requests.size(), 2);
        QVERIFY(!server.requests.at(1).contains("Cookie"));
    }

    void cacheIsNotUsed() {
        RawServer server(saying(json("{}", "200 OK", "Cache-Control: max-age=3600\r\n")));
        HttpClient client;
        QVERIFY(await(client.get(server.url(), {})).has_value());
        QVERIFY(await(client.get(server.url(), {})).has_value());
        QCOMPARE(server.requests.size(), 2);
    }

    void unusableAddressesAreRefused_data() {
        QTest::addColumn<QByteArray>("url");
        for (const char* url :
             {"http://192.0.2.1/token", "http://example.com/token", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/",
              "file:///etc/passwd", "https://user@example.com/", "https://example.com/#f", "https://exa mple.com/",
              "/token", "https://", "http://[::2]/", "https://example.com\\@127.0.0.1/", "https://xn--/",
              "https://b\u00FCcher.de/"}) {
            QTest::newRow(url) << QByteArray(url);
        }
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("line break") << QByteArray("https://example.com/\r\nX: y");
    }

    void unusableAddressesAreRefused() {
        QFETCH(QByteArray, url);
        HttpClient client;
        const auto response = await(client.post(url.toStdString(), aForm(), {}));
        QVERIFY(!response.has_value());
        QCOMPARE(response.error().kind, ErrorKind::Misconfigured);
    }

    /// The proxy stands for all servers: what Qt makes of the name is what it is asked for.
    void namesInTheFormOfDnsAreUsed_data() {
        QTest::addColumn<QByteArray>("url");
        QTest::addColumn<QByteArray>("asked");
        const auto row = [](const char* url, const char* asked) {
            QTest::newRow(url) << QByteArray(url) << QByteArray(asked);
        };
        row("https://as.example.de/", "as.example.de:443");
        row("https://xn--bcher-kva.de/", "xn--bcher-kva.de:443");
        row("https://XN--BCHER-KVA.de/", "xn--bcher-kva.de:443");
        row("https://a.xn--fiqs8s.xn--p1ai:8443/mcp", "a.xn--fiqs8s.xn--p1ai:8443");
    }

    void namesInTheFormOfDnsAreUsed() {
        QFETCH(QByteArray, url);
        QFETCH(QByteArray, asked);
        RawServer proxy(saying("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"));
        const std::string address = proxy.url().substr(0, proxy.url().rfind('/'));
        HttpClient client(base::openHere(), [&](const std::string&) { return std::vector{address}; });
        const auto response = await(client.post(url.toStdString(), aForm(), {}));
        QVERIFY(!response.has_value());
        QVERIFY(response.error().kind != ErrorKind::Misconfigured);
        QCOMPARE(proxy.requests.size(), 1);
        QVERIFY2(proxy.requests.at(0).startsWith("CONNECT " + asked + " "), proxy.requests.at(0).constData());
    }

    void abortAllCancels() {
        RawServer server([](QTcpSocket&) {});
        HttpClient client;
        auto first = client.get(server.url(), {});
        auto second = client.post(server.url(), aForm(), {});
        client.abortAll();
        for (auto* task : {&first, &second}) {
            const auto response = await(std::move(*task));
            QVERIFY(!response.has_value());
            QCOMPARE(response.error().kind, ErrorKind::Cancelled);
        }
    }

    void abortAllLeavesLaterRequestsAlone() {
        RawServer server(saying(json("{}")));
        HttpClient client;
        client.abortAll();
        QVERIFY(await(client.get(server.url(), {})).has_value());
    }

    void destructionCancels() {
        RawServer server([](QTcpSocket&) {});
        auto client = std::make_unique<HttpClient>();
        auto task = client->get(server.url(), {});
        client.reset();
        const auto response = await(std::move(task));
        QVERIFY(!response.has_value());
        QCOMPARE(response.error().kind, ErrorKind::Cancelled);
    }

    void nobodyIsResumedInsideAbortAll() {
        RawServer server([](QTcpSocket&) {});
        HttpClient client;
        bool resumed = false;
        auto task = client.get(server.url(), {}).then([&resumed](Result<HttpResponse>) { resumed = true; });
        client.abortAll();
        QVERIFY(!resumed);
        QTRY_VERIFY(resumed);
    }

    /// The variables are those of the system's proxy settings; this test is the only one that sets them.
    void proxyIsForOtherHostsOnly() {
        RawServer proxy(saying("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"));
        RawServer server(saying(json("{}")));
        const QByteArray address = QByteArray::fromStdString(proxy.url()).chopped(6);
        qputenv("http_proxy", address);
        qputenv("https_proxy", address);
        HttpClient client;
        const bool local = await(client.get(server.url(), {})).has_value();
        const auto remote = await(client.get("https://as.invalid/", {}));
        qunsetenv("http_proxy");
        qunsetenv("https_proxy");
        QVERIFY(local);
        QCOMPARE(server.requests.size(), 1);
        QVERIFY(!remote.has_value());
        QCOMPARE(remote.error().kind, ErrorKind::Unreachable);
        QCOMPARE(proxy.requests.size(), 1);
        QVERIFY(proxy.requests.at(0).startsWith("CONNECT as.invalid:443 "));
    }
};

QTEST_GUILESS_MAIN(tst_HttpClient)
#include "tst_http_client.moc"
