#include "daemon/platform/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

namespace keybearer::platform {
namespace {

#ifndef SO_PEERPIDFD
constexpr int SO_PEERPIDFD = 77; // Linux 6.5; Debian 12's headers are older
#endif

constexpr std::size_t kMaxArgumentBytes = 64 * 1024;
constexpr std::size_t kMaxArguments = 256;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::int64_t ticksPerSecond() {
    static const std::int64_t kTicks = ::sysconf(_SC_CLK_TCK);
    return kTicks;
}

std::int64_t nowNs(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return now.tv_sec * kNsPerSecond + now.tv_nsec;
}

bool hasEnded(int pidfd) {
    pollfd end{pidfd, POLLIN, 0};
    return ::poll(&end, 1, 0) != 0;
}

ProcessError noProcess(const char* why) {
    return ProcessError{ProcessFault::Unknown, std::string("the kernel does not say which process asks: ") + why};
}

} // namespace

ProcessError Process::error(ProcessFault fault, std::string_view what) const {
    return ProcessError{fault, "process " + std::to_string(m_pid) + " " + std::string(what)};
}

ProcessError Process::failure(int number) const {
    switch (number) {
    case ESRCH:
    case ENOENT: return error(ProcessFault::Gone, "has ended");
    case EACCES:
    case EPERM:
        return error(ProcessFault::Hidden,
                     "cannot be looked at: it is another user's, or keeps programs of its own user from looking");
    default: return error(ProcessFault::Malformed, "cannot be read; error " + std::to_string(number));
    }
}

ProcessResult<Process> Process::pin(std::int32_t pid) {
    base::UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd) {
        Process nobody;
        nobody.m_pid = pid;
        return base::fail(nobody.failure(errno));
    }
    return holding(pid, std::move(pidfd));
}

ProcessResult<Process> Process::holding(std::int32_t pid, base::UniqueFd pidfd) {
    Process process;
    process.m_pid = pid;
    process.m_pidfd = std::move(pidfd);
    const std::string path = "/proc/" + std::to_string(pid);
    process.m_folder.reset(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const int number = errno;
    // Alive after the folder was opened: until then the number was its own, and so is the folder.
    if (!process.isAlive()) {
        return base::fail(process.failure(ESRCH));
    }
    struct stat info {};
    if (!process.m_folder || ::fstat(process.m_folder.get(), &info) != 0) {
        return base::fail(process.failure(number == ENOENT ? EACCES : number)); // /proc with hidepid
    }
    process.m_uid = info.st_uid;
    const auto state = process.state();
    if (!state) {
        return base::fail(state.error());
    }
    process.m_startTicks = state->startTicks;
    return process;
}

ProcessResult<Process> peerProcess(int socket, std::chrono::milliseconds acceptedAt, Pinning pinning) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 || credentials.pid <= 0) {
        return base::fail(noProcess("it is behind no local socket, or outside this machine's view of processes"));
    }
    int raw = -1;
    size = sizeof raw;
    bool isWeak = pinning == Pinning::ByNumber;
    if (!isWeak && ::getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &raw, &size) != 0) {
        if (errno != ENOPROTOOPT) {
            return base::fail(ProcessError{ProcessFault::Gone, "the process that connected has ended"});
        }
        isWeak = true;
    }
    auto process = isWeak ? Process::pin(credentials.pid) : Process::holding(credentials.pid, base::UniqueFd(raw));
    if (!process) {
        return process;
    }
    process->m_isWeak = isWeak;
    const std::int64_t acceptedTicks = acceptedAt.count() * ticksPerSecond() / 1000;
    if (process->m_startTicks > static_cast<std::uint64_t>(acceptedTicks)) {
        return base::fail(process->error(ProcessFault::Gone, "began after the one that connected, which has ended"));
    }
    if (process->m_uid != credentials.uid) {
        return base::fail(process->error(ProcessFault::Changed, "became another user's after it had connected"));
    }
    return process;
}

bool Process::isAlive() const {
    return !hasEnded(m_pidfd.get());
}

base::UniqueFd peerHandle(int socket) {
    int raw = -1;
    socklen_t size = sizeof raw;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &raw, &size) != 0) {
        ucred credentials{};
        size = sizeof credentials;
        if (errno != ENOPROTOOPT || ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
            return {};
        }
        raw = static_cast<int>(::syscall(SYS_pidfd_open, credentials.pid, 0));
    }
    return base::UniqueFd(raw);
}

bool isAlive(const base::UniqueFd& handle) {
    return handle && !hasEnded(handle.get());
}

std::int64_t Process::startedAtNs() const {
    constexpr std::int64_t kCloseTogether = 1'000'000; // ns
    std::int64_t booted = 0;
    // The two clocks are to be read at one moment; another program may run in between.
    for (int i = 0; i < 8; ++i) {
        const std::int64_t before = nowNs(CLOCK_BOOTTIME);
        booted = nowNs(CLOCK_REALTIME) - before;
        if (nowNs(CLOCK_BOOTTIME) - before < kCloseTogether) {
            break;
        }
    }
    return booted + static_cast<std::int64_t>(m_startTicks) * tickNs();
}

std::int64_t Process::tickNs() {
    return kNsPerSecond / ticksPerSecond();
}

ProcessResult<std::string> Process::read(const char* name, std::size_t limit) const {
    const base::UniqueFd fd(::openat(m_folder.get(), name, O_RDONLY | O_CLOEXEC));
    if (!fd) {
        return base::fail(failure(errno));
    }
    std::string text(limit, '\0');
    std::size_t size = 0;
    while (size < limit) {
        const ssize_t count = ::read(fd.get(), text.data() + size, limit - size);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return base::fail(failure(errno));
        }
        if (count == 0) {
            break;
        }
        size += static_cast<std::size_t>(count);
    }
    text.resize(size);
    return text;
}

ProcessResult<ProcStat> Process::state() const {
    const auto text = read("stat", kMaxProcStatBytes);
    if (!text) {
        return base::fail(text.error());
    }
    auto stat = parseProcStat(*text);
    if (!stat || stat->pid != m_pid) {
        return base::fail(error(ProcessFault::Malformed, "is described in /proc in a way that is not Linux's"));
    }
    return std::move(*stat);
}

ProcessResult<Arguments> Process::arguments() const {
    const auto text = read("cmdline", kMaxArgumentBytes);
    if (!text) {
        return base::fail(text.error());
    }
    Arguments arguments;
    arguments.isCut = text->size() == kMaxArgumentBytes;
    std::string_view rest = *text;
    while (!rest.empty()) {
        if (arguments.words.size() == kMaxArguments) {
            arguments.isCut = true;
            break;
        }
        const std::string_view word = rest.substr(0, rest.find('\0'));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        arguments.words.emplace_back(word);
    }
    return arguments;
}

bool Process::readsItsTerminal(const ProcStat& state) const {
    struct stat info {};
    if (!state.hasTerminal() || ::fstatat(m_folder.get(), "fd/0", &info, 0) != 0 || !S_ISCHR(info.st_mode)) {
        return false;
    }
    constexpr unsigned kAlternatesMajor = 5; // 5:0 is /dev/tty, whichever that is for the process
    return (major(info.st_rdev) == state.terminalMajor && minor(info.st_rdev) == state.terminalMinor) ||
           (major(info.st_rdev) == kAlternatesMajor && minor(info.st_rdev) == 0);
}

ProcessResult<Process> Process::parent() const {
    const auto before = state();
    if (!before) {
        return base::fail(before.error());
    }
    auto parent = pin(before->parent);
    if (!parent && parent.error().fault != ProcessFault::Gone) {
        return parent;
    }
    // A child whose parent ends gets another one at once: while it still names this one, this one is its parent.
    const auto after = state();
    if (!after) {
        return base::fail(after.error());
    }
    if (!parent || after->parent != before->parent || !parent->isAlive()) {
        return base::fail(error(ProcessFault::Changed, "lost its parent while it was looked at"));
    }
    if (!isAlive()) {
        return base::fail(failure(ESRCH));
    }
    parent->m_isWeak = m_isWeak;
    return parent;
}

std::vector<std::string> loginShells() {
    std::vector<std::string> shells;
    ::setusershell();
    while (const char* shell = ::getusershell()) {
        shells.emplace_back(shell);
    }
    ::endusershell();
    return shells;
}

} // namespace keybearer::platform
