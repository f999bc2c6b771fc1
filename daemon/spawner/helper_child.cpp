#include "daemon/spawner/helper_child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>

namespace keybearer::spawner {
namespace {

/// In the child. Ends in _exit(), if not in a program.
[[noreturn]] void goOn(const std::function<void()>& body, int output, int gate, pid_t helper) {
    ::setsid();
    // A helper that is killed leaves nothing behind whose time nobody counts.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(output, STDOUT_FILENO); // the other two are /dev/null
    for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP}) {
        ::signal(signal, SIG_DFL);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    char byte = 0;
    if (::read(gate, &byte, 1) != 1 || ::getppid() != helper) { // the helper has ended meanwhile
        ::_exit(127);
    }
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    errno = 0;
    body();
    const int why = errno;
    [[maybe_unused]] const ssize_t told = ::write(gate, &why, sizeof why);
    ::_exit(127);
}

} // namespace

void execute(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words) {
        arguments.push_back(const_cast<char*>(word.c_str())); // execv(3) wants them so and does not write
    }
    arguments.push_back(nullptr);
    const std::string& program = words.front();
    if (program.find('/') != std::string::npos) {
        ::execv(program.c_str(), arguments.data());
        return;
    }
    const char* path = std::getenv("PATH");
    std::string_view folders = path == nullptr ? "/usr/bin:/bin" : path;
    int why = ENOENT;
    while (!folders.empty()) {
        const std::size_t end = std::min(folders.find(':'), folders.size());
        if (const std::string_view folder = folders.substr(0, end); folder.starts_with('/')) {
            ::execv((std::string(folder) + "/" + program).c_str(), arguments.data());
            why = errno == ENOENT || errno == ENOTDIR ? why : errno;
        }
        folders.remove_prefix(std::min(end + 1, folders.size()));
    }
    errno = why;
}

HelperChild HelperChild::fork(std::uint32_t id, int output, const std::function<void()>& body) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return {};
    }
    HelperChild child{id, 0, base::UniqueFd(ends[0])};
    const base::UniqueFd childEnd(ends[1]);
    const pid_t helper = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) {
        child.gate.reset(); // or it would wait for itself
        goOn(body, output, childEnd.get(), helper);
    }
    child.pid = pid < 0 ? 0 : pid;
    return child;
}

void HelperChild::release() const {
    [[maybe_unused]] const ssize_t sent = ::send(gate.get(), "x", 1, MSG_NOSIGNAL);
}

int HelperChild::startError() const {
    int why = 0;
    return ::recv(gate.get(), &why, sizeof why, MSG_DONTWAIT) == sizeof why ? why : 0;
}

void HelperChild::kill() const {
    ::kill(-pid, SIGKILL);
    ::kill(pid, SIGKILL); // where it had not yet become a session of its own
}

} // namespace keybearer::spawner
