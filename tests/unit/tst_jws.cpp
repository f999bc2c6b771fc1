#include "daemon/oauth/jws.h"
#include "tests/unit/token_signer.h"

#include <QTest>

#include <openssl/hmac.h>

#include <map>

using namespace keybearer;
using namespace keybearer::oauth;
using namespace keybearer::test;
using nlohmann::json;

class tst_Jws : public QObject {
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

    void vectorsOfTheRfcsVerify_data() {
        QTest::addColumn<QByteArray>("jwk");
        QTest::addColumn<QByteArray>("jws");
        QTest::addColumn<QByteArray>("alg");
        QTest::addColumn<QByteArray>("payload");
        const QByteArray joe = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        QTest::newRow("RFC 7515 A.2")
            << QByteArray(
                   R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})")
            << QByteArray("eyJhbGciOiJSUzI1NiJ9."
                          "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
                          "fQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
                          "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
                          "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
                          "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0i"
                          "gcN_IoypGlUPQGe77Rw")
            << QByteArray("RS256") << joe;
        QTest::newRow("RFC 7515 A.3")
            << QByteArray(
                   R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})")
            << QByteArray("eyJhbGciOiJFUzI1NiJ9."
                          "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
                          "fQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
            << QByteArray("ES256") << joe;
        QTest::newRow("RFC 8037 A.4")
            << QByteArray(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})")
            << QByteArray("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-"
                          "09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
            << QByteArray("EdDSA") << QByteArray("Example of Ed25519 signing");
    }

    void vectorsOfTheRfcsVerify() {
        QFETCH(QByteArray, jwk);
        QFETCH(QByteArray, jws);
        QFETCH(QByteArray, alg);
        QFETCH(QByteArray, payload);
        const auto keys = published({json::parse(jwk.toStdString())});
        const auto verified = verifyJws(jws.toStdString(), keys, {alg.toStdString()});
        QVERIFY2(verified.has_value(), verified ? "" : verified.error().detail.c_str());
        QCOMPARE(verified->payload, payload.toStdString());
        QCOMPARE(verifyJws(flipped(jws.toStdString()), keys, {alg.toStdString()}).error().kind, ErrorKind::Rejected);
    }

    void everyAlgorithmIsAccepted_data() {
        QTest::addColumn<QByteArray>("alg");
        for (const auto& [alg, signer] : m_signers) {
            QTest::newRow(alg.c_str()) << QByteArray::fromStdString(alg);
        }
    }

    void everyAlgorithmIsAccepted() {
        QFETCH(QByteArray, alg);
        const Signer& signer = m_signers.at(alg.toStdString());
        const auto keys = published({signer.jwk()});
        const std::string token = makeToken(signer, goodClaims());
        const auto claims = verifyIdToken(idToken(token), keys, expectation({signer.alg}));
        QVERIFY2(claims.has_value(), claims ? "" : claims.error().detail.c_str());
        QCOMPARE(claims->subject, "248289761001");
        const auto bad = verifyIdToken(idToken(flipped(token)), keys, expectation({signer.alg}));
        QCOMPARE(bad.error().kind, ErrorKind::Rejected);
    }

    /// [idtoken-sig-none]
    void algNoneIsRejected_data() {
        QTest::addColumn<QByteArray>("alg");
        QTest::addColumn<bool>("signed_");
        for (const char* alg : {"none", "None", "NONE", "nOnE", ""}) {
            QTest::addRow("%s without signature", alg) << QByteArray(alg) << false;
            QTest::addRow("%s with signature", alg) << QByteArray(alg) << true;
        }
    }

    void algNoneIsRejected() {
        QFETCH(QByteArray, alg);
        QFETCH(bool, signed_);
        std::string token = makeToken(rsa(), goodClaims(), {{"alg", alg.toStdString()}});
        if (!signed_) {
            token.resize(token.rfind('.') + 1);
        }
        // Even where the server's metadata lists it.
        const auto read = verifyIdToken(idToken(token), rsaKeys(), expectation({"RS256", alg.toStdString()}));
        QCOMPARE(read.error().kind, ErrorKind::Rejected);
    }

    /// [invalid-sig-hs256] The classic: the public key, which everybody knows, as the secret of an HMAC.
    void hmacIsRejected_data() {
        QTest::addColumn<QByteArray>("secret");
        QTest::newRow("empty secret") << QByteArray();
        QTest::newRow("client id") << QByteArray(kClient);
        QTest::newRow("public key") << QByteArray::fromStdString(rsa().number(OSSL_PKEY_PARAM_RSA_N, 0));
    }

    void hmacIsRejected() {
        QFETCH(QByteArray, secret);
        const std::string message =
            encoded(json{{"alg", "HS256"}, {"kid", rsa().kid}}.dump()) + '.' + encoded(goodClaims().dump());
        std::string mac(32, '\0');
        unsigned size = 0;
        HMAC(EVP_sha256(), secret.constData(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(message.data()), message.size(),
             reinterpret_cast<unsigned char*>(mac.data()), &size);
        const auto read =
            verifyIdToken(idToken(message + '.' + encoded(mac)), rsaKeys(), expectation({"RS256", "HS256"}));
        QCOMPARE(read.error().kind, ErrorKind::Rejected);
    }

    /// [invalid-alternate-alg]
    void algorithmThatTheServerDoesNotStateIsRejected() {
        const Signer& ec = m_signers.at("ES256");
        const std::string token = makeToken(ec, goodClaims());
        QCOMPARE(verifyIdToken(idToken(token), published({ec.jwk()}), expectation()).error().kind, ErrorKind::Rejected);
        QCOMPARE(verifyIdToken(idToken(token), published({ec.jwk()}), expectation({"RS256"})).error().kind,
                 ErrorKind::Rejected);
        QVERIFY(verifyIdToken(idToken(token), published({ec.jwk()}), expectation({"RS256", "ES256"})).has_value());
    }

    void keyMustFitTheAlgorithm() {
        // An EC key that the server publishes under the RSA key's id.
        json ec = m_signers.at("ES256").jwk();
        ec["kid"] = rsa().kid;
        QCOMPARE(verifyIdToken(idToken(makeToken(rsa(), goodClaims())), published({ec}), expectation()).error().kind,
                 ErrorKind::Rejected);
        // A key that is declared for another algorithm.
        json other = rsa().jwk();
        other["alg"] = "PS256";
        QCOMPARE(verifyIdToken(idToken(makeToken(rsa(), goodClaims())), published({other}), expectation()).error().kind,
                 ErrorKind::Rejected);
    }

    /// [invalid-sig-rs256] and a foreign key that claims the kid.
    void wrongSignatureIsRejected() {
        KeyProblem problem = KeyProblem::UnknownKey;
        const Signer foreign = makeSigner("RS256", rsa().kid, Owner::Other);
        QCOMPARE(
            verifyIdToken(idToken(makeToken(foreign, goodClaims())), rsaKeys(), expectation(), &problem).error().kind,
            ErrorKind::Rejected);
        QCOMPARE(problem, KeyProblem::None);
        std::string token = makeToken(rsa(), goodClaims());
        const std::string other = makeToken(rsa(), {{"sub", "evil"}});
        const std::size_t first = token.find('.');
        token.replace(first, token.rfind('.') - first,
                      other.substr(other.find('.'), other.rfind('.') - other.find('.')));
        QCOMPARE(verifyIdToken(idToken(token), rsaKeys(), expectation()).error().kind, ErrorKind::Rejected);
    }

    void keysInTheHeaderAreIgnored_data() {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : {"jwk", "jku", "x5u", "x5c"}) {
            QTest::newRow(name) << QByteArray(name);
        }
    }

    void keysInTheHeaderAreIgnored() {
        QFETCH(QByteArray, name);
        const Signer foreign = makeSigner("RS256", rsa().kid, Owner::Other);
        const json value = name == "jwk" ? foreign.jwk() : json("https://evil.example/jwks");
        const json header{{name.toStdString(), value}};
        QCOMPARE(
            verifyIdToken(idToken(makeToken(foreign, goodClaims(), header)), rsaKeys(), expectation()).error().kind,
            ErrorKind::Rejected);
        // Beside a right signature they do no harm.
        QVERIFY(verifyIdToken(idToken(makeToken(rsa(), goodClaims(), header)), rsaKeys(), expectation()).has_value());
    }

    void criticalExtensionIsRejected() {
        const json header{{"crit", {"b64"}}, {"b64", false}};
        QCOMPARE(verifyIdToken(idToken(makeToken(rsa(), goodClaims(), header)), rsaKeys(), expectation()).error().kind,
                 ErrorKind::Rejected);
    }

    /// [signing-key-rotation]
    void unknownKidAsksForNewKeys() {
        const Signer next = makeSigner("RS256", "key-next", Owner::Other);
        KeyProblem problem = KeyProblem::None;
        const std::string token = makeToken(next, goodClaims());
        QCOMPARE(verifyIdToken(idToken(token), rsaKeys(), expectation(), &problem).error().kind, ErrorKind::Rejected);
        QCOMPARE(problem, KeyProblem::UnknownKey);
        QVERIFY(
            verifyIdToken(idToken(token), published({rsa().jwk(), next.jwk()}), expectation(), &problem).has_value());
        QCOMPARE(problem, KeyProblem::None);
    }

    void sameKidTwiceTriesBoth() {
        const Signer twin = makeSigner("RS256", rsa().kid, Owner::Other);
        const auto keys = published({twin.jwk(), rsa().jwk()});
        QVERIFY(verifyIdToken(idToken(makeToken(rsa(), goodClaims())), keys, expectation()).has_value());
    }

    void missingKid_data() {
        QTest::addColumn<QByteArray>("published_");
        QTest::addColumn<bool>("accepted");
        QTest::newRow("one matching key [kid-absent-single-jwks]") << QByteArray("own") << true;
        QTest::newRow("several, ours among them [kid-absent-multiple-jwks]") << QByteArray("other own") << true;
        QTest::newRow("one of another type") << QByteArray("ec") << false;
        QTest::newRow("another key") << QByteArray("other") << false;
        QTest::newRow("none") << QByteArray() << false;
    }

    void missingKid() {
        QFETCH(QByteArray, published_);
        QFETCH(bool, accepted);
        const Signer nameless = makeSigner("RS256", {}, Owner::Other);
        std::vector<json> keys;
        for (const QByteArray& which : published_.split(' ')) {
            if (which == "own") {
                keys.push_back(nameless.jwk());
            } else if (which == "other") {
                keys.push_back(rsa().jwk());
            } else if (which == "ec") {
                keys.push_back(m_signers.at("ES256").jwk());
            }
        }
        KeyProblem problem = KeyProblem::None;
        const auto read =
            verifyIdToken(idToken(makeToken(nameless, goodClaims())), published(keys), expectation(), &problem);
        QCOMPARE(read.has_value(), accepted);
        QCOMPARE(problem, accepted ? KeyProblem::None : KeyProblem::UnknownKey);
    }

    void malformedTokensAreRefused_data() {
        QTest::addColumn<QByteArray>("token");
        const QByteArray good = QByteArray::fromStdString(makeToken(rsa(), goodClaims()));
        const QList<QByteArray> parts = good.split('.');
        const QByteArray rest = '.' + parts[1] + '.' + parts[2];
        const auto header = [&](const char* text) { return QByteArray::fromStdString(encoded(text)) + rest; };
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("dots") << QByteArray("..");
        QTest::newRow("two parts") << parts[0] + '.' + parts[1];
        QTest::newRow("four parts") << good + ".x";
        QTest::newRow("five parts, encrypted") << good + ".x.y";
        QTest::newRow("padding") << good + "=";
        QTest::newRow("header not base64url") << "e+J" + rest;
        QTest::newRow("payload not base64url") << parts[0] + ".e+J." + parts[2];
        QTest::newRow("signature not base64url") << parts[0] + '.' + parts[1] + ".e+J";
        QTest::newRow("header not JSON") << header("alg=RS256");
        QTest::newRow("header without alg") << header("{}");
        QTest::newRow("alg null [invalid-null-alg]") << header(R"({"alg":null})");
        QTest::newRow("alg a list") << header(R"({"alg":["RS256"]})");
        QTest::newRow("alg twice") << header(R"({"alg":"none","alg":"RS256"})");
        QTest::newRow("kid a number") << header(R"({"alg":"RS256","kid":1})");
        QTest::newRow("line break") << good + '\n';
        QTest::newRow("too large") << good + QByteArray(64 * 1024, 'A');
    }

    void malformedTokensAreRefused() {
        QFETCH(QByteArray, token);
        const auto read = verifyIdToken(idToken(token.toStdString()), rsaKeys(), expectation());
        QVERIFY(!read.has_value());
        QCOMPARE(read.error().kind, ErrorKind::BadResponse);
    }
};

QTEST_APPLESS_MAIN(tst_Jws)
#include "tst_jws.moc"
