#pragma once
/// \file
/// Brings rows that were written to the disk, and writes the sealed head after them: in a thread of its own, because a
/// disk may take its time and a release must not wait for it.

#include "daemon/audit/head.h"
#include "ipc/base/unique_fd.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace keybearer::audit {

/// Made, called and destroyed in one thread. Destroying it commits what is left.
class Committer {
public:
    using File = std::shared_ptr<const base::UniqueFd>;
    /// fdatasync(2), or a test's: 0, or -1 with errno.
    using Sync = std::function<int(int fd)>;

    /// From the first row that is not on the disk until the next commit begins: half of the hundred milliseconds that
    /// SECURITY.md promises, so that the disk has the other half.
    static constexpr std::chrono::milliseconds kDelay{50};
    /// How long a commit may take, and how much may wait for it, before nothing is released any more.
    static constexpr std::chrono::seconds kMostWait{30};
    static constexpr std::uint64_t kMostBytes = 64U << 20;
    /// Until the next try, after the disk has refused.
    static constexpr std::chrono::milliseconds kRetry{1'000};

    /// `headPath` is audit.head; `sync` empty: fdatasync(2).
    Committer(std::string headPath, Sync sync);
    ~Committer();
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    /// `bytes` of rows up to `mark` were written to `file`.
    void written(const File& file, const Mark& mark, std::uint64_t bytes);
    /// From now on heads are written, under this key; the record ends at `mark`, in `file`.
    void sealWith(SealKey key, const File& file, const Mark& mark);
    /// Removes these files once the rows up to `mark`, the last one in `file`, are on the disk.
    void removeLater(const File& file, const Mark& mark, std::vector<std::string> paths);

    /// Why no further row may be taken; nullopt: it may.
    [[nodiscard]] std::optional<std::string> objection() const;
    /// Why the newest head is not written; empty: it is, or there is no key.
    [[nodiscard]] std::string headProblem() const;
    /// Begins a commit at once.
    void hurry();
    /// All that was written is on the disk and, with a key, sealed; or the last try has failed.
    [[nodiscard]] bool isSettled() const;

private:
    struct Work {
        std::vector<File> files;
        bool isNewFile = false; ///< the folder has changed
        Mark mark;
        std::optional<SealKey> key;
        std::vector<std::string> doomed;
        std::uint64_t bytes = 0;
        std::chrono::steady_clock::time_point since{}; ///< when its oldest part came
    };

    void wake();
    void take(const File& file, const Mark& mark); ///< m_mutex is held
    void run();
    /// After a commit; m_mutex is held.
    void note(Work work, std::string diskProblem, std::string headProblem);
    [[nodiscard]] bool isDirty() const; ///< m_mutex is held
    /// Without the mutex. What did not work is an error text.
    void commit(const Work& work, std::string& diskProblem, std::string& headProblem) const;

    const std::string m_headPath;
    const Sync m_sync;

    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    Work m_work; ///< for the next commit
    File m_newest;
    std::uint64_t m_synced = 0; ///< rows on the disk
    std::uint64_t m_sealed = 0; ///< rows in the head
    std::uint64_t m_bytes = 0;  ///< of the commit under way
    bool m_isCommitting = false;
    std::chrono::steady_clock::time_point m_since{}; ///< as in the commit under way
    std::string m_diskProblem;
    std::string m_headProblem;
    bool m_hurry = false;
    bool m_stop = false;
    std::thread m_thread; ///< begins with the first row
};

} // namespace keybearer::audit
