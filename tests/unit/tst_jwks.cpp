#include "daemon/oauth/id_token.h"
#include "ipc/base/base64url.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace keybearer;
using namespace keybearer::oauth;
using nlohmann::json;

namespace {

std::string encoded(const std::string& bytes) {
    return base::base64UrlEncode(bytes);
}

/// A modulus of `bits` bits: only its size and its last bit matter here.
std::string modulus(int bits) {
    std::string bytes(static_cast<std::size_t>((bits + 7) / 8), '\x55');
    bytes.front() = static_cast<char>(1 << ((bits - 1) % 8));
    return bytes;
}

json rsa(int bits = 2048) {
    return {{"kty", "RSA"}, {"kid", "k"}, {"n", encoded(modulus(bits))}, {"e", "AQAB"}};
}

json ec(const char* crv, std::size_t width) {
    const std::string coordinate = encoded(std::string(width, '\x01'));
    return {{"kty", "EC"}, {"kid", "k"}, {"crv", crv}, {"x", coordinate}, {"y", coordinate}};
}

json set(const json& keys) {
    return {{"keys", keys}};
}

QByteArray text(const json& value) {
    return QByteArray::fromStdString(value.dump());
}

} // namespace

class tst_Jwks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void exampleOfTheRfcIsRead() {
        // RFC 7517 appendix A.1: an EC key for encryption and an RSA key
        const auto keys = parseJwks(R"({"keys":[
            {"kty":"EC","crv":"P-256",
             "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
             "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
             "use":"enc","kid":"1"},
            {"kty":"RSA",
             "n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
             "e":"AQAB","alg":"RS256","kid":"2011-04-29"}]})");
        QVERIFY(keys.has_value());
        QCOMPARE(keys->size(), std::size_t{1});
        QCOMPARE(keys->at(0).kid, "2011-04-29");
        QCOMPARE(keys->at(0).kty, "RSA");
        QCOMPARE(keys->at(0).alg, "RS256");
        QCOMPARE(keys->at(0).n.size(), std::size_t{256});
        QCOMPARE(keys->at(0).e, std::string("\x01\x00\x01", 3));
    }

    void goodKeysAreKept_data() {
        QTest::addColumn<QByteArray>("key");
        QTest::newRow("RSA 2048") << text(rsa(2048));
        QTest::newRow("RSA 8192") << text(rsa(8192));
        json key = rsa();
        key["n"] = encoded(std::string(1, '\0') + modulus(2048));
        QTest::newRow("RSA with a leading zero") << text(key);
        key = rsa();
        key.erase("kid");
        QTest::newRow("no kid") << text(key);
        key = rsa();
        key["use"] = "sig";
        key["key_ops"] = {"verify"};
        key["alg"] = "PS256";
        QTest::newRow("for signatures") << text(key);
        key["x5c"] = {"MII"};
        QTest::newRow("unknown members") << text(key);
        QTest::newRow("P-256") << text(ec("P-256", 32));
        QTest::newRow("P-384") << text(ec("P-384", 48));
        QTest::newRow("P-521") << text(ec("P-521", 66));
        QTest::newRow("Ed25519") << text({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", encoded(std::string(32, 'x'))}});
    }

    void goodKeysAreKept() {
        QFETCH(QByteArray, key);
        const auto keys = parseJwks(set(json::array({json::parse(key.toStdString())})).dump());
        QVERIFY(keys.has_value());
        QCOMPARE(keys->size(), std::size_t{1});
    }

    void uselessKeysAreDropped_data() {
        QTest::addColumn<QByteArray>("key");
        const auto changed = [](json key, const char* name, const json& value) {
            key[name] = value;
            return text(key);
        };
        QTest::newRow("RSA 512") << text(rsa(512));
        QTest::newRow("RSA 2047") << text(rsa(2047));
        QTest::newRow("RSA 8193") << text(rsa(8193));
        QTest::newRow("RSA 1024 padded with zeros")
            << changed(rsa(), "n", encoded(std::string(200, '\0') + modulus(1024)));
        QTest::newRow("RSA even modulus") << changed(rsa(), "n", encoded(modulus(2048) + "\x02"));
        QTest::newRow("RSA e=1") << changed(rsa(), "e", "AQ");
        QTest::newRow("RSA e=0") << changed(rsa(), "e", "AA");
        QTest::newRow("RSA e even") << changed(rsa(), "e", "AQAA");
        QTest::newRow("RSA e huge") << changed(rsa(), "e", encoded(std::string(9, '\x01')));
        QTest::newRow("RSA e empty") << changed(rsa(), "e", "");
        QTest::newRow("RSA without e") << changed(rsa(), "e", nullptr);
        QTest::newRow("RSA without n") << changed(rsa(), "n", nullptr);
        QTest::newRow("RSA n not base64url") << changed(rsa(), "n", "a+/=");
        QTest::newRow("RSA n a number") << changed(rsa(), "n", 5);
        QTest::newRow("for encryption") << changed(rsa(), "use", "enc");
        QTest::newRow("use a number") << changed(rsa(), "use", 1);
        QTest::newRow("key_ops without verify") << changed(rsa(), "key_ops", json{"encrypt", "wrapKey"});
        QTest::newRow("key_ops a string") << changed(rsa(), "key_ops", "verify");
        QTest::newRow("alg for encryption") << changed(rsa(), "alg", "RSA-OAEP");
        QTest::newRow("alg HS256") << changed(rsa(), "alg", "HS256");
        QTest::newRow("alg none") << changed(rsa(), "alg", "none");
        QTest::newRow("alg a list") << changed(rsa(), "alg", json::array({"RS256"}));
        QTest::newRow("kid a number") << changed(rsa(), "kid", 1);
        QTest::newRow("kid too long") << changed(rsa(), "kid", std::string(1025, 'k'));
        QTest::newRow("oct") << text({{"kty", "oct"}, {"k", "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"}, {"alg", "HS256"}});
        QTest::newRow("no kty") << changed(rsa(), "kty", nullptr);
        QTest::newRow("kty in lower case") << changed(rsa(), "kty", "rsa");
        QTest::newRow("unknown curve") << text(ec("secp256k1", 32));
        QTest::newRow("no curve") << text(ec("", 32));
        QTest::newRow("short coordinate") << text(ec("P-256", 31));
        QTest::newRow("long coordinate") << text(ec("P-256", 33));
        QTest::newRow("no y") << changed(ec("P-256", 32), "y", nullptr);
        QTest::newRow("Ed448") << text({{"kty", "OKP"}, {"crv", "Ed448"}, {"x", encoded(std::string(57, 'x'))}});
        QTest::newRow("X25519") << text({{"kty", "OKP"}, {"crv", "X25519"}, {"x", encoded(std::string(32, 'x'))}});
        QTest::newRow("Ed25519, short") << text({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "AAAA"}});
        QTest::newRow("not an object") << QByteArray("5");
    }

    /// RFC 7517 section 5: they do not spoil the good one beside them.
    void uselessKeysAreDropped() {
        QFETCH(QByteArray, key);
        json good = rsa();
        good["kid"] = "good";
        const auto keys = parseJwks(set(json::array({json::parse(key.toStdString()), good})).dump());
        QVERIFY(keys.has_value());
        QCOMPARE(keys->size(), std::size_t{1});
        QCOMPARE(keys->at(0).kid, "good");
    }

    void atMostAHundredKeysAreRead() {
        json keys = json::array();
        for (int i = 0; i < 10'000; ++i) {
            keys.push_back({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", encoded(std::string(32, 'x'))}});
        }
        const auto read = parseJwks(set(keys).dump());
        QVERIFY(read.has_value());
        QCOMPARE(read->size(), std::size_t{100});
    }

    void emptySetIsASet() {
        const auto keys = parseJwks(R"({"keys":[]})");
        QVERIFY(keys.has_value());
        QVERIFY(keys->empty());
    }

    void whatIsNoSetIsRefused_data() {
        QTest::addColumn<QByteArray>("document");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("HTML") << QByteArray("<html>");
        QTest::newRow("no keys") << QByteArray("{}");
        QTest::newRow("keys null") << QByteArray(R"({"keys":null})");
        QTest::newRow("keys an object") << QByteArray(R"({"keys":{}})");
        QTest::newRow("one bare key") << text(rsa());
        QTest::newRow("list") << QByteArray("[]");
        QTest::newRow("keys twice") << QByteArray(R"({"keys":[],"keys":[]})");
    }

    void whatIsNoSetIsRefused() {
        QFETCH(QByteArray, document);
        const auto keys = parseJwks(document.toStdString());
        QVERIFY(!keys.has_value());
        QCOMPARE(keys.error().kind, ErrorKind::BadResponse);
    }
};

QTEST_APPLESS_MAIN(tst_Jwks)
#include "tst_jwks.moc"
