#include "app/cli/process_watch.h"

#include "app/cli/child.h"
#include "app/cli/failure.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace keybearer::cli {
namespace {

constexpr int kMostDescriptors = 1024;

volatile std::sig_atomic_t gSignalPipe = -1;

extern "C" void onWatchedSignal(int signal) {
    const int before = errno;
    const auto byte = static_cast<unsigned char>(signal);
    [[maybe_unused]] const ssize_t written = ::write(gSignalPipe, &byte, 1);
    errno = before;
}

client::Error noProcess() {
    return failure("command_not_run", std::string("no process can be started: ") + std::strerror(errno), 126);
}

/// In a child: what the watch did is undone by exec, but not before.
void becomeOrdinary() {
    for (const int signal : {SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP}) {
        std::signal(signal, SIG_DFL);
    }
}

} // namespace

SignalWatch::SignalWatch() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0) {
        m_read = base::UniqueFd(ends[0]);
        m_write = base::UniqueFd(ends[1]);
    }
    gSignalPipe = m_write.get();
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
        struct sigaction action {};
        action.sa_handler = onWatchedSignal;
        action.sa_flags = SA_RESTART;
        sigaction(kSignals[i], &action, &m_before[i]);
        if (m_before[i].sa_handler == SIG_IGN && kSignals[i] != SIGCHLD) { // nohup
            sigaction(kSignals[i], &m_before[i], nullptr);
        }
    }
}

SignalWatch::~SignalWatch() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
        sigaction(kSignals[i], &m_before[i], nullptr);
    }
}

std::optional<int> SignalWatch::take() const {
    unsigned char byte = 0;
    return ::read(m_read.get(), &byte, 1) == 1 ? std::optional<int>(byte) : std::nullopt;
}

client::Result<pid_t> launch(const Launch& what) {
    const pid_t child = ::fork();
    if (child < 0) {
        return base::fail(noProcess());
    }
    if (child == 0) {
        becomeOrdinary();
        if (what.isDeaf) {
            std::signal(SIGINT, SIG_IGN);
            std::signal(SIGQUIT, SIG_IGN);
        }
        if (what.input >= 0) {
            ::dup2(what.input, STDIN_FILENO);
        }
        if (what.output >= 0) {
            ::dup2(what.output, STDOUT_FILENO);
        }
        ::_exit(report(become(what.command, what.environment), false));
    }
    return child;
}

client::Result<pid_t> launchSilent(const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child < 0) {
        return base::fail(noProcess());
    }
    if (child == 0) {
        becomeOrdinary();
        ::setsid();
        for (int fd = STDERR_FILENO + 1; fd < kMostDescriptors; ++fd) { // our connections are not for it to hold open
            ::close(fd);
        }
        if (const int null = ::open("/dev/null", O_RDWR); null >= 0) {
            for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
                ::dup2(null, stream);
            }
        }
        ::_exit(work());
    }
    return child;
}

void Running::look() {
    int status = 0;
    if (!m_status && ::waitpid(m_pid, &status, WNOHANG) == m_pid) {
        m_status = status;
    }
}

void Running::signal(int number) const {
    if (!m_status) {
        ::kill(m_pid, number);
    }
}

void Running::finish(int milliseconds) {
    using std::chrono::steady_clock;
    constexpr int kStep = 10;
    const auto deadline = steady_clock::now() + std::chrono::milliseconds(milliseconds);
    for (look(); !m_status && steady_clock::now() < deadline; look()) {
        ::poll(nullptr, 0, kStep);
    }
    if (!m_status) {
        ::kill(m_pid, SIGKILL);
        int status = 0;
        while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
        }
        m_status = status;
    }
}

void waitForAny(const std::vector<int>& descriptors, int milliseconds) {
    std::vector<pollfd> entries;
    for (const int descriptor : descriptors) {
        entries.push_back({descriptor, POLLIN, 0}); // poll(2) passes a negative one over
    }
    ::poll(entries.data(), entries.size(), milliseconds);
}

} // namespace keybearer::cli
