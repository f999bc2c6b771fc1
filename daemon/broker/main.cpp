// keybearerd: the start of the broker, step by step. The order matters and is explained where it does.

#include "daemon/broker/broker.h"
#include "daemon/broker/log.h"
#include "daemon/broker/options.h"
#include "daemon/broker/signals.h"
#include "daemon/platform/activation.h"
#include "daemon/platform/hardening.h"
#include "daemon/platform/instance_lock.h"
#include "ipc/base/locked_arena.h"
#include "ipc/base/secure_dir.h"

#include <QCoreApplication>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

using namespace keybearer;

namespace {

/// Tells whoever started us, once.
class Starter {
public:
    explicit Starter(int fd) : m_fd(fd) {}

    void tell(const std::string& line) {
        if (m_fd) {
            const std::string text = line.substr(0, line.find('\n')) + "\n";
            [[maybe_unused]] const ssize_t written = ::write(m_fd.get(), text.data(), text.size());
            m_fd.reset();
        }
    }
    [[nodiscard]] int descriptor() const { return m_fd.get(); }

private:
    base::UniqueFd m_fd;
};

int refuse(Starter& starter, const std::string& why, const char* prefix = "") {
    broker::logLine(why);
    starter.tell(prefix + why);
    return 1;
}

base::Result<void, std::string> makeFolders(const base::Paths& paths) {
    for (const std::string& folder : {paths.data, paths.state}) {
        if (const auto made = base::makePrivateDir(folder); !made) {
            return made;
        }
    }
    return {};
}

/// Longer than a broker takes to end when its socket is lost.
constexpr std::chrono::seconds kLockPatience{75};
constexpr std::chrono::milliseconds kLockPause{50};

/// Waits for a broker that served where a service manager listens now, and has lost its socket to that: it ends soon.
auto acquireLock(const base::Paths& paths, bool isActivated) {
    const auto deadline = std::chrono::steady_clock::now() + kLockPatience;
    for (;;) {
        auto lock = platform::InstanceLock::acquire(paths.data, paths.socket);
        const bool isEnding = !lock && lock.error().taken && isActivated && lock.error().socket == paths.socket;
        if (!isEnding || std::chrono::steady_clock::now() >= deadline) {
            return lock;
        }
        std::this_thread::sleep_for(kLockPause);
    }
}

int serve(int argc, char** argv, const broker::Options& options) {
    Starter starter(options.readyFd);
    // The service manager's descriptor first: the next step closes every one that it does not know.
    auto activated = platform::activatedSocket();
    if (!activated) {
        return refuse(starter, activated.error());
    }
    // Before everything that is taken away below, and everything that is opened: they are to have the one and none of
    // the other.
    auto helpers = broker::startHelpers();
    if (!helpers) {
        return refuse(starter, helpers.error());
    }
    std::vector<int> keep{starter.descriptor(), helpers->spawner.descriptor(), helpers->clients.socket.get()};
    if (*activated) {
        keep.push_back((*activated)->get());
    }
    // Before a secret is read, and before any file is opened: umask, no core dumps, not readable by other programs.
    std::vector<platform::Measure> measures = platform::hardenProcess(keep);

    const auto paths = base::currentPaths();
    if (!paths) {
        return refuse(starter, paths.error());
    }
    if (const auto made = makeFolders(*paths); !made) {
        return refuse(starter, made.error());
    }
    if (const auto opened = broker::redirectLog(options.logFile); !opened) {
        return refuse(starter, opened.error());
    }
    // The lock before the socket: only its holder may take an old socket away.
    const auto lock = acquireLock(*paths, activated->has_value());
    if (!lock) {
        return refuse(starter, lock.error().holder, lock.error().taken ? "busy " : "");
    }
    const QCoreApplication application(argc, argv);
    broker::installLogHandler();
    const broker::TerminationSignals signals;
    auto running = broker::Broker::create(*paths, std::move(*activated), std::move(*helpers), std::move(measures));
    if (!running) {
        return refuse(starter, running.error());
    }
    QObject::connect(&signals, &broker::TerminationSignals::requested,
                     [&running] { (*running)->stop([] { QCoreApplication::quit(); }); });
    for (const std::string& warning : broker::missing((*running)->measures())) {
        broker::logLine("warning: " + warning);
    }
    if (const std::size_t locked = base::LockedArena::ofProcess().use().capacity; locked < base::kLockedBytes) {
        broker::logLine("warning: only " + std::to_string(locked / 1024) +
                        " KiB of memory may be locked (ulimit -l, LimitMEMLOCK): secrets can reach the swap");
    }
    broker::logLine(std::string("keybearerd " KEYBEARER_VERSION " serves ") + paths->socket);
    lock->tellServing();
    starter.tell("ready");
    return QCoreApplication::exec();
}

} // namespace

int main(int argc, char** argv) {
    const auto options = broker::parseOptions({argv + 1, argv + argc});
    if (!options) {
        std::fprintf(stderr, "keybearerd: %s\n", options.error().c_str());
        return 2;
    }
    if (options->showHelp) {
        std::fputs(broker::helpText(), stdout);
        return 0;
    }
    if (options->showVersion) {
        std::puts("keybearerd " KEYBEARER_VERSION);
        return 0;
    }
    return serve(argc, argv, *options);
}
