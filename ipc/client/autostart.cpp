#include "ipc/client/autostart.h"

#include "ipc/base/secure_dir.h"
#include "ipc/client/client_key.h"
#include "ipc/client/lock_holder.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <thread>

extern char** environ;

namespace keybearer::client {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStartDeadline{20};
constexpr int kReadyFd = 3;

Error cannotStart(const std::string& why) {
    return Error{"no_broker", "the broker could not be started: " + why, nlohmann::json::object(), 8};
}

bool isInherited(std::string_view entry) {
    const std::string_view name = entry.substr(0, entry.find('='));
    for (const std::string& allowed : inheritedVariables()) {
        const bool prefix = allowed.back() == '*';
        if (prefix ? name.substr(0, allowed.size() - 1) == std::string_view(allowed).substr(0, allowed.size() - 1)
                   : name == allowed) {
            return true;
        }
    }
    return false;
}

std::vector<std::string> brokerEnvironment() {
    std::vector<std::string> out{"PATH=/usr/local/bin:/usr/bin:/bin"};
    for (char** entry = environ; *entry != nullptr; ++entry) {
        if (isInherited(*entry)) {
            out.emplace_back(*entry);
        }
    }
    return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> out;
    for (std::string& text : strings) {
        out.push_back(text.data());
    }
    out.push_back(nullptr);
    return out;
}

/// Runs between fork and exec: only async-signal-safe calls, everything was prepared before.
[[noreturn]] void becomeBroker(int readyFd, const char* path, char* const* arguments, char* const* variables) {
    ::setsid();
    if (::fork() != 0) {
        ::_exit(0); // the broker must be nobody's child, and no session leader that could get a terminal
    }
    const int null = ::open("/dev/null", O_RDWR);
    for (const int standard : {0, 1, 2}) {
        ::dup2(null, standard);
    }
    if (readyFd == kReadyFd) {
        ::fcntl(readyFd, F_SETFD, 0);
    } else {
        ::dup2(readyFd, kReadyFd);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    [[maybe_unused]] const int moved = ::chdir("/");
    ::execve(path, arguments, variables);
    [[maybe_unused]] const ssize_t told = ::write(kReadyFd, "keybearerd could not be executed\n", 33);
    ::_exit(127);
}

/// What the new broker said: "ready", "busy ...", or why it cannot serve; nothing when it ended without a word.
base::Result<std::string, Error> startBroker(const base::Paths& paths) {
    const std::string path = brokerPath();
    if (path.empty()) {
        return base::fail(cannotStart("keybearerd was not found beside this program; is Keybearer fully installed?"));
    }
    if (const auto made = base::makePrivateDir(paths.state); !made) {
        return base::fail(cannotStart(made.error()));
    }
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return base::fail(cannotStart(std::strerror(errno)));
    }
    base::UniqueFd readEnd(ends[0]);
    base::UniqueFd writeEnd(ends[1]);

    std::vector<std::string> arguments{path, "--ready-fd", std::to_string(kReadyFd), "--log-file",
                                       paths.state + "/broker.log"};
    std::vector<std::string> variables = brokerEnvironment();
    const std::vector<char*> argv = pointers(arguments);
    const std::vector<char*> envp = pointers(variables);
    const pid_t child = ::fork();
    if (child < 0) {
        return base::fail(cannotStart(std::strerror(errno)));
    }
    if (child == 0) {
        becomeBroker(writeEnd.get(), path.c_str(), argv.data(), envp.data());
    }
    writeEnd.reset();
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }

    std::string said;
    const auto deadline = Clock::now() + kStartDeadline;
    while (said.find('\n') == std::string::npos && said.size() < 4096) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd entry{readEnd.get(), POLLIN, 0};
        if (left <= 0 || ::poll(&entry, 1, static_cast<int>(left)) == 0) {
            return base::fail(cannotStart("it did not say that it is ready; see " + paths.state + "/broker.log"));
        }
        char chunk[512];
        const ssize_t got = ::read(readEnd.get(), chunk, sizeof chunk);
        if (got == 0) {
            return std::string();
        }
        if (got > 0) {
            said.append(chunk, static_cast<std::size_t>(got));
        }
    }
    return said.substr(0, said.find('\n'));
}

/// A broker that holds the lock is asked after every so many waits whether it has ended.
constexpr int kWaitsPerStart = 10;
constexpr std::chrono::seconds kReadyPatience{2};
constexpr std::chrono::seconds kBusyPatience{5};
/// As long as a broker may take to end, for a refresh that is under way.
constexpr std::chrono::seconds kEndPatience{35};

/// A broker that nobody can reach is asked to end: where it said that it serves, nobody answers. False: there is none.
bool endUnreachable(const base::Paths& paths) {
    const auto holder = LockHolder::find(paths);
    if (!holder || holder->socket().empty()) {
        return false; // it may be about to serve
    }
    base::Paths its = paths;
    its.socket = holder->socket();
    its.runtimeDir = its.socket.substr(0, its.socket.rfind('/'));
    const auto answered = Client::connect(its, [](const std::string&) { return std::nullopt; });
    return !answered && answered.error().kind == "no_broker" && holder->askToEnd();
}

std::string folderOf(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

/// Also where there is no such folder.
bool anyoneMayWrite(const std::string& folder) {
    struct stat info {};
    return ::stat(folder.c_str(), &info) != 0 || (info.st_mode & S_IWOTH) != 0;
}

/// What our library was installed below, wherever it was moved to since: PREFIX/lib or PREFIX/lib/ARCHITECTURE, and
/// nothing else, so that nobody is asked who has no part in it. Empty for a program that has this file in it.
std::string libraryPrefix() {
    Dl_info info{};
    static const int here = 0;
    if (::dladdr(&here, &info) == 0 || info.dli_fname == nullptr || info.dli_fname[0] != '/') {
        return {};
    }
    std::string folder = folderOf(info.dli_fname);
    for (int level = 0; level < 2; ++level, folder = folderOf(folder)) {
        const std::string name = folder.substr(folder.rfind('/') + 1);
        if (name == "lib" || name == "lib64") {
            const std::string prefix = folderOf(folder);
            return anyoneMayWrite(prefix) || anyoneMayWrite(prefix + "/bin") ? std::string() : prefix;
        }
    }
    return {};
}

} // namespace

const std::vector<std::string>& inheritedVariables() {
    static const std::vector<std::string> names{"HOME",
                                                "USER",
                                                "LOGNAME",
                                                "LANG",
                                                "LC_*",
                                                "TZ",
                                                "XDG_RUNTIME_DIR",
                                                "XDG_CONFIG_HOME",
                                                "XDG_DATA_HOME",
                                                "XDG_STATE_HOME",
                                                "DBUS_SESSION_BUS_ADDRESS",
                                                "KEYBEARER_HOME",
                                                "KEYBEARER_SOCKET"};
    return names;
}

std::string brokerPath() {
    char self[PATH_MAX];
    const ssize_t size = ::readlink("/proc/self/exe", self, sizeof self - 1);
    std::vector<std::string> candidates;
    if (size > 0) {
        candidates.push_back(folderOf(std::string(self, static_cast<std::size_t>(size))) + "/keybearerd");
    }
    if (const std::string prefix = libraryPrefix(); !prefix.empty()) {
        candidates.push_back(prefix + "/bin/keybearerd");
    }
    candidates.emplace_back(KEYBEARER_LIBEXECDIR "/keybearerd");
    candidates.emplace_back(KEYBEARER_BINDIR "/keybearerd");
    for (const std::string& candidate : candidates) {
        if (::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
    }
    return {};
}

Result<Client> connectOrStart(const base::Paths& paths) {
    auto client = Client::connect(paths);
    if (client || client.error().kind != "no_broker") {
        return client;
    }
    // A key that cannot be read is one of a session that is over: a broker that is started here would not know it.
    if (const auto key = clientKeyOf(base::processEnvironment()); !key) {
        return base::fail(key.error());
    }
    auto said = startBroker(paths);
    // A broker that cannot serve says why. One that says nothing has crashed, or was killed: once more.
    if (said && said->empty()) {
        said = startBroker(paths);
    }
    if (!said) {
        return base::fail(said.error());
    }
    if (said->empty()) {
        return base::fail(cannotStart("it ended at once; see " + paths.state + "/broker.log"));
    }
    if (*said != "ready" && said->rfind("busy ", 0) != 0) {
        return base::fail(cannotStart(*said));
    }
    // "busy": another broker holds the lock. It may be a moment away from listening, or have stopped listening and be a
    // moment away from its end, or it may listen elsewhere, or have lost its socket.
    auto deadline = Clock::now() + (*said == "ready" ? kReadyPatience : kBusyPatience);
    bool wasAsked = false;
    for (int waits = 0;;) {
        client = Client::connect(paths);
        if (client || client.error().kind != "no_broker") {
            return client;
        }
        if (Clock::now() >= deadline && *said != "ready" && !wasAsked && endUnreachable(paths)) {
            wasAsked = true;
            deadline = Clock::now() + kEndPatience;
        }
        if (Clock::now() >= deadline) {
            return *said == "ready" ? std::move(client) : Result<Client>(base::fail(cannotStart(said->substr(5))));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        if (*said != "ready" && ++waits % kWaitsPerStart == 0) {
            if (auto again = startBroker(paths); again && *again == "ready") {
                said = std::move(again);
            }
        }
    }
}

} // namespace keybearer::client
