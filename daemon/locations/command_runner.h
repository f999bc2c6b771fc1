#pragma once
/// \file
/// Programs that print a secret, for command:: locations.

#include "daemon/accounts/gate.h"
#include "daemon/spawner/spawner.h"
#include "ipc/base/result.h"
#include "ipc/base/secret.h"

#include <QCoroTask>
#include <QSocketNotifier>

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace keybearer::locations {

/// Longest output of a command in bytes.
inline constexpr std::size_t kMaxCommandOutput = 64 * 1024;

/// Main thread, owned by the broker. A program is run by the spawner's helper: without a shell, in a session of its
/// own, with the environment that the broker was started with less what is hidden, nothing on its standard input, its
/// error output thrown away (it may quote the secret), no other descriptor, and none of what confines the broker. What
/// it prints goes to the broker alone. Those who ask for the same command at the same time share one run; nothing is
/// kept afterwards.
class CommandRunner {
public:
    using Outcome = base::Result<base::Secret, std::string>;

    /// `spawner` outlives it; what may run is what it was allowed.
    CommandRunner(std::chrono::seconds timeout, spawner::Spawner& spawner);
    CommandRunner(const CommandRunner&) = delete;
    CommandRunner& operator=(const CommandRunner&) = delete;
    /// Ends what still runs.
    ~CommandRunner();

    /// What the program printed, all of it. `caller` is the process that asks, 0 when unknown: a command that asks for
    /// what it is itself to bring is refused. The error is a sentence without any output.
    [[nodiscard]] QCoro::Task<Outcome> run(std::vector<std::string> words, std::int32_t caller);

    [[nodiscard]] bool isBusy() const noexcept { return !m_running.empty(); }

private:
    struct Running;
    using RunningPtr = std::shared_ptr<Running>;

    [[nodiscard]] RunningPtr start(const std::vector<std::string>& words, std::int64_t askedBy);
    void watch(const RunningPtr& running);
    /// What the helper has told since.
    void takeEvents();
    void take(const spawner::Event& event);
    void ended(const RunningPtr& running, const spawner::Event& event);
    void read(Running& running);
    void finish(Running& running, Outcome outcome);
    [[nodiscard]] RunningPtr ofSession(std::int64_t session) const;

    std::chrono::seconds m_timeout;
    spawner::Spawner& m_spawner;
    QSocketNotifier m_told;
    std::list<RunningPtr> m_running; ///< until their processes have ended
};

} // namespace keybearer::locations
