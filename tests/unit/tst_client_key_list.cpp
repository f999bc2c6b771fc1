#include "daemon/clientkeys/key_list.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace keybearer;
using namespace keybearer::clientkeys;

namespace {

ClientKey keyNamed(const std::string& id, const std::string& name) {
    ClientKey key;
    key.id = id;
    key.name = name;
    key.prefix = "kb_live_003a";
    key.mac = std::string(64, 'a');
    key.createdAt = 1'700'000'000;
    key.createdBy = "/usr/bin/keybearer";
    return key;
}

ClientKey fullKey() {
    ClientKey key = keyNamed("ck_0123456789ab", "ci");
    key.kind = KeyKind::Test;
    key.prefix = "kb_test_003a";
    key.oldMac = std::string(64, 'b');
    key.oldUntil = 1'700'086'400;
    key.lastUsedAt = 1'700'000'500;
    key.useCount = 42;
    key.expiresAt = 1'702'592'000;
    key.revokedAt = 1'700'000'900;
    key.scopes = {access::parseScope("account:work scope=email").value(), access::parseScope("openai/*").value()};
    return key;
}

/// The list of one key with `from` put in the place of `to`.
QByteArray changed(const char* from, const char* to) {
    const QByteArray text = QByteArray::fromStdString(formatKeyList({fullKey()}));
    QByteArray out = text;
    out.replace(from, to);
    return out == text ? QByteArray("the row changes nothing") : out;
}

} // namespace

class TestClientKeyList : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrittenIsRead() {
        const std::vector<ClientKey> keys{fullKey(), keyNamed("ck_ba9876543210", "other")};
        const auto read = parseKeyList(formatKeyList(keys));
        QVERIFY(read.has_value());
        QVERIFY(*read == keys);
        QVERIFY(parseKeyList(formatKeyList({}))->empty());
    }

    void theFileIsPrivateAndAMissingOneIsEmpty() {
        const QTemporaryDir folder;
        const KeyFile file(folder.path().toStdString());
        QVERIFY(file.read()->empty());
        QVERIFY(file.write({fullKey()}).has_value());
        QVERIFY(file.read() == std::vector<ClientKey>{fullKey()});
        struct stat info {};
        QCOMPARE(::stat(folder.filePath(QStringLiteral("client_keys.json")).toLocal8Bit().constData(), &info), 0);
        QCOMPARE(info.st_mode & 07777U, 0600U);
    }

    void whatCouldNotBeReadAgainIsNotWritten() {
        const QTemporaryDir folder;
        const KeyFile file(folder.path().toStdString());
        ClientKey large = fullKey();
        std::string scope = "account:work";
        for (const char letter : {'a', 'b', 'c', 'd'}) {
            scope += " scope=" + std::string(250, letter);
        }
        large.scopes.assign(kMaxScopes, access::parseScope(scope).value());
        std::vector<ClientKey> keys;
        for (int i = 0; i < 200; ++i) {
            large.id = "ck_" + std::string(9, '0') + std::to_string(100 + i);
            keys.push_back(large);
        }
        const auto written = file.write(keys);
        QVERIFY(!written && written.error().find("8 MiB") != std::string::npos);
        QVERIFY(file.read()->empty());
    }

    void damagedFilesAreRefusedAndKept_data() {
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char* name, const QByteArray& text) { QTest::newRow(name) << text; };
        row("empty", "");
        row("a list", "[]");
        row("another version", R"({"version":2,"keys":[]})");
        row("no list", R"({"version":1})");
        row("no object", R"({"version":1,"keys":["x"]})");
        row("an empty object", R"({"version":1,"keys":[{}]})");
        row("a member more", changed("\"id\":", "\"more\": 1, \"id\":"));
        row("a member less", changed("\"use_count\": 42", "\"x\": 42"));
        row("an id of another kind", changed("ck_0123456789ab", "kk_0123456789ab"));
        row("a short id", changed("ck_0123456789ab", "ck_0123456789a"));
        row("an id in capitals", changed("ck_0123456789ab", "ck_0123456789AB"));
        row("no name", changed("\"ci\"", "\"\""));
        row("a name with a slash", changed("\"ci\"", "\"c/i\""));
        row("a prefix of the other kind", changed("kb_test_003a", "kb_live_003a"));
        row("a long prefix", changed("kb_test_003a", "kb_test_003aU"));
        row("another kind", changed("\"test\"", "\"prod\""));
        row("a short mac", changed("\"aaaa", "\"aaa"));
        row("a mac in capitals", changed("\"aaaa", "\"AAAA"));
        row("no mac", changed("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""));
        row("a short old mac", changed("\"bbbb", "\"bbb"));
        row("an overlap of nothing", changed("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", ""));
        row("a negative count", changed("42", "-42"));
        row("a broken count", changed("42", "4.2"));
        row("too large a count", changed("42", "18446744073709551615"));
        row("a time that is a text", changed("1702592000", "\"soon\""));
        row("no time of making", changed("1700000000", "null"));
        row("scopes that are no list", changed("openai/*\"\n   ]", "openai/*\"\n   ],\"scopes\":1"));
        row("a scope that is none", changed("key:default/openai/*", "key:default"));
        row("a scope that is a number", changed("\"key:default/openai/*\"", "7"));
        row("a program with a line feed", changed("/usr/bin/keybearer", "/usr\\n"));
        QByteArray twice = QByteArray::fromStdString(formatKeyList({fullKey(), fullKey()}));
        row("twice", twice);
    }
    void damagedFilesAreRefusedAndKept() {
        QFETCH(const QByteArray, text);
        QVERIFY(text != "the row changes nothing");
        const QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("client_keys.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
        file.close();
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        const auto read = KeyFile(folder.path().toStdString()).read();
        QVERIFY(!read && read.error().find("client_keys.json") != std::string::npos);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), text);
    }

    void aThousandKeysAndNoMore() {
        std::vector<ClientKey> keys;
        for (int i = 0; i < 1001; ++i) {
            keys.push_back(keyNamed("ck_" + std::string(8, '0') + std::to_string(1000 + i), "k"));
        }
        QVERIFY(!parseKeyList(formatKeyList(keys)));
        keys.pop_back();
        QVERIFY(parseKeyList(formatKeyList(keys)).has_value());
    }

    void aKeyLivesUntilItsEnd() {
        ClientKey key = keyNamed("ck_0123456789ab", "ci");
        QVERIFY(key.isLive(4'000'000'000));
        key.expiresAt = 100;
        QVERIFY(key.isLive(99) && !key.isLive(100));
        key.expiresAt.reset();
        key.revokedAt = 100;
        QVERIFY(!key.isLive(50));
    }
};

QTEST_APPLESS_MAIN(TestClientKeyList)
#include "tst_client_key_list.moc"
