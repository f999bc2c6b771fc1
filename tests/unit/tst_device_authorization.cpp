#include "daemon/oauth/device_authorization.h"

#include <QTest>

using namespace keybearer;
using namespace keybearer::oauth;
using namespace std::chrono_literals;

namespace {

HttpResponse answered(int status, const std::string& body) {
    HttpResponse response;
    response.status = status;
    response.contentType = "application/json";
    response.body = base::Secret(body);
    return response;
}

/// The example of RFC 8628 section 3.2, with more members.
std::string example(const std::string& more = {}) {
    return R"({"device_code":"GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS","user_code":"WDJB-MJHT",)"
           R"("verification_uri":"https://example.com/device",)"
           R"("verification_uri_complete":"https://example.com/device?user_code=WDJB-MJHT","expires_in":1800)" +
           more + "}";
}

Error error(ErrorKind kind, const std::string& code = {}) {
    return {kind, "x", code};
}

} // namespace

class TestDeviceAuthorization : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theExampleOfTheRfcIsRead() {
        const auto read = parseDeviceAuthorization(answered(200, example(R"(,"interval":7)")));
        QVERIFY(read.has_value());
        QCOMPARE(std::string(read->deviceCode.reveal()), std::string("GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS"));
        QCOMPARE(read->userCode, std::string("WDJB-MJHT"));
        QCOMPARE(read->verificationUri, std::string("https://example.com/device"));
        QCOMPARE(read->verificationUriComplete, std::string("https://example.com/device?user_code=WDJB-MJHT"));
        QCOMPARE(read->expiresIn, 1800s);
        QCOMPARE(read->interval, 7s);
    }

    // RFC 8628 section 3.2: "If no value is provided, clients MUST use 5 as the default."
    void theIntervalIsFiveUnlessSaid_data() {
        QTest::addColumn<QByteArray>("member");
        QTest::addColumn<int>("interval");
        QTest::newRow("absent") << QByteArray() << 5;
        QTest::newRow("null") << QByteArray(R"(,"interval":null)") << 5;
        QTest::newRow("a text") << QByteArray(R"(,"interval":"9")") << 5;
        QTest::newRow("none") << QByteArray(R"(,"interval":0)") << 1;
        QTest::newRow("negative") << QByteArray(R"(,"interval":-5)") << 5;
        QTest::newRow("very long") << QByteArray(R"(,"interval":100000)") << 60;
    }
    void theIntervalIsFiveUnlessSaid() {
        QFETCH(const QByteArray, member);
        QFETCH(const int, interval);
        const auto read = parseDeviceAuthorization(answered(200, example(member.toStdString())));
        QVERIFY(read.has_value());
        QCOMPARE(read->interval.count(), static_cast<long>(interval));
    }

    void errorsAreThoseOfATokenEndpoint() {
        const auto refused = parseDeviceAuthorization(answered(400, R"({"error":"invalid_client"})"));
        QVERIFY(!refused && refused.error().kind == ErrorKind::OAuthError);
        QCOMPARE(refused.error().code, std::string("invalid_client"));
        QVERIFY(parseDeviceAuthorization(answered(503, "")).error().kind == ErrorKind::ServerError);
        QVERIFY(parseDeviceAuthorization(answered(200, "canary")).error().kind == ErrorKind::BadResponse);
    }

    // RFC 8628 section 3.5
    void slowDownIsForGood() {
        DevicePolling polling(5s);
        QCOMPARE(polling.wait(), 5s);
        QVERIFY(polling.goesOn(error(ErrorKind::OAuthError, "authorization_pending")));
        QCOMPARE(polling.wait(), 5s);
        QVERIFY(polling.goesOn(error(ErrorKind::OAuthError, "slow_down")));
        QCOMPARE(polling.wait(), 10s);
        QVERIFY(polling.goesOn(error(ErrorKind::ServerError, "slow_down"))); // whatever its status
        QCOMPARE(polling.wait(), 15s);
        QVERIFY(polling.goesOn(error(ErrorKind::OAuthError, "authorization_pending")));
        QCOMPARE(polling.wait(), 15s);
    }

    void aServerThatDoesNotAnswerIsAskedWithGrowingPauses() {
        DevicePolling polling(5s);
        for (const auto wanted : {10s, 20s, 40s, 60s, 60s}) {
            QVERIFY(polling.goesOn(error(ErrorKind::Unreachable)));
            QCOMPARE(polling.wait(), wanted);
        }
        Error busy = error(ErrorKind::ServerError);
        busy.retryAfter = 90s;
        QVERIFY(polling.goesOn(busy));
        QCOMPARE(polling.wait(), 90s);
        QVERIFY(polling.goesOn(error(ErrorKind::OAuthError, "authorization_pending")));
        QCOMPARE(polling.wait(), 5s);
    }

    void anythingElseEndsIt() {
        DevicePolling polling(5s);
        for (const char* code : {"access_denied", "expired_token", "invalid_client", ""}) {
            QVERIFY(!polling.goesOn(error(ErrorKind::OAuthError, code)));
        }
        QVERIFY(!polling.goesOn(error(ErrorKind::InvalidGrant, "invalid_grant")));
        QVERIFY(!polling.goesOn(error(ErrorKind::BadResponse)));
    }
};

QTEST_APPLESS_MAIN(TestDeviceAuthorization)
#include "tst_device_authorization.moc"
