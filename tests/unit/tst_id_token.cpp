#include "daemon/oauth/id_token.h"
#include "tests/unit/token_signer.h"

#include <QTest>

#include <map>

using namespace keybearer;
using namespace keybearer::oauth;
using namespace keybearer::test;
using nlohmann::json;

class tst_IdToken : public QObject {
    Q_OBJECT

    std::map<std::string, Signer> m_signers;

    [[nodiscard]] const Signer& rsa() const { return m_signers.at("RS256"); }
    [[nodiscard]] std::vector<Jwk> rsaKeys() const { return published({rsa().jwk()}); }

private Q_SLOTS:
    void initTestCase() {
        for (const char* alg :
             {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}) {
            m_signers.emplace(alg, makeSigner(alg, std::string("key-") + alg));
        }
    }

    void claimsForPeopleAreRead() {
        json claims = goodClaims();
        claims.update({{"email", "jos\xC3\xA9@example.com"},
                       {"preferred_username", "jose"},
                       {"name", "Jos\xC3\xA9 \xE6\x97\xA5"}});
        const auto read = verifyIdToken(idToken(makeToken(rsa(), claims)), rsaKeys(), expectation());
        QVERIFY(read.has_value());
        QCOMPARE(read->email, "jos\xC3\xA9@example.com");
        QCOMPARE(read->preferredUsername, "jose");
        QCOMPARE(read->name, "Jos\xC3\xA9 \xE6\x97\xA5");
    }

    void claimsForPeopleThatPlayTricksAreDropped_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("line break") << QByteArray("a\nb");
        QTest::newRow("escape") << QByteArray("a\x1b[2Jb");
        QTest::newRow("NUL") << QByteArray("a\0b", 3);
        QTest::newRow("DEL") << QByteArray("a\x7f");
        QTest::newRow("C1 control U+009B") << QByteArray("a\xC2\x9B"
                                                         "2J");
        QTest::newRow("right-to-left override U+202E") << QByteArray("a\xE2\x80\xAE"
                                                                     "b");
        QTest::newRow("right-to-left override at the end") << QByteArray("a\xE2\x80\xAE");
        QTest::newRow("zero width U+200B") << QByteArray("a\xE2\x80\x8B"
                                                         "b");
        QTest::newRow("line separator U+2028") << QByteArray("a\xE2\x80\xA8"
                                                             "b");
        QTest::newRow("isolate U+2066") << QByteArray("a\xE2\x81\xA6"
                                                      "b");
        QTest::newRow("too long") << QByteArray(257, 'x');
    }

    void claimsForPeopleThatPlayTricksAreDropped() {
        QFETCH(QByteArray, name);
        json claims = goodClaims();
        claims["name"] = name.toStdString();
        claims["email"] = {1, 2};
        const auto read = verifyIdToken(idToken(makeToken(rsa(), claims)), rsaKeys(), expectation());
        QVERIFY(read.has_value());
        QVERIFY(read->name.empty());
        QVERIFY(read->email.empty());
    }

    void acceptableClaimsPass_data() {
        QTest::addColumn<QByteArray>("claim");
        QTest::addColumn<QByteArray>("value");
        const auto row = [](const char* name, const char* claim, const json& value) {
            QTest::newRow(name) << QByteArray(claim) << QByteArray::fromStdString(value.dump());
        };
        row("audience a list", "aud", json::array({kClient}));
        row("audience a list, twice us", "aud", json{kClient, kClient});
        row("authorized party is us", "azp", kClient);
        row("expired within the skew", "exp", kNow - 299);
        row("issued ahead within the skew", "iat", kNow + 300);
        row("issued an hour ago", "iat", kNow - 3600);
        row("times with a fraction", "exp", static_cast<double>(kNow) + 10.5);
        row("valid from now", "nbf", kNow + 300);
        row("subject of 255 characters", "sub", std::string(255, 's'));
        row("auth_time zero", "auth_time", 0);
        row("at_hash without an access token to compare", "at_hash", "x");
        row("unknown claim", "events", json{{"a", 1}});
    }

    void acceptableClaimsPass() {
        QFETCH(QByteArray, claim);
        QFETCH(QByteArray, value);
        json claims = goodClaims();
        claims[claim.toStdString()] = json::parse(value.toStdString());
        const auto read = verifyIdToken(idToken(makeToken(rsa(), claims)), rsaKeys(), expectation());
        QVERIFY2(read.has_value(), read ? "" : read.error().detail.c_str());
    }

    void withoutAClockOnlyTheShapeOfTimesCounts() {
        IdTokenExpectation refreshed = expectation();
        refreshed.now = std::nullopt;
        for (const char* claim : {"exp", "iat", "nbf"}) {
            for (const std::int64_t time : {kNow - 400'000'000, kNow + 400'000'000}) {
                json claims = goodClaims();
                claims[claim] = time;
                const base::IdToken token = idToken(makeToken(rsa(), claims));
                QVERIFY2(verifyIdToken(token, rsaKeys(), refreshed).has_value(), claim);
            }
            json claims = goodClaims();
            claims[claim] = "soon";
            const base::IdToken token = idToken(makeToken(rsa(), claims));
            QVERIFY2(!verifyIdToken(token, rsaKeys(), refreshed).has_value(), claim);
        }
    }

    /// OpenID Connect Core 1.0 section 3.1.3.7. The names in brackets are the modules of the OpenID Foundation's
    /// conformance suite for relying parties that look for the same defect.
    void wrongClaimsAreRejected_data() {
        QTest::addColumn<QByteArray>("claim");
        QTest::addColumn<QByteArray>("value"); // empty: removed
        const auto row = [](const char* name, const char* claim, const json& value) {
            QTest::newRow(name) << QByteArray(claim) << QByteArray::fromStdString(value.dump());
        };
        const auto missing = [](const char* name, const char* claim) {
            QTest::newRow(name) << QByteArray(claim) << QByteArray();
        };
        row("issuer wrong [invalid-iss]", "iss", "https://evil.example");
        row("issuer with a slash more", "iss", "https://as.example/");
        row("issuer in capitals", "iss", "https://AS.example");
        row("issuer a list", "iss", json::array({kIssuer}));
        missing("issuer missing [invalid-missing-iss]", "iss");
        missing("subject missing [missing-sub]", "sub");
        row("subject empty", "sub", "");
        row("subject a number", "sub", 1);
        row("subject not ASCII", "sub", "\xC3\xA4");
        row("subject with a line break", "sub", "a\nb");
        row("subject of 256 characters", "sub", std::string(256, 's'));
        row("audience wrong [invalid-aud]", "aud", "client-2");
        missing("audience missing [missing-aud]", "aud");
        row("audience an empty list", "aud", json::array());
        row("audience without us", "aud", json{"client-2", "client-3"});
        row("audience with another [invalid-secondary-aud]", "aud", json{kClient, "client-2"});
        row("audience with a number", "aud", json{kClient, 1});
        row("audience an object", "aud", json{{kClient, kClient}});
        row("authorized party is another", "azp", "client-2");
        row("authorized party a list", "azp", json::array({kClient}));
        missing("issue time missing [missing-iat]", "iat");
        row("issue time far ahead", "iat", kNow + 301);
        row("issued a week ago [iat-is-week-in-past]", "iat", kNow - 7 * 24 * 3600);
        row("issue time a string", "iat", std::to_string(kNow));
        row("issue time negative", "iat", -1);
        missing("expiry missing [invalid-missing-exp]", "exp");
        row("expired [invalid-expired-exp]", "exp", kNow - 300);
        row("expiry a string", "exp", std::to_string(kNow + 600));
        row("expiry null", "exp", nullptr);
        row("expiry 1e300", "exp", 1e300);
        row("expiry of 64 bits", "exp", UINT64_MAX);
        row("not valid yet", "nbf", kNow + 301);
        row("not before a string", "nbf", "now");
        row("not before 1e300", "nbf", 1e300);
        row("nonce wrong [nonce-invalid]", "nonce", "another");
        row("nonce in capitals", "nonce", "N-0S6_WZA2MJ");
        row("nonce empty", "nonce", "");
        row("nonce a list", "nonce", json::array({kNonce}));
        missing("nonce missing [invalid-missing-nonce]", "nonce");
    }

    void wrongClaimsAreRejected() {
        QFETCH(QByteArray, claim);
        QFETCH(QByteArray, value);
        json claims = goodClaims();
        claims.erase(claim.toStdString());
        if (!value.isEmpty()) {
            claims[claim.toStdString()] = json::parse(value.toStdString());
        }
        KeyProblem problem = KeyProblem::UnknownKey;
        const auto read = verifyIdToken(idToken(makeToken(rsa(), claims)), rsaKeys(), expectation(), &problem);
        QVERIFY(!read.has_value());
        QCOMPARE(read.error().kind, ErrorKind::Rejected);
        QCOMPARE(problem, KeyProblem::None); // another key set would not help
    }

    /// Core section 12.2.
    void refreshedTokenNeedsNoNonceButTheSameSubject() {
        json claims = goodClaims();
        IdTokenExpectation refresh = expectation();
        refresh.nonce.clear();
        refresh.subject = "248289761001";
        QVERIFY(verifyIdToken(idToken(makeToken(rsa(), claims)), rsaKeys(), refresh).has_value());
        claims.erase("nonce");
        QVERIFY(verifyIdToken(idToken(makeToken(rsa(), claims)), rsaKeys(), refresh).has_value());
        claims["sub"] = "someone-else"; // [refresh-token-invalid-sub]
        QCOMPARE(verifyIdToken(idToken(makeToken(rsa(), claims)), rsaKeys(), refresh).error().kind,
                 ErrorKind::Rejected);
    }

    void clientWithoutAnIdMatchesNoAudience() {
        json claims = goodClaims();
        claims["aud"] = "";
        IdTokenExpectation nobody = expectation();
        nobody.clientId.clear();
        QCOMPARE(verifyIdToken(idToken(makeToken(rsa(), claims)), rsaKeys(), nobody).error().kind, ErrorKind::Rejected);
    }

    void atHashIsThatOfTheSpecification() {
        // OpenID Connect Core 1.0 appendix A.3: this access token has this at_hash under SHA-256.
        const base::AccessToken token{base::Secret("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y")};
        json claims = goodClaims();
        claims["at_hash"] = "77QmUPtjPfzWtF2AnpK9RQ";
        IdTokenExpectation expected = expectation();
        expected.accessToken = &token;
        const auto read = verifyIdToken(idToken(makeToken(rsa(), claims)), rsaKeys(), expected);
        QVERIFY2(read.has_value(), read ? "" : read.error().detail.c_str());
    }

    void atHashUsesTheHashOfTheAlgorithm_data() {
        QTest::addColumn<QByteArray>("alg");
        QTest::addColumn<QByteArray>("atHash");
        // printf at-1 | openssl dgst -sha256 -binary | head -c 16 | basenc --base64url, and so on
        const QByteArray sha256 = "R8PYaIQdcYEdkSc9TeGyiQ";
        const QByteArray sha384 = "xuH6cm_HAD6l8eK5sNkZDBF4xMryPnlN";
        const QByteArray sha512 = "4J8UayM9qUGnNqHaqK2rpChA_M6CMUIfl5gcZqvthBE";
        for (const auto& [alg, signer] : m_signers) {
            QTest::newRow(alg.c_str()) << QByteArray::fromStdString(alg)
                                       << (alg.ends_with("256")   ? sha256
                                           : alg.ends_with("384") ? sha384
                                                                  : sha512);
        }
    }

    void atHashUsesTheHashOfTheAlgorithm() {
        QFETCH(QByteArray, alg);
        QFETCH(QByteArray, atHash);
        const Signer& signer = m_signers.at(alg.toStdString());
        const base::AccessToken token{base::Secret("at-1")};
        const base::AccessToken another{base::Secret("at-2")};
        json claims = goodClaims();
        claims["at_hash"] = atHash.toStdString();
        const std::string text = makeToken(signer, claims);
        IdTokenExpectation expected = expectation({signer.alg});
        expected.accessToken = &token;
        QVERIFY(verifyIdToken(idToken(text), published({signer.jwk()}), expected).has_value());
        expected.accessToken = &another;
        QCOMPARE(verifyIdToken(idToken(text), published({signer.jwk()}), expected).error().kind, ErrorKind::Rejected);
    }

    void wrongAtHashIsRejected_data() {
        QTest::addColumn<QByteArray>("atHash");
        QTest::newRow("another [invalid-athash]") << QByteArray("\"AAAAAAAAAAAAAAAAAAAAAA\"");
        QTest::newRow("empty") << QByteArray("\"\"");
        QTest::newRow("whole hash") << QByteArray("\"77QmUPtjPfzWtF2AnpK9RQAAAAAAAAAAAAAAAAAAAAA\"");
        QTest::newRow("number") << QByteArray("1");
    }

    void wrongAtHashIsRejected() {
        QFETCH(QByteArray, atHash);
        const base::AccessToken token{base::Secret("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y")};
        json claims = goodClaims();
        claims["at_hash"] = json::parse(atHash.toStdString());
        IdTokenExpectation expected = expectation();
        expected.accessToken = &token;
        QCOMPARE(verifyIdToken(idToken(makeToken(rsa(), claims)), rsaKeys(), expected).error().kind,
                 ErrorKind::Rejected);
    }

    void signedContentThatIsNoObjectIsRefused() {
        QCOMPARE(verifyIdToken(idToken(makeToken(rsa(), json::array())), rsaKeys(), expectation()).error().kind,
                 ErrorKind::BadResponse);
    }

    void errorsHoldNothingOfTheToken() {
        json claims = goodClaims();
        claims["iss"] = "canary-issuer";
        claims["sub"] = "canary-subject";
        const auto read = verifyIdToken(idToken(makeToken(rsa(), claims)), rsaKeys(), expectation());
        QVERIFY(read.error().detail.find("canary") == std::string::npos);
    }
};

QTEST_APPLESS_MAIN(tst_IdToken)
#include "tst_id_token.moc"
