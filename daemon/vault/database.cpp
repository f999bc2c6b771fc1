#include "daemon/vault/database.h"

#include "ipc/base/unique_fd.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace keybearer::vault {
namespace {

constexpr std::int64_t kApplicationId = 0x4B425631; // "KBV1"
constexpr std::int64_t kVersion = 2;

struct SchemaTable {
    std::string_view name;
    const char* sql;
    std::int64_t since = 1; ///< the version that has it first
};
/// FORMAT.md, byte by byte: what SQLite keeps of a table is the text that made it.
constexpr std::array<SchemaTable, 4> kTables{
    {{"fields", "CREATE TABLE fields (provider TEXT NOT NULL, name TEXT NOT NULL, slot INTEGER NOT NULL, field TEXT "
                "NOT NULL, generation INTEGER NOT NULL, key TEXT NOT NULL, sealed BLOB NOT NULL, set_at INTEGER NOT "
                "NULL, PRIMARY KEY (provider, name, slot, field)) STRICT, WITHOUT ROWID"},
     {"marks",
      "CREATE TABLE marks (provider TEXT NOT NULL, name TEXT NOT NULL, slot INTEGER NOT NULL, field TEXT NOT NULL, "
      "PRIMARY KEY (provider, name, slot, field)) STRICT, WITHOUT ROWID",
      2},
     {"uses", "CREATE TABLE uses (provider TEXT NOT NULL, name TEXT NOT NULL, used_at INTEGER NOT NULL, PRIMARY KEY "
              "(provider, name)) STRICT, WITHOUT ROWID"},
     {"vault", "CREATE TABLE vault (id INTEGER PRIMARY KEY CHECK (id = 0), tenant TEXT NOT NULL, created_at INTEGER "
               "NOT NULL) STRICT"}}};

Error failed(int code) {
    const int primary = code & 0xFF;
    const bool damaged =
        primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_ERROR || primary == SQLITE_FORMAT;
    std::string detail = damaged ? "the vault's file is damaged: " : "the vault's file cannot be used: ";
    return {damaged ? ErrorKind::Damaged : ErrorKind::Storage, detail + sqlite3_errstr(code)};
}

Error damaged(std::string why) {
    return {ErrorKind::Damaged, std::move(why)};
}

/// The file with the right mode, so that SQLite's own files beside it get that mode, too.
Result<void> makeFile(const std::string& path, bool create) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) == 0) {
        if (!S_ISREG(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 077U) != 0) {
            return base::fail(damaged(path + " is not a regular file of yours with mode 0600"));
        }
        // SQLite would say "disk I/O error" of a disk that is read-only.
        const base::UniqueFd probe(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
        return probe ? Result<void>() : base::fail(Error{ErrorKind::Storage, path + ": " + std::strerror(errno)});
    }
    if (errno != ENOENT) {
        return base::fail(Error{ErrorKind::Storage, path + ": " + std::strerror(errno)});
    }
    if (!create) {
        return base::fail(Error{ErrorKind::NotFound, "nothing has been stored for this tenant"});
    }
    const base::UniqueFd made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    return made ? Result<void>() : base::fail(Error{ErrorKind::Storage, path + ": " + std::strerror(errno)});
}

} // namespace

// --- Statement
// ----------------------------------------------------------------------------------------------------------

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* database, std::string_view sql) : m_database(database) {
    sqlite3_stmt* made = nullptr;
    m_problem = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &made, nullptr);
    m_statement.reset(made);
}

Statement& Statement::bind(int index, std::string_view text) {
    if (m_problem == SQLITE_OK) {
        m_problem = sqlite3_bind_text(m_statement.get(), index, text.data(), static_cast<int>(text.size()),
                                      SQLITE_TRANSIENT); // NOLINT
    }
    return *this;
}

Statement& Statement::bind(int index, std::int64_t value) {
    if (m_problem == SQLITE_OK) {
        m_problem = sqlite3_bind_int64(m_statement.get(), index, value);
    }
    return *this;
}

Statement& Statement::bindBlob(int index, std::string_view bytes) {
    if (m_problem == SQLITE_OK) {
        m_problem = sqlite3_bind_blob(m_statement.get(), index, bytes.data(), static_cast<int>(bytes.size()),
                                      SQLITE_TRANSIENT); // NOLINT
    }
    return *this;
}

Result<bool> Statement::step() {
    if (m_problem != SQLITE_OK) {
        return base::fail(failed(m_problem));
    }
    const int code = sqlite3_step(m_statement.get());
    if (code == SQLITE_ROW || code == SQLITE_DONE) {
        return code == SQLITE_ROW;
    }
    return base::fail(failed(sqlite3_extended_errcode(m_database)));
}

void Statement::reset() {
    if (m_statement) {
        sqlite3_reset(m_statement.get());
        sqlite3_clear_bindings(m_statement.get());
    }
}

std::string_view Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(m_statement.get(), column));
    return bytes == nullptr
               ? std::string_view()
               : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(m_statement.get(), column)));
}

std::string_view Statement::blob(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(m_statement.get(), column));
    return bytes == nullptr
               ? std::string_view()
               : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(m_statement.get(), column)));
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(m_statement.get(), column);
}

// --- Transaction
// --------------------------------------------------------------------------------------------------------

Result<Transaction> Transaction::begin(sqlite3* database) {
    if (auto begun = Statement(database, "BEGIN IMMEDIATE").run(); !begun) {
        return base::fail(std::move(begun.error()));
    }
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : m_database(std::exchange(other.m_database, nullptr)) {}

Transaction::~Transaction() {
    if (m_database != nullptr) {
        sqlite3_exec(m_database, "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

Result<void> Transaction::commit() {
    if (auto done = Statement(m_database, "COMMIT").run(); !done) {
        return base::fail(std::move(done.error()));
    }
    m_database = nullptr;
    return {};
}

// --- Database
// -----------------------------------------------------------------------------------------------------------

void Database::Close::operator()(sqlite3* handle) const {
    sqlite3_close(handle);
}

Result<Database> Database::open(const std::string& path, std::string_view tenant, std::int64_t now, bool create) {
    if (auto made = makeFile(path, create); !made) {
        return base::fail(std::move(made.error()));
    }
    sqlite3* handle = nullptr;
    constexpr int kFlags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE;
    const int code = sqlite3_open_v2(path.c_str(), &handle, kFlags, nullptr);
    Database database(handle);
    if (code != SQLITE_OK) {
        return base::fail(failed(code));
    }
    if (auto configured = database.configure(); !configured) {
        return base::fail(std::move(configured.error()));
    }
    // A file without a table is one whose making was cut off.
    auto tables = database.prepare("SELECT count(*) FROM sqlite_schema");
    const auto counted = tables.step();
    if (!counted) {
        return base::fail(counted.error());
    }
    const bool isEmpty = tables.integer(0) == 0;
    tables.reset();
    if (auto ready = isEmpty ? database.create(tenant, now) : database.checkAndUpgrade(path, tenant); !ready) {
        return base::fail(std::move(ready.error()));
    }
    return database;
}

Result<void> Database::configure() const {
    sqlite3_extended_result_codes(m_handle.get(), 1);
    // What the file says about itself is not to be run.
    sqlite3_db_config(m_handle.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(m_handle.get(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(m_handle.get(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(m_handle.get(), SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    // EXCLUSIVE before the first access: the index of the WAL then lives in our memory and not in a file.
    for (const char* pragma :
         {"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
          "PRAGMA secure_delete = ON", "PRAGMA temp_store = MEMORY", "PRAGMA cell_size_check = ON"}) {
        if (auto set = prepare(pragma).run(); !set) {
            return set;
        }
    }
    return {};
}

Result<void> Database::create(std::string_view tenant, std::int64_t now) const {
    auto transaction = Transaction::begin(m_handle.get());
    if (!transaction) {
        return base::fail(transaction.error());
    }
    if (auto set = prepare("PRAGMA application_id = " + std::to_string(kApplicationId)).run(); !set) {
        return set;
    }
    if (auto made = makeTables(1); !made) {
        return made;
    }
    auto owner = prepare("INSERT INTO vault (id, tenant, created_at) VALUES (0, ?1, ?2)");
    if (auto written = owner.bind(1, tenant).bind(2, now).run(); !written) {
        return written;
    }
    return transaction->commit();
}

Result<void> Database::makeTables(std::int64_t since) const {
    for (const SchemaTable& table : kTables) {
        if (table.since >= since) {
            if (auto made = prepare(table.sql).run(); !made) {
                return made;
            }
        }
    }
    return prepare("PRAGMA user_version = " + std::to_string(kVersion)).run();
}

Result<std::int64_t> Database::numberOf(const char* pragma) const {
    auto value = prepare(pragma);
    const auto row = value.step();
    if (!row) {
        return base::fail(row.error());
    }
    return *row ? value.integer(0) : 0;
}

Result<void> Database::backUp(const std::string& path, std::int64_t version) const {
    const std::string kept = path + ".v" + std::to_string(version) + ".backup";
    const std::string fresh = kept + ".new";
    ::unlink(fresh.c_str()); // of an upgrade that was cut off
    if (auto made = makeFile(fresh, true); !made) {
        return made;
    }
    if (auto copied = prepare("VACUUM INTO ?1").bind(1, std::string_view(fresh)).run(); !copied) {
        return copied;
    }
    const base::UniqueFd file(::open(fresh.c_str(), O_RDONLY | O_CLOEXEC));
    const base::UniqueFd folder(
        ::open(path.substr(0, path.rfind('/') + 1).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!file || !folder || ::fsync(file.get()) != 0 || ::rename(fresh.c_str(), kept.c_str()) != 0 ||
        ::fsync(folder.get()) != 0) {
        return base::fail(Error{ErrorKind::Storage, kept + ": " + std::strerror(errno)});
    }
    return {};
}

Result<void> Database::checkAndUpgrade(const std::string& path, std::string_view tenant) const {
    const auto application = numberOf("PRAGMA application_id");
    const auto version = numberOf("PRAGMA user_version");
    if (!application || !version) {
        return base::fail(!application ? application.error() : version.error());
    }
    if (*application != kApplicationId || *version < 1) {
        return base::fail(damaged("this is not a vault of a version that is known"));
    }
    if (*version > kVersion) {
        return base::fail(damaged("this vault is of version " + std::to_string(*version) +
                                  ", and this Keybearer knows version " + std::to_string(kVersion) +
                                  " and earlier ones: a newer Keybearer has written it"));
    }
    if (auto checked = check(tenant, *version); !checked || *version == kVersion) {
        return checked;
    }
    if (auto kept = backUp(path, *version); !kept) {
        return kept;
    }
    auto transaction = Transaction::begin(m_handle.get());
    if (!transaction) {
        return base::fail(transaction.error());
    }
    if (auto made = makeTables(*version + 1); !made) {
        return made;
    }
    return transaction->commit();
}

Result<void> Database::check(std::string_view tenant, std::int64_t version) const {
    auto schema = prepare("SELECT name, sql FROM sqlite_schema ORDER BY name");
    for (const auto& [name, sql, since] : kTables) {
        if (since > version) {
            continue;
        }
        if (const auto row = schema.step(); !row || !*row || schema.text(0) != name || schema.text(1) != sql) {
            return base::fail(row ? damaged("the vault's file has another schema than ours") : row.error());
        }
    }
    if (const auto more = schema.step(); !more || *more) {
        return base::fail(more ? damaged("the vault's file has more in its schema than ours") : more.error());
    }
    auto owner = prepare("SELECT tenant FROM vault");
    if (const auto row = owner.step(); !row || !*row || owner.text(0) != tenant) {
        return base::fail(row ? damaged("this file is another tenant's vault") : row.error());
    }
    return {};
}

} // namespace keybearer::vault
