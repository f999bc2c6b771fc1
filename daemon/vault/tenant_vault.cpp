#include "daemon/vault/tenant_vault.h"

#include "daemon/crypto/crypto.h"

#include <algorithm>
#include <utility>

namespace keybearer::vault {
namespace {

/// Whether the row `f` of `fields` is marked for test.
constexpr std::string_view kIsMarked =
    "EXISTS (SELECT 1 FROM marks m WHERE m.provider = f.provider AND m.name = f.name "
    "AND m.slot = f.slot AND m.field = f.field)";

std::string select(std::string_view where) {
    return std::string("SELECT provider, name, slot, field, generation, key, sealed, set_at, ")
        .append(kIsMarked)
        .append(" FROM fields f ")
        .append(where);
}

Slot slotAt(const Statement& row, int column) {
    return row.integer(column) == 0 ? Slot::Current : Slot::Next;
}

Error notFound() {
    return {ErrorKind::NotFound, "there is no such credential in the vault"};
}

} // namespace

Result<TenantVault> TenantVault::open(const std::string& folder, const std::string& tenant, const base::Clock& clock,
                                      bool create) {
    auto database = Database::open(folder + "/" + tenant + ".db", tenant, clock.utcSeconds(), create);
    if (!database) {
        return base::fail(std::move(database.error()));
    }
    return TenantVault(tenant, clock, std::move(*database));
}

Place TenantVault::placeOf(const Row& row) const {
    return {m_tenant, row.provider, row.name, row.slot, row.field, row.generation, row.keyId, row.test};
}

Result<base::Secret> TenantVault::openRow(const DataKeys& keys, const Row& row) const {
    const DataKey* key = findKey(keys, row.keyId);
    if (key == nullptr) {
        return base::fail(Error{ErrorKind::KeyMissing,
                                "the keychain has lost the key to " + row.provider + "/" + row.name + "." + row.field});
    }
    auto value = crypto::open(key->key, additionalData(placeOf(row)), row.sealed);
    if (!value) {
        return base::fail(Error{ErrorKind::Damaged, "the stored value of " + row.provider + "/" + row.name + "." +
                                                        row.field + " was changed, or belongs elsewhere"});
    }
    return std::move(*value);
}

Result<void> TenantVault::writeRow(const DataKeys& keys, Row row, std::string_view value) {
    const DataKey& key = keys.back();
    row.keyId = key.id;
    row.sealed = crypto::seal(key.key, additionalData(placeOf(row)), value);
    auto insert =
        m_database.prepare("INSERT OR REPLACE INTO fields (provider, name, slot, field, generation, key, sealed, "
                           "set_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    return insert.bind(1, row.provider)
        .bind(2, row.name)
        .bind(3, static_cast<std::int64_t>(row.slot))
        .bind(4, row.field)
        .bind(5, static_cast<std::int64_t>(row.generation))
        .bind(6, row.keyId)
        .bindBlob(7, row.sealed)
        .bind(8, row.setAt)
        .run();
}

Result<void> TenantVault::writeMark(const Row& row) {
    auto change = m_database.prepare(
        row.test ? "INSERT OR REPLACE INTO marks (provider, name, slot, field) VALUES (?1, ?2, ?3, ?4)"
                 : "DELETE FROM marks WHERE provider = ?1 AND name = ?2 AND slot = ?3 AND field = ?4");
    return change.bind(1, row.provider)
        .bind(2, row.name)
        .bind(3, static_cast<std::int64_t>(row.slot))
        .bind(4, row.field)
        .run();
}

Result<void> TenantVault::removeRow(const Row& row) {
    for (const char* sql : {"DELETE FROM fields WHERE provider = ?1 AND name = ?2 AND slot = ?3 AND field = ?4",
                            "DELETE FROM marks WHERE provider = ?1 AND name = ?2 AND slot = ?3 AND field = ?4"}) {
        auto gone = m_database.prepare(sql);
        if (auto done = gone.bind(1, row.provider)
                            .bind(2, row.name)
                            .bind(3, static_cast<std::int64_t>(row.slot))
                            .bind(4, row.field)
                            .run();
            !done) {
            return done;
        }
    }
    return {};
}

Result<std::vector<TenantVault::Row>> TenantVault::rows(Statement& select) const {
    std::vector<Row> found;
    auto read = select.each([&] {
        Row row;
        row.provider = select.text(0);
        row.name = select.text(1);
        row.slot = slotAt(select, 2);
        row.field = select.text(3);
        row.generation = static_cast<std::uint64_t>(select.integer(4));
        row.keyId = select.text(5);
        row.sealed = select.blob(6);
        row.setAt = select.integer(7);
        row.test = select.integer(8) != 0;
        found.push_back(std::move(row));
    });
    return std::move(read).map([&] { return std::move(found); });
}

Result<bool> TenantVault::isEmpty() const {
    auto any = m_database.prepare("SELECT 1 FROM fields LIMIT 1");
    return any.step().map([](bool found) { return !found; });
}

Result<std::vector<StoredField>> TenantVault::fields(std::string_view provider, std::string_view name) const {
    auto select = m_database.prepare(std::string("SELECT slot, field, generation, set_at, ")
                                         .append(kIsMarked)
                                         .append(" FROM fields f WHERE provider = ?1 AND name = ?2 "
                                                 "ORDER BY slot, field"));
    select.bind(1, provider).bind(2, name);
    std::vector<StoredField> found;
    auto read = select.each([&] {
        found.push_back({std::string(select.text(1)), slotAt(select, 0), static_cast<std::uint64_t>(select.integer(2)),
                         select.integer(3), select.integer(4) != 0});
    });
    return std::move(read).map([&] { return std::move(found); });
}

Result<std::vector<StoredCredential>> TenantVault::list() const {
    auto select = m_database.prepare(
        std::string("SELECT f.provider, f.name, f.slot, f.field, f.generation, f.set_at, coalesce(u.used_at, 0), ")
            .append(kIsMarked)
            .append(" FROM fields f LEFT JOIN uses u ON u.provider = f.provider AND u.name = f.name "
                    "ORDER BY f.provider, f.name, f.slot, f.field"));
    std::vector<StoredCredential> found;
    auto read = select.each([&] {
        if (found.empty() || found.back().provider != select.text(0) || found.back().name != select.text(1)) {
            found.push_back({std::string(select.text(0)), std::string(select.text(1)), {}, select.integer(6)});
            if (const auto noted = m_uses.find({found.back().provider, found.back().name}); noted != m_uses.end()) {
                found.back().usedAt = noted->second;
            }
        }
        found.back().fields.push_back({std::string(select.text(3)), slotAt(select, 2),
                                       static_cast<std::uint64_t>(select.integer(4)), select.integer(5),
                                       select.integer(7) != 0});
    });
    return std::move(read).map([&] { return std::move(found); });
}

Result<std::vector<FieldValue>> TenantVault::read(const DataKeys& keys, std::string_view provider,
                                                  std::string_view name, Slot slot,
                                                  const std::vector<std::string>& fields) const {
    auto one = m_database.prepare(select("WHERE provider = ?1 AND name = ?2 AND slot = ?3 AND field = ?4"));
    std::vector<FieldValue> values;
    for (const std::string& field : fields) {
        one.reset();
        one.bind(1, provider).bind(2, name).bind(3, static_cast<std::int64_t>(slot)).bind(4, field);
        const auto found = rows(one);
        if (!found || found->empty()) {
            return base::fail(found ? notFound() : found.error());
        }
        auto value = openRow(keys, found->front());
        if (!value) {
            return base::fail(std::move(value.error()));
        }
        values.push_back({field, std::move(*value), found->front().test});
    }
    return values;
}

Result<void> TenantVault::set(const DataKeys& keys, std::string_view provider, std::string_view name, Slot slot,
                              const std::vector<FieldValue>& values) {
    auto transaction = Transaction::begin(m_database.handle());
    if (!transaction) {
        return base::fail(transaction.error());
    }
    const auto known = fields(provider, name);
    if (!known) {
        return base::fail(known.error());
    }
    for (const FieldValue& value : values) {
        Row row;
        row.provider = provider;
        row.name = name;
        row.slot = slot;
        row.field = value.field;
        row.setAt = m_clock->utcSeconds();
        row.test = value.test;
        for (const StoredField& field : *known) {
            if (field.field == value.field) {
                row.generation = std::max(row.generation, field.generation);
            }
        }
        ++row.generation;
        if (auto marked = writeMark(row); !marked) {
            return marked;
        }
        if (auto written = writeRow(keys, std::move(row), value.value.reveal()); !written) {
            return written;
        }
    }
    return transaction->commit();
}

Result<int> TenantVault::remove(std::string_view provider, std::string_view name, std::string_view field) {
    auto transaction = Transaction::begin(m_database.handle());
    if (!transaction) {
        return base::fail(transaction.error());
    }
    auto remove = m_database.prepare(
        "DELETE FROM fields WHERE provider = ?1 AND name = ?2 AND (?3 = '' OR field = ?3) RETURNING field");
    remove.bind(1, provider).bind(2, name).bind(3, field);
    int count = 0;
    if (auto removed = remove.each([&] { ++count; }); !removed) {
        return base::fail(std::move(removed.error()));
    }
    auto unmark = m_database.prepare("DELETE FROM marks WHERE provider = ?1 AND name = ?2 AND (?3 = '' OR field = ?3)");
    if (auto unmarked = unmark.bind(1, provider).bind(2, name).bind(3, field).run(); !unmarked) {
        return base::fail(std::move(unmarked.error()));
    }
    auto forget = m_database.prepare("DELETE FROM uses WHERE provider = ?1 AND name = ?2 AND NOT EXISTS (SELECT 1 FROM "
                                     "fields WHERE provider = ?1 AND name = ?2)");
    if (auto forgotten = forget.bind(1, provider).bind(2, name).run(); !forgotten) {
        return base::fail(std::move(forgotten.error()));
    }
    if (auto done = transaction->commit(); !done) {
        return base::fail(std::move(done.error()));
    }
    return count;
}

Result<std::vector<TenantVault::Row>> TenantVault::rowsOf(std::string_view provider, std::string_view name) const {
    auto all = m_database.prepare(select("WHERE provider = ?1 AND name = ?2"));
    all.bind(1, provider).bind(2, name);
    return rows(all);
}

Result<void> TenantVault::moveRows(const DataKeys& keys, std::vector<Row> rows, const std::function<void(Row&)>& move) {
    // They may trade places: all are taken out before one is put back.
    std::vector<base::Secret> values;
    for (const Row& row : rows) {
        auto value = openRow(keys, row);
        auto removed = value ? removeRow(row) : Result<void>(base::fail(std::move(value.error())));
        if (!removed) {
            return removed;
        }
        values.push_back(std::move(*value));
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        move(rows[i]);
        if (auto marked = writeMark(rows[i]); !marked) {
            return marked;
        }
        if (auto written = writeRow(keys, rows[i], values[i].reveal()); !written) {
            return written;
        }
    }
    return {};
}

Result<void> TenantVault::switchSlots(const DataKeys& keys, std::string_view provider, std::string_view name) {
    auto transaction = Transaction::begin(m_database.handle());
    if (!transaction) {
        return base::fail(transaction.error());
    }
    auto found = rowsOf(provider, name);
    if (!found) {
        return base::fail(std::move(found.error()));
    }
    const auto isNext = [](const Row& row) { return row.slot == Slot::Next; };
    if (std::ranges::none_of(*found, isNext)) {
        return base::fail(Error{ErrorKind::NotFound, "no next value is stored; set one with --next first"});
    }
    // A field that has no next value stays in use as it is.
    std::erase_if(*found, [&](const Row& row) {
        return std::ranges::none_of(*found,
                                    [&](const Row& other) { return isNext(other) && other.field == row.field; });
    });
    const auto trade = [&](Row& row) { row.slot = isNext(row) ? Slot::Current : Slot::Next; };
    if (auto moved = moveRows(keys, std::move(*found), trade); !moved) {
        return moved;
    }
    return transaction->commit();
}

Result<void> TenantVault::rename(const DataKeys& keys, const std::string& provider, const std::string& name,
                                 const std::string& newName) {
    auto transaction = Transaction::begin(m_database.handle());
    if (!transaction) {
        return base::fail(transaction.error());
    }
    auto found = rowsOf(provider, name);
    const auto taken = fields(provider, newName);
    if (!found || !taken) {
        return base::fail(found ? taken.error() : found.error());
    }
    if (found->empty()) {
        return base::fail(notFound());
    }
    if (!taken->empty()) {
        return base::fail(Error{ErrorKind::Misused, "there is a key named " + newName + " already"});
    }
    if (auto moved = moveRows(keys, std::move(*found), [&](Row& row) { row.name = newName; }); !moved) {
        return moved;
    }
    auto use = m_database.prepare("UPDATE OR REPLACE uses SET name = ?3 WHERE provider = ?1 AND name = ?2");
    if (auto used = use.bind(1, provider).bind(2, name).bind(3, newName).run(); !used) {
        return used;
    }
    auto done = transaction->commit();
    if (done) {
        m_uses.erase({provider, newName}); // of one that was removed
        if (auto noted = m_uses.extract({provider, name})) {
            noted.key().second = newName;
            m_uses.insert(std::move(noted));
        }
    }
    return done;
}

Result<std::size_t> TenantVault::reseal(const DataKeys& keys, std::string_view provider, std::size_t limit) {
    auto transaction = Transaction::begin(m_database.handle());
    if (!transaction) {
        return base::fail(transaction.error());
    }
    auto others = m_database.prepare(select("WHERE key <> ?1 AND (?2 = '' OR provider = ?2) LIMIT ?3"));
    others.bind(1, keys.back().id).bind(2, provider).bind(3, static_cast<std::int64_t>(limit));
    auto found = rows(others);
    others.reset();
    if (!found) {
        return base::fail(std::move(found.error()));
    }
    for (Row& row : *found) {
        auto value = openRow(keys, row);
        if (!value) {
            return base::fail(std::move(value.error()));
        }
        if (auto written = writeRow(keys, row, value->reveal()); !written) {
            return base::fail(std::move(written.error()));
        }
    }
    if (auto done = transaction->commit(); !done) {
        return base::fail(std::move(done.error()));
    }
    return found->size();
}

Result<std::size_t> TenantVault::countToSeal(const DataKeys& keys, std::string_view provider) const {
    auto count = m_database.prepare("SELECT count(*) FROM fields WHERE key <> ?1 AND (?2 = '' OR provider = ?2)");
    const auto row = count.bind(1, keys.back().id).bind(2, provider).step();
    if (!row) {
        return base::fail(row.error());
    }
    return static_cast<std::size_t>(count.integer(0));
}

Result<std::vector<std::string>> TenantVault::keyIdsInUse() const {
    auto ids = m_database.prepare("SELECT DISTINCT key FROM fields");
    std::vector<std::string> found;
    auto read = ids.each([&] { found.emplace_back(ids.text(0)); });
    return std::move(read).map([&] { return std::move(found); });
}

void TenantVault::noteUse(const std::string& provider, const std::string& name) {
    m_uses.insert_or_assign({provider, name}, m_clock->utcSeconds());
}

void TenantVault::writeUses() {
    auto transaction = Transaction::begin(m_database.handle());
    if (!transaction) {
        return; // a full disk must not keep a credential from being used
    }
    auto note =
        m_database.prepare("INSERT OR REPLACE INTO uses (provider, name, used_at) SELECT ?1, ?2, ?3 WHERE EXISTS "
                           "(SELECT 1 FROM fields WHERE provider = ?1 AND name = ?2)");
    for (const auto& [credential, usedAt] : m_uses) {
        note.reset();
        if (!note.bind(1, credential.first).bind(2, credential.second).bind(3, usedAt).run()) {
            return;
        }
    }
    if (transaction->commit()) {
        m_uses.clear();
    }
}

} // namespace keybearer::vault
