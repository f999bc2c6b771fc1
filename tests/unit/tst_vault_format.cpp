#include "daemon/vault/format.h"

#include <QTest>

#include <set>

using namespace keybearer;
using namespace keybearer::vault;

namespace {

const std::string kKey(43, 'A'); // 32 zero bytes

std::string item(const std::string& keys) {
    return R"({"version":1,"keys":[)" + keys + "]}";
}

std::string key(const std::string& id, const std::string& value = kKey) {
    return R"({"id":")" + id + R"(","key":")" + value + R"(","created_at":1})";
}

} // namespace

class TestVaultFormat : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theBoundDataIsTheFormatsOwn() {
        const std::string data =
            additionalData({"t", "openai", "default", Slot::Next, "api_key", 7, "0123456789abcdef"});
        const QByteArray expected =
            QByteArray::fromHex("00000011") + "keybearer-vault-1" + QByteArray::fromHex("00000001") + "t" +
            QByteArray::fromHex("00000006") + "openai" + QByteArray::fromHex("00000007") + "default" +
            QByteArray::fromHex("00000001") + "1" + QByteArray::fromHex("00000007") + "api_key" +
            QByteArray::fromHex("00000001") + "7" + QByteArray::fromHex("00000010") + "0123456789abcdef";
        QCOMPARE(QByteArray::fromStdString(data), expected);
        const std::string marked =
            additionalData({"t", "openai", "default", Slot::Next, "api_key", 7, "0123456789abcdef", true});
        QCOMPARE(QByteArray::fromStdString(marked), expected + QByteArray::fromHex("00000004") + "test");
    }

    void noTwoPlacesAreBoundAlike() {
        std::set<std::string> all;
        const Place base{"t", "p", "n", Slot::Current, "f", 1, "k"};
        const std::vector<Place> places{base,
                                        {"u", "p", "n", Slot::Current, "f", 1, "k"},
                                        {"tp", "", "n", Slot::Current, "f", 1, "k"},
                                        {"t", "pn", "", Slot::Current, "f", 1, "k"},
                                        {"t", "p", "m", Slot::Current, "f", 1, "k"},
                                        {"t", "p", "n", Slot::Next, "f", 1, "k"},
                                        {"t", "p", "n", Slot::Current, "g", 1, "k"},
                                        {"t", "p", "n", Slot::Current, "f", 2, "k"},
                                        {"t", "p", "n", Slot::Current, "f", 1, "l"},
                                        {"t", "p", "n", Slot::Current, "f", 1, "k", true},
                                        {"t", "p", "n", Slot::Current, "f1", 1, "k"},
                                        {"t", "p", "n", Slot::Current, "f", 11, "k"}};
        for (const Place& place : places) {
            QVERIFY(all.insert(additionalData(place)).second);
        }
    }

    void dataKeysAreWrittenAndRead() {
        DataKeys keys;
        keys.push_back(makeDataKey(5));
        keys.push_back(makeDataKey(6));
        const auto read = parseDataKeys(formatDataKeys(keys));
        QVERIFY2(read.has_value(), read ? "" : read.error().c_str());
        QCOMPARE(read->size(), std::size_t(2));
        for (std::size_t i = 0; i < 2; ++i) {
            QCOMPARE((*read)[i].id, keys[i].id);
            QVERIFY((*read)[i].key == keys[i].key);
            QCOMPARE((*read)[i].createdAt, keys[i].createdAt);
        }
        QVERIFY(!(keys[0].key == keys[1].key));
        QVERIFY(findKey(keys, keys[1].id) == &keys[1]);
        QVERIFY(findKey(keys, "") == nullptr);
    }

    void otherItemsAreRefused_data() {
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char* name, const std::string& text) {
            QTest::newRow(name) << QByteArray::fromStdString(text);
        };
        const std::string good = "0123456789abcdef";
        row("empty", "");
        row("not JSON", "{");
        row("no keys", item(""));
        row("version 2", R"({"version":2,"keys":[)" + key(good) + "]}");
        row("no version", R"({"keys":[)" + key(good) + "]}");
        row("one member more", R"({"version":1,"more":1,"keys":[)" + key(good) + "]}");
        row("keys is an object", R"({"version":1,"keys":{}})");
        row("key is a word", item("\"x\""));
        row("short id", item(key("0123456789abcde")));
        row("id of other letters", item(key("0123456789abcdeg")));
        row("short key", item(key(good, std::string(42, 'A'))));
        row("long key", item(key(good, std::string(44, 'A'))));
        row("key not base64url", item(key(good, std::string(42, 'A') + "+")));
        row("one id twice", item(key(good) + "," + key(good)));
        row("no created_at", item(R"({"id":")" + good + R"(","key":")" + kKey + R"(","more":1})"));
    }
    void otherItemsAreRefused() {
        QFETCH(const QByteArray, text);
        const auto read = parseDataKeys(base::Secret(text.toStdString()));
        QVERIFY(!read);
        QVERIFY(read.error().find(kKey) == std::string::npos);
    }

    void goodItemsAreTaken() { QVERIFY(parseDataKeys(base::Secret(item(key("0123456789abcdef")))).has_value()); }
};

QTEST_APPLESS_MAIN(TestVaultFormat)
#include "tst_vault_format.moc"
