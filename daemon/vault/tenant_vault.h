#pragma once
/// \file
/// The sealed fields of one tenant: everything that needs no keychain, or has its keys already.

#include "daemon/vault/database.h"
#include "daemon/vault/format.h"
#include "ipc/base/clock.h"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keybearer::vault {

/// What is known of a stored field without opening it.
struct StoredField {
    std::string field;
    Slot slot = Slot::Current;
    std::uint64_t generation = 0;
    std::int64_t setAt = 0; ///< UTC seconds
    bool test = false;      ///< marked for test. Bound to the value: a mark that was put or taken behind our back shows
                            ///< when the value is read
};

/// One credential of a list.
struct StoredCredential {
    std::string provider;
    std::string name;
    std::vector<StoredField> fields;
    std::int64_t usedAt = 0; ///< UTC seconds; 0: never
};

struct FieldValue {
    std::string field;
    base::Secret value;
    bool test = false; ///< to be marked for test, or marked; for a client key that gets nothing else
};

/// Main thread. Calls are short; none waits.
class TenantVault {
public:
    [[nodiscard]] static Result<TenantVault> open(const std::string& folder, const std::string& tenant,
                                                  const base::Clock& clock, bool create);

    [[nodiscard]] Result<bool> isEmpty() const;
    /// Sorted by field; empty when there is none.
    [[nodiscard]] Result<std::vector<StoredField>> fields(std::string_view provider, std::string_view name) const;
    /// Sorted by provider and name.
    [[nodiscard]] Result<std::vector<StoredCredential>> list() const;
    /// The values of these fields; NotFound when one is not there, Damaged when one does not open.
    [[nodiscard]] Result<std::vector<FieldValue>> read(const DataKeys& keys, std::string_view provider,
                                                       std::string_view name, Slot slot,
                                                       const std::vector<std::string>& fields) const;
    /// All of them or none; other fields of the credential stay.
    [[nodiscard]] Result<void> set(const DataKeys& keys, std::string_view provider, std::string_view name, Slot slot,
                                   const std::vector<FieldValue>& values);
    /// `field` empty: the whole credential with both its slots. Gives back how many values went.
    [[nodiscard]] Result<int> remove(std::string_view provider, std::string_view name, std::string_view field);
    /// Puts the next values in the place of those in use, and keeps those as the next ones: switching again is the way
    /// back. NotFound when there is no next one.
    [[nodiscard]] Result<void> switchSlots(const DataKeys& keys, std::string_view provider, std::string_view name);
    /// Seals both slots of a credential anew under another name; set_at and used_at stay. NotFound when there is none,
    /// Misused when the new name is taken.
    [[nodiscard]] Result<void> rename(const DataKeys& keys, const std::string& provider, const std::string& name,
                                      const std::string& newName);
    /// Seals up to `limit` rows anew that another key than the last one seals; `provider` empty: of all providers.
    /// Gives back how many there were; fewer than `limit` means that it is done.
    [[nodiscard]] Result<std::size_t> reseal(const DataKeys& keys, std::string_view provider, std::size_t limit);
    /// How many rows reseal() has not come to yet.
    [[nodiscard]] Result<std::size_t> countToSeal(const DataKeys& keys, std::string_view provider) const;
    [[nodiscard]] Result<std::vector<std::string>> keyIdsInUse() const;
    /// Noted in memory: a disk is not waited for each time that a credential is asked for.
    void noteUse(const std::string& provider, const std::string& name);
    /// Writes what was noted, at once for all. What cannot be written stays noted.
    void writeUses();

private:
    TenantVault(std::string tenant, const base::Clock& clock, Database database)
        : m_tenant(std::move(tenant)), m_clock(&clock), m_database(std::move(database)) {}

    struct Row {
        std::string provider, name, field, keyId, sealed;
        Slot slot = Slot::Current;
        std::uint64_t generation = 0;
        std::int64_t setAt = 0;
        bool test = false;
    };
    [[nodiscard]] Place placeOf(const Row& row) const;
    [[nodiscard]] Result<base::Secret> openRow(const DataKeys& keys, const Row& row) const;
    [[nodiscard]] Result<void> writeRow(const DataKeys& keys, Row row, std::string_view value);
    /// Seals rows anew, with their marks, where `move` puts them; inside a transaction.
    [[nodiscard]] Result<void> moveRows(const DataKeys& keys, std::vector<Row> rows,
                                        const std::function<void(Row&)>& move);
    /// Of a credential, both slots.
    [[nodiscard]] Result<std::vector<Row>> rowsOf(std::string_view provider, std::string_view name) const;
    /// With its mark.
    [[nodiscard]] Result<void> removeRow(const Row& row);
    /// Marks the row's place, or takes the mark off it.
    [[nodiscard]] Result<void> writeMark(const Row& row);
    [[nodiscard]] Result<std::vector<Row>> rows(Statement& select) const;

    std::string m_tenant;
    const base::Clock* m_clock;
    Database m_database;
    std::map<std::pair<std::string, std::string>, std::int64_t> m_uses; ///< provider and name; UTC seconds
};

} // namespace keybearer::vault
