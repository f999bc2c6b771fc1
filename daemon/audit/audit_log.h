#pragma once
/// \file
/// The append-only record of decisions and releases.

#include "daemon/audit/committer.h"
#include "daemon/audit/log_files.h"
#include "daemon/audit/use_history.h"
#include "ipc/base/clock.h"
#include "ipc/base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace keybearer::audit {

/// How much is kept: config.toml, [audit].
struct Limits {
    int keepDays = 365;                  ///< a file goes when its newest row is older
    std::uint64_t maxBytes = 64U << 20U; ///< the oldest files go when all together are larger
};

/// audit.log in the state folder and older files beside it: JSON Lines, 0600, each line carrying its sequence number
/// and the SHA-256 of the line before it; audit.head holds the last hash under a key (FORMAT.md).
///
/// A row that append() took is with the kernel: a killed broker loses none. It is on the disk a hundred milliseconds
/// later, or as soon as the disk has it. Main thread, owned by the broker.
class AuditLog {
public:
    /// Opens or creates the files and continues their chain. A torn last line (power loss) is cut off and noted by a
    /// row of its own. `logPath` ends with ".log". `sync` is a test's, or empty. The error is a sentence.
    [[nodiscard]] static base::Result<AuditLog, std::string> open(const std::string& logPath, const base::Clock& clock,
                                                                  Limits limits = {}, Committer::Sync sync = {});

    /// Writes a line for each with a single write(2): all of them or none. On failure, which is also that the disk
    /// refuses what was written before or is too far behind, the caller must refuse every release.
    [[nodiscard]] base::Result<void, std::string> append(std::span<const Record> records);
    [[nodiscard]] base::Result<void, std::string> append(const Record& record) { return append({&record, 1}); }

    [[nodiscard]] std::uint64_t count() const noexcept { return m_mark.count; }
    [[nodiscard]] const Mark& mark() const noexcept { return m_mark; }
    /// The files as they are now, oldest first; the last one is appended to.
    [[nodiscard]] std::vector<Segment> files() const;

    /// Writes a first head, before its key goes to the keychain: a key that is there without a head then means that
    /// somebody took the head away.
    [[nodiscard]] base::Result<void, std::string> prepareSeal(const SealKey& key) const;
    /// Holds the record, as it was when it was opened, against audit.head; notes in a row of its own what does not fit
    /// ("audit.tampered") or was not sealed ("audit.seal"); from then on every commit is sealed. `isNew`: the keychain
    /// has had no key.
    [[nodiscard]] base::Result<void, std::string> beginSeal(const SealKey& key, bool isNew);
    [[nodiscard]] bool isSealing() const noexcept { return m_isSealing; }
    /// audit.head as it is; nullopt where there is no such file, or none that may be read.
    [[nodiscard]] std::optional<std::string> headText() const;

    /// Brings all rows to the disk soon; isSettled() says when that is done.
    void hurry() const { m_committer->hurry(); }
    [[nodiscard]] bool isSettled() const { return m_committer->isSettled(); }

private:
    AuditLog(OpenedLog opened, std::vector<Segment> older, const base::Clock& clock, Limits limits,
             Committer::Sync sync);

    /// Before rows are written: begins a new file where this one is full, and lets old ones go. The row that says so is
    /// put into `lines`.
    [[nodiscard]] base::Result<void, std::string> makeRoom(std::int64_t now);
    [[nodiscard]] base::Result<void, std::string> beginFile();
    [[nodiscard]] base::Result<void, std::string> removeOld(std::int64_t now);
    [[nodiscard]] base::Result<void, std::string> write(std::span<const Record> records, std::int64_t now);
    [[nodiscard]] base::Result<void, std::string> noteNews(const char* event, const std::string& reason,
                                                           const std::string& removed = {});
    void loadHistory();
    [[nodiscard]] std::pair<const char*, std::string> judgeHead(const SealKey& key, bool isNew) const;

    const base::Clock* m_clock;
    Limits m_limits;
    std::string m_headPath;
    Committer::File m_file;
    Segment m_segment;            ///< the file that is appended to; `lastHash` is in m_mark
    std::vector<Segment> m_older; ///< oldest first
    Mark m_mark;
    Mark m_openedAt;       ///< the record's end when it was opened
    bool m_broken = false; ///< half a line could not be taken back
    bool m_isSealing = false;
    std::optional<UseHistory> m_history; ///< read when it is first needed
    std::unique_ptr<Committer> m_committer;
};

} // namespace keybearer::audit
