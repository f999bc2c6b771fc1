#include "daemon/spawner/forked.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace keybearer::spawner {
namespace {

/// Where a starter left standard descriptors closed, a socket would take their place, and be replaced with /dev/null.
base::UniqueFd aboveStandard(base::UniqueFd fd) {
    return fd.get() > STDERR_FILENO ? std::move(fd)
                                    : base::UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

/// What follows from being a process of its own. The signals that end a broker do not end this one: it may be wanted
/// until the broker itself is gone, and then the socket says so.
void settle(const char* name, int socket) {
    ::setsid();
    ::prctl(PR_SET_NAME, name);
    ::prctl(PR_SET_DUMPABLE, 0);
    ::umask(077);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP}) {
        ::signal(signal, SIG_IGN);
    }
    // Nothing of the starter: neither its terminal nor a pipe that somebody waits for the end of.
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        ::dup2(nothing, fd);
    }
    if (socket > STDERR_FILENO + 1) {
        ::close_range(STDERR_FILENO + 1, static_cast<unsigned>(socket) - 1, 0);
    }
    ::close_range(static_cast<unsigned>(socket) + 1, ~0U, 0);
    if (::chdir("/") != 0) {
        ::_exit(1);
    }
}

} // namespace

base::Result<Forked, std::string> forkHelper(const char* name, const std::function<void(int socket)>& body) {
    const auto problem = [](const char* what) {
        return base::fail(std::string("a helper process ") + what + ": " + std::strerror(errno));
    };
    int ends[2];
    // Packets keep a frame whole, and descriptors with the frame that they belong to.
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return problem("cannot be reached");
    }
    Forked forked{aboveStandard(base::UniqueFd(ends[0])), 0};
    const base::UniqueFd other = aboveStandard(base::UniqueFd(ends[1]));
    if (!forked.socket || !other) {
        return problem("cannot be reached");
    }
    forked.pid = ::fork();
    if (forked.pid < 0) {
        return problem("cannot be started");
    }
    if (forked.pid == 0) {
        settle(name, other.get());
        body(other.get());
        ::_exit(0);
    }
    return forked;
}

} // namespace keybearer::spawner
