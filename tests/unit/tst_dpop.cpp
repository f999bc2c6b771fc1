#include "daemon/accounts/stored_grant.h"
#include "daemon/oauth/dpop.h"
#include "ipc/base/base64url.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace keybearer;
using namespace keybearer::oauth;
using crypto::SigningKey;
using nlohmann::json;

namespace {

json partOf(const std::string& proof, int number) {
    const QByteArray part = QByteArray::fromStdString(proof).split('.').at(number);
    return json::parse(*base::base64UrlDecode(part.toStdString()));
}

bool isSigned(const std::string& proof, const crypto::PublicKey& key) {
    const std::size_t dot = proof.rfind('.');
    return crypto::verifySignature(crypto::SignatureAlg::Es256, key, proof.substr(0, dot),
                                   *base::base64UrlDecode(proof.substr(dot + 1)));
}

} // namespace

class TestDpop : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // The key of RFC 9449 section 4.1 and the thumbprint that its section 6.1 gives it.
    void theThumbprintOfTheRfc() {
        const crypto::PublicKey key{"EC",
                                    "P-256",
                                    {},
                                    {},
                                    *base::base64UrlDecode("l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs"),
                                    *base::base64UrlDecode("9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA")};
        QCOMPARE(jwkThumbprint(key), std::string("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"));
    }

    // Section 4.2; `ath` is the value of section 7.1 for its token.
    void aProofSaysWhatItIsFor() {
        const SigningKey key = SigningKey::generate();
        const base::AccessToken token{base::Secret("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU")};
        const std::string proof = dpopProof(key, {"GET", "https://resource.example.org/x", "n-1", &token, 1562262618});
        const json header = partOf(proof, 0);
        QCOMPARE(header["typ"].get<std::string>(), std::string("dpop+jwt"));
        QCOMPARE(header["alg"].get<std::string>(), std::string("ES256"));
        QCOMPARE(header["jwk"].size(), std::size_t{4}); // the public half alone
        QCOMPARE(*base::base64UrlDecode(header["jwk"]["x"].get<std::string>()), key.publicKey().x);
        const json claims = partOf(proof, 1);
        QCOMPARE(claims["htm"].get<std::string>(), std::string("GET"));
        QCOMPARE(claims["htu"].get<std::string>(), std::string("https://resource.example.org/x"));
        QCOMPARE(claims["iat"].get<int>(), 1562262618);
        QCOMPARE(claims["nonce"].get<std::string>(), std::string("n-1"));
        QCOMPARE(claims["ath"].get<std::string>(), std::string("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"));
        QVERIFY(isSigned(proof, key.publicKey()));
        QVERIFY(!isSigned(proof, SigningKey::generate().publicKey()));
    }

    void everyProofIsAnother() {
        const SigningKey key = SigningKey::generate();
        const std::string one = dpopProof(key, {"POST", "https://as.example/token", {}, nullptr, 1});
        const json claims = partOf(one, 1);
        QVERIFY(!claims.contains("nonce") && !claims.contains("ath"));
        QVERIFY(claims["jti"] !=
                partOf(dpopProof(key, {"POST", "https://as.example/token", {}, nullptr, 1}), 1)["jti"]);
    }

    void aKeyIsKept() {
        const SigningKey key = SigningKey::generate();
        const base::Secret saved = key.save();
        QCOMPARE(saved.size(), std::size_t{32});
        auto loaded = SigningKey::load(saved, key.publicKey());
        QVERIFY(loaded.has_value());
        QVERIFY(crypto::verifySignature(crypto::SignatureAlg::Es256, key.publicKey(), "m", loaded->sign("m")));
        QVERIFY(!SigningKey::load(saved, SigningKey::generate().publicKey()).has_value());
        QVERIFY(!SigningKey::load(base::Secret(std::string(32, '\0')), key.publicKey()).has_value());
        QVERIFY(!SigningKey::load(base::Secret("short"), key.publicKey()).has_value());
        crypto::PublicKey other = key.publicKey();
        other.crv = "P-384";
        QVERIFY(!SigningKey::load(saved, other).has_value());
    }

    void aGrantKeepsItsKey() {
        accounts::StoredGrant grant;
        grant.issuer = "https://as.example";
        grant.clientId = "c";
        grant.refreshToken = base::RefreshToken{base::Secret("r")};
        grant.dpopKey = std::make_shared<const SigningKey>(SigningKey::generate());
        const base::Secret item = accounts::formatGrant(grant);
        const auto read = accounts::parseGrant(item);
        QVERIFY(read.has_value() && read->dpopKey);
        QCOMPARE(read->dpopKey->publicKey().x, grant.dpopKey->publicKey().x);
        json damaged = json::parse(item.reveal());
        for (const std::string& key : {std::string("AAAA"), std::string(128, 'A'), std::string("!")}) {
            damaged["dpop_key"] = key;
            QVERIFY2(!accounts::parseGrant(base::Secret(damaged.dump())).has_value(), key.c_str());
        }
        damaged.erase("dpop_key");
        QVERIFY(!accounts::parseGrant(base::Secret(damaged.dump()))->dpopKey);
    }

    void targets_data() {
        QTest::addColumn<QByteArray>("url");
        QTest::addColumn<QByteArray>("target"); ///< empty: refused
        const auto row = [](const char* url, const char* target) {
            QTest::newRow(url) << QByteArray(url) << QByteArray(target);
        };
        row("https://api.example/a/b", "https://api.example/a/b");
        row("https://api.example/a?b=c#d", "https://api.example/a");
        row("https://api.example/a#d?e", "https://api.example/a");
        row("https://api.example:8443/", "https://api.example:8443/");
        row("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x");
        row("http://api.example/", "");
        row("https://user@api.example/", "");
        row("https://api.example/a b", "");
        row("api.example", "");
        row("", "");
    }
    void targets() {
        QFETCH(const QByteArray, url);
        QFETCH(const QByteArray, target);
        QCOMPARE(proofTarget(url.toStdString()).value_or(""), target.toStdString());
    }

    void methodsAndNonces() {
        for (const char* good : {"GET", "POST", "M-SEARCH", "x"}) {
            QVERIFY2(isHttpMethod(good), good);
        }
        for (const std::string& bad : {std::string(), std::string("GET "), std::string("G\r\nX"), std::string("G\"T"),
                                       std::string(33, 'A'), std::string("\xC3\xA4")}) {
            QVERIFY2(!isHttpMethod(bad), bad.c_str());
        }
        QVERIFY(isDpopNonce("eyJ7S_zG.eyJH0-Z.HX4w-7v~!"));
        QVERIFY(isDpopNonce(std::string(kMaxDpopNonce, 'a')));
        for (const std::string& bad : {std::string(), std::string("a b"), std::string("a\"b"), std::string("a\\b"),
                                       std::string("a\nb"), std::string(kMaxDpopNonce + 1, 'a')}) {
            QVERIFY2(!isDpopNonce(bad), bad.c_str());
        }
    }
};

QTEST_APPLESS_MAIN(TestDpop)
#include "tst_dpop.moc"
