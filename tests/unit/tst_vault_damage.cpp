/// \file
/// The vault's files in the hands of somebody who can write to them, and of a disk that fails.

#include <QRandomGenerator>

#include "vault_test.h"
#include <sys/stat.h>
#include <unistd.h>

using namespace keybearer;
using namespace keybearer::vault;
using keychain::await;

namespace {

const CredentialId kA{"a", "openai", "default"};
const CredentialId kB{"b", "openai", "default"};

QByteArray contentOf(const std::string& path) {
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void write(const std::string& path, const QByteArray& bytes) {
    QFile file(QString::fromStdString(path));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write(bytes);
}

/// Two tenants with a few rows each, closed.
struct TwoTenants : VaultFixture {
    TwoTenants() {
        for (const CredentialId& id : {kA, kB}) {
            set(id, {{"api_key", "sk-" + id.tenant}, {"organization", "org-" + id.tenant}});
            set({id.tenant, "groq", "default"}, {{"api_key", "gsk-" + id.tenant}});
            set(id, {{"api_key", "next-" + id.tenant}}, Slot::Next);
            setForTest(id, {{"region", "test-" + id.tenant}});
        }
        close();
    }
    void close() { vault.reset(); }
};

} // namespace

class TestVaultDamage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSealedValueInAnotherPlaceDoesNotOpen_data() {
        QTest::addColumn<QByteArray>("sql");
        QTest::addColumn<QByteArray>("field"); // of a's openai/default: what is read afterwards
        const auto row = [](const char* name, const char* sql, const char* field) {
            QTest::newRow(name) << QByteArray(sql) << QByteArray(field);
        };
        row("another provider's",
            "UPDATE fields SET sealed = (SELECT sealed FROM fields WHERE provider = 'groq') WHERE "
            "provider = 'openai' AND field = 'api_key' AND slot = 0",
            "api_key");
        row("another field's",
            "UPDATE fields SET sealed = (SELECT sealed FROM fields WHERE field = 'organization') WHERE "
            "provider = 'openai' AND field = 'api_key' AND slot = 0",
            "api_key");
        row("the next value",
            "UPDATE fields SET sealed = (SELECT sealed FROM fields WHERE slot = 1) WHERE provider = "
            "'openai' AND field = 'api_key' AND slot = 0",
            "api_key");
        row("a whole row renamed",
            "DELETE FROM fields WHERE provider = 'openai'; UPDATE fields SET provider = 'openai'", "api_key");
        row("another generation", "UPDATE fields SET generation = generation + 1", "api_key");
        row("a bit", "UPDATE fields SET sealed = CAST(substr(sealed, 1, 20) || x'00' || substr(sealed, 22) AS BLOB)",
            "api_key");
        row("a mark that was put there", "INSERT OR IGNORE INTO marks SELECT provider, name, slot, field FROM fields",
            "api_key");
        row("a mark that was taken away", "DELETE FROM marks", "region");
        row("nothing left", "UPDATE fields SET sealed = x''", "api_key");
        row("too short", "UPDATE fields SET sealed = substr(sealed, 1, 27)", "organization");
    }
    void aSealedValueInAnotherPlaceDoesNotOpen() {
        QFETCH(const QByteArray, sql);
        QFETCH(const QByteArray, field);
        TwoTenants f;
        f.tamper("a", sql.constData());
        f.reopen();
        QCOMPARE(f.get(kA, field.toStdString()), QByteArray("Damaged"));
        QCOMPARE(f.get(kB, "api_key"), QByteArray("sk-b"));
    }

    void anotherTenantsRowsDoNotOpen() {
        TwoTenants f;
        const std::string attach = "ATTACH '" + f.file("b") +
                                   "' AS other; DELETE FROM fields; INSERT INTO fields SELECT * "
                                   "FROM other.fields";
        f.tamper("a", attach.c_str());
        f.reopen();
        QCOMPARE(f.get(kA, "api_key"), QByteArray("KeyMissing")); // its rows name a key of b
        f.close();
        // Even with b's data key in a's hands the rows are b's.
        auto keys = await(f.keychain.read(Vault::keychainItem("b")));
        QVERIFY(await(f.keychain.write(Vault::keychainItem("a"), std::move(*keys))).has_value());
        f.reopen();
        QCOMPARE(f.get(kA, "api_key"), QByteArray("Damaged"));
        QCOMPARE(f.get(kB, "api_key"), QByteArray("sk-b"));
    }

    void anotherTenantsFileIsRefused() {
        TwoTenants f;
        write(f.file("a"), contentOf(f.file("b")));
        f.reopen();
        QCOMPARE(f.get(kA, "api_key"), QByteArray("Damaged"));
        QCOMPARE(f.set(kA, {{"api_key", "x"}}), QByteArray("Damaged"));
        QCOMPARE(f.get(kB, "api_key"), QByteArray("sk-b"));
    }

    void aFileThatDoesMoreThanOursIsRefused_data() {
        QTest::addColumn<QByteArray>("sql");
        QTest::newRow("trigger") << QByteArray("CREATE TRIGGER t AFTER INSERT ON fields BEGIN DELETE FROM fields; END");
        QTest::newRow("view") << QByteArray("CREATE VIEW v AS SELECT 1");
        QTest::newRow("table") << QByteArray("CREATE TABLE more (a)");
        QTest::newRow("column") << QByteArray("ALTER TABLE fields ADD COLUMN more TEXT");
        QTest::newRow("no table") << QByteArray("DROP TABLE uses");
        QTest::newRow("a view in the place of a table")
            << QByteArray("DROP TABLE uses; CREATE VIEW uses AS SELECT '' AS provider");
        QTest::newRow("later version") << QByteArray("PRAGMA user_version = 3");
        QTest::newRow("an earlier version with a later table") << QByteArray("PRAGMA user_version = 1");
        QTest::newRow("a version without one of its tables") << QByteArray("DROP TABLE marks");
        QTest::newRow("no version") << QByteArray("PRAGMA user_version = 0");
        QTest::newRow("another application's") << QByteArray("PRAGMA application_id = 1");
        QTest::newRow("no owner") << QByteArray("DELETE FROM vault");
        QTest::newRow("another owner") << QByteArray("UPDATE vault SET tenant = 'b'");
    }
    void aFileThatDoesMoreThanOursIsRefused() {
        QFETCH(const QByteArray, sql);
        TwoTenants f;
        f.tamper("a", sql.constData());
        f.reopen();
        QCOMPARE(f.get(kA, "api_key"), QByteArray("Damaged"));
        QCOMPARE(f.get(kB, "api_key"), QByteArray("sk-b"));
    }

    void filesThatAreNotOursAreRefused() {
        TwoTenants f;
        QCOMPARE(::chmod(f.file("a").c_str(), 0640), 0);
        f.reopen();
        QCOMPARE(f.get(kA, "api_key"), QByteArray("Damaged"));
        f.close();
        QCOMPARE(::rename(f.file("a").c_str(), (f.file("a") + ".real").c_str()), 0);
        QCOMPARE(::symlink((f.file("a") + ".real").c_str(), f.file("a").c_str()), 0);
        f.reopen();
        QCOMPARE(f.get(kA, "api_key"), QByteArray("Damaged"));
        f.close();
        QCOMPARE(::unlink(f.file("a").c_str()), 0);
        QCOMPARE(::mkfifo(f.file("a").c_str(), 0600), 0);
        f.reopen();
        QCOMPARE(f.get(kA, "api_key"), QByteArray("Damaged"));
        QCOMPARE(f.get(kB, "api_key"), QByteArray("sk-b"));
    }

    /// KEYBEARER_EVERY_BYTE: all of them (minutes); otherwise one in 61, beginning anywhere.
    void whereverABitFlips() {
        TwoTenants f;
        const QByteArray good = contentOf(f.file("a"));
        const int step = qEnvironmentVariableIsSet("KEYBEARER_EVERY_BYTE") ? 1 : 61;
        auto offset = static_cast<qsizetype>(QRandomGenerator::global()->bounded(step));
        int refused = 0;
        for (; offset < good.size(); offset += step) {
            QByteArray bad = good;
            bad[offset] = static_cast<char>(bad[offset] ^ (1 << QRandomGenerator::global()->bounded(8)));
            refused += check(f, bad, offset);
        }
        QVERIFY(refused > 0);
        qInfo("%d flips refused", refused);
    }

    void whereverTheFileEnds() {
        TwoTenants f;
        const QByteArray good = contentOf(f.file("a"));
        int refused = 0;
        for (qsizetype size = 1; size < good.size(); size += 499) {
            refused += check(f, good.left(size), size);
        }
        QVERIFY(refused > 0);
        // An empty file is one whose making was cut off: rows there are none, and a data key is there.
        write(f.file("a"), {});
        f.reopen();
        QCOMPARE(f.get(kA, "api_key"), QByteArray("NotFound"));
        QCOMPARE(f.set(kA, {{"api_key", "new"}}), QByteArray("success"));
    }

    void somethingElseInItsPlace_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("text") << QByteArray("hello\n");
        QTest::newRow("zeroes") << QByteArray(8192, '\0');
        QTest::newRow("nearly SQLite") << QByteArray("SQLite format 3\0", 16) + QByteArray(4096, '\x01');
    }
    void somethingElseInItsPlace() {
        QFETCH(const QByteArray, content);
        TwoTenants f;
        write(f.file("a"), content);
        f.reopen();
        QCOMPARE(f.get(kA, "api_key"), QByteArray("Damaged"));
        QCOMPARE(f.set(kA, {{"api_key", "x"}}), QByteArray("Damaged")); // what is there is not written over
        QCOMPARE(contentOf(f.file("a")).size(), content.size());
    }

private:
    /// 1 when something was refused. Whatever is read is what was written, and the other tenant is served.
    static int check(TwoTenants& f, const QByteArray& bytes, qsizetype where) {
        write(f.file("a"), bytes);
        f.reopen();
        int refused = 0;
        for (const auto& [field, value] : {std::pair("api_key", "sk-a"), std::pair("organization", "org-a")}) {
            const QByteArray got = f.get(kA, field);
            const bool known =
                got == value || got == "Damaged" || got == "KeyMissing" || got == "NotFound" || got == "Storage";
            if (!known) {
                qFatal("at %lld: %s", static_cast<long long>(where), got.constData());
            }
            refused += got != value;
        }
        static_cast<void>(f.vault->list("a"));
        if (f.get(kB, "api_key") != "sk-b") {
            qFatal("at %lld: the other tenant is not served", static_cast<long long>(where));
        }
        f.close();
        return refused > 0 ? 1 : 0;
    }
};

QTEST_GUILESS_MAIN(TestVaultDamage)
#include "tst_vault_damage.moc"
