/// \file
/// Expected values come from the standards that each row names, and from pyca/cryptography where those have no example.

#include "daemon/crypto/crypto.h"
#include "ipc/base/base64url.h"
#include "tests/unit/crypto_vectors.h"

#include <QTest>

#include <algorithm>
#include <set>

namespace keybearer::crypto {
namespace {

using test::kSignatures;
using test::SignatureVector;

std::string fromHex(const char* hex) {
    return QByteArray::fromHex(QByteArray(hex)).toStdString();
}

QByteArray toHex(std::string_view bytes) {
    return QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())).toHex();
}

std::string decoded(const char* text) {
    return base::base64UrlDecode(text).value();
}

PublicKey keyOf(const SignatureVector& row) {
    return {row.kty, row.crv, decoded(row.n), decoded(row.e), decoded(row.x), decoded(row.y)};
}

const SignatureVector& vectorOf(std::string_view alg) {
    return *std::find_if(kSignatures.begin(), kSignatures.end(),
                         [alg](const SignatureVector& row) { return row.alg == alg && row.accepted; });
}

/// The GCM specification (McGrew and Viega), appendix B, test case 16.
struct GcmCase {
    base::Secret key{fromHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")};
    std::string aad = fromHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    std::string sealed = fromHex("cafebabefacedbaddecaf888"
                                 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                                 "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                                 "76fc6ece0f4e1768cddf8853bb2d551b");
};

} // namespace

class CryptoTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void digestsMatchFips180_data();
    void digestsMatchFips180();
    void hmacMatchesRfc4231_data();
    void hmacMatchesRfc4231();
    void randomBytesFillTheBufferAndDiffer();
    void algorithmNamesAreThoseOfTheRegistry();
    void signaturesOfOthersAreJudged_data();
    void signaturesOfOthersAreJudged();
    void aChangedSignatureIsRefused_data();
    void aChangedSignatureIsRefused();
    void aKeyThatDoesNotFitIsRefused_data();
    void aKeyThatDoesNotFitIsRefused();
    void sealedDataOfTheSpecificationOpens_data();
    void sealedDataOfTheSpecificationOpens();
    void whatIsSealedOpensAgain();
    void everyChangedBitOfSealedDataIsRefused();
    void sealedDataIsRefused_data();
    void sealedDataIsRefused();
    void scryptMatchesRfc7914_data();
    void scryptMatchesRfc7914();
    void scryptParametersAreRefused_data();
    void scryptParametersAreRefused();
};

void CryptoTest::digestsMatchFips180_data() {
    QTest::addColumn<int>("hash");
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<QByteArray>("expected");
    // FIPS 180-4, the examples of NIST's "Cryptographic Standards and Guidelines": one block, and the empty message.
    QTest::newRow("SHA-256 abc") << int(Hash::Sha256) << QByteArray("abc")
                                 << QByteArray("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    QTest::newRow("SHA-256 empty") << int(Hash::Sha256) << QByteArray()
                                   << QByteArray("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    QTest::newRow("SHA-384 abc") << int(Hash::Sha384) << QByteArray("abc")
                                 << QByteArray("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                                               "8086072ba1e7cc2358baeca134c825a7");
    QTest::newRow("SHA-512 abc") << int(Hash::Sha512) << QByteArray("abc")
                                 << QByteArray("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                                               "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

void CryptoTest::digestsMatchFips180() {
    QFETCH(int, hash);
    QFETCH(QByteArray, input);
    QFETCH(QByteArray, expected);
    QCOMPARE(toHex(digest(static_cast<Hash>(hash), input.toStdString())), expected);
    if (static_cast<Hash>(hash) == Hash::Sha256) {
        QCOMPARE(sha256Hex(input.toStdString()), expected.toStdString());
        Sha256 inPieces;
        for (const char c : input) {
            const auto byte = static_cast<unsigned char>(c);
            inPieces.add({&byte, 1});
        }
        QCOMPARE(inPieces.finishHex(), expected.toStdString());
    }
}

void CryptoTest::hmacMatchesRfc4231_data() {
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("data");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("test case 1") << QByteArray(20, '\x0b') << QByteArray("Hi There")
                                 << QByteArray("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    QTest::newRow("test case 2") << QByteArray("Jefe") << QByteArray("what do ya want for nothing?")
                                 << QByteArray("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    QTest::newRow("test case 6") << QByteArray(131, '\xaa')
                                 << QByteArray("Test Using Larger Than Block-Size Key - Hash Key First")
                                 << QByteArray("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

void CryptoTest::hmacMatchesRfc4231() {
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, data);
    QFETCH(QByteArray, expected);
    QCOMPARE(toHex(hmacSha256(base::Secret(key.toStdString()), data.toStdString())), expected);
}

void CryptoTest::randomBytesFillTheBufferAndDiffer() {
    std::set<std::string> seen;
    std::array<bool, 32> touched{};
    for (int round = 0; round < 64; ++round) {
        std::string buffer(32, '\0');
        randomBytes({reinterpret_cast<unsigned char*>(buffer.data()), buffer.size()});
        for (std::size_t i = 0; i < buffer.size(); ++i) {
            touched.at(i) = touched.at(i) || buffer[i] != 0;
        }
        seen.insert(buffer);
    }
    QCOMPARE(seen.size(), std::size_t{64});
    // A byte that stays zero in 64 rounds has a chance of 2^-512.
    QVERIFY(std::all_of(touched.begin(), touched.end(), [](bool set) { return set; }));
}

void CryptoTest::algorithmNamesAreThoseOfTheRegistry() {
    QCOMPARE(signatureAlg("RS256"), std::optional(SignatureAlg::Rs256));
    QCOMPARE(signatureAlg("RS512"), std::optional(SignatureAlg::Rs512));
    QCOMPARE(signatureAlg("PS384"), std::optional(SignatureAlg::Ps384));
    QCOMPARE(signatureAlg("ES512"), std::optional(SignatureAlg::Es512));
    QCOMPARE(signatureAlg("EdDSA"), std::optional(SignatureAlg::EdDsa));
    // RFC 7515 section 4.1.1: "case-sensitive". RFC 8725 section 3.1: no "none", and no HMAC with a public key.
    for (const char* name : {"", "none", "None", "HS256", "rs256", "RS256 ", "ES256K", "Ed25519"}) {
        QVERIFY2(!signatureAlg(name), name);
    }
}

void CryptoTest::signaturesOfOthersAreJudged_data() {
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < kSignatures.size(); ++i) {
        QTest::newRow(kSignatures.at(i).name) << int(i);
    }
}

void CryptoTest::signaturesOfOthersAreJudged() {
    QFETCH(int, index);
    const SignatureVector& row = kSignatures.at(static_cast<std::size_t>(index));
    const SignatureAlg alg = signatureAlg(row.alg).value();
    QCOMPARE(verifySignature(alg, keyOf(row), row.message, decoded(row.signature)), row.accepted);
}

void CryptoTest::aChangedSignatureIsRefused_data() {
    QTest::addColumn<QByteArray>("alg");
    for (const char* alg : {"RS256", "PS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"}) {
        QTest::newRow(alg) << QByteArray(alg);
    }
}

void CryptoTest::aChangedSignatureIsRefused() {
    QFETCH(QByteArray, alg);
    const SignatureVector& row = vectorOf(alg.toStdString());
    const SignatureAlg algorithm = signatureAlg(row.alg).value();
    const PublicKey key = keyOf(row);
    const std::string message = row.message;
    const std::string good = decoded(row.signature);
    QVERIFY(verifySignature(algorithm, key, message, good));

    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        QVERIFY2(!verifySignature(algorithm, key, message, bad), qPrintable(QString::number(i)));
    }
    QVERIFY(!verifySignature(algorithm, key, message + ' ', good));
    QVERIFY(!verifySignature(algorithm, key, {}, good));
    QVERIFY(!verifySignature(algorithm, key, message, {}));
    QVERIFY(!verifySignature(algorithm, key, message, good.substr(1)));
    QVERIFY(!verifySignature(algorithm, key, message, good.substr(0, good.size() - 1)));
    QVERIFY(!verifySignature(algorithm, key, message, good + '\0'));
    QVERIFY(!verifySignature(algorithm, key, message, '\0' + good));
    QVERIFY(!verifySignature(algorithm, key, message, std::string(good.size(), '\0')));
}

void CryptoTest::aKeyThatDoesNotFitIsRefused_data() {
    QTest::addColumn<QByteArray>("alg");
    QTest::addColumn<QByteArray>("change");
    for (const char* change : {"kty EC", "kty oct", "kty empty", "alg RS384", "alg PS256", "n empty", "n even",
                               "e empty", "e of n", "n of another", "n over the limit"}) {
        QTest::addRow("RS256 %s", change) << QByteArray("RS256") << QByteArray(change);
    }
    for (const char* change : {"kty RSA", "crv P-384", "crv empty", "crv secp256k1", "alg ES384", "x short", "x long",
                               "y empty", "y off the curve", "point zero", "coordinates beyond p"}) {
        QTest::addRow("ES256 %s", change) << QByteArray("ES256") << QByteArray(change);
    }
    for (const char* change : {"kty RSA", "crv X25519", "crv Ed448", "x short", "x long", "point zero"}) {
        QTest::addRow("EdDSA %s", change) << QByteArray("EdDSA") << QByteArray(change);
    }
}

void CryptoTest::aKeyThatDoesNotFitIsRefused() {
    QFETCH(QByteArray, alg);
    QFETCH(QByteArray, change);
    const SignatureVector& row = vectorOf(alg.toStdString());
    SignatureAlg algorithm = signatureAlg(row.alg).value();
    PublicKey key = keyOf(row);
    const QByteArray field = change.left(change.indexOf(' '));
    const QByteArray rest = change.mid(change.indexOf(' ') + 1);
    if (field == "kty") {
        key.kty = rest == "empty" ? std::string() : rest.toStdString();
    } else if (field == "crv") {
        key.crv = rest == "empty" ? std::string() : rest.toStdString();
    } else if (field == "alg") {
        algorithm = signatureAlg(rest.toStdString()).value();
    } else if (change == "n empty") {
        key.n.clear();
    } else if (change == "n even") {
        key.n.back() = static_cast<char>(key.n.back() & ~1);
    } else if (change == "e empty") {
        key.e.clear();
    } else if (change == "e of n") {
        key.e = key.n;
    } else if (change == "n of another") {
        key.n = keyOf(vectorOf("RS384")).n;
    } else if (change == "n over the limit") {
        key.n = std::string(1 << 20, '\xff');
    } else if (change == "x short") {
        key.x.erase(0, 1);
    } else if (change == "x long") {
        key.x.insert(key.x.begin(), '\0');
    } else if (change == "y empty") {
        key.y.clear();
    } else if (change == "y off the curve") {
        key.y.back() = static_cast<char>(key.y.back() ^ 1);
    } else if (change == "point zero") {
        key.x.assign(key.x.size(), '\0');
        key.y.assign(key.y.size(), '\0');
    } else if (change == "coordinates beyond p") {
        key.x.assign(key.x.size(), '\xff');
        key.y.assign(key.y.size(), '\xff');
    } else {
        QFAIL("unknown change");
    }
    QVERIFY(!verifySignature(algorithm, key, row.message, decoded(row.signature)));
}

void CryptoTest::sealedDataOfTheSpecificationOpens_data() {
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("aad");
    QTest::addColumn<QByteArray>("sealed");
    QTest::addColumn<QByteArray>("expected");
    // The GCM specification (McGrew and Viega), appendix B. `sealed` is IV || ciphertext || tag.
    const QByteArray zeroKey(64, '0');
    const QByteArray zeroIv(24, '0');
    QTest::newRow("test case 13") << zeroKey << QByteArray() << zeroIv + "530f8afbc74536b9a963b4f1c4cb738b"
                                  << QByteArray();
    QTest::newRow("test case 14") << zeroKey << QByteArray()
                                  << zeroIv + "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
                                  << QByteArray(32, '0');
    const GcmCase sixteen;
    QTest::newRow("test case 16") << toHex(sixteen.key.reveal()) << toHex(sixteen.aad) << toHex(sixteen.sealed)
                                  << QByteArray("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                                                "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

void CryptoTest::sealedDataOfTheSpecificationOpens() {
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, aad);
    QFETCH(QByteArray, sealed);
    QFETCH(QByteArray, expected);
    const auto plain =
        open(base::Secret(fromHex(key.constData())), fromHex(aad.constData()), fromHex(sealed.constData()));
    QVERIFY(plain.has_value());
    QCOMPARE(toHex(plain->reveal()), expected);
}

void CryptoTest::whatIsSealedOpensAgain() {
    base::Secret key = base::Secret::ofSize(kKeyBytes);
    randomBytes(key.mutableBytes());
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{16}, std::size_t{1'000'000}}) {
        const std::string plain(size, 'p');
        const std::string first = seal(key, "aad", plain);
        const std::string second = seal(key, "aad", plain);
        QCOMPARE(first.size(), kNonceBytes + size + kTagBytes);
        QVERIFY(first != second);
        QVERIFY(first.substr(0, kNonceBytes) != second.substr(0, kNonceBytes));
        const auto opened = open(key, "aad", first);
        QVERIFY(opened.has_value());
        QVERIFY(opened->reveal() == plain);
    }
}

void CryptoTest::everyChangedBitOfSealedDataIsRefused() {
    const GcmCase given;
    QVERIFY(open(given.key, given.aad, given.sealed));
    for (std::size_t bit = 0; bit < given.sealed.size() * 8; ++bit) {
        std::string bad = given.sealed;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        QVERIFY2(!open(given.key, given.aad, bad), qPrintable(QString::number(bit)));
    }
    for (std::size_t size = 0; size < given.sealed.size(); ++size) {
        QVERIFY2(!open(given.key, given.aad, given.sealed.substr(0, size)), qPrintable(QString::number(size)));
    }
}

void CryptoTest::sealedDataIsRefused_data() {
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("aad");
    const GcmCase given;
    const QByteArray key = toHex(given.key.reveal());
    const QByteArray aad = toHex(given.aad);
    QTest::newRow("another key") << QByteArray("00") + key.mid(2) << aad;
    QTest::newRow("a key of 31 bytes") << key.mid(2) << aad;
    QTest::newRow("a key of 33 bytes") << key + "00" << aad;
    QTest::newRow("no key") << QByteArray() << aad;
    QTest::newRow("another aad") << key << aad + "00";
    QTest::newRow("no aad") << key << QByteArray();
}

void CryptoTest::sealedDataIsRefused() {
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, aad);
    QVERIFY(!open(base::Secret(fromHex(key.constData())), fromHex(aad.constData()), GcmCase().sealed));
}

void CryptoTest::scryptMatchesRfc7914_data() {
    QTest::addColumn<QByteArray>("passphrase");
    QTest::addColumn<QByteArray>("salt");
    QTest::addColumn<uint>("logN");
    QTest::addColumn<uint>("r");
    QTest::addColumn<uint>("p");
    QTest::addColumn<QByteArray>("expected");
    // RFC 7914 section 12. The RFC prints 64 bytes; the first 32 do not depend on the length (PBKDF2, RFC 8018 5.2).
    QTest::newRow("empty") << QByteArray() << QByteArray() << 4U << 1U << 1U
                           << QByteArray("77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442");
    QTest::newRow("password") << QByteArray("password") << QByteArray("NaCl") << 10U << 8U << 16U
                              << QByteArray("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162");
    QTest::newRow("pleaseletmein") << QByteArray("pleaseletmein") << QByteArray("SodiumChloride") << 14U << 8U << 1U
                                   << QByteArray("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
}

void CryptoTest::scryptMatchesRfc7914() {
    QFETCH(QByteArray, passphrase);
    QFETCH(QByteArray, salt);
    QFETCH(uint, logN);
    QFETCH(uint, r);
    QFETCH(uint, p);
    QFETCH(QByteArray, expected);
    const auto key = scrypt(passphrase.toStdString(), salt.toStdString(), logN, r, p);
    QVERIFY(key.has_value());
    QCOMPARE(toHex(key->reveal()), expected);
}

void CryptoTest::scryptParametersAreRefused_data() {
    QTest::addColumn<uint>("logN");
    QTest::addColumn<uint>("r");
    QTest::addColumn<uint>("p");
    QTest::newRow("N is 1") << 0U << 8U << 1U;
    QTest::newRow("r is 0") << 14U << 0U << 1U;
    QTest::newRow("p is 0") << 14U << 8U << 0U;
    QTest::newRow("over 1 GiB by N") << 20U << 8U << 1U; // the last vector of RFC 7914 needs a little more
    QTest::newRow("over 1 GiB by r") << 14U << 1024U << 1U;
    QTest::newRow("r times p beyond RFC 7914 section 6") << 4U << 1U << 0x40000000U;
    QTest::newRow("N beyond 64 bits") << 64U << 8U << 1U;
    QTest::newRow("N beyond 32 bits of shift") << 4'294'967'295U << 8U << 1U;
}

void CryptoTest::scryptParametersAreRefused() {
    QFETCH(uint, logN);
    QFETCH(uint, r);
    QFETCH(uint, p);
    QVERIFY(!scrypt("passphrase", "salt", logN, r, p));
}

} // namespace keybearer::crypto

QTEST_GUILESS_MAIN(keybearer::crypto::CryptoTest)
#include "tst_crypto.moc"
