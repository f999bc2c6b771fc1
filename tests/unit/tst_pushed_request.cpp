#include "daemon/oauth/authorization_request.h"
#include "daemon/oauth/pushed_request.h"

#include <QTest>

using namespace keybearer;
using namespace keybearer::oauth;
using namespace std::chrono_literals;

namespace {

/// The example of RFC 9126 section 2.2.
const char* const kUri = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c";

HttpResponse answered(int status, const std::string& body) {
    HttpResponse response;
    response.status = status;
    response.contentType = "application/json";
    response.body = base::Secret(body);
    return response;
}

std::string example(const std::string& uri, const std::string& expiresIn) {
    return "{\"request_uri\":\"" + uri + "\",\"expires_in\":" + expiresIn + "}";
}

} // namespace

class TestPushedRequest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theExampleOfTheRfcIsRead() {
        const auto read = parsePushedRequest(answered(201, example(kUri, "60")));
        QVERIFY(read.has_value());
        QCOMPARE(read->requestUri, std::string(kUri));
        QCOMPARE(read->expiresIn, 60s);
        QCOMPARE(parsePushedRequest(answered(200, example(kUri, "90000000")))->expiresIn, 3600s);
    }

    void bad_data() {
        QTest::addColumn<QByteArray>("body");
        const auto row = [](const char* name, const std::string& body) {
            QTest::newRow(name) << QByteArray::fromStdString(body);
        };
        row("nothing", "");
        row("a list", "[]");
        row("no uri", R"({"expires_in":60})");
        row("a uri that is a number", R"({"request_uri":7,"expires_in":60})");
        row("an empty uri", example("", "60"));
        row("no scheme", example(":abc", "60"));
        row("only a scheme", example("urn:", "60"));
        row("a space", example("urn:a b", "60"));
        row("another alphabet", example("urn:\xC3\xA4", "60"));
        row("too long", example("urn:" + std::string(2045, 'a'), "60"));
        row("no life", "{\"request_uri\":\"urn:a\"}");
        row("a life of nothing", example(kUri, "0"));
        row("a life before now", example(kUri, "-1"));
        row("a life as a text", example(kUri, "\"60\""));
        row("a life with a fraction", example(kUri, "1.5"));
    }
    void bad() {
        QFETCH(const QByteArray, body);
        const auto read = parsePushedRequest(answered(201, body.toStdString()));
        QVERIFY(!read && read.error().kind == ErrorKind::BadResponse);
    }

    void theLongestUriIsRead() {
        QVERIFY(parsePushedRequest(answered(201, example("urn:" + std::string(2044, 'a'), "1"))).has_value());
    }

    void errorsNameTheEndpoint() {
        const auto refused = parsePushedRequest(answered(400, R"({"error":"invalid_request"})"));
        QVERIFY(!refused && refused.error().kind == ErrorKind::OAuthError);
        QCOMPARE(refused.error().code, std::string("invalid_request"));
        QVERIFY(refused.error().detail.starts_with("the endpoint for pushed requests"));
        QVERIFY(parsePushedRequest(answered(503, "")).error().kind == ErrorKind::ServerError);
        QVERIFY(parsePushedRequest(answered(404, "")).error().kind == ErrorKind::BadResponse);
    }

    // RFC 9126 section 4
    void theBrowserCarriesTwoParameters() {
        AuthorizationRequest request;
        request.endpoint = "https://as.example/authorize?tenant=7";
        request.clientId = "a client";
        request.state = "canary";
        QCOMPARE(pushedAuthorizationUrl(request, "urn:a&b"),
                 std::string("https://as.example/authorize?tenant=7&client_id=a%20client&request_uri=urn%3Aa%26b"));
    }
};

QTEST_APPLESS_MAIN(TestPushedRequest)
#include "tst_pushed_request.moc"
