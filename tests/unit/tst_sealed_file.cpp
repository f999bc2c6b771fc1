/// \file
/// The known file was made with Python (hashlib.scrypt and the AES-GCM of pyca/cryptography) from
/// daemon/keychain/FORMAT.md.

#include "daemon/crypto/crypto.h"
#include "daemon/keychain/sealed_file.h"
#include "ipc/base/base64url.h"

#include <QTest>

namespace keybearer::keychain {

// First in the file: moc loses its way among the raw strings below.
class SealedFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theKnownSealedFileOpens();
    void theKnownPlainFileIsRead();
    void whiteSpaceAndOrderDoNotMatter();
    void whatIsFormattedIsReadAgain();
    void everyChangedBitIsRefused();
    void everyCutIsRefused();
    void textIsRefused_data();
    void textIsRefused();
    void costsAreBounded_data();
    void costsAreBounded();
    void aBoxThatHoldsSomethingElseIsRefused_data();
    void aBoxThatHoldsSomethingElseIsRefused();
    void itemsBeyondABoundAreNotFormatted_data();
    void itemsBeyondABoundAreNotFormatted();
    void theErrorNeverHoldsTheContents();
};

namespace {

const QByteArray kSealed =
    R"({"format":"keybearer-keychain","version":1,"protection":"scrypt, AES-256-GCM","kdf":{"name":"scrypt","log_n":14,)"
    R"("r":8,"p":1,"salt":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"},"box":"ZGVmZ2hpamtsbW5vLfWSaueKa9QHa0DcX8Jo)"
    R"(ghoaV6hZyhuIbjKkLi-nQdlV2qOAN8wvObKs4z1p-w20VEYgbJ0YmZjbXPyXOQ"})";
const QByteArray kPlain =
    R"({"format":"keybearer-keychain","version":1,"protection":"not encrypted","items":{"account/1":"cmVmcmVzaAB0b2tlbg","empty":""}})";
constexpr auto kKeyHex = "531d2fa8ea8f5557e3b8aafb7434bf21014946f86c8bfaece2881b76c18a0ecb";

base::Secret knownKey() {
    return base::Secret(QByteArray::fromHex(kKeyHex).toStdString());
}

std::string_view view(const QByteArray& bytes) {
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

void verifyKnownItems(const Items& items) {
    QCOMPARE(items.size(), std::size_t{2});
    QVERIFY(items.at("account/1").reveal() == std::string_view("refresh\0token", 13));
    QVERIFY(items.at("empty").empty());
}

Items someItems() {
    Items items;
    items.emplace("a", base::Secret(std::string_view("\0\xff", 2)));
    items.emplace("quote\" back\\slash\n\xc3\xa4", base::Secret("value"));
    return items;
}

SealParameters someParameters() {
    return {{14, 8, 1}, std::string(kSaltBytes, 's')};
}

bool same(const Items& a, const Items& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return x.first == y.first && x.second == y.second; });
}

} // namespace

void SealedFileTest::theKnownSealedFileOpens() {
    const auto file = parseKeychainFile(view(kSealed));
    QVERIFY(file);
    QCOMPARE(file->form, FileForm::Sealed);
    QCOMPARE(file->seal.cost, (ScryptCost{14, 8, 1}));
    const ScryptCost& cost = file->seal.cost;
    const auto key = crypto::scrypt("correct horse battery staple", file->seal.salt, cost.logN, cost.r, cost.p);
    QVERIFY(key && *key == knownKey());
    const auto items = openBox(*file, *key);
    QVERIFY(items);
    verifyKnownItems(*items);
}

void SealedFileTest::theKnownPlainFileIsRead() {
    const auto file = parseKeychainFile(view(kPlain));
    QVERIFY(file);
    QCOMPARE(file->form, FileForm::Plain);
    verifyKnownItems(file->items);
}

void SealedFileTest::whiteSpaceAndOrderDoNotMatter() {
    const auto file = parseKeychainFile(" {\n\t\"items\" : { }, \"version\" : 1, \"protection\":\"not encrypted\" , "
                                        "\"format\":\"keybearer-keychain\"}\r\n");
    QVERIFY(file);
    QVERIFY(file->items.empty());
}

void SealedFileTest::whatIsFormattedIsReadAgain() {
    const auto plain = formatPlain(someItems());
    QVERIFY(plain);
    const auto readPlain = parseKeychainFile(plain->reveal());
    QVERIFY(readPlain && same(readPlain->items, someItems()));

    const auto sealed = formatSealed(someItems(), someParameters(), knownKey());
    QVERIFY(sealed);
    QVERIFY(sealed->reveal().find("value") == std::string_view::npos);
    QVERIFY(sealed->reveal().find(base::base64UrlEncode("value")) == std::string_view::npos);
    const auto readSealed = parseKeychainFile(sealed->reveal());
    QVERIFY(readSealed);
    QCOMPARE(readSealed->seal, someParameters());
    const auto opened = openBox(*readSealed, knownKey());
    QVERIFY(opened && same(*opened, someItems()));

    const auto again = formatSealed(someItems(), someParameters(), knownKey());
    QVERIFY(again && !(*again == *sealed));
}

void SealedFileTest::everyChangedBitIsRefused() {
    QVERIFY(openBox(*parseKeychainFile(view(kSealed)), knownKey()));
    for (qsizetype bit = 0; bit < kSealed.size() * 8; ++bit) {
        QByteArray changed = kSealed;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        const auto file = parseKeychainFile(view(changed));
        QVERIFY2(!file || !openBox(*file, knownKey()), qPrintable(QString::number(bit)));
    }
}

void SealedFileTest::everyCutIsRefused() {
    for (const QByteArray& whole : {kSealed, kPlain}) {
        for (qsizetype size = 0; size < whole.size(); ++size) {
            QVERIFY2(!parseKeychainFile(view(whole.left(size))), qPrintable(QString::number(size)));
        }
    }
}

void SealedFileTest::textIsRefused_data() {
    QTest::addColumn<QByteArray>("text");
    const auto plainWith = [](const char* from, const char* to) { return QByteArray(kPlain).replace(from, to); };
    const auto sealedWith = [](const char* from, const char* to) { return QByteArray(kSealed).replace(from, to); };
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("not JSON") << QByteArray("keychain");
    QTest::newRow("array") << QByteArray("[]");
    QTest::newRow("text only") << QByteArray("\"x\"");
    QTest::newRow("number only") << QByteArray("1");
    QTest::newRow("empty object") << QByteArray("{}");
    QTest::newRow("two documents") << kPlain + kPlain;
    QTest::newRow("trailing text") << kPlain + "x";
    QTest::newRow("NUL at the end") << kPlain + QByteArray("\0", 1);
    QTest::newRow("deep") << QByteArray(100'000, '[');
    QTest::newRow("deep objects") << QByteArray(R"({"a":)").repeated(50'000);
    QTest::newRow("third level") << plainWith(R"("items":{)", R"("items":{"x":{},)");
    QTest::newRow("not UTF-8") << plainWith("account", "acc\xff");
    QTest::newRow("another format") << plainWith("keybearer-keychain", "keychain");
    QTest::newRow("format missing") << plainWith(R"("format":"keybearer-keychain",)", "");
    QTest::newRow("version 2") << plainWith("\"version\":1", "\"version\":2");
    QTest::newRow("version 0") << plainWith("\"version\":1", "\"version\":0");
    QTest::newRow("version text") << plainWith("\"version\":1", "\"version\":\"1\"");
    QTest::newRow("version fraction") << plainWith("\"version\":1", "\"version\":1.0");
    QTest::newRow("version negative") << plainWith("\"version\":1", "\"version\":-1");
    QTest::newRow("version of 2^64 + 1") << plainWith("\"version\":1", "\"version\":18446744073709551617");
    QTest::newRow("version of 2^32 + 1") << plainWith("\"version\":1", "\"version\":4294967297");
    QTest::newRow("version missing") << plainWith("\"version\":1,", "");
    QTest::newRow("protection unknown") << plainWith("not encrypted", "encrypted");
    QTest::newRow("protection missing") << plainWith(R"("protection":"not encrypted",)", "");
    QTest::newRow("protection a number") << plainWith("\"not encrypted\"", "1");
    QTest::newRow("unknown member") << plainWith("{\"format", "{\"x\":\"\",\"format");
    QTest::newRow("unknown section") << plainWith("{\"format", "{\"x\":{},\"format");
    QTest::newRow("repeated member") << plainWith("\"version\":1", "\"version\":1,\"version\":1");
    QTest::newRow("repeated item") << plainWith("\"empty\":\"\"", "\"empty\":\"\",\"empty\":\"\"");
    QTest::newRow("repeated section") << plainWith("\"items\":{", "\"items\":{},\"items\":{");
    QTest::newRow("items missing") << plainWith(R"(,"items":{"account/1":"cmVmcmVzaAB0b2tlbg","empty":""})", "");
    QTest::newRow("items text") << plainWith(R"({"account/1":"cmVmcmVzaAB0b2tlbg","empty":""})", "\"\"");
    QTest::newRow("item null") << plainWith("\"empty\":\"\"", "\"empty\":null");
    QTest::newRow("item true") << plainWith("\"empty\":\"\"", "\"empty\":true");
    QTest::newRow("item number") << plainWith("\"empty\":\"\"", "\"empty\":7");
    QTest::newRow("item array") << plainWith("\"empty\":\"\"", "\"empty\":[]");
    QTest::newRow("item not base64url") << plainWith("cmVmcmVzaAB0b2tlbg", "cmVm cmVzaAB0");
    QTest::newRow("item with padding") << plainWith("cmVmcmVzaAB0b2tlbg", "cmVmcmVzaAB0b2tlbg==");
    QTest::newRow("item too large") << plainWith("cmVmcmVzaAB0b2tlbg", QByteArray(1'398'104, 'A').constData());
    QTest::newRow("item name empty") << plainWith("account/1", "");
    QTest::newRow("item name too long") << plainWith("account/1", QByteArray(513, 'k').constData());
    QTest::newRow("plain with a box") << plainWith("{\"format", "{\"box\":\"\",\"format");
    QTest::newRow("sealed with items") << sealedWith("{\"format", "{\"items\":{},\"format");
    QTest::newRow("box missing") << kSealed.left(kSealed.indexOf(",\"box\"")) + "}";
    QTest::newRow("box too short") << kSealed.left(kSealed.indexOf("\"ZGVm")) + "\"ZGVmZ2hpamtsbW5v\"}";
    QTest::newRow("kdf missing") << kSealed.left(kSealed.indexOf(",\"kdf\"")) +
                                        kSealed.mid(kSealed.indexOf(",\"box\""));
    QTest::newRow("another kdf") << sealedWith("\"name\":\"scrypt\"", "\"name\":\"argon2id\"");
    QTest::newRow("log_n missing") << sealedWith("\"log_n\":14,", "");
    QTest::newRow("log_n text") << sealedWith("\"log_n\":14", "\"log_n\":\"14\"");
    QTest::newRow("salt missing") << sealedWith(R"(,"salt":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")", "");
    QTest::newRow("salt of 31 bytes") << sealedWith("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
                                                    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg");
    QTest::newRow("kdf with more") << sealedWith("\"name\":\"scrypt\"", "\"name\":\"scrypt\",\"x\":1");
}

void SealedFileTest::textIsRefused() {
    QFETCH(QByteArray, text);
    QVERIFY(text != kPlain && text != kSealed);
    const auto file = parseKeychainFile(view(text));
    QVERIFY(!file);
    QVERIFY(!file.error().empty());
}

void SealedFileTest::costsAreBounded_data() {
    QTest::addColumn<uint>("logN");
    QTest::addColumn<uint>("r");
    QTest::addColumn<uint>("p");
    QTest::addColumn<bool>("allowed");
    QTest::newRow("least") << 14U << 8U << 1U << true;
    QTest::newRow("ours") << 17U << 8U << 1U << true;
    QTest::newRow("most") << 19U << 16U << 4U << true;
    QTest::newRow("N too small") << 13U << 8U << 1U << false;
    QTest::newRow("N too large") << 20U << 8U << 1U << false;
    QTest::newRow("r too small") << 17U << 7U << 1U << false;
    QTest::newRow("r too large") << 17U << 17U << 1U << false;
    QTest::newRow("p of 0") << 17U << 8U << 0U << false;
    QTest::newRow("p too large") << 17U << 8U << 5U << false;
}

void SealedFileTest::costsAreBounded() {
    QFETCH(uint, logN);
    QFETCH(uint, r);
    QFETCH(uint, p);
    QFETCH(bool, allowed);
    const QByteArray text = QByteArray(kSealed).replace(R"("log_n":14,"r":8,"p":1)",
                                                        R"("log_n":)" + QByteArray::number(logN) + R"(,"r":)" +
                                                            QByteArray::number(r) + R"(,"p":)" + QByteArray::number(p));
    QCOMPARE(parseKeychainFile(view(text)).has_value(), allowed);
}

void SealedFileTest::aBoxThatHoldsSomethingElseIsRefused_data() {
    QTest::addColumn<QByteArray>("inner");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("not JSON") << QByteArray("secret");
    QTest::newRow("array") << QByteArray("[]");
    QTest::newRow("nested") << QByteArray(R"({"a":{"b":""}})");
    QTest::newRow("repeated") << QByteArray(R"({"a":"","a":""})");
    QTest::newRow("number") << QByteArray(R"({"a":1})");
}

void SealedFileTest::aBoxThatHoldsSomethingElseIsRefused() {
    QFETCH(QByteArray, inner);
    auto file = parseKeychainFile(view(kSealed));
    QVERIFY(file);
    const std::string aad = kSealed.left(kSealed.indexOf(",\"box\"")).toStdString() + '}';
    file->box = crypto::seal(knownKey(), aad, "{}");
    QVERIFY(openBox(*file, knownKey()));
    file->box = crypto::seal(knownKey(), aad, view(inner));
    const auto items = openBox(*file, knownKey());
    QVERIFY(!items);
    QVERIFY(!items.error().empty());
}

void SealedFileTest::itemsBeyondABoundAreNotFormatted_data() {
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("count");
    QTest::addColumn<bool>("allowed");
    QTest::newRow("at the bounds") << QByteArray(512, 'k') << (1 << 20) << 1 << true;
    QTest::newRow("as many as allowed") << QByteArray() << 1 << 4096 << true;
    QTest::newRow("too many") << QByteArray() << 1 << 4097 << false;
    QTest::newRow("too large") << QByteArray("k") << (1 << 20) + 1 << 1 << false;
    QTest::newRow("name too long") << QByteArray(513, 'k') << 1 << 1 << false;
    QTest::newRow("name not UTF-8") << QByteArray("\xff") << 1 << 1 << false;
    QTest::newRow("name empty") << QByteArray("") << 1 << 1 << false;
    QTest::newRow("all together too large") << QByteArray() << (1 << 20) << 12 << false;
}

void SealedFileTest::itemsBeyondABoundAreNotFormatted() {
    QFETCH(QByteArray, name);
    QFETCH(int, size);
    QFETCH(int, count);
    QFETCH(bool, allowed);
    Items items;
    for (int i = 0; i < count; ++i) {
        const std::string key = count == 1 ? name.toStdString() : std::to_string(i);
        items.emplace(key, base::Secret(std::string(static_cast<std::size_t>(size), 'x')));
    }
    const auto plain = formatPlain(items);
    QCOMPARE(plain.has_value(), allowed);
    QCOMPARE(formatSealed(items, someParameters(), knownKey()).has_value(), allowed);
    if (allowed) {
        QVERIFY(parseKeychainFile(plain->reveal()));
    }
}

void SealedFileTest::theErrorNeverHoldsTheContents() {
    const auto file = parseKeychainFile(
        R"({"format":"keybearer-keychain","version":1,"protection":"not encrypted","items":{"n":"c2VjcmV0"},"c2VjcmV0":1})");
    QVERIFY(!file);
    QVERIFY(file.error().find("c2VjcmV0") == std::string::npos);
}

} // namespace keybearer::keychain

QTEST_GUILESS_MAIN(keybearer::keychain::SealedFileTest)
#include "tst_sealed_file.moc"
