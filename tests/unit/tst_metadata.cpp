#include "daemon/oauth/metadata.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace keybearer::oauth;
using nlohmann::json;

namespace {

constexpr const char* kIssuer = "https://as.example/tenant";

json document() {
    return {{"issuer", kIssuer},
            {"authorization_endpoint", "https://as.example/authorize?tenant=1"},
            {"token_endpoint", "https://tokens.example/token"},
            {"jwks_uri", "https://as.example/jwks"},
            {"code_challenge_methods_supported", {"plain", "S256"}}};
}

} // namespace

class tst_Metadata : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void usableIssuersPass_data() {
        QTest::addColumn<QByteArray>("issuer");
        for (const char* issuer : {"https://as.example", "https://as.example/", "https://as.example:8443/a/b",
                                   "http://127.0.0.1:9400", "http://[::1]:9400/x", "http://localhost:9400"}) {
            QTest::newRow(issuer) << QByteArray(issuer);
        }
    }

    void usableIssuersPass() {
        QFETCH(QByteArray, issuer);
        QVERIFY(checkIssuer(issuer.toStdString()).has_value());
    }

    void otherIssuersAreMisconfigured_data() {
        QTest::addColumn<QByteArray>("issuer");
        for (const char* issuer :
             {"", "as.example", "http://as.example", "http://127.0.0.1.example", "http://10.0.0.1", "ftp://as.example",
              "https://as.example?a=b", "https://as.example/?", "https://as.example/#a", "https://user@as.example",
              "https://as.example/ a", "https://"}) {
            QTest::addRow("<%s>", issuer) << QByteArray(issuer);
        }
    }

    void otherIssuersAreMisconfigured() {
        QFETCH(QByteArray, issuer);
        const auto checked = checkIssuer(issuer.toStdString());
        QVERIFY(!checked.has_value());
        QCOMPARE(checked.error().kind, ErrorKind::Misconfigured);
    }

    void issuerInAnErrorIsPrintable() {
        const auto checked = checkIssuer("http://\x1b[2J\xE2\x80\xAE");
        QVERIFY(!checked.has_value());
        for (const char c : checked.error().detail) {
            QVERIFY(c >= 0x20 && c < 0x7F);
        }
    }

    void endpointsMustBeHttpsOrLoopback_data() {
        QTest::addColumn<QByteArray>("url");
        QTest::addColumn<bool>("acceptable");
        const auto row = [](const char* url, bool acceptable) { QTest::newRow(url) << QByteArray(url) << acceptable; };
        row("https://as.example/token", true);
        row("https://as.example/token?tenant=1", true);
        row("http://127.0.0.1:1/token", true);
        row("http://127.9.9.9/token", true);
        row("http://[::1]/token", true);
        row("http://localhost/token", true);
        row("http://as.example/token", false);
        row("http://169.254.169.254/latest", false);
        row("http://localhost.example/token", false);
        row("https://as.example/token#f", false);
        row("https://u:p@as.example/token", false);
        row("file:///etc/passwd", false);
        row("/token", false);
    }

    void endpointsMustBeHttpsOrLoopback() {
        QFETCH(QByteArray, url);
        QFETCH(bool, acceptable);
        QCOMPARE(isAcceptableEndpoint(url.toStdString()), acceptable);
    }

    // RFC 8414 section 3.1, OpenID Connect Discovery 1.0 section 4.1
    void wellKnownUrlsAreBuiltInOrder_data() {
        QTest::addColumn<QByteArray>("issuer");
        QTest::addColumn<QList<QByteArray>>("urls");
        QTest::newRow("no path") << QByteArray("https://example.com")
                                 << QList<QByteArray>{"https://example.com/.well-known/oauth-authorization-server",
                                                      "https://example.com/.well-known/openid-configuration"};
        QTest::newRow("only a slash") << QByteArray("https://example.com/")
                                      << QList<QByteArray>{"https://example.com/.well-known/oauth-authorization-server",
                                                           "https://example.com/.well-known/openid-configuration"};
        const QList<QByteArray> withPath{"https://example.com:8443/.well-known/oauth-authorization-server/issuer1",
                                         "https://example.com:8443/.well-known/openid-configuration/issuer1",
                                         "https://example.com:8443/issuer1/.well-known/openid-configuration"};
        QTest::newRow("path") << QByteArray("https://example.com:8443/issuer1") << withPath;
        QTest::newRow("path and slash") << QByteArray("https://example.com:8443/issuer1/") << withPath;
        QTest::newRow("two segments") << QByteArray("https://example.com/a/b")
                                      << QList<QByteArray>{
                                             "https://example.com/.well-known/oauth-authorization-server/a/b",
                                             "https://example.com/.well-known/openid-configuration/a/b",
                                             "https://example.com/a/b/.well-known/openid-configuration"};
        QTest::newRow("not a URL") << QByteArray("example.com") << QList<QByteArray>{};
    }

    void wellKnownUrlsAreBuiltInOrder() {
        QFETCH(QByteArray, issuer);
        QFETCH(QList<QByteArray>, urls);
        QList<QByteArray> built;
        for (const std::string& url : wellKnownUrls(issuer.toStdString())) {
            built << QByteArray::fromStdString(url);
        }
        QCOMPARE(built, urls);
    }

    void membersAreRead() {
        json text = document();
        text["userinfo_endpoint"] = "https://as.example/me";
        text["revocation_endpoint"] = "https://as.example/revoke";
        text["pushed_authorization_request_endpoint"] = "https://as.example/par";
        text["require_pushed_authorization_requests"] = true;
        text["authorization_response_iss_parameter_supported"] = true;
        text["dpop_signing_alg_values_supported"] = {"ES256", "EdDSA"};
        text["scopes_supported"] = {"openid", "email"};
        text["id_token_signing_alg_values_supported"] = {"RS256", "ES256"};
        text["token_endpoint_auth_methods_supported"] = {"none"};
        text["something_new"] = {{"deep", {1, 2}}};
        const auto metadata = parseMetadata(text.dump(), kIssuer);
        QVERIFY2(metadata.has_value(), metadata ? "" : metadata.error().detail.c_str());
        QCOMPARE(metadata->issuer, kIssuer);
        QCOMPARE(metadata->authorizationEndpoint, "https://as.example/authorize?tenant=1");
        QCOMPARE(metadata->tokenEndpoint, "https://tokens.example/token");
        QCOMPARE(metadata->jwksUri, "https://as.example/jwks");
        QCOMPARE(metadata->userinfoEndpoint, "https://as.example/me");
        QCOMPARE(metadata->revocationEndpoint, "https://as.example/revoke");
        QCOMPARE(metadata->pushedRequestEndpoint, "https://as.example/par");
        QVERIFY(metadata->pushedRequestsOnly);
        QVERIFY(metadata->pkceS256);
        QVERIFY(metadata->issParameter);
        QCOMPARE(metadata->dpopAlgs, (std::vector<std::string>{"ES256", "EdDSA"}));
        QCOMPARE(metadata->scopesSupported, (std::vector<std::string>{"openid", "email"}));
        QCOMPARE(metadata->idTokenAlgs, (std::vector<std::string>{"RS256", "ES256"}));
        QCOMPARE(metadata->tokenAuthMethods, std::vector<std::string>{"none"});
    }

    void absentMembersTakeTheDefaults_data() {
        QTest::addColumn<bool>("asNull");
        QTest::newRow("absent") << false;
        QTest::newRow("null") << true;
    }

    void absentMembersTakeTheDefaults() {
        QFETCH(bool, asNull);
        json text = document();
        for (const char* name : {"jwks_uri", "userinfo_endpoint", "revocation_endpoint",
                                 "pushed_authorization_request_endpoint", "require_pushed_authorization_requests",
                                 "code_challenge_methods_supported", "authorization_response_iss_parameter_supported",
                                 "scopes_supported", "id_token_signing_alg_values_supported"}) {
            text.erase(name);
            if (asNull) {
                text[name] = nullptr;
            }
        }
        const auto metadata = parseMetadata(text.dump(), kIssuer);
        QVERIFY(metadata.has_value());
        QVERIFY(metadata->jwksUri.empty() && metadata->userinfoEndpoint.empty() &&
                metadata->revocationEndpoint.empty() && metadata->pushedRequestEndpoint.empty());
        QVERIFY(!metadata->pushedRequestsOnly);
        QVERIFY(!metadata->pkceS256 && !metadata->issParameter);
        QVERIFY(metadata->scopesSupported.empty() && metadata->idTokenAlgs.empty() &&
                metadata->tokenAuthMethods.empty());
    }

    void pkceNeedsS256Exactly_data() {
        QTest::addColumn<QByteArray>("methods");
        QTest::newRow("plain only") << QByteArray(R"(["plain"])");
        QTest::newRow("lower case") << QByteArray(R"(["s256"])");
        QTest::newRow("another") << QByteArray(R"(["S512","S256 "])");
        QTest::newRow("none") << QByteArray("[]");
    }

    void pkceNeedsS256Exactly() {
        QFETCH(QByteArray, methods);
        json text = document();
        text["code_challenge_methods_supported"] = json::parse(methods.toStdString());
        const auto metadata = parseMetadata(text.dump(), kIssuer);
        QVERIFY(metadata.has_value());
        QVERIFY(!metadata->pkceS256);
    }

    void badDocumentsAreRefused_data() {
        QTest::addColumn<QByteArray>("member");
        QTest::addColumn<QByteArray>("value"); // empty: removed
        const auto row = [](const char* name, const char* member, const json& value) {
            QTest::newRow(name) << QByteArray(member) << QByteArray::fromStdString(value.dump());
        };
        const auto missing = [](const char* name, const char* member) {
            QTest::newRow(name) << QByteArray(member) << QByteArray();
        };
        missing("no issuer", "issuer");
        row("issuer not a string", "issuer", 1);
        row("another issuer", "issuer", "https://evil.example");
        row("issuer with a slash more", "issuer", "https://as.example/tenant/");
        row("issuer in capitals", "issuer", "https://AS.example/tenant");
        row("issuer with its port", "issuer", "https://as.example:443/tenant");
        row("issuer escaped", "issuer", "https://as.example/%74enant");
        row("issuer and NUL", "issuer", std::string("https://as.example/tenant\0", 26));
        missing("no authorization endpoint", "authorization_endpoint");
        missing("no token endpoint", "token_endpoint");
        row("token endpoint null", "token_endpoint", nullptr);
        row("token endpoint empty", "token_endpoint", "");
        row("token endpoint a list", "token_endpoint", json::array({"https://as.example/token"}));
        row("token endpoint http", "token_endpoint", "http://as.example/token");
        row("token endpoint on this machine", "token_endpoint", "http://127.0.0.1:631/token");
        row("token endpoint a file", "token_endpoint", "file:///etc/passwd");
        row("token endpoint link-local", "token_endpoint", "http://169.254.169.254/token");
        row("token endpoint at home", "token_endpoint", "https://192.168.1.1/token");
        row("token endpoint in a cloud", "token_endpoint", "https://169.254.169.254/token");
        row("registration here", "registration_endpoint", "https://localhost/register");
        row("registration http", "registration_endpoint", "http://as.example/register");
        row("documents in words", "client_id_metadata_document_supported", "yes");
        row("jwks at home", "jwks_uri", "https://[fd00::1]/jwks");
        row("userinfo at home", "userinfo_endpoint", "https://10.0.0.1/me");
        row("token endpoint with user", "token_endpoint", "https://as.example@evil.example/");
        row("token endpoint with fragment", "token_endpoint", "https://as.example/#a");
        row("authorization endpoint javascript", "authorization_endpoint", "javascript:x");
        row("authorization endpoint http", "authorization_endpoint", "http://as.example/");
        row("jwks http", "jwks_uri", "http://as.example/jwks");
        row("jwks not a string", "jwks_uri", json::object());
        row("userinfo http", "userinfo_endpoint", "http://as.example/me");
        row("revocation http", "revocation_endpoint", "http://as.example/revoke");
        row("pushed requests http", "pushed_authorization_request_endpoint", "http://as.example/par");
        row("pushed requests a number", "require_pushed_authorization_requests", 1);
        row("methods not a list", "code_challenge_methods_supported", "S256");
        row("methods with a number", "code_challenge_methods_supported", json{"S256", 1});
        row("iss flag a string", "authorization_response_iss_parameter_supported", "true");
        row("scopes a string", "scopes_supported", "openid");
        row("algorithms an object", "id_token_signing_alg_values_supported", json::object());
    }

    void badDocumentsAreRefused() {
        QFETCH(QByteArray, member);
        QFETCH(QByteArray, value);
        json text = document();
        text.erase(member.toStdString());
        if (!value.isEmpty()) {
            text[member.toStdString()] = json::parse(value.toStdString());
        }
        const auto metadata = parseMetadata(text.dump(), kIssuer);
        QVERIFY(!metadata.has_value());
        QCOMPARE(metadata.error().kind, ErrorKind::BadResponse);
    }

    void secondIssuerMemberIsRefused() {
        std::string text = document().dump();
        text.insert(1, "\"issuer\":\"https://evil.example\",");
        QCOMPARE(parseMetadata(text, kIssuer).error().kind, ErrorKind::BadResponse);
    }

    void notJsonIsRefused() { QCOMPARE(parseMetadata("<html>", kIssuer).error().kind, ErrorKind::BadResponse); }

    void loopbackServerMayUseHttp() {
        const json text{{"issuer", "http://127.0.0.1:9400"},
                        {"authorization_endpoint", "http://127.0.0.1:9400/authorize"},
                        {"token_endpoint", "http://localhost:9400/token"}};
        QVERIFY(parseMetadata(text.dump(), "http://127.0.0.1:9400").has_value());
    }
};

QTEST_APPLESS_MAIN(tst_Metadata)
#include "tst_metadata.moc"
