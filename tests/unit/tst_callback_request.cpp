#include "daemon/crypto/crypto.h" // first: moc of Qt 6.4 cannot read <concepts> before other standard headers
#include "daemon/oauth/callback_request.h"

#include <QTest>

#include <string>

using namespace keybearer::oauth;
using Kind = CallbackVerdict::Kind;

namespace {

const std::string kHost = "Host: 127.0.0.1:41234\r\n";

/// A request as Chromium sends it after a redirect from an authorization server.
std::string browserRequest(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\n" + kHost +
           "Connection: keep-alive\r\n"
           "Upgrade-Insecure-Requests: 1\r\n"
           "Sec-Fetch-Site: cross-site\r\n"
           "Sec-Fetch-Mode: navigate\r\n"
           "Sec-Fetch-User: ?1\r\n"
           "Sec-Fetch-Dest: document\r\n"
           "Cookie: other=1; session=\xC3\xA9\r\n\r\n";
}

CallbackExpectation expectation() {
    CallbackExpectation expected;
    expected.authority = "127.0.0.1:41234";
    expected.path = "/cb/Zx-_9";
    expected.state = "af0ifjsldkj";
    expected.issuer = "https://as.example/tenant";
    return expected;
}

CallbackVerdict judged(const std::string& bytes, const CallbackExpectation& expected = expectation()) {
    return judgeCallback(parseCallbackRequest(bytes), expected);
}

CallbackVerdict judgedQuery(const std::string& query, const CallbackExpectation& expected = expectation()) {
    return judged(browserRequest("/cb/Zx-_9?" + query), expected);
}

std::string fieldsOf(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += "x: y\r\n";
    }
    return out;
}

} // namespace

class TestCallbackRequest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aBrowsersRequestIsReadWhole() {
        const CallbackRequest request = parseCallbackRequest(browserRequest("/cb/%41?code=a%20b&state=c"));
        QCOMPARE(request.state, RequestState::Complete);
        QCOMPARE(request.method, std::string("GET"));
        QCOMPARE(request.path, std::string("/cb/%41"));
        QCOMPARE(request.query, std::string("code=a%20b&state=c"));
        QCOMPARE(request.fields.size(), std::size_t(8));
        QCOMPARE(request.fields.front().name, std::string("host"));
        QCOMPARE(request.fields.front().value, std::string("127.0.0.1:41234"));
    }

    void whitespaceAroundAValueIsDropped() {
        const CallbackRequest request = parseCallbackRequest("GET / HTTP/1.1\r\nHost:\t h \t\r\nEmpty:\r\n\r\n");
        QCOMPARE(request.state, RequestState::Complete);
        QCOMPARE(request.fields[0].value, std::string("h"));
        QCOMPARE(request.fields[1].value, std::string());
    }

    void anEmptyBodyMayBeAnnounced() {
        QCOMPARE(parseCallbackRequest("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n").state, RequestState::Complete);
    }

    void whatFollowsTheHeadIsNotRead() {
        const CallbackRequest request = parseCallbackRequest("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
        QCOMPARE(request.state, RequestState::Complete);
        QCOMPARE(request.path, std::string("/a"));
    }

    void cutAtAnyByteARequestIsIncomplete() {
        const std::string whole = browserRequest("/cb?code=a&state=b");
        for (std::size_t size = 0; size < whole.size(); ++size) {
            QCOMPARE(parseCallbackRequest(std::string_view(whole).substr(0, size)).state, RequestState::NeedMore);
        }
    }

    // RFC 9112 sections 2.2, 3, 5 and 6; RFC 9110 sections 5.5 and 5.6.2
    void malformedRequestsAreRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        const auto row = [](const char* name, const std::string& bytes, int status) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << status;
        };
        row("empty line first", "\r\nGET / HTTP/1.1\r\n\r\n", 400);
        row("line ends with LF only", "GET / HTTP/1.1\nHost: h\n\n", 400);
        row("field ends with LF only", "GET / HTTP/1.1\r\nHost: h\n\r\n", 400);
        row("head ends with LF only", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400);
        row("CR inside the line", "GET /\r HTTP/1.1\r\n\r\n", 400);
        row("CR inside a value", "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400);
        row("NUL in the target", std::string("GET /\0 HTTP/1.1\r\n\r\n", 20), 400);
        row("NUL in a value", std::string("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24), 400);
        row("DEL in a value", "GET / HTTP/1.1\r\nA: \x7F\r\n\r\n", 400);
        row("8-bit byte in the target", "GET /\xFF HTTP/1.1\r\n\r\n", 400);
        row("folded field", "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400);
        row("field without colon", "GET / HTTP/1.1\r\nHost\r\n\r\n", 400);
        row("field without name", "GET / HTTP/1.1\r\n: h\r\n\r\n", 400);
        row("space before the colon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400);
        row("no version (HTTP/0.9)", "GET /\r\n", 400);
        row("two spaces", "GET  / HTTP/1.1\r\n\r\n", 400);
        row("space at the end", "GET / HTTP/1.1 \r\n\r\n", 400);
        row("space in the target", "GET /a b HTTP/1.1\r\n\r\n", 400);
        row("no method", " / HTTP/1.1\r\n\r\n", 400);
        row("method is no token", "G(T / HTTP/1.1\r\n\r\n", 400);
        row("TLS client hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 12), 400);
        row("absolute form", "GET http://127.0.0.1:41234/cb HTTP/1.1\r\n\r\n", 400);
        row("absolute form, other host", "GET http://evil.example/cb HTTP/1.1\r\n\r\n", 400);
        row("fragment", "GET /cb#x HTTP/1.1\r\n\r\n", 400);
        row("asterisk", "GET * HTTP/1.1\r\n\r\n", 400);
        row("path without slash", "GET cb HTTP/1.1\r\n\r\n", 400);
        row("body announced", "GET / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", 400);
        row("length is a list", "GET / HTTP/1.1\r\nContent-Length: 0, 0\r\n\r\n", 400);
        row("chunked", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
        row("lower-case version", "GET / http/1.1\r\n\r\n", 400);
        row("version of three digits", "GET / HTTP/1.11\r\n\r\n", 400);
        row("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 505);
        row("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", 505);
        for (const char* method : {"HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "PATCH"}) {
            row(method, std::string(method) + " /cb HTTP/1.1\r\n\r\n", 405);
        }
        row("CONNECT", "CONNECT 127.0.0.1:41234 HTTP/1.1\r\n\r\n", 405);
        row("request line too long", "GET /" + std::string(kMaxRequestLine - 13, 'a') + " HTTP/1.1\r\n\r\n", 414);
        row("request line without end", std::string(kMaxRequestLine + 2, 'a'), 414);
        row("too many fields", "GET / HTTP/1.1\r\n" + fieldsOf(kMaxHeaderFields + 1) + "\r\n", 431);
        row("10,000 fields", "GET / HTTP/1.1\r\n" + fieldsOf(10'000) + "\r\n", 431);
        row("head too large", "GET / HTTP/1.1\r\nA: " + std::string(kMaxHeaderBytes - 6, 'a') + "\r\n\r\n", 431);
        row("field without end", "GET / HTTP/1.1\r\nA: " + std::string(kMaxHeaderBytes, 'a'), 431);
    }
    void malformedRequestsAreRefused() {
        QFETCH(const QByteArray, bytes);
        QFETCH(const int, status);
        const CallbackRequest request = parseCallbackRequest(bytes.toStdString());
        QCOMPARE(request.state, RequestState::Bad);
        QCOMPARE(request.status, status);
        QCOMPARE(judgeCallback(request, expectation()).kind, Kind::Stray);
    }

    void aHeadRequestIsKnownAsOne() {
        QCOMPARE(parseCallbackRequest("HEAD / HTTP/1.1\r\n\r\n").method, std::string("HEAD"));
    }

    void whatIsJustWithinTheLimitsIsRead_data() {
        QTest::addColumn<QByteArray>("bytes");
        const auto row = [](const char* name, const std::string& bytes) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes);
        };
        row("request line", "GET /" + std::string(kMaxRequestLine - 14, 'a') + " HTTP/1.1\r\n\r\n");
        row("fields", "GET / HTTP/1.1\r\n" + fieldsOf(kMaxHeaderFields) + "\r\n");
        row("head", "GET / HTTP/1.1\r\nA: " + std::string(kMaxHeaderBytes - 7, 'a') + "\r\n\r\n");
    }
    void whatIsJustWithinTheLimitsIsRead() {
        QFETCH(const QByteArray, bytes);
        QCOMPARE(parseCallbackRequest(bytes.toStdString()).state, RequestState::Complete);
    }

    void strayRequestsLeaveTheLoginPending_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        const auto row = [](const char* name, const std::string& bytes, int status) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << status;
        };
        const std::string good = "?code=x&state=af0ifjsldkj";
        const std::string line = "GET /cb/Zx-_9" + good + " HTTP/1.1\r\n";
        const auto headers = [&](const char* name, const std::string& fields, int status) {
            row(name, line + fields + "\r\n", status);
        };
        headers("no Host", "", 400);
        headers("two Hosts", kHost + kHost, 400);
        headers("other Host", "Host: evil.example\r\n", 421);
        headers("rebound name", "Host: evil.example:41234\r\n", 421);
        headers("other port", "Host: 127.0.0.1:41235\r\n", 421);
        headers("no port", "Host: 127.0.0.1\r\n", 421);
        headers("localhost instead of the address", "Host: localhost:41234\r\n", 421);
        headers("Host with a list", "Host: 127.0.0.1:41234, evil.example\r\n", 421);
        headers("Origin", kHost + "Origin: http://127.0.0.1:41234\r\n", 403);
        headers("Origin null", kHost + "Origin: null\r\n", 403);
        headers("fetch", kHost + "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: empty\r\n", 403);
        headers("image", kHost + "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n", 403);
        headers("iframe", kHost + "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n", 403);
        headers("mode alone", kHost + "Sec-Fetch-Mode: navigate\r\n", 403);
        headers("site alone", kHost + "Sec-Fetch-Site: cross-site\r\n", 403);
        headers("mode twice",
                kHost + "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n", 403);
        for (const char* path : {"/", "/cb", "//cb/Zx-_9", "/cb/Zx-_9/", "/cb/zx-_9", "/cb%2fZx-_9", "/cb/../cb/Zx-_9",
                                 "/cb/Zx-_9;a", "/favicon.ico", "/cb/Zx-_", "/CB/Zx-_9", "/cb/%5ax-_9"}) {
            row(path, browserRequest(path + good), 404);
        }
        const auto query = [&](const char* name, const std::string& text) {
            row(name, browserRequest("/cb/Zx-_9" + text), 400);
        };
        query("no query", "");
        query("empty query", "?");
        query("no state", "?code=x");
        query("empty state", "?code=x&state=");
        query("wrong state", "?code=x&state=af0ifjsldkk");
        query("longer state", "?code=x&state=af0ifjsldkjx");
        query("shorter state", "?code=x&state=af0ifjsldk");
        query("state in other case", "?code=x&state=AF0IFJSLDKJ");
        query("state only", "?state=af0ifjsldkj");
        query("code twice", good + "&code=x");
        query("code twice, once encoded", good + "&co%64e=y");
        query("state twice", good + "&state=af0ifjsldkj");
        query("state twice, once encoded", good + "&%73tate=af0ifjsldkj");
        query("iss twice", good + "&iss=https://as.example/tenant&iss=https://as.example/tenant");
        query("error twice", "?state=af0ifjsldkj&error=a&error=b");
        query("unknown parameter twice", good + "&a=1&a=2");
        query("code and error", good + "&error=access_denied");
        query("empty code", "?code=&state=af0ifjsldkj");
        query("code without value", "?code&state=af0ifjsldkj");
        query("empty error", "?error=&state=af0ifjsldkj");
        query("empty error beside a code", good + "&error=");
        query("empty iss", good + "&iss=");
        query("CRLF in the code", "?code=a%0d%0ab&state=af0ifjsldkj");
        query("NUL in the code", "?code=a%00&state=af0ifjsldkj");
        query("8-bit byte in the code", "?code=%ff&state=af0ifjsldkj");
        query("CRLF in the error", "?error=a%0d%0ab&state=af0ifjsldkj");
        query("broken escape", good + "&a=%");
        query("half an escape", good + "&a=%4");
        query("escape of no digits", good + "&a=%zz");
        query("escape of a sign", good + "&a=%+1");
        query("broken escape in a name", good + "&%4=a");
        std::string many = good;
        for (std::size_t i = 2; i <= kMaxParameters; ++i) {
            many += "&p" + std::to_string(i) + "=1";
        }
        query("too many parameters", many);
    }
    void strayRequestsLeaveTheLoginPending() {
        QFETCH(const QByteArray, bytes);
        QFETCH(const int, status);
        QCOMPARE(parseCallbackRequest(bytes.toStdString()).state, RequestState::Complete);
        const CallbackVerdict verdict = judged(bytes.toStdString());
        QCOMPARE(verdict.kind, Kind::Stray);
        QCOMPARE(verdict.status, status);
        QVERIFY(verdict.code.empty());
        QVERIFY(verdict.error.empty());
        QVERIFY(!verdict.reason.empty());
    }

    void withoutAStateOfOursNothingIsBelieved() {
        CallbackExpectation expected = expectation();
        expected.state.clear();
        QCOMPARE(judgedQuery("code=x&state=", expected).kind, Kind::Stray);
        QCOMPARE(judgedQuery("code=x", expected).kind, Kind::Stray);
    }

    void whereThePathIsTheProofNothingElseIs() {
        CallbackExpectation expected = expectation();
        expected.provenByPath = true;
        QCOMPARE(judgedQuery("code=x", expected).kind, Kind::Stray); // a state that is expected must be checked
        expected.state.clear();
        expected.issuer.clear();
        const CallbackVerdict verdict = judgedQuery("code=x", expected);
        QCOMPARE(verdict.kind, Kind::Code);
        QCOMPARE(std::string(verdict.code.reveal()), std::string("x"));
        QCOMPARE(judgedQuery("error=access_denied", expected).kind, Kind::Error);
        QCOMPARE(judgedQuery("code=x&state=", expected).kind, Kind::Stray);
        QCOMPARE(judgedQuery("code=x&state=af0ifjsldkj", expected).kind, Kind::Stray);
        QCOMPARE(judged(browserRequest("/cb/Zx-_8?code=x"), expected).kind, Kind::Stray);
        QCOMPARE(judged(browserRequest("/cb/Zx-_9/?code=x"), expected).kind, Kind::Stray);
        QCOMPARE(judgedQuery("code=x&iss=https://as.example", expected).kind, Kind::Reject);
    }

    void anIncompleteRequestIsStray() {
        QCOMPARE(judged("GET /cb/Zx-_9?code=x&state=af0ifjsldkj HTTP/1.1\r\n" + kHost).kind, Kind::Stray);
    }

    void aRightResponseGivesTheCode_data() {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("code");
        QTest::newRow("plain") << QByteArray("code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj")
                               << QByteArray("SplxlOBeZQQYbYS6WxSbIA");
        // RFC 6749 appendix B: application/x-www-form-urlencoded
        QTest::newRow("encoded") << QByteArray("code=4%2F0A%2bb+c%25&state=af0ifjsldkj") << QByteArray("4/0A+b c%");
        QTest::newRow("encoded names and state") << QByteArray("c%6Fde=x&st%61te=af0ifjsldk%6a") << QByteArray("x");
        QTest::newRow("right issuer") << QByteArray("code=x&state=af0ifjsldkj&iss=https%3A%2F%2Fas.example%2Ftenant")
                                      << QByteArray("x");
        QTest::newRow("unknown parameters")
            << QByteArray("session_state=1&code=x&a&b=&state=af0ifjsldkj&next=//evil") << QByteArray("x");
        QTest::newRow("empty items") << QByteArray("&code=x&&state=af0ifjsldkj&") << QByteArray("x");
    }
    void aRightResponseGivesTheCode() {
        QFETCH(const QByteArray, query);
        QFETCH(const QByteArray, code);
        const CallbackVerdict verdict = judgedQuery(query.toStdString());
        QCOMPARE(verdict.kind, Kind::Code);
        QCOMPARE(std::string(verdict.code.reveal()), code.toStdString());
        QVERIFY(verdict.error.empty());
    }

    void aRequestWithoutFetchMetadataIsBelieved() {
        QCOMPARE(judged("GET /cb/Zx-_9?code=x&state=af0ifjsldkj HTTP/1.1\r\n" + kHost + "\r\n").kind, Kind::Code);
    }

    // RFC 9207 section 2.4: simple string comparison, in error responses too
    void aResponseOfAnotherIssuerEndsTheLogin_data() {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<bool>("issRequired");
        QTest::newRow("other issuer") << QByteArray("code=x&state=af0ifjsldkj&iss=https://evil.example") << true;
        QTest::newRow("other issuer, not promised")
            << QByteArray("code=x&state=af0ifjsldkj&iss=https://evil.example") << false;
        QTest::newRow("slash at the end")
            << QByteArray("code=x&state=af0ifjsldkj&iss=https://as.example/tenant/") << false;
        QTest::newRow("other case") << QByteArray("code=x&state=af0ifjsldkj&iss=https://AS.example/tenant") << false;
        QTest::newRow("default port") << QByteArray("code=x&state=af0ifjsldkj&iss=https://as.example:443/tenant")
                                      << false;
        QTest::newRow("promised and absent") << QByteArray("code=x&state=af0ifjsldkj") << true;
        QTest::newRow("error of another issuer")
            << QByteArray("error=access_denied&error_description=lie&state=af0ifjsldkj&iss=https://evil.example")
            << true;
        QTest::newRow("error, promised and absent") << QByteArray("error=access_denied&state=af0ifjsldkj") << true;
    }
    void aResponseOfAnotherIssuerEndsTheLogin() {
        QFETCH(const QByteArray, query);
        QFETCH(const bool, issRequired);
        CallbackExpectation expected = expectation();
        expected.issRequired = issRequired;
        const CallbackVerdict verdict = judgedQuery(query.toStdString(), expected);
        QCOMPARE(verdict.kind, Kind::Reject);
        QVERIFY(verdict.code.empty());
        QVERIFY(verdict.error.empty());
        QVERIFY(verdict.errorDescription.empty());
    }

    void anErrorResponseIsCleaned() {
        const CallbackVerdict verdict = judgedQuery(
            "error=access_denied&error_description=%3Cb%3E%0d%0a%1b[31m%C3%A9&error_uri=x&state=af0ifjsldkj");
        QCOMPARE(verdict.kind, Kind::Error);
        QCOMPARE(verdict.error, std::string("access_denied"));
        QCOMPARE(verdict.errorDescription, std::string("<b>???[31m??"));
        QVERIFY(verdict.code.empty());
    }

    void aLongErrorDescriptionIsCut() {
        const CallbackVerdict verdict =
            judgedQuery("error=e&state=af0ifjsldkj&error_description=" + std::string(1000, 'd'));
        QCOMPARE(verdict.errorDescription, std::string(197, 'd') + "...");
    }

    void anErrorNeedsNoDescription() {
        const CallbackVerdict verdict = judgedQuery("error=server_error&state=af0ifjsldkj&error_description=");
        QCOMPARE(verdict.kind, Kind::Error);
        QVERIFY(verdict.errorDescription.empty());
    }

    void reasonsAreFixedTexts() {
        const CallbackVerdict verdict = judgedQuery("code=canary&state=canary&canary=canary");
        QVERIFY(verdict.reason.find("canary") == std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestCallbackRequest)
#include "tst_callback_request.moc"
