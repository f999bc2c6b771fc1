#pragma once
/// \file
/// The only place that calls SQLite: one tenant's file, opened with suspicion.

#include "daemon/vault/error.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace keybearer::vault {

/// One prepared statement. Views that column functions give live until the next step().
class Statement {
public:
    /// A statement that cannot be prepared fails at its first step.
    Statement(sqlite3* database, std::string_view sql);

    Statement& bind(int index, std::string_view text);
    Statement& bind(int index, std::int64_t value);
    Statement& bindBlob(int index, std::string_view bytes);

    /// True for a row, false at the end.
    [[nodiscard]] Result<bool> step();
    /// Runs to the end and calls `onRow` for each row.
    template<class OnRow>
    [[nodiscard]] Result<void> each(const OnRow& onRow) {
        for (;;) {
            const auto more = step();
            if (!more) {
                return base::fail(more.error());
            }
            if (!*more) {
                return {};
            }
            onRow();
        }
    }
    [[nodiscard]] Result<void> run() {
        return each([] {});
    }
    /// To be bound and run again.
    void reset();

    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] std::string_view blob(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    sqlite3* m_database;
    std::unique_ptr<sqlite3_stmt, Finalize> m_statement;
    int m_problem;
};

/// Rolls back unless committed.
class Transaction {
public:
    [[nodiscard]] static Result<Transaction> begin(sqlite3* database);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();

    /// Durable when it returns success.
    [[nodiscard]] Result<void> commit();

private:
    explicit Transaction(sqlite3* database) : m_database(database) {}
    sqlite3* m_database; ///< null: over
};

/// An open file of FORMAT.md. No other process may have it open: the broker holds the data folder's lock.
class Database {
public:
    /// Opens the file, or makes it when `create`. NotFound when there is none; Damaged when it is not such a file, is
    /// another tenant's, or has another schema. A file of an earlier version is brought to this one. `path` must lie in
    /// a private folder.
    [[nodiscard]] static Result<Database> open(const std::string& path, std::string_view tenant, std::int64_t now,
                                               bool create);

    [[nodiscard]] sqlite3* handle() const noexcept { return m_handle.get(); }
    [[nodiscard]] Statement prepare(std::string_view sql) const { return {m_handle.get(), sql}; }

private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    explicit Database(sqlite3* handle) : m_handle(handle) {}
    [[nodiscard]] Result<void> configure() const;
    /// The schema of this version, and the owner.
    [[nodiscard]] Result<void> check(std::string_view tenant, std::int64_t version) const;
    /// A file of an earlier version becomes one of this version, once a copy lies beside it.
    [[nodiscard]] Result<void> checkAndUpgrade(const std::string& path, std::string_view tenant) const;
    /// "PATH.v1.backup". A later copy takes the place of an earlier one.
    [[nodiscard]] Result<void> backUp(const std::string& path, std::int64_t version) const;
    /// Those of this version and later ones, inside a transaction.
    [[nodiscard]] Result<void> makeTables(std::int64_t since) const;
    [[nodiscard]] Result<std::int64_t> numberOf(const char* pragma) const;
    [[nodiscard]] Result<void> create(std::string_view tenant, std::int64_t now) const;

    std::unique_ptr<sqlite3, Close> m_handle;
};

} // namespace keybearer::vault
