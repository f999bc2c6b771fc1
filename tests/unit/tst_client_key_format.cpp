#include "daemon/clientkeys/key_format.h"

#include <QTest>

#include <algorithm>
#include <array>
#include <set>
#include <string>

using namespace keybearer;
using namespace keybearer::clientkeys;

namespace {

using Bits = std::array<unsigned char, kRandomBytes>;

Bits filled(unsigned char value) {
    Bits bits{};
    bits.fill(value);
    return bits;
}

Bits counted() {
    Bits bits{};
    for (std::size_t i = 0; i < bits.size(); ++i) {
        bits.at(i) = static_cast<unsigned char>(i);
    }
    return bits;
}

std::string textOf(KeyKind kind, const Bits& bits) {
    return std::string(formatKey(kind, bits).reveal());
}

/// A good key to damage.
const std::string kGood = "kb_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf4SuV5g";

} // namespace

class TestClientKeyFormat : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theChecksumIsZlibs() {
        QCOMPARE(crc32("123456789"), 0xCBF43926U); // the check value of the catalogues of CRCs
        QCOMPARE(crc32(""), 0U);
    }

    // Expected texts: Python's integers and zlib.crc32.
    void bitsHaveOneText() {
        QCOMPARE(textOf(KeyKind::Live, filled(0)),
                 std::string("kb_live_0000000000000000000000000000000000000000000455r1Y"));
        QCOMPARE(textOf(KeyKind::Live, filled(0xFF)),
                 std::string("kb_live_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp129IrZU"));
        QCOMPARE(textOf(KeyKind::Live, counted()), kGood);
        QCOMPARE(textOf(KeyKind::Test, filled(0xFF)),
                 std::string("kb_test_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp11yl3zo"));
        QCOMPARE(textOf(KeyKind::Test, counted()),
                 std::string("kb_test_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf4INFc4"));
    }

    void whatIsMadeIsRead() {
        std::set<std::string> seen;
        for (const KeyKind kind : {KeyKind::Live, KeyKind::Test}) {
            for (int i = 0; i < 100; ++i) {
                const base::Secret key = makeKey(kind);
                QCOMPARE(key.size(), kKeyLength);
                const auto read = parseKey(key.reveal());
                QVERIFY(read.has_value());
                QCOMPARE(read->kind, kind);
                QVERIFY(read->text == key);
                QVERIFY(seen.emplace(key.reveal()).second);
            }
        }
        QVERIFY(parseKey(textOf(KeyKind::Live, filled(0))) && parseKey(textOf(KeyKind::Test, filled(0xFF))));
    }

    void everyChangedCharacterShows() {
        for (std::size_t i = 0; i < kGood.size(); ++i) {
            std::string changed = kGood;
            changed.at(i) = changed.at(i) == 'A' ? 'B' : 'A';
            QVERIFY2(!parseKey(changed), changed.c_str());
            if (i + 1 < kGood.size() && kGood.at(i) != kGood.at(i + 1)) {
                changed = kGood;
                std::swap(changed.at(i), changed.at(i + 1));
                QVERIFY2(!parseKey(changed), changed.c_str());
            }
        }
    }

    void whatIsNoKeyIsRefused_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("why");
        const QByteArray good = QByteArray::fromStdString(kGood);
        const auto row = [](const char* name, const QByteArray& text, const char* why) {
            QTest::newRow(name) << text << QByteArray(why);
        };
        row("nothing", "", "begins with");
        row("another's key", "ghp_0123456789abcdefghijklmnopqrstuvwxyz", "begins with");
        row("another kind", "kb_prod_" + good.mid(8), "begins with");
        row("in capitals", good.toUpper(), "begins with");
        row("a space before", " " + good, "begins with");
        row("the head alone", "kb_live_", "57 characters");
        row("cut", good.chopped(1), "57 characters");
        row("a line feed behind", good + "\n", "57 characters");
        row("longer", good + "0", "57 characters");
        row("very long", good + QByteArray(1 << 20, 'a'), "57 characters");
        row("a dash", good.left(20) + "-" + good.mid(21), "what none has");
        row("NUL", good.left(20) + QByteArray(1, '\0') + good.mid(21), "what none has");
        row("a letter of another script", good.left(20) + "\xC3\xA9" + good.mid(22), "what none has");
        row("more than 256 bits", "kb_live_" + QByteArray(49, 'z'), "what none has");
        // 2^256 with a checksum that fits.
        row("2^256", "kb_live_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp24KRlaw", "what none has");
        row("live made test", "kb_test_" + good.mid(8), "checksum");
        row("the last character", good.chopped(1) + "h", "checksum");
    }
    void whatIsNoKeyIsRefused() {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, why);
        const auto read = parseKey({text.data(), static_cast<std::size_t>(text.size())});
        QVERIFY(!read);
        QVERIFY2(read.error().find(why.toStdString()) != std::string::npos, read.error().c_str());
        // Nothing of the key is repeated.
        for (int i = 8; i + 6 < text.size(); ++i) {
            QVERIFY(read.error().find(text.mid(i, 6).toStdString()) == std::string::npos);
        }
    }

    void kindsHaveNames() {
        QCOMPARE(nameOf(KeyKind::Live), std::string_view("live"));
        QCOMPARE(nameOf(KeyKind::Test), std::string_view("test"));
        QVERIFY(keyKindOf("test") == KeyKind::Test && keyKindOf("live") == KeyKind::Live);
        QVERIFY(!keyKindOf("") && !keyKindOf("Live"));
    }
};

QTEST_APPLESS_MAIN(TestClientKeyFormat)
#include "tst_client_key_format.moc"
