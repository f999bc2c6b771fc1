#pragma once
/// \file
/// A vault in a folder of its own, with a keychain in a file beside it.

#include "daemon/keychain/file_keychain.h"
#include "daemon/vault/vault.h"

#include <QFile>
#include <QTemporaryDir>

#include "keychain_test.h"
#include <sqlite3.h>

#include <memory>

namespace keybearer::vault {

class SteadyClock final : public base::Clock {
public:
    [[nodiscard]] std::int64_t utcSeconds() const override { return now; }
    [[nodiscard]] std::chrono::milliseconds steady() const override { return {}; }
    std::int64_t now = 1'700'000'000;
};

inline QByteArray outcomeOf(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::NotFound: return "NotFound";
    case ErrorKind::KeyMissing: return "KeyMissing";
    case ErrorKind::Damaged: return "Damaged";
    case ErrorKind::Storage: return "Storage";
    case ErrorKind::Keychain: return "Keychain";
    case ErrorKind::Misused: return "Misused";
    }
    return {};
}

template<class T>
QByteArray outcomeOf(const Result<T>& result) {
    return result ? QByteArray("success") : outcomeOf(result.error().kind);
}

struct VaultFixture {
    QTemporaryDir root;
    SteadyClock clock;
    std::string folder = root.filePath(QStringLiteral("vault")).toStdString();
    keychain::FileKeychain keychain{root.filePath(QStringLiteral("keychain.json")).toStdString(),
                                    keychain::FileForm::Plain};
    std::unique_ptr<Vault> vault = std::make_unique<Vault>(folder, keychain, clock);

    VaultFixture() {
        const auto made = keychain::await(keychain.replaceAll({}, {}));
        Q_ASSERT(made);
    }
    /// As after a restart of the broker.
    void reopen() {
        vault.reset();
        vault = std::make_unique<Vault>(folder, keychain, clock);
    }
    [[nodiscard]] std::string file(const std::string& tenant) const { return folder + "/" + tenant + ".db"; }

    static std::vector<FieldValue> values(const std::vector<std::pair<std::string, std::string>>& pairs) {
        std::vector<FieldValue> out;
        for (const auto& [field, value] : pairs) {
            out.push_back({field, base::Secret(value), false});
        }
        return out;
    }
    QByteArray set(const CredentialId& id, const std::vector<std::pair<std::string, std::string>>& pairs,
                   Slot slot = Slot::Current) const {
        return outcomeOf(keychain::await(vault->set(id, slot, values(pairs))));
    }
    QByteArray setForTest(const CredentialId& id, const std::vector<std::pair<std::string, std::string>>& pairs,
                          Slot slot = Slot::Current) const {
        std::vector<FieldValue> marked = values(pairs);
        for (FieldValue& value : marked) {
            value.test = true;
        }
        return outcomeOf(keychain::await(vault->set(id, slot, std::move(marked))));
    }
    /// The fields that are marked for test, as "api_key" and "api_key (next)".
    [[nodiscard]] QByteArrayList marked(const CredentialId& id) const {
        QByteArrayList names;
        const auto stored = vault->fields(id);
        for (const StoredField& field : *stored) {
            if (field.test) {
                names << QByteArray::fromStdString(field.field) + (field.slot == Slot::Next ? " (next)" : "");
            }
        }
        return names;
    }
    /// The value, or the kind of the error.
    QByteArray get(const CredentialId& id, const std::string& field, Slot slot = Slot::Current) const {
        const auto read = keychain::await(vault->read(id, slot, {field}));
        return read ? QByteArray::fromStdString(std::string(read->front().value.reveal())) : outcomeOf(read);
    }
    /// Runs SQL on a tenant's file behind the vault's back; the vault must be closed.
    void tamper(const std::string& tenant, const char* sql) const {
        sqlite3* handle = nullptr;
        QCOMPARE(sqlite3_open(file(tenant).c_str(), &handle), SQLITE_OK);
        char* why = nullptr;
        const int code = sqlite3_exec(handle, sql, nullptr, nullptr, &why);
        QVERIFY2(code == SQLITE_OK, why == nullptr ? "" : why);
        sqlite3_close(handle);
    }
    /// Everything below the folder, and the keychain apart from it.
    [[nodiscard]] QByteArray bytesAtRest() const {
        QByteArray all;
        const QDir dir(QString::fromStdString(folder));
        for (const QString& name : dir.entryList(QDir::Files)) {
            QFile content(dir.filePath(name));
            all += content.open(QIODevice::ReadOnly) ? content.readAll() : QByteArray();
        }
        return all;
    }
};

} // namespace keybearer::vault
