#pragma once
/// \file
/// The broker of a data folder, found without its socket.

#include "ipc/base/paths.h"
#include "ipc/base/unique_fd.h"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

namespace keybearer::client {

/// The process that holds a data folder's lock, held so that its number cannot become another's. Linux only.
class LockHolder {
public:
    /// nullopt where nobody holds it, where it is not known for certain who, and where it is no broker of this user:
    /// the kernel says who has the lock, whose process that is, and what it calls itself. (What it executes is not told
    /// of a process that keeps others from looking into it, as the broker does.)
    [[nodiscard]] static std::optional<LockHolder> find(const base::Paths& paths);

    [[nodiscard]] pid_t pid() const noexcept { return m_pid; }
    /// Where it said that it serves; empty while it has not begun.
    [[nodiscard]] const std::string& socket() const noexcept { return m_socket; }
    /// Asks it to end, as a service manager does; false when it has ended.
    [[nodiscard]] bool askToEnd() const;
    /// Waits at most `time`.
    [[nodiscard]] bool hasEnded(std::chrono::milliseconds time) const;

private:
    LockHolder(base::UniqueFd process, pid_t pid, std::string socket)
        : m_process(std::move(process)), m_pid(pid), m_socket(std::move(socket)) {}

    base::UniqueFd m_process;
    pid_t m_pid;
    std::string m_socket;
};

} // namespace keybearer::client
