#pragma once
/// \file
/// Programs that print a secret, for command:: locations.

#include "daemon/accounts/gate.h"
#include "ipc/base/result.h"
#include "ipc/base/secret.h"

#include <QCoroTask>

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace keybearer::locations {

/// Longest output of a command in bytes.
inline constexpr std::size_t kMaxCommandOutput = 64 * 1024;

/// Main thread, owned by the broker. A program runs without a shell, in a session of its own, with the broker's
/// environment less `hidden`, nothing on its standard input, its error output thrown away (it may quote the secret),
/// and no other descriptor. Those who ask for the same command at the same time share one run; nothing is kept
/// afterwards.
class CommandRunner {
public:
    using Outcome = base::Result<base::Secret, std::string>;

    /// `hidden`: names of environment variables that no command sees.
    CommandRunner(std::chrono::seconds timeout, std::vector<std::string> hidden);
    CommandRunner(const CommandRunner&) = delete;
    CommandRunner& operator=(const CommandRunner&) = delete;
    /// Ends what still runs.
    ~CommandRunner();

    /// What the program printed, all of it. `caller` is the process that asks, 0 when unknown: a command that asks for
    /// what it is itself to bring is refused. The error is a sentence without any output.
    [[nodiscard]] QCoro::Task<Outcome> run(std::vector<std::string> words, std::int32_t caller);

private:
    struct Running;
    using RunningPtr = std::shared_ptr<Running>;

    [[nodiscard]] RunningPtr start(const std::vector<std::string>& words, std::int64_t askedBy);
    void connect(const RunningPtr& running);
    void read(Running& running);
    void finish(Running& running, Outcome outcome);
    void drop(const RunningPtr& running);
    [[nodiscard]] RunningPtr ofSession(std::int64_t session) const;

    std::chrono::seconds m_timeout;
    std::vector<std::string> m_hidden;
    std::list<RunningPtr> m_running; ///< until their processes have ended
};

} // namespace keybearer::locations
