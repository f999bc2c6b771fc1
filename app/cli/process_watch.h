#pragma once
/// \file
/// Programs that run beside each other, the signals that arrive meanwhile, and one place to wait for all of it.

#include "ipc/base/unique_fd.h"
#include "ipc/client/client.h"

#include <sys/types.h>

#include <array>
#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::cli {

/// While one exists, these signals do nothing by themselves: they are read from it. A program that is started meanwhile
/// gets them as ever. One at a time.
class SignalWatch {
public:
    SignalWatch();
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;
    ~SignalWatch();

    /// For poll(2).
    [[nodiscard]] int descriptor() const noexcept { return m_read.get(); }
    /// The next one; nullopt when there is none.
    [[nodiscard]] std::optional<int> take() const;

private:
    static constexpr std::array kSignals{SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP};

    base::UniqueFd m_read;
    base::UniqueFd m_write;
    std::array<struct sigaction, kSignals.size()> m_before{};
};

/// How a program is started.
struct Launch {
    std::vector<std::string> command;
    std::vector<std::string> environment; ///< "NAME=VALUE"
    int input = -1;                       ///< its standard input; -1: ours
    int output = -1;                      ///< its standard output; -1: ours
    bool isDeaf = false;                  ///< what a person types to end another program (Ctrl-C) does not end it
};
/// A program that cannot be run says so itself, and ends with 126 or 127. The error is that there can be no process.
[[nodiscard]] client::Result<pid_t> launch(const Launch& what);
/// Runs `work` in a process of its own, away from the terminal and silent; its exit code is the result.
[[nodiscard]] client::Result<pid_t> launchSilent(const std::function<int()>& work);

/// One of ours, as far as it has got.
class Running {
public:
    explicit Running(pid_t pid) : m_pid(pid) {}

    /// Looks whether it has ended.
    void look();
    [[nodiscard]] bool isOver() const noexcept { return m_status.has_value(); }
    /// What waitpid(2) said; only once it is over.
    [[nodiscard]] int status() const { return *m_status; }
    void signal(int number) const;
    /// Waits for at most `milliseconds`, and then insists.
    void finish(int milliseconds);

private:
    pid_t m_pid;
    std::optional<int> m_status;
};

/// Waits until one of the descriptors can be read; -1 among them is passed over.
void waitForAny(const std::vector<int>& descriptors, int milliseconds = -1);

} // namespace keybearer::cli
