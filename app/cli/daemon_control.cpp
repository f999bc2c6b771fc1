#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "ipc/base/unique_fd.h"
#include "ipc/client/lock_holder.h"

#include <CLI/CLI.hpp>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <thread>

namespace keybearer::cli {
namespace {

using nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStopDeadline{15};

struct DaemonOptions {};

std::string whoText(const json& hello) {
    const auto pid = numberOf(hello, "pid");
    return "keybearerd " + shown(textOf(hello, "version")) + (pid ? ", pid " + std::to_string(*pid) : std::string());
}

Outcome start(const DaemonOptions&, bool asJson) {
    const bool ran = connectBroker(Start::Never).has_value();
    const auto hello = askBroker(Start::IfNeeded, "system.hello");
    if (!hello) {
        return base::fail(hello.error());
    }
    return print(asJson ? jsonText(*hello)
                        : (ran ? "The broker was running already: " : "The broker runs: ") + whoText(*hello) + ".\n")
        .map([] { return 0; });
}

Outcome daemonStatus(const DaemonOptions&, bool asJson) {
    const auto hello = askBroker(Start::Never, "system.hello");
    if (!hello) {
        return base::fail(hello.error());
    }
    return print(asJson ? jsonText(*hello) : "The broker runs: " + whoText(*hello) + ".\n").map([] { return 0; });
}

/// Sees a process end, even when its number goes to another one at once.
class ProcessWatch {
public:
    explicit ProcessWatch(pid_t pid) : m_fd(pid > 0 ? static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)) : -1) {}
    [[nodiscard]] bool works() const { return static_cast<bool>(m_fd); }
    /// Waits at most `time`.
    [[nodiscard]] bool ended(std::chrono::milliseconds time) const {
        pollfd entry{m_fd.get(), POLLIN, 0};
        return ::poll(&entry, 1, static_cast<int>(time.count())) > 0;
    }

private:
    base::UniqueFd m_fd;
};

/// Until the process has ended; where it cannot be watched (it runs in another container), until nobody answers.
bool waitForEnd(const ProcessWatch& process) {
    const auto deadline = SteadyClock::now() + kStopDeadline;
    if (process.works()) {
        return process.ended(kStopDeadline);
    }
    while (SteadyClock::now() < deadline) {
        if (!connectBroker(Start::Never)) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}

client::Error notYet(std::int64_t pid) {
    return failure("timeout",
                   "the broker (pid " + std::to_string(pid) + ") has not ended yet; look at " +
                       "\"keybearer daemon status\" again, or end it with: kill " + std::to_string(pid),
                   8);
}

Outcome stopped(const json& answer, bool asJson) {
    return print(asJson ? jsonText(answer) : "The broker has stopped.\n").map([] { return 0; });
}

/// One that listens elsewhere, or has lost its socket.
Outcome stopUnreachable(bool asJson) {
    const auto paths = base::currentPaths();
    const auto holder = paths ? client::LockHolder::find(*paths) : std::nullopt;
    if (!holder || !holder->askToEnd()) {
        return print(asJson ? jsonText({{"stopping", false}}) : "No broker was running.\n").map([] { return 0; });
    }
    return holder->hasEnded(kStopDeadline) ? stopped({{"stopping", true}}, asJson)
                                           : Outcome(base::fail(notYet(holder->pid())));
}

Outcome stop(const DaemonOptions&, bool asJson) {
    auto broker = connectBroker(Start::Never);
    if (!broker && broker.error().kind == "no_broker") {
        return stopUnreachable(asJson);
    }
    if (!broker) {
        return base::fail(broker.error());
    }
    const auto hello = broker->call("system.hello", json::object());
    if (!hello) {
        return base::fail(hello.error());
    }
    const auto pid = numberOf(*hello, "pid").value_or(0);
    const ProcessWatch process(static_cast<pid_t>(pid));
    const auto stopping = broker->call("system.stop", json::object());
    if (!stopping) {
        return base::fail(stopping.error());
    }
    if (!waitForEnd(process)) {
        return base::fail(notYet(pid));
    }
    return stopped(*stopping, asJson);
}

void addAction(CLI::App& group, Invocation& invocation, const char* name, const char* description,
               std::initializer_list<int> exitCodes, Outcome (*action)(const DaemonOptions&, bool)) {
    CLI::App* verb = group.add_subcommand(name, description);
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer daemon " + std::string(name)}, exitCodes));
    onRun(*verb, invocation, std::make_shared<DaemonOptions>(), action);
}

} // namespace

void addDaemon(CLI::App& root, Invocation& invocation) {
    CLI::App* group =
        root.add_subcommand("daemon", "Start, stop or look at the broker; other verbs start it by themselves");
    group->require_subcommand(1);
    group->footer(helpFooter({"keybearer daemon status", "keybearer daemon stop"}, {0, 8}));
    addAction(*group, invocation, "start", "Start the broker if none runs, and wait until it serves", {0, 8}, start);
    addAction(*group, invocation, "stop", "Stop the broker and wait until it has ended; no broker is fine too", {0, 8},
              stop);
    addAction(*group, invocation, "status", "Say whether a broker runs; starts none", {0, 8}, daemonStatus);
}

} // namespace keybearer::cli
