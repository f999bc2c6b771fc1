#pragma once
/// \file
/// Another process of this machine, held so that its number cannot become another's, and what the kernel shows of it.

#include "daemon/platform/located_file.h"
#include "daemon/platform/proc_stat.h"
#include "daemon/platform/sandbox.h"
#include "ipc/base/result.h"
#include "ipc/base/unique_fd.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::platform {

enum class ProcessFault {
    Unsupported, ///< this system cannot tell
    Unknown,     ///< the kernel names no process: no such socket, or a process outside our namespace
    Gone,        ///< it has ended
    Hidden,      ///< another user's, or one that keeps programs of its user from looking
    Changed,     ///< what was read belongs to different moments
    Malformed,   ///< what it shows cannot be
};

struct ProcessError {
    ProcessFault fault = ProcessFault::Unknown;
    std::string sentence; ///< for people; holds nothing that the process chose
};

template<class T>
using ProcessResult = base::Result<T, ProcessError>;

/// The program's own words for itself.
struct Arguments {
    std::vector<std::string> words; ///< argv; a process can rewrite it
    bool isCut = false;             ///< there were more than we read
};

/// How a socket's peer is held.
enum class Pinning {
    ByKernel, ///< SO_PEERPIDFD (Linux 6.5); where that is missing, as below
    ByNumber, ///< by its process id and its start: weak
};

/// A process that was alive when it was pinned. Move-only; any thread, one at a time. All but isAlive() may be answers
/// about a process that has ended since or executes another program now: ask isAlive() afterwards, and executable()
/// again. Reading needs what ptrace(2) needs to read: the process of another user, and one that is not dumpable, are
/// Hidden.
class Process {
public:
    /// Any process by its number: the one that has it now.
    [[nodiscard]] static ProcessResult<Process> pin(std::int32_t pid);

    /// Its effective user when it was pinned.
    [[nodiscard]] std::uint32_t uid() const noexcept { return m_uid; }
    [[nodiscard]] std::int32_t pid() const noexcept { return m_pid; }
    /// Clock ticks since the boot, as ProcStat's.
    [[nodiscard]] std::uint64_t startTicks() const noexcept { return m_startTicks; }
    /// Nanoseconds since 1970-01-01T00:00:00Z, less than a tick too early; as long as nobody has set the clock since.
    [[nodiscard]] std::int64_t startedAtNs() const;
    /// Nanoseconds of a clock tick.
    [[nodiscard]] static std::int64_t tickNs();
    /// It was pinned by number: its number may have gone to another between its connecting and our looking.
    [[nodiscard]] bool isWeak() const noexcept { return m_isWeak; }
    [[nodiscard]] bool isAlive() const;

    [[nodiscard]] ProcessResult<ProcStat> state() const;
    [[nodiscard]] ProcessResult<LocatedFile> executable() const;
    [[nodiscard]] ProcessResult<Arguments> arguments() const;
    /// The regular file that `path` means to the process: from its working folder as it is now. Only for a process
    /// that sharesFiles(). No way leads through /proc/self or the like, which would be ours.
    [[nodiscard]] ProcessResult<LocatedFile> fileAt(const std::string& path) const;
    /// It has our mount namespace and root folder: the same path is the same file.
    [[nodiscard]] ProcessResult<bool> sharesFiles() const;
    [[nodiscard]] ProcessResult<Sandbox> sandbox(const LocatedFile& executable) const;
    /// Its standard input is its controlling terminal.
    [[nodiscard]] bool readsItsTerminal(const ProcStat& state) const;
    /// The process that is its parent now: alive when this one was still its child. Never weaker than this one.
    [[nodiscard]] ProcessResult<Process> parent() const;

private:
    friend ProcessResult<Process> peerProcess(int socket, std::chrono::milliseconds acceptedAt, Pinning pinning);
    Process() = default;

    [[nodiscard]] static ProcessResult<Process> holding(std::int32_t pid, base::UniqueFd pidfd);
    [[nodiscard]] ProcessError error(ProcessFault fault, std::string_view what) const;
    /// For a system call that failed with `number`.
    [[nodiscard]] ProcessError failure(int number) const;
    [[nodiscard]] ProcessResult<std::string> read(const char* name, std::size_t limit) const;
    [[nodiscard]] ProcessResult<bool> shares(const char* link, const char* ours) const;

    base::UniqueFd m_pidfd;
    base::UniqueFd m_folder; ///< /proc/PID: of this process, also when its number is another's
    std::uint32_t m_uid = 0;
    std::int32_t m_pid = 0;
    std::uint64_t m_startTicks = 0;
    bool m_isWeak = false;
};

/// The process that connected to us (or made the pair), by the kernel's word. `acceptedAt` is base::SystemClock's
/// steady() when it was accepted: a younger process cannot have connected. The error is Gone when it has ended, also
/// when it handed its socket on.
[[nodiscard]] ProcessResult<Process> peerProcess(int socket, std::chrono::milliseconds acceptedAt,
                                                 Pinning pinning = Pinning::ByKernel);

/// The kernel's handle on the process that connected (pidfd_open(2)); empty where it has ended, or the system cannot
/// tell. Before Linux 6.5 a process that has taken its number passes for it.
[[nodiscard]] base::UniqueFd peerHandle(int socket);
/// Whether the process of this handle still runs; false for an empty one. A connection can outlive who made it, in the
/// hands of another.
[[nodiscard]] bool isAlive(const base::UniqueFd& handle);

/// Paths of /etc/shells. Not thread-safe (getusershell(3)).
[[nodiscard]] std::vector<std::string> loginShells();

} // namespace keybearer::platform
