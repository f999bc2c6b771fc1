#include "tests/unit/receiver_clients.h"

#include <QTcpServer>

#include <vector>

using namespace keybearer::oauth;
using namespace receiver_test;

namespace {

bool hasIpv6() {
    QTcpServer server;
    return server.listen(QHostAddress::LocalHostIPv6, 0);
}

} // namespace

class TestLoopbackReceiver : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // A wait that ends with its receiver is told so by the event loop.
    void cleanup() { QCoreApplication::processEvents(); }

    void theRedirectNamesALiteralAddressAndAnUnpredictablePath() {
        const Login one = listening();
        const Login other = listening();
        QVERIFY2(one.authority.startsWith("127.0.0.1:"), one.authority.constData());
        QCOMPARE(one.path.size(), 1 + 43); // 256 bits in base64url
        QVERIFY(one.path != other.path);
    }

    void onlyTheLastSegmentIsUnpredictable() {
        const Login login = listening(redirectTo("127.0.0.1", {}, "/callback/*"));
        QVERIFY(login.path.startsWith("/callback/"));
        QCOMPARE(login.path.size(), 10 + 43);
        QCOMPARE(listening(redirectTo("127.0.0.1", {}, "/callback")).path, QByteArray("/callback"));
    }

    void theResponseEndsTheWait() {
        const Login login = waiting();
        Client browser(login.port);
        browser.send(login.callback());
        QCOMPARE(login.code(), std::string("SplxlOBe"));
        QVERIFY(browser.isOpen());
    }

    void aRefusalOfTheServerEndsTheWait() {
        const Login login = waiting();
        Client browser(login.port);
        browser.send(login.get(login.path + "?error=access_denied&state=" + kState));
        QVERIFY(login.ended());
        QCOMPARE((**login.end)->kind, CallbackVerdict::Kind::Error);
        QCOMPARE((**login.end)->error, std::string("access_denied"));
    }

    void aResponseOfAnotherIssuerEndsTheWait() {
        const Login login = waiting();
        Client browser(login.port);
        browser.send(login.get(login.path + "?code=x&iss=https://evil.example&state=" + kState));
        QVERIFY(login.ended());
        QCOMPARE((**login.end)->kind, CallbackVerdict::Kind::Reject);
    }

    void aResponseBeforeTheWaitIsNotLost() {
        const Login login = listening();
        Client browser(login.port);
        browser.send(login.callback());
        QVERIFY(browser.connects());
        // While another login serves a whole request, this one has had its chance to lose the response.
        const Login other = waiting();
        QCOMPARE(status(ask(other.port, other.get("/"))), 404);
        wait(login);
        QCOMPARE(login.code(), std::string("SplxlOBe"));
    }

    void aResponseCutAtAnyByteIsRead() {
        const Login sample = waiting();
        for (qsizetype size = 1; size < sample.callback().size(); ++size) {
            const Login login = waiting();
            Client browser(login.port);
            QVERIFY(browser.connects());
            browser.send(login.callback().left(size));
            QCoreApplication::processEvents();
            QVERIFY(login.isPending());
            browser.send(login.callback().mid(size));
            QCOMPARE(login.code(), std::string("SplxlOBe"));
        }
    }

    void strayRequestsAreAnsweredAndTheLoginGoesOn_data() {
        QTest::addColumn<QByteArray>("request"); // @ is the callback's path, $ the authority
        QTest::addColumn<int>("expectedStatus");
        const QByteArray host = " HTTP/1.1\r\nHost: $\r\n";
        const QByteArray good = "@?code=x&state=" + QByteArray(kState);
        const auto row = [](const char* name, const QByteArray& request, int expected) {
            QTest::newRow(name) << request << expected;
        };
        row("favicon", "GET /favicon.ico" + host + "\r\n", 404);
        row("root", "GET /" + host + "\r\n", 404);
        row("script in the path", "GET /<script>alert(1)</script>" + host + "\r\n", 404);
        row("open redirect", "GET /?next=//evil.example" + host + "\r\n", 404);
        row("callback without query", "GET @" + host + "\r\n", 400);
        row("wrong state", "GET @?code=x&state=guessed" + host + "\r\n", 400);
        row("code and error", "GET " + good + "&error=access_denied" + host + "\r\n", 400);
        row("foreign Host", "GET " + good + " HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421);
        row("no Host", "GET " + good + " HTTP/1.1\r\n\r\n", 400);
        row("script on a page", "GET " + good + host + "Origin: https://evil.example\r\n\r\n", 403);
        row("image on a page", "GET " + good + host + "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n\r\n", 403);
        row("HEAD", "HEAD " + good + host + "\r\n", 405);
        row("POST with a huge body", "POST " + good + host + "Content-Length: 99999999999\r\n\r\nabc", 405);
        row("GET with a body", "GET " + good + host + "Content-Length: 3\r\n\r\nabc", 400);
        row("chunked", "GET " + good + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
        row("OPTIONS", "OPTIONS *" + host + "\r\n", 405);
        row("CONNECT", "CONNECT evil.example:443" + host + "\r\n", 405);
        row("absolute form", "GET http://$" + good + host + "\r\n", 400);
        row("bare LF", "GET " + good + " HTTP/1.1\nHost: $\n\n", 400);
        row("second request on the connection", "GET /" + host + "\r\nGET " + good + host + "\r\n", 404);
        row("head too large", "GET " + good + host + "A: " + QByteArray(200'000, 'a') + "\r\n\r\n", 431);
        row("request line too long", "GET /" + QByteArray(200'000, 'a'), 414);
    }
    void strayRequestsAreAnsweredAndTheLoginGoesOn() {
        QFETCH(QByteArray, request);
        QFETCH(const int, expectedStatus);
        const Login login = waiting();
        request.replace('@', login.path).replace('$', login.authority);
        const QByteArray answer = ask(login.port, request);
        QCOMPARE(status(answer), expectedStatus);
        QCOMPARE(answer.count("HTTP/1.1 "), 1);
        QCOMPARE(field(answer, "Content-Type"), QByteArray("text/plain; charset=utf-8"));
        QCOMPARE(field(answer, "Content-Length").toLongLong(), body(answer).size());
        QCOMPARE(body(answer).isEmpty(), request.startsWith("HEAD"));
        QVERIFY(!answer.contains("script"));
        QVERIFY(!answer.contains("evil"));
        QVERIFY(login.isPending());
        Client browser(login.port);
        browser.send(login.callback());
        QCOMPARE(login.code(), std::string("SplxlOBe"));
    }

    void aResponseCountsOnce() {
        const Login login = waiting();
        Client browser(login.port);
        browser.send(login.callback());
        QCOMPARE(login.code(), std::string("SplxlOBe"));
        for (const QByteArray& again : {login.callback(), login.callback("another"),
                                        login.get(login.path + "?error=access_denied&state=" + kState)}) {
            const QByteArray answer = ask(login.port, again);
            QCOMPARE(status(answer), 400);
            QVERIFY(body(answer).contains("already used"));
        }
        QCOMPARE(status(ask(login.port, login.get("/favicon.ico"))), 404);
        QCOMPARE(login.code(), std::string("SplxlOBe"));
        QVERIFY(browser.isOpen());
    }

    void twoLoginsDoNotMix() {
        const Login one = waiting();
        const Login other = waiting();
        QCOMPARE(status(ask(one.port, other.callback())), 421);
        QCOMPARE(status(ask(one.port, one.get(other.path + "?code=x&state=" + kState))), 404);
        Client browserOfOther(other.port);
        browserOfOther.send(other.callback("theirs"));
        Client browserOfOne(one.port);
        browserOfOne.send(one.callback("ours"));
        QCOMPARE(one.code(), std::string("ours"));
        QCOMPARE(other.code(), std::string("theirs"));
    }

    void nobodyListensAfterTheDeadline() {
        const Login login = listening();
        wait(login, std::chrono::milliseconds(0));
        QCOMPARE(login.error(), ErrorKind::TimedOut);
        QVERIFY(isRefused(login.port));
    }

    void nobodyListensAfterACancel() {
        const Login login = waiting();
        Client half(login.port);
        half.send("GET /");
        QVERIFY(half.connects());
        login.receiver->cancel();
        QCOMPARE(login.error(), ErrorKind::Cancelled);
        QVERIFY(isRefused(login.port));
        QVERIFY(half.answer().isEmpty());
    }

    void aWaitAfterACancelEndsAtOnce() {
        const Login login = listening();
        login.receiver->cancel();
        wait(login);
        QCOMPARE(login.error(), ErrorKind::Cancelled);
    }

    void onlyOneMayWait() {
        const Login login = waiting();
        Login second;
        collect(login.receiver->wait({}, kLong), second.end);
        QCOMPARE(second.error(), ErrorKind::Cancelled);
        QVERIFY(login.isPending());
    }

    void destroyedWhileWaitingItCancels() {
        Login login = waiting();
        Client half(login.port);
        half.send("GET /");
        QVERIFY(half.connects());
        login.receiver.reset();
        QVERIFY(login.isPending()); // the coroutine does not run inside the destructor
        QCOMPARE(login.error(), ErrorKind::Cancelled);
        QVERIFY(isRefused(login.port));
    }

    void destroyedWithTheBrowserWaitingItHangsUp() {
        Login login = waiting();
        Client browser(login.port);
        browser.send(login.callback());
        QVERIFY(login.ended());
        login.receiver.reset();
        QCOMPARE(browser.answer(), QByteArray());
        QVERIFY(isRefused(login.port));
    }

    void destroyedBeforeItWaitsItCloses() {
        Login login = listening();
        login.receiver.reset();
        QVERIFY(isRefused(login.port));
    }

    void theWaitersMayDestroyIt() {
        Login login = listening();
        const auto destroyAfterwards = [](QCoro::Task<Result<CallbackVerdict>> task,
                                          Login* owner) -> QCoro::Task<void> {
            Result<CallbackVerdict> result = co_await task;
            owner->receiver.reset();
            owner->end->emplace(std::move(result));
        };
        CallbackExpectation expected;
        expected.state = kState;
        destroyAfterwards(login.receiver->wait(expected, kLong), &login);
        Client browser(login.port);
        browser.send(login.callback());
        QCOMPARE(login.code(), std::string("SplxlOBe"));
        QVERIFY(isRefused(login.port));
    }

    void anOccupiedPortIsNamed() {
        QTcpServer other;
        QVERIFY(other.listen(QHostAddress::LocalHost, 0));
        const auto receiver = LoopbackReceiver::listen(redirectTo("127.0.0.1", {other.serverPort()}));
        QVERIFY(!receiver);
        QCOMPARE(receiver.error().kind, ErrorKind::NoPort);
        const std::string name = "127.0.0.1:" + std::to_string(other.serverPort());
        QVERIFY(receiver.error().detail.find(name) != std::string::npos);
    }

    void theNextPortIsTried() {
        QTcpServer other;
        QVERIFY(other.listen(QHostAddress::LocalHost, 0));
        QTcpServer free;
        QVERIFY(free.listen(QHostAddress::LocalHost, 0));
        const std::uint16_t freePort = free.serverPort();
        free.close();
        const Login login = waiting(redirectTo("", {other.serverPort(), freePort}));
        QCOMPARE(login.authority, "127.0.0.1:" + QByteArray::number(freePort));
    }

    void ourPortIsNotShared() {
        const Login login = waiting();
        QTcpServer other;
        QVERIFY(!other.listen(QHostAddress::LocalHost, login.port));
        QVERIFY(!other.listen(QHostAddress::Any, login.port));
    }

    void anIpv6RedirectIsServed() {
        if (!hasIpv6()) {
            QSKIP("this machine has no ::1");
        }
        const Login login = waiting(redirectTo("[::1]"));
        QVERIFY(login.authority.startsWith("[::1]:"));
        Client browser(login.port, QHostAddress::LocalHostIPv6);
        browser.send(login.callback());
        QCOMPARE(login.code(), std::string("SplxlOBe"));
    }

    void localhostMeansEveryFamilyThatThereIs() {
        std::vector<QHostAddress::SpecialAddress> addresses{QHostAddress::LocalHost};
        if (hasIpv6()) {
            addresses.push_back(QHostAddress::LocalHostIPv6);
        }
        for (const auto address : addresses) {
            const Login login = waiting(redirectTo("localhost"));
            QVERIFY(login.authority.startsWith("localhost:"));
            Client browser(login.port, address);
            browser.send(login.callback());
            QCOMPARE(login.code(), std::string("SplxlOBe"));
        }
    }

    void aSquatterOnOneFamilyIsNamed() {
        if (!hasIpv6()) {
            QSKIP("this machine has no ::1");
        }
        QTcpServer squatter;
        QVERIFY(squatter.listen(QHostAddress::LocalHostIPv6, 0));
        const auto receiver = LoopbackReceiver::listen(redirectTo("localhost", {squatter.serverPort()}));
        QVERIFY(!receiver);
        QCOMPARE(receiver.error().kind, ErrorKind::NoPort);
        QVERIFY(isRefused(squatter.serverPort())); // 127.0.0.1 was given back
    }
};

QTEST_GUILESS_MAIN(TestLoopbackReceiver)
#include "tst_loopback_receiver.moc"
