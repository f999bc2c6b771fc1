#pragma once
/// \file
/// What is on disk before a refresh request goes out: refresh-journal.json in the data folder, no secret in it. An
/// entry that is still there says that a refresh token was sent and that no answer to it is known.

#include "ipc/base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace keybearer::accounts {

/// Main thread.
class RefreshJournal {
public:
    /// An attempt with one refresh token, named by its generation (StoredGrant::generation).
    struct Entry {
        std::uint64_t generation = 0;
        std::int64_t sentAt = 0; ///< UTC seconds, of the first attempt
        int attempts = 0;        ///< how often it was sent without a known answer
    };

    /// A damaged file counts as an empty one: it costs a reason in a message, and nobody a token. `problem` says so.
    [[nodiscard]] static RefreshJournal open(const std::string& folder);
    [[nodiscard]] const std::string& problem() const noexcept { return m_problem; }

    /// Durable when it returns success. An attempt with the same generation counts up, another one takes its place.
    [[nodiscard]] base::Result<void, std::string> begin(const std::string& id, std::uint64_t generation,
                                                        std::int64_t now);
    /// An answer is known, and nothing is open for this account.
    void settle(const std::string& id);
    /// How often this generation was sent without a known answer; 0: never.
    [[nodiscard]] int openAttempts(const std::string& id, std::uint64_t generation) const;

private:
    explicit RefreshJournal(std::string path) : m_path(std::move(path)) {}

    std::string m_path;
    std::string m_problem;
    std::map<std::string, Entry> m_entries; ///< by account id
};

using JournalEntries = std::map<std::string, RefreshJournal::Entry>;

/// The file's text, for tests and the fuzzer. The error is a fixed text.
[[nodiscard]] std::string formatJournal(const JournalEntries& entries);
[[nodiscard]] base::Result<JournalEntries, std::string> parseJournal(std::string_view text);

} // namespace keybearer::accounts
