/// \file
/// One load for every server under measurement, so that it costs the same for all of them.
///
///   bench-load SOCKET KIND CONNECTIONS REQUESTS   the request's bytes come from stdin; one line of JSON goes to stdout
///
/// KIND: line    connections stay open, a reply ends with LF        once   one connection a request, a reply ends with
/// LF
///       close   one connection a request, a reply ends with EOF    ssh    connections stay open, u32 length in front

#include "tests/bench/bench.h"

#include <sys/epoll.h>

#include <chrono>
#include <iterator>

namespace {

using bench::die;
using Clock = std::chrono::steady_clock;

enum class Kind { Line, Once, Close, Ssh };

struct Connection {
    int fd = -1;
    std::string reply;
    Clock::time_point sent;
};

struct Load {
    const char* path;
    Kind kind;
    long left;
    std::string request;
    int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<double> micros = {};
    std::size_t replyBytes = 0;

    [[nodiscard]] bool stays() const { return kind == Kind::Line || kind == Kind::Ssh; }

    void open(Connection& one, unsigned index) {
        one.fd = bench::connectTo(path);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u32 = index;
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, one.fd, &event);
    }

    /// False when there is nothing left to send.
    bool send(Connection& one, unsigned index) {
        if (left == 0) {
            return false;
        }
        --left;
        one.reply.clear();
        one.sent = Clock::now();
        if (one.fd < 0) {
            open(one, index);
        }
        if (::send(one.fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
            die("send");
        }
        return true;
    }

    [[nodiscard]] bool isWhole(const std::string& reply, bool ended) const {
        switch (kind) {
        case Kind::Close: return ended;
        case Kind::Ssh: {
            if (reply.size() < 4) {
                return false;
            }
            std::size_t length = 0;
            for (std::size_t i = 0; i < 4; ++i) {
                length = length << 8U | static_cast<unsigned char>(reply[i]);
            }
            return reply.size() >= 4 + length;
        }
        default: return !reply.empty() && reply.back() == '\n';
        }
    }

    /// True when the connection is done with all it had to do.
    bool receive(Connection& one, unsigned index) {
        char chunk[65536];
        const ssize_t got = ::recv(one.fd, chunk, sizeof chunk, 0);
        if (got < 0 || (got == 0 && kind != Kind::Close)) {
            die("recv");
        }
        one.reply.append(chunk, static_cast<std::size_t>(got));
        if (!isWhole(one.reply, got == 0)) {
            return false;
        }
        micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - one.sent).count());
        replyBytes = one.reply.size();
        if (!stays()) {
            ::close(one.fd);
            one.fd = -1;
        }
        return !send(one, index);
    }
};

Kind kindOf(std::string_view name) {
    if (name == "line") {
        return Kind::Line;
    }
    if (name == "once") {
        return Kind::Once;
    }
    if (name == "close") {
        return Kind::Close;
    }
    if (name == "ssh") {
        return Kind::Ssh;
    }
    die("unknown kind");
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        die("usage: bench-load SOCKET KIND CONNECTIONS REQUESTS");
    }
    std::string request;
    char chunk[4096];
    for (ssize_t got = 0; (got = ::read(STDIN_FILENO, chunk, sizeof chunk)) > 0;) {
        request.append(chunk, static_cast<std::size_t>(got));
    }
    Load load{argv[1], kindOf(argv[2]), std::stol(argv[4]), std::move(request)};
    std::vector<Connection> connections(std::stoul(argv[3]));
    load.micros.reserve(static_cast<std::size_t>(load.left));
    const auto begin = Clock::now();
    unsigned busy = 0;
    for (unsigned i = 0; i < connections.size(); ++i) {
        busy += load.send(connections[i], i) ? 1 : 0;
    }
    epoll_event events[64];
    while (busy > 0) {
        const int count = ::epoll_wait(load.epoll, events, static_cast<int>(std::size(events)), 60'000);
        if (count <= 0) {
            die("no answer in a minute");
        }
        for (int i = 0; i < count; ++i) {
            const unsigned index = events[i].data.u32;
            busy -= load.receive(connections[index], index) ? 1 : 0;
        }
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    const auto total = static_cast<double>(load.micros.size());
    std::printf("{\"per_second\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"reply_bytes\": %zu}\n", total / seconds,
                bench::percentile(load.micros, 0.5), bench::percentile(load.micros, 0.99), load.replyBytes);
}
