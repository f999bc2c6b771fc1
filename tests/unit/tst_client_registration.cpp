#include "daemon/oauth/client_registration.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace keybearer;
using namespace keybearer::oauth;
using nlohmann::json;

using Texts = std::vector<std::string>;

namespace {

const char* const kIssuer = "https://as.example";
const char* const kEndpoint = "https://as.example/register";
const Texts kRedirects{"http://127.0.0.1:4711/abc", "http://127.0.0.1/abc"};

HttpResponse answered(int status, const json& body) {
    HttpResponse response;
    response.status = status;
    response.contentType = "application/json";
    response.body = base::Secret(body.dump());
    return response;
}

Result<ClientRegistration> read(const json& body, int status = 201) {
    return parseRegistration(answered(status, body), kIssuer, kEndpoint, kRedirects);
}

/// Smallest answer that is one.
json plain() {
    json body;
    body["client_id"] = "s6BhdRkqt3";
    body["token_endpoint_auth_method"] = "none";
    return body;
}

json with(const char* name, json value) {
    json body = plain();
    body[name] = std::move(value);
    return body;
}

json confidential() {
    json body = plain();
    body["token_endpoint_auth_method"] = "client_secret_basic";
    body["client_secret"] = "ZJYCqe3GGRvdrudKyZS0XhGv_Z45DuKhCUk0gBR1vZk";
    body["client_secret_expires_at"] = 1577858400;
    body["registration_access_token"] = "this.is.an.access.token.value.ffx83";
    body["registration_client_uri"] = "https://as.example/register/s6BhdRkqt3";
    return body;
}

} // namespace

class TestClientRegistration : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPublicClient() {
        const auto made = read(plain());
        QVERIFY(made.has_value());
        QCOMPARE(made->clientId, std::string("s6BhdRkqt3"));
        QCOMPARE(made->issuer, std::string(kIssuer));
        QCOMPARE(made->authMethod, std::string("none"));
        QVERIFY(!made->clientSecret && made->configurationUri.empty() && made->redirectUris == kRedirects);
        QVERIFY(read(plain(), 200).has_value()); // some say so
    }

    void aClientWithASecret() {
        const auto made = read(confidential());
        QVERIFY(made.has_value());
        QCOMPARE(made->authMethod, std::string("client_secret_basic"));
        QCOMPARE(made->clientSecret->reveal(), std::string_view("ZJYCqe3GGRvdrudKyZS0XhGv_Z45DuKhCUk0gBR1vZk"));
        QCOMPARE(made->secretExpiresAt, std::int64_t(1577858400));
        QCOMPARE(made->configurationUri, std::string("https://as.example/register/s6BhdRkqt3"));
        json silent = confidential();
        silent.erase("token_endpoint_auth_method"); // RFC 7591 section 2: client_secret_basic is the default
        QCOMPARE(read(silent)->authMethod, std::string("client_secret_basic"));
        json secretless = plain();
        secretless.erase("token_endpoint_auth_method");
        QCOMPARE(read(secretless)->authMethod, std::string("none"));
        json needless = confidential();
        needless["token_endpoint_auth_method"] = "none";
        QVERIFY(!read(needless)->clientSecret);
    }

    void whatAConfirmationLeavesOutIsAsBefore() {
        const auto before = read(confidential());
        json body = confidential();
        body.erase("client_secret");
        body.erase("client_secret_expires_at");
        body.erase("registration_access_token");
        body.erase("token_endpoint_auth_method");
        const auto now = parseConfirmation(answered(200, body), *before);
        QVERIFY(now.has_value());
        QCOMPARE(now->clientSecret->reveal(), before->clientSecret->reveal());
        QCOMPARE(now->secretExpiresAt, before->secretExpiresAt);
        QCOMPARE(now->authMethod, before->authMethod);
        QCOMPARE(now->accessToken->reveal(), before->accessToken->reveal());
        QCOMPARE(now->configurationUri, before->configurationUri);
    }

    void whatAConfirmationSaysAnewIsTaken() {
        const auto before = read(confidential());
        json body = confidential();
        body["client_secret"] = "another";
        body["client_secret_expires_at"] = 0;
        body["registration_access_token"] = "renewed";
        const auto now = parseConfirmation(answered(200, body), *before);
        QVERIFY(now.has_value());
        QCOMPARE(now->clientSecret->reveal(), std::string_view("another"));
        QCOMPARE(now->secretExpiresAt, std::int64_t(0));
        QCOMPARE(now->accessToken->reveal(), std::string_view("renewed"));
    }

    void aConfirmationOfAnotherClientIsNone() {
        json body = confidential();
        body["client_id"] = "another";
        QVERIFY(!parseConfirmation(answered(200, body), *read(confidential())));
        body.erase("client_id");
        QVERIFY(!parseConfirmation(answered(200, body), *read(confidential())));
    }

    void whatIsKeptOfTheRedirects() {
        QVERIFY((read(with("redirect_uris", {kRedirects[1]}))->redirectUris == Texts{kRedirects[1]}));
        QVERIFY(
            (read(with("redirect_uris", {"https://x.example", kRedirects[0]}))->redirectUris == Texts{kRedirects[0]}));
    }

    void aPlaceToAskThatIsElsewhereIsNotUsed_data() {
        QTest::addColumn<QByteArray>("uri");
        for (const char* uri :
             {"https://evil.example/r", "http://as.example/r", "https://as.example:8443/r", "/r", ""}) {
            QTest::newRow(uri) << QByteArray(uri);
        }
    }
    void aPlaceToAskThatIsElsewhereIsNotUsed() {
        QFETCH(const QByteArray, uri);
        json body = confidential();
        body["registration_client_uri"] = uri.toStdString();
        const auto made = read(body);
        QVERIFY(made && made->configurationUri.empty() && !made->accessToken);
    }

    void whatIsRefused_data() {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<bool>("rejected");
        const auto row = [](const char* name, const json& body, bool rejected) {
            QTest::newRow(name) << QByteArray::fromStdString(body.dump()) << rejected;
        };
        json nameless = plain();
        nameless.erase("client_id");
        row("no client_id", nameless, false);
        row("an empty client_id", with("client_id", ""), false);
        row("a client_id that is a number", with("client_id", 7), false);
        row("a line break", with("client_id", "a\nb"), false);
        row("another alphabet", with("client_id", "\xC3\xA4"), false);
        row("a long client_id", with("client_id", std::string(4097, 'a')), false);
        row("other redirects", with("redirect_uris", {"http://127.0.0.1/abcd"}), true);
        row("redirects as a text", with("redirect_uris", "http://127.0.0.1/abc"), false);
        row("another grant", with("grant_types", {"client_credentials"}), true);
        row("grants as a text", with("grant_types", "authorization_code"), true);
        json implicit = with("grant_types", {"authorization_code"});
        implicit["response_types"] = json::array({"token"});
        row("another response", implicit, true);
        row("a key", with("token_endpoint_auth_method", "private_key_jwt"), true);
        row("a number for a way", with("token_endpoint_auth_method", 7), true);
        row("no secret", with("token_endpoint_auth_method", "client_secret_post"), false);
        json broken = confidential();
        broken["client_secret"] = "a\r\nb";
        row("a secret that no header carries", broken, false);
        row("a list", json::array(), false);
    }
    void whatIsRefused() {
        QFETCH(const QByteArray, body);
        QFETCH(const bool, rejected);
        HttpResponse response = answered(201, {});
        response.body = base::Secret(body.toStdString());
        const auto made = parseRegistration(response, kIssuer, kEndpoint, kRedirects);
        QVERIFY(!made.has_value());
        QCOMPARE(made.error().kind, rejected ? ErrorKind::Rejected : ErrorKind::BadResponse);
    }

    void anErrorKeepsTheServersWord() {
        const auto refused = read({{"error", "invalid_redirect_uri"}, {"error_description", "no loopback here"}}, 400);
        QCOMPARE(refused.error().code, std::string("invalid_redirect_uri"));
        QCOMPARE(refused.error().detail,
                 std::string("the registration endpoint answered invalid_redirect_uri: no loopback here"));
    }

    void whatIsAskedFor() {
        Metadata server;
        server.tokenAuthMethods = {"client_secret_post", "client_secret_basic"};
        const auto basic = registrationBody({kRedirects, false, false}, server);
        QVERIFY(json::parse(*basic).at("token_endpoint_auth_method") == "client_secret_basic");
        server.tokenAuthMethods = {"private_key_jwt"};
        QVERIFY(!registrationBody({kRedirects, false, false}, server));
        server.tokenAuthMethods = {};
        const json open = json::parse(*registrationBody({kRedirects, true, false}, server));
        QVERIFY(open.at("token_endpoint_auth_method") == "none");
        QVERIFY(open.at("application_type") == "native");
        QCOMPARE(open.at("grant_types").size(), std::size_t(3));
        QCOMPARE(open.at("redirect_uris").size(), std::size_t(2));
        QVERIFY(!open.contains("dpop_bound_access_tokens"));
        QVERIFY(json::parse(*registrationBody({kRedirects, false, true}, server)).at("dpop_bound_access_tokens") ==
                true);
    }

    void whatIsStoredComesBack() {
        for (const json& body : {plain(), confidential()}) {
            auto made = read(body);
            made->dpopBound = made->clientSecret.has_value();
            const auto again = parseStoredRegistration(formatRegistration(*made));
            QVERIFY(again.has_value());
            QCOMPARE(again->issuer, made->issuer);
            QCOMPARE(again->clientId, made->clientId);
            QCOMPARE(again->authMethod, made->authMethod);
            QCOMPARE(again->redirectUris, made->redirectUris);
            QCOMPARE(again->secretExpiresAt, made->secretExpiresAt);
            QCOMPARE(again->configurationUri, made->configurationUri);
            QCOMPARE(again->clientSecret.has_value(), made->clientSecret.has_value());
            QCOMPARE(again->accessToken.has_value(), made->accessToken.has_value());
            QCOMPARE(again->dpopBound, made->dpopBound);
        }
    }

    void anItemOfAnEarlierVersionIsReadWhole() {
        json item = json::parse(formatRegistration(*read(plain())).reveal());
        item.erase("dpop_bound_access_tokens");
        const auto again = parseStoredRegistration(base::Secret(item.dump()));
        QVERIFY(again && !again->dpopBound);
    }

    void aDamagedItemIsNone_data() {
        QTest::addColumn<QByteArray>("change");
        QTest::newRow("no version") << QByteArray("{\"version\":null}");
        QTest::newRow("a newer version") << QByteArray("{\"version\":2}");
        QTest::newRow("no issuer") << QByteArray("{\"issuer\":null}");
        QTest::newRow("no client") << QByteArray("{\"client_id\":\"\"}");
        QTest::newRow("no redirects") << QByteArray("{\"redirect_uris\":[]}");
        QTest::newRow("another way") << QByteArray("{\"token_endpoint_auth_method\":\"magic\"}");
        QTest::newRow("a secret for nothing") << QByteArray("{\"token_endpoint_auth_method\":\"none\"}");
        QTest::newRow("no secret") << QByteArray("{\"client_secret\":null}");
        QTest::newRow("a place to ask and nothing to ask with") << QByteArray("{\"registration_access_token\":null}");
        QTest::newRow("nowhere to ask") << QByteArray("{\"registration_client_uri\":\"\"}");
        QTest::newRow("no end") << QByteArray("{\"client_secret_expires_at\":null}");
    }
    void aDamagedItemIsNone() {
        QFETCH(const QByteArray, change);
        json item = json::parse(formatRegistration(*read(confidential())).reveal());
        item.merge_patch(json::parse(change.toStdString()));
        QVERIFY(!parseStoredRegistration(base::Secret(item.dump())));
        QVERIFY(!parseStoredRegistration(base::Secret("nothing")));
    }
};

QTEST_GUILESS_MAIN(TestClientRegistration)
#include "tst_client_registration.moc"
