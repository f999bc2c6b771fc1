#include "daemon/oauth/token_response.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace keybearer;
using namespace keybearer::oauth;
using nlohmann::json;

namespace {

constexpr int kAbsent = -1;
constexpr int kTenYears = 10 * 365 * 24 * 3600;

HttpResponse response(std::string_view body, int status = 200, const std::string& type = "application/json") {
    HttpResponse out;
    out.status = status;
    out.contentType = type;
    out.body = base::Secret(body);
    return out;
}

/// A good response with one member replaced by `value`, JSON text; empty: removed.
HttpResponse with(const QByteArray& member, const QByteArray& value) {
    json body{{"access_token", "at-1"}, {"token_type", "Bearer"}};
    body.erase(member.toStdString());
    std::string text = body.dump();
    if (!value.isEmpty()) {
        text.insert(1, "\"" + member.toStdString() + "\":" + value.toStdString() + ",");
    }
    return response(text);
}

} // namespace

class tst_TokenResponse : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void exampleOfTheRfcIsRead() {
        // RFC 6749 section 5.1
        const auto tokens = parseTokenResponse(response(R"({
            "access_token":"2YotnFZFEjr1zCsicMWpAA",
            "token_type":"Bearer",
            "expires_in":3600,
            "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA",
            "example_parameter":"example_value"
        })"));
        QVERIFY(tokens.has_value());
        QCOMPARE(tokens->accessToken.reveal(), "2YotnFZFEjr1zCsicMWpAA");
        QVERIFY(tokens->refreshToken.has_value());
        QCOMPARE(tokens->refreshToken->reveal(), "tGzv3JOkF0XG5Qx2TlKWIA");
        QVERIFY(tokens->expiresIn.has_value());
        QCOMPARE(tokens->expiresIn->count(), std::int64_t{3600});
        QVERIFY(!tokens->idToken.has_value());
        QVERIFY(!tokens->scope.has_value());
    }

    void optionalMembersAreRead() {
        const auto tokens = parseTokenResponse(
            response(R"({"access_token":"a","token_type":"bearer","id_token":"x.y.z","scope":"openid email"})"));
        QVERIFY(tokens.has_value());
        QCOMPARE(tokens->idToken->reveal(), "x.y.z");
        QCOMPARE(*tokens->scope, "openid email");
        QVERIFY(!tokens->expiresIn.has_value());
        QVERIFY(!tokens->refreshToken.has_value());
    }

    void nullMeansAbsent() {
        const auto tokens = parseTokenResponse(response(
            R"({"access_token":"a","token_type":"Bearer","refresh_token":null,"id_token":null,"scope":null,"expires_in":null})"));
        QVERIFY(tokens.has_value());
        QVERIFY(!tokens->refreshToken && !tokens->idToken && !tokens->scope && !tokens->expiresIn);
    }

    void tokenTypeIsBearerInAnyCase_data() {
        QTest::addColumn<QByteArray>("type");
        for (const char* type : {"Bearer", "bearer", "BEARER", "bEARER"}) {
            QTest::newRow(type) << QByteArray(type);
        }
    }

    void tokenTypeIsBearerInAnyCase() {
        QFETCH(QByteArray, type);
        QVERIFY(parseTokenResponse(with("token_type", '"' + type + '"')).has_value());
    }

    void lifetimeIsRead_data() {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<int>("seconds");
        const auto row = [](const char* value, int seconds) { QTest::newRow(value) << QByteArray(value) << seconds; };
        row("3600", 3600);
        row("0", 0);
        row("-5", 0);
        row("-9223372036854775808", 0);
        row("-9223372036854775809", 0);
        row("9223372036854775807", kTenYears);
        row("315360001", kTenYears);
        row("\"300\"", 300);
        row("\"0\"", 0);
        row("\"-5\"", 0);
        row("3.7", 3);
        row("3600.0", 3600);
        row("1e3", 1000);
        row("-1.5", 0);
        row("null", kAbsent);
    }

    void lifetimeIsRead() {
        QFETCH(QByteArray, value);
        QFETCH(int, seconds);
        const auto tokens = parseTokenResponse(with("expires_in", value));
        QVERIFY(tokens.has_value());
        QCOMPARE(tokens->expiresIn ? static_cast<int>(tokens->expiresIn->count()) : kAbsent, seconds);
    }

    void lifetimeOfTheRefreshToken_data() {
        QTest::addColumn<QByteArray>("members");
        QTest::addColumn<int>("seconds");
        const auto row = [](const char* name, const char* members, int seconds) {
            QTest::newRow(name) << QByteArray(members) << seconds;
        };
        row("as Keycloak says it", R"("refresh_expires_in":1800)", 1800);
        row("as GitHub says it", R"("refresh_token_expires_in":15897600)", 15'897'600);
        row("in a string", R"("refresh_expires_in":"1800")", 1800);
        row("of an offline token", R"("refresh_expires_in":0)", kAbsent);
        row("0 and something", R"("refresh_expires_in":0,"refresh_token_expires_in":60)", 60);
        row("negative", R"("refresh_expires_in":-5)", kAbsent);
        row("beyond ten years", R"("refresh_expires_in":315360001)", kTenYears);
        row("the largest", R"("refresh_expires_in":9223372036854775807)", kTenYears);
        row("too large", R"("refresh_expires_in":9223372036854775808)", kAbsent);
        row("null", R"("refresh_expires_in":null)", kAbsent);
        row("words", R"("refresh_expires_in":"soon")", kAbsent);
        row("nested", R"("refresh_expires_in":{"seconds":1})", kAbsent);
        row("not said", R"("refresh_expires":1)", kAbsent);
    }

    void lifetimeOfTheRefreshToken() {
        QFETCH(const QByteArray, members);
        QFETCH(const int, seconds);
        const auto tokens = parseTokenResponse(response(
            (R"({"access_token":"a","token_type":"Bearer","refresh_token":"r",)" + members + "}").toStdString()));
        QVERIFY(tokens.has_value());
        QCOMPARE(tokens->refreshExpiresIn ? static_cast<int>(tokens->refreshExpiresIn->count()) : kAbsent, seconds);
    }

    void badMembersAreRefused_data() {
        QTest::addColumn<QByteArray>("member");
        QTest::addColumn<QByteArray>("value"); // empty: removed
        const auto row = [](const char* name, const char* member, const QByteArray& value) {
            QTest::newRow(name) << QByteArray(member) << value;
        };
        row("no token type", "token_type", "");
        row("token type mac", "token_type", "\"mac\"");
        row("token type DPoP", "token_type", "\"DPoP\"");
        row("token type with space", "token_type", "\"Bearer \"");
        row("token type empty", "token_type", "\"\"");
        row("token type a list", "token_type", "[\"Bearer\"]");
        for (const char* token : {"access_token", "refresh_token", "id_token"}) {
            const QByteArray name(token);
            row((name + " empty").constData(), token, "\"\"");
            if (name != "refresh_token") { // RFC 6749 appendix A.17; the others go into a header
                row((name + " with space").constData(), token, "\"a b\"");
            }
            row((name + " with CR LF").constData(), token, R"("a\r\nX-Evil: 1")");
            row((name + " with NUL").constData(), token, R"("a\u0000b")");
            row((name + " with DEL").constData(), token, R"("a\u007fb")");
            row((name + " not ASCII").constData(), token, "\"\xC3\xA4\"");
            row((name + " a number").constData(), token, "1");
            row((name + " an object").constData(), token, "{}");
            row((name + " too long").constData(), token, '"' + QByteArray(64 * 1024 + 1, 'x') + '"');
        }
        row("no access token", "access_token", "");
        row("access token null", "access_token", "null");
        row("lifetime overflows", "expires_in", "9223372036854775808");
        row("lifetime 1e300", "expires_in", "1e300");
        row("lifetime -1e300", "expires_in", "-1e300");
        row("lifetime words", "expires_in", "\"soon\"");
        row("lifetime empty", "expires_in", "\"\"");
        row("lifetime fraction in a string", "expires_in", "\"3.7\"");
        row("lifetime overflows in a string", "expires_in", "\"99999999999999999999\"");
        row("lifetime true", "expires_in", "true");
        row("lifetime nested", "expires_in", "{\"seconds\":1}");
        row("lifetime a list", "expires_in", "[300]");
        row("scope a list", "scope", "[\"openid\"]");
        row("scope with quotes", "scope", "\"a\\\"b\"");
        row("scope with line break", "scope", R"("a\nb")");
        row("scope too long", "scope", '"' + QByteArray(8 * 1024 + 1, 'x') + '"');
    }

    void badMembersAreRefused() {
        QFETCH(QByteArray, member);
        QFETCH(QByteArray, value);
        const auto tokens = parseTokenResponse(with(member, value));
        QVERIFY(!tokens.has_value());
        QCOMPARE(tokens.error().kind, ErrorKind::BadResponse);
        QVERIFY(tokens.error().detail.find("Evil") == std::string::npos);
    }

    void aNewRefreshTokenIsSalvagedFromWhatIsRefused_data() {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("salvaged");
        QTest::newRow("bad lifetime")
            << QByteArray(R"({"access_token":"a","token_type":"Bearer","expires_in":[],"refresh_token":"new"})")
            << QByteArray("new");
        QTest::newRow("another type") << QByteArray(R"({"access_token":"a","token_type":"mac","refresh_token":"new"})")
                                      << QByteArray("new");
        QTest::newRow("no access token") << QByteArray(R"({"refresh_token":"new"})") << QByteArray("new");
        QTest::newRow("none") << QByteArray(R"({"token_type":"mac"})") << QByteArray();
        QTest::newRow("not usable") << QByteArray(R"({"refresh_token":"a\r\nb"})") << QByteArray();
        QTest::newRow("cut off") << QByteArray(R"({"refresh_token":"new")") << QByteArray();
    }
    void aNewRefreshTokenIsSalvagedFromWhatIsRefused() {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, salvaged);
        HttpResponse response;
        response.status = 200;
        response.contentType = "application/json";
        response.body = base::Secret(body.toStdString());
        QVERIFY(!parseTokenResponse(response));
        const auto found = salvageRefreshToken(response);
        QCOMPARE(found ? QByteArray::fromStdString(std::string(found->reveal())) : QByteArray(), salvaged);
        response.status = 400;
        QVERIFY(!salvageRefreshToken(response));
    }

    void longestTokenIsRead() {
        const auto tokens = parseTokenResponse(with("access_token", '"' + QByteArray(64 * 1024, 'x') + '"'));
        QVERIFY(tokens.has_value());
        QCOMPARE(tokens->accessToken.reveal().size(), std::size_t{64 * 1024});
    }

    void badBodiesAreRefused_data() {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("type");
        const QByteArray good = R"({"access_token":"a","token_type":"Bearer"})";
        QTest::newRow("HTML") << QByteArray("<html>") << QByteArray("text/html");
        QTest::newRow("JSON called HTML") << good << QByteArray("text/html");
        QTest::newRow("JSON without a type") << good << QByteArray();
        QTest::newRow("form") << QByteArray("access_token=a") << QByteArray("application/x-www-form-urlencoded");
        QTest::newRow("empty") << QByteArray() << QByteArray("application/json");
        QTest::newRow("not JSON") << QByteArray("access_token=a") << QByteArray("application/json");
        QTest::newRow("truncated") << good.chopped(5) << QByteArray("application/json");
        QTest::newRow("list") << '[' + good + ']' << QByteArray("application/json");
        QTest::newRow("two access tokens")
            << QByteArray(R"({"access_token":"a","token_type":"Bearer","access_token":"b"})")
            << QByteArray("application/json");
    }

    void badBodiesAreRefused() {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, type);
        const auto tokens = parseTokenResponse(response(body.toStdString(), 200, type.toStdString()));
        QVERIFY(!tokens.has_value());
        QCOMPARE(tokens.error().kind, ErrorKind::BadResponse);
    }

    void structuredJsonTypeIsRead() {
        QVERIFY(
            parseTokenResponse(response(R"({"access_token":"a","token_type":"Bearer"})", 200, "application/oauth+json"))
                .has_value());
    }

    void errorsAreTold_data() {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<QByteArray>("code");
        const auto row = [](const char* name, int status, const char* body, ErrorKind kind, const char* code) {
            QTest::newRow(name) << status << QByteArray(body) << kind << QByteArray(code);
        };
        row("invalid_grant", 400, R"({"error":"invalid_grant"})", ErrorKind::InvalidGrant, "invalid_grant");
        row("invalid_grant with 401", 401, R"({"error":"invalid_grant"})", ErrorKind::InvalidGrant, "invalid_grant");
        row("GitHub's own word", 200, R"({"error":"bad_refresh_token"})", ErrorKind::InvalidGrant, "bad_refresh_token");
        row("invalid_client", 401, R"({"error":"invalid_client"})", ErrorKind::OAuthError, "invalid_client");
        row("unauthorized_client", 400, R"({"error":"unauthorized_client"})", ErrorKind::OAuthError,
            "unauthorized_client");
        row("invalid_scope", 400, R"({"error":"invalid_scope"})", ErrorKind::OAuthError, "invalid_scope");
        row("unknown code", 403, R"({"error":"invalid_code"})", ErrorKind::OAuthError, "invalid_code");
        row("INVALID_GRANT", 400, R"({"error":"INVALID_GRANT"})", ErrorKind::OAuthError, "INVALID_GRANT");
        row("200 with an error and no token", 200, R"({"error":"authorization_pending","error_description":"x"})",
            ErrorKind::OAuthError, "authorization_pending");
        row("200 with invalid_grant", 200, R"({"error":"invalid_grant"})", ErrorKind::InvalidGrant, "invalid_grant");
        row("empty 400", 400, "", ErrorKind::BadResponse, "");
        row("HTML 400", 400, "<html>", ErrorKind::BadResponse, "");
        row("400 without error", 400, "{}", ErrorKind::BadResponse, "");
        row("400 with a nested error", 400, R"({"error":{"code":"invalid_grant"}})", ErrorKind::BadResponse, "");
        row("400 with two errors", 400, R"({"error":"a","error":"invalid_grant"})", ErrorKind::BadResponse, "");
        row("400 with an empty error", 400, R"({"error":""})", ErrorKind::BadResponse, "");
        row("404", 404, "", ErrorKind::BadResponse, "");
        row("429", 429, "", ErrorKind::ServerError, "");
        row("500", 500, "<html>", ErrorKind::ServerError, "");
        row("503 with a code", 503, R"({"error":"temporarily_unavailable"})", ErrorKind::ServerError,
            "temporarily_unavailable");
        row("500 that says invalid_grant", 500, R"({"error":"invalid_grant"})", ErrorKind::ServerError,
            "invalid_grant");
        row("201", 201, R"({"access_token":"a","token_type":"Bearer"})", ErrorKind::BadResponse, "");
        row("204", 204, "", ErrorKind::BadResponse, "");
        row("302", 302, R"({"error":"invalid_grant"})", ErrorKind::BadResponse, "");
        row("600", 600, R"({"error":"invalid_grant"})", ErrorKind::BadResponse, "");
    }

    void errorsAreTold() {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(ErrorKind, kind);
        QFETCH(QByteArray, code);
        const auto tokens = parseTokenResponse(response(body.toStdString(), status));
        QVERIFY(!tokens.has_value());
        QCOMPARE(tokens.error().kind, kind);
        QCOMPARE(tokens.error().code, kind == ErrorKind::BadResponse ? "" : code.toStdString());
    }

    void errorOfAnotherTypeIsNotBelieved() {
        const auto tokens = parseTokenResponse(response(R"({"error":"invalid_grant"})", 400, "text/html"));
        QCOMPARE(tokens.error().kind, ErrorKind::BadResponse);
    }

    void retryAfterIsPassedOn() {
        HttpResponse busy = response("", 429);
        busy.retryAfter = std::chrono::seconds(7);
        const auto tokens = parseTokenResponse(busy);
        QVERIFY(tokens.error().retryAfter.has_value());
        QCOMPARE(tokens.error().retryAfter->count(), std::int64_t{7});
    }

    void serverWordsAreCleaned() {
        const json body{{"error", "bad\x1b[2J"}, {"error_description", "see\r\nhere \xE2\x80\xAEok"}};
        const auto tokens = parseTokenResponse(response(body.dump(), 400));
        QCOMPARE(tokens.error().code, "bad?[2J");
        QCOMPARE(tokens.error().detail, "the token endpoint answered bad?[2J: see??here ???ok");
    }

    void echoedTokenIsNotRepeated() {
        const auto tokens = parseTokenResponse(response(
            R"({"error":"invalid_grant","error_description":"token tGzv3JOkF0XG5Qx2TlKWIA-canary unknown"})", 400));
        QCOMPARE(tokens.error().detail, "the token endpoint answered invalid_grant: token [...] unknown");
    }

    void longDescriptionIsCut() {
        const std::string words(2000, 'a');
        const auto tokens =
            parseTokenResponse(response(json{{"error", "e"}, {"error_description", words}}.dump(), 400));
        QVERIFY(tokens.error().detail.size() < 300);
    }
};

QTEST_APPLESS_MAIN(tst_TokenResponse)
#include "tst_token_response.moc"
