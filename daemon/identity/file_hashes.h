#pragma once
/// \file
/// SHA-256 of executables and scripts, each content read once.

#include "daemon/identity/refusal.h"
#include "daemon/platform/located_file.h"
#include "ipc/base/clock.h"
#include "ipc/base/result.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::identity {

/// Thread-safe. What was hashed is known again by device, inode, size and change time; of those used least recently
/// is forgotten what is too much. A file that changed in the last seconds is hashed each time: a file system whose
/// times are coarse would not show a second change.
class FileHashes {
public:
    struct Limits {
        std::size_t entries = 256;
        std::uint64_t fileBytes = std::uint64_t{512} << 20U;
    };
    using Outcome = base::Result<std::string, Refusal>;

    /// The clock is asked from any thread and outlives this object.
    FileHashes(Limits limits, const base::Clock& clock) : m_limits(limits), m_clock(clock) {}

    /// Without reading anything; nullopt: hash() must.
    [[nodiscard]] std::optional<std::string> known(const platform::FileId& id);
    /// Reads the file if need be: for a thread that may wait. Whoever asks for a file that is being read waits for
    /// that. Lower-case hexadecimal; Reason TooLarge, Unreadable, Changed (while it was read) or Ending.
    [[nodiscard]] Outcome hash(const platform::LocatedFile& file);
    /// From now on, and for what is under way: Reason Ending.
    void end() { m_isEnding = true; }
    /// Files read so far.
    [[nodiscard]] std::size_t filesRead() const { return m_filesRead; }

private:
    struct Reading {
        platform::FileId id;
        std::optional<Outcome> outcome;
    };
    struct Entry {
        platform::FileId id;
        std::string sha256;
    };

    [[nodiscard]] Outcome read(const platform::LocatedFile& file) const;
    [[nodiscard]] std::optional<std::string> find(const platform::FileId& id);
    void keep(const platform::FileId& id, const std::string& sha256);

    const Limits m_limits;
    const base::Clock& m_clock;
    std::mutex m_mutex;
    std::condition_variable m_readingEnded;
    std::list<Entry> m_entries; ///< the one used last comes first
    std::vector<std::shared_ptr<Reading>> m_underWay;
    std::atomic<bool> m_isEnding = false;
    std::atomic<std::size_t> m_filesRead = 0;
};

} // namespace keybearer::identity
