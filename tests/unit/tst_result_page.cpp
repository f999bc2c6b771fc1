#include "tests/unit/receiver_clients.h"

#include <QCryptographicHash>

using namespace keybearer::oauth;
using namespace receiver_test;

namespace {

/// A login whose browser waits for finish().
struct Finished {
    Login login = waiting();
    Client browser{login.port};

    bool prove() {
        browser.send(login.callback());
        return login.ended();
    }
    /// Finishes and gives the path of the page.
    QByteArray finish(const ResultPage& page = {true, "Signed in", "You can close this page."}) {
        login.receiver->finish(page);
        return field(browser.answer(), "Location");
    }
};

QByteArray policyOf(const QByteArray& style) {
    return "default-src 'none'; style-src " + style + "; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
}

QByteArray between(const QByteArray& text, const QByteArray& begin, const QByteArray& end) {
    const auto from = text.indexOf(begin) + begin.size();
    return text.mid(from, text.indexOf(end, from) - from);
}

void verifySafeHeaders(const QByteArray& answer) {
    QCOMPARE(field(answer, "Connection"), QByteArray("close"));
    QCOMPARE(field(answer, "Cache-Control"), QByteArray("no-store"));
    QCOMPARE(field(answer, "Referrer-Policy"), QByteArray("no-referrer"));
    QCOMPARE(field(answer, "X-Content-Type-Options"), QByteArray("nosniff"));
    QCOMPARE(field(answer, "X-Frame-Options"), QByteArray("DENY"));
    QVERIFY(!answer.contains("Access-Control"));
    QVERIFY(!answer.contains("Server:"));
}

} // namespace

class TestResultPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // A wait that ends with its receiver is told so by the event loop.
    void cleanup() { QCoreApplication::processEvents(); }

    void theBrowserIsSentToABarePath() {
        Finished flow;
        QVERIFY(flow.prove());
        flow.login.receiver->finish({true, "Signed in", "Done."});
        const QByteArray answer = flow.browser.answer();
        QCOMPARE(status(answer), 303);
        const QByteArray path = field(answer, "Location");
        QCOMPARE(path.size(), 1 + 43);
        QVERIFY(path.startsWith('/') && !path.startsWith("//") && !path.contains('?') && path != flow.login.path);
        verifySafeHeaders(answer);
        QCOMPARE(field(answer, "Content-Security-Policy"), policyOf("'none'"));
    }

    void thePageIsServedAndTheListenerCloses() {
        Finished flow;
        QVERIFY(flow.prove());
        const QByteArray path = flow.finish();
        const QByteArray fields =
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
        const QByteArray page = ask(flow.login.port, flow.login.get(path, fields));
        QCOMPARE(status(page), 200);
        QCOMPARE(field(page, "Content-Type"), QByteArray("text/html; charset=utf-8"));
        QCOMPARE(field(page, "Content-Length").toLongLong(), body(page).size());
        QVERIFY(page.contains("<h1>Signed in</h1>"));
        QVERIFY(page.contains("You can close this page."));
        verifySafeHeaders(page);
        QVERIFY(isRefused(flow.login.port));
    }

    void itsPortIsSaidToBeFreeSoon() {
        Finished flow;
        const Redirect same = redirectTo("127.0.0.1", {flow.login.port});
        QVERIFY(flow.prove());
        QVERIFY(!LoopbackReceiver::isFinishing(same)); // it may take as long as the token endpoint likes
        const QByteArray path = flow.finish();
        QVERIFY(!LoopbackReceiver::listen(same));
        QVERIFY(LoopbackReceiver::isFinishing(same));
        QVERIFY(!LoopbackReceiver::isFinishing({}));
        QCOMPARE(status(ask(flow.login.port, flow.login.get(path))), 200);
        QVERIFY(!LoopbackReceiver::isFinishing(same));
        QVERIFY(LoopbackReceiver::listen(same));
    }

    // CSP 3 section 2.3.1: the hash is of the text between the tags.
    void thePolicyAllowsThePagesOwnStyleAndNothingElse() {
        Finished flow;
        QVERIFY(flow.prove());
        const QByteArray page = ask(flow.login.port, flow.login.get(flow.finish()));
        const QByteArray style = between(page, "<style>", "</style>");
        const QByteArray hash = QCryptographicHash::hash(style, QCryptographicHash::Sha256).toBase64();
        QCOMPARE(field(page, "Content-Security-Policy"), policyOf("'sha256-" + hash + "'"));
        for (const char* loads : {"http:", "https:", "src=", "href=", "url(", "@import", "<script", " style="}) {
            QVERIFY2(!body(page).contains(loads), loads);
        }
    }

    void thePageSaysWhetherItWentWell() {
        for (const bool success : {true, false}) {
            Finished flow;
            QVERIFY(flow.prove());
            const QByteArray page = ask(flow.login.port, flow.login.get(flow.finish({success, "t", "m"})));
            QCOMPARE(page.contains("<main class=\"success\">"), success);
        }
    }

    void titleAndMessageAreEscaped() {
        Finished flow;
        QVERIFY(flow.prove());
        const QByteArray path = flow.finish({false, "</title><script>a</script>", "<b>\"quoted\" & 'so'</b>"});
        const QByteArray page = body(ask(flow.login.port, flow.login.get(path)));
        const QByteArray title = "&lt;/title&gt;&lt;script&gt;a&lt;/script&gt;";
        QVERIFY(page.contains("<title>" + title + " - Keybearer</title>"));
        QVERIFY(page.contains("<h1>" + title + "</h1>"));
        QVERIFY(page.contains("<p>&lt;b&gt;&quot;quoted&quot; &amp; &#39;so&#39;&lt;/b&gt;</p>"));
    }

    void thePageHoldsNothingOfTheRequest() {
        Finished flow;
        QVERIFY(flow.prove());
        const QByteArray page = ask(flow.login.port, flow.login.get(flow.finish() + "?code=canary"));
        QVERIFY(!page.contains("SplxlOBe"));
        QVERIFY(!page.contains(kState));
        QVERIFY(!page.contains("canary"));
    }

    void whoeverIsNotTheBrowserDoesNotUseThePageUp() {
        Finished flow;
        QVERIFY(flow.prove());
        const QByteArray path = flow.finish();
        const QByteArray foreign = "GET " + path + " HTTP/1.1\r\nHost: evil.example\r\n\r\n";
        QCOMPARE(status(ask(flow.login.port, foreign)), 421);
        QCOMPARE(status(ask(flow.login.port, "HEAD " + path + " HTTP/1.1\r\n\r\n")), 405);
        QCOMPARE(status(ask(flow.login.port, flow.login.get(path, "Origin: null\r\n"))), 403);
        QCOMPARE(status(ask(flow.login.port, flow.login.get("/favicon.ico"))), 404);
        QCOMPARE(status(ask(flow.login.port, flow.login.callback())), 400);
        QCOMPARE(status(ask(flow.login.port, flow.login.get(path))), 200);
    }

    void everyAnswerHasTheSafeHeaders_data() {
        QTest::addColumn<QByteArray>("request");
        QTest::newRow("another path") << QByteArray("GET / HTTP/1.1\r\nHost: $\r\n\r\n");
        QTest::newRow("foreign Host") << QByteArray("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
        QTest::newRow("from a page") << QByteArray("GET / HTTP/1.1\r\nHost: $\r\nOrigin: null\r\n\r\n");
        QTest::newRow("method") << QByteArray("POST / HTTP/1.1\r\n\r\n");
        QTest::newRow("garbage") << QByteArray("\x16\x03\x01\r\n");
        QTest::newRow("callback without parameters") << QByteArray("GET @ HTTP/1.1\r\nHost: $\r\n\r\n");
        QTest::newRow("used") << QByteArray("GET @?code=x&state=af0ifjsldkj HTTP/1.1\r\nHost: $\r\n\r\n");
    }
    void everyAnswerHasTheSafeHeaders() {
        QFETCH(QByteArray, request);
        Finished flow;
        QVERIFY(flow.prove());
        request.replace('@', flow.login.path).replace('$', flow.login.authority);
        const QByteArray answer = ask(flow.login.port, request);
        QVERIFY(status(answer) >= 400);
        verifySafeHeaders(answer);
        QCOMPARE(field(answer, "Content-Security-Policy"), policyOf("'none'"));
        QCOMPARE(field(answer, "Allow"), request.startsWith("POST") ? QByteArray("GET") : QByteArray());
    }

    void thePageOutlivesTheReceiver() {
        Finished flow;
        QVERIFY(flow.prove());
        flow.login.receiver->finish({true, "Signed in", "Done."});
        flow.login.receiver.reset();
        const QByteArray path = field(flow.browser.answer(), "Location");
        QCOMPARE(status(ask(flow.login.port, flow.login.get(path))), 200);
        QVERIFY(isRefused(flow.login.port));
    }

    void aBrowserThatHungUpGetsNothing() {
        Finished flow;
        QVERIFY(flow.prove());
        flow.browser.hangUp();
        // The end of the connection arrives before the answer to a later one.
        QCOMPARE(status(ask(flow.login.port, flow.login.get("/"))), 404);
        flow.login.receiver->finish({true, "Signed in", "Done."});
        QVERIFY(isRefused(flow.login.port));
    }

    void finishWithoutAResponseJustCloses() {
        const Login login = waiting();
        login.receiver->finish({false, "t", "m"});
        QCOMPARE(login.error(), ErrorKind::Cancelled);
        QVERIFY(isRefused(login.port));
    }

    void cancelTakesThePageBack() {
        Finished flow;
        QVERIFY(flow.prove());
        flow.finish();
        flow.login.receiver->cancel();
        QVERIFY(isRefused(flow.login.port));
        QCOMPARE(flow.login.code(), std::string("SplxlOBe"));
    }

    // Takes as long as the real deadline.
    void aPageThatNobodyFetchesIsGivenUp() {
        Finished flow;
        QVERIFY(flow.prove());
        flow.finish();
        Client idle(flow.login.port);
        QVERIFY(idle.connects());
        QTRY_VERIFY_WITH_TIMEOUT(!idle.isOpen(), 20'000);
        QVERIFY(isRefused(flow.login.port));
    }
};

QTEST_GUILESS_MAIN(TestResultPage)
#include "tst_result_page.moc"
