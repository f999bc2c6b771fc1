#include "daemon/audit/committer.h"

#include "ipc/base/private_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iterator>
#include <utility>

namespace keybearer::audit {
namespace {

using SteadyTime = std::chrono::steady_clock;

/// The signals belong to the main thread.
class SignalsBlocked {
public:
    SignalsBlocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &m_before);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t m_before{};
};

} // namespace

Committer::Committer(std::string headPath, Sync sync)
    : m_headPath(std::move(headPath)), m_sync(sync ? std::move(sync) : Sync(&::fdatasync)) {}

Committer::~Committer() {
    {
        const std::lock_guard lock(m_mutex);
        m_stop = true;
    }
    m_wake.notify_all();
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

bool Committer::isDirty() const {
    return m_synced < m_work.mark.count || !m_work.doomed.empty() || (m_work.key && m_sealed < m_work.mark.count);
}

void Committer::take(const File& file, const Mark& mark) {
    if (m_work.files.empty()) {
        m_work.since = SteadyTime::now();
    }
    if (m_work.files.empty() || m_work.files.back() != file) {
        m_work.files.push_back(file);
        m_work.isNewFile = m_work.isNewFile || m_newest != file;
        m_newest = file;
    }
    m_work.mark.count = mark.count;
    m_work.mark.hash = mark.hash;
}

void Committer::wake() {
    if (!m_thread.joinable()) {
        const SignalsBlocked blocked;
        m_thread = std::thread([this] { run(); });
    }
    m_wake.notify_all();
}

void Committer::written(const File& file, const Mark& mark, std::uint64_t bytes) {
    bool isFirst = false;
    {
        const std::lock_guard lock(m_mutex);
        isFirst = m_work.bytes == 0;
        take(file, mark);
        m_work.bytes += bytes;
    }
    if (isFirst) {
        wake();
    }
}

void Committer::sealWith(SealKey key, const File& file, const Mark& mark) {
    {
        const std::lock_guard lock(m_mutex);
        m_work.key = std::move(key);
        m_sealed = 0;
        take(file, mark);
    }
    wake();
}

void Committer::removeLater(const File& file, const Mark& mark, std::vector<std::string> paths) {
    const std::lock_guard lock(m_mutex);
    take(file, mark);
    std::ranges::move(paths, std::back_inserter(m_work.doomed));
    m_wake.notify_all();
}

std::optional<std::string> Committer::objection() const {
    const std::lock_guard lock(m_mutex);
    if (!m_diskProblem.empty()) {
        return m_diskProblem;
    }
    if (m_bytes + m_work.bytes > kMostBytes) {
        return "too many records wait for the disk";
    }
    if (m_isCommitting && SteadyTime::now() - m_since > kMostWait) {
        return "the disk has taken no record for " + std::to_string(kMostWait.count()) + " seconds";
    }
    return std::nullopt;
}

std::string Committer::headProblem() const {
    const std::lock_guard lock(m_mutex);
    return m_headProblem;
}

void Committer::hurry() {
    const std::lock_guard lock(m_mutex);
    m_hurry = true;
    m_wake.notify_all();
}

bool Committer::isSettled() const {
    const std::lock_guard lock(m_mutex);
    return !m_isCommitting && (!isDirty() || !m_diskProblem.empty() || !m_headProblem.empty());
}

void Committer::commit(const Work& work, std::string& diskProblem, std::string& headProblem) const {
    for (const File& file : work.files) {
        while (m_sync(file->get()) != 0) {
            if (errno != EINTR) {
                diskProblem = std::string("the disk does not keep the audit record: ") + std::strerror(errno);
                return;
            }
        }
    }
    if (work.isNewFile) {
        const base::UniqueFd folder(
            ::open(m_headPath.substr(0, m_headPath.rfind('/') + 1).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        ::fsync(folder.get()); // what matters has been said by the files
    }
    // The head after the rows: it is never ahead of them, whenever the power goes.
    if (work.key && work.mark.count > 0) {
        if (const auto sealed = base::writePrivateFile(m_headPath, formatHead(*work.key, work.mark)); !sealed) {
            headProblem = sealed.error();
        }
    }
    for (const std::string& path : work.doomed) {
        ::unlink(path.c_str());
    }
}

void Committer::note(Work work, std::string diskProblem, std::string headProblem) {
    m_isCommitting = false;
    m_bytes = 0;
    m_diskProblem = std::move(diskProblem);
    m_headProblem = std::move(headProblem);
    if (m_diskProblem.empty()) {
        m_synced = work.mark.count;
        if (work.key && m_headProblem.empty()) {
            m_sealed = work.mark.count;
        }
        return;
    }
    // Once more, with what has come since.
    std::ranges::move(m_work.files, std::back_inserter(work.files));
    m_work.files = std::move(work.files);
    std::ranges::move(m_work.doomed, std::back_inserter(work.doomed));
    m_work.doomed = std::move(work.doomed);
    m_work.isNewFile = m_work.isNewFile || work.isNewFile;
    m_work.bytes += work.bytes;
    m_work.since = work.since;
}

void Committer::run() {
    std::unique_lock lock(m_mutex);
    for (bool isLast = false; !isLast;) {
        m_wake.wait(lock, [this] { return m_stop || isDirty(); });
        const bool failed = !m_diskProblem.empty() || !m_headProblem.empty();
        m_wake.wait_until(lock, failed ? SteadyTime::now() + kRetry : m_work.since + kDelay,
                          [this] { return m_stop || m_hurry; });
        isLast = m_stop;
        if (!isDirty()) {
            continue;
        }
        m_hurry = false;
        m_isCommitting = true;
        m_bytes = m_work.bytes;
        m_since = m_work.since;
        Work work = std::exchange(m_work, Work{});
        m_work.mark = work.mark;
        m_work.key = work.key;
        std::string diskProblem;
        std::string headProblem;
        lock.unlock();
        commit(work, diskProblem, headProblem);
        lock.lock();
        note(std::move(work), std::move(diskProblem), std::move(headProblem));
    }
}

} // namespace keybearer::audit
