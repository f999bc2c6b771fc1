/// \file
/// The least that a server can do: one epoll loop that answers every line with a line of BYTES bytes.
///
///   bench-echo SOCKET BYTES   says "ready", serves until it is ended

#include "tests/bench/bench.h"

#include <sys/epoll.h>

#include <iterator>

int main(int argc, char** argv) {
    if (argc != 3) {
        bench::die("usage: bench-echo SOCKET BYTES");
    }
    const std::string reply = std::string(std::stoul(argv[2]) - 1, 'x') + '\n';
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const sockaddr_un address = bench::addressOf(argv[1]);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener, 4096) != 0) {
        bench::die("bind");
    }
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = listener;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    std::puts("ready");
    std::fflush(stdout);
    epoll_event events[64];
    char chunk[65536];
    for (;;) {
        const int count = ::epoll_wait(epoll, events, static_cast<int>(std::size(events)), -1);
        for (int i = 0; i < count; ++i) {
            const int fd = events[i].data.fd;
            if (fd == listener) {
                event.data.fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
                if (event.data.fd >= 0) {
                    ::epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
                }
                continue;
            }
            const ssize_t got = ::recv(fd, chunk, sizeof chunk, 0);
            if (got <= 0) {
                ::close(fd);
                continue;
            }
            for (auto lines = std::count(chunk, chunk + got, '\n'); lines > 0; --lines) {
                if (::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) {
                    break;
                }
            }
        }
    }
}
