#include "ipc/client/lock_holder.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <fstream>
#include <sstream>

namespace keybearer::client {
namespace {

constexpr std::size_t kMaxLockText = 256;

/// What the holder wrote (daemon/platform/instance_lock.h): a line that is whole once it serves.
struct LockText {
    pid_t pid = 0;
    std::string socket;
};

std::optional<LockText> lockText(int fd) {
    std::array<char, kMaxLockText> said{};
    const ssize_t size = ::pread(fd, said.data(), said.size(), 0);
    const std::string_view text(said.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    LockText out;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.pid);
    if (error != std::errc() || out.pid <= 0) {
        return std::nullopt;
    }
    const auto space = static_cast<std::size_t>(end - text.data());
    const auto line = text.find('\n');
    if (line != std::string_view::npos && text[space] == ' ') {
        out.socket = text.substr(space + 1, line - space - 1);
    }
    return out;
}

/// A row of /proc/locks: "1: FLOCK  ADVISORY  WRITE 4711 00:2f:1234 0 EOF". The device is left out, as some file
/// systems show another one there than stat(2) does.
bool holdsLock(pid_t pid, ino_t inode) {
    std::ifstream locks("/proc/locks");
    const std::string ending = ':' + std::to_string(inode);
    for (std::string row; std::getline(locks, row);) {
        std::istringstream words(row);
        std::string number;
        std::string kind;
        std::string strictness;
        std::string mode;
        std::string owner;
        std::string file;
        words >> number >> kind >> strictness >> mode >> owner >> file;
        if (kind == "FLOCK" && owner == std::to_string(pid) && file.size() > ending.size() &&
            file.compare(file.size() - ending.size(), ending.size(), ending) == 0) {
            return true;
        }
    }
    return false;
}

bool isBrokerOfOurs(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    bool isOurs = false;
    bool isBroker = false;
    for (std::string row; std::getline(status, row);) {
        std::istringstream words(row);
        std::string what;
        words >> what;
        if (what == "Name:") {
            std::string name;
            isBroker = static_cast<bool>(words >> name) && name == "keybearerd";
        } else if (what == "Uid:") {
            uid_t real = 0;
            uid_t effective = 0;
            isOurs = static_cast<bool>(words >> real >> effective) && real == ::geteuid() && effective == ::geteuid();
        }
    }
    return isOurs && isBroker;
}

} // namespace

std::optional<LockHolder> LockHolder::find(const base::Paths& paths) {
#ifdef SYS_pidfd_open
    const base::UniqueFd lock(::open((paths.data + "/broker.lock").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat info {};
    auto said = lock && ::fstat(lock.get(), &info) == 0 ? lockText(lock.get()) : std::nullopt;
    if (!said) {
        return std::nullopt;
    }
    // Held first, looked at then: what is found is true of the process that is held.
    base::UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, said->pid, 0)));
    if (!process || !holdsLock(said->pid, info.st_ino) || !isBrokerOfOurs(said->pid)) {
        return std::nullopt;
    }
    LockHolder holder(std::move(process), said->pid, std::move(said->socket));
    return holder.hasEnded({}) ? std::nullopt : std::optional(std::move(holder));
#else
    static_cast<void>(paths);
    return std::nullopt;
#endif
}

bool LockHolder::askToEnd() const {
#ifdef SYS_pidfd_send_signal
    return ::syscall(SYS_pidfd_send_signal, m_process.get(), SIGTERM, nullptr, 0) == 0;
#else
    return false;
#endif
}

bool LockHolder::hasEnded(std::chrono::milliseconds time) const {
    pollfd entry{m_process.get(), POLLIN, 0};
    return ::poll(&entry, 1, static_cast<int>(time.count())) > 0;
}

} // namespace keybearer::client
