#include "ipc/client/client.h"

#include "ipc/base/secret.h"
#include "ipc/base/secure_dir.h"
#include "ipc/client/client_key.h"
#include "ipc/client/messages.h"
#include "ipc/protocol/limits.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace keybearer::client {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr int kNoBrokerExit = 8;

Error noBroker(const std::string& why) {
    return Error{"no_broker", "no broker is running: " + why, json::object(), kNoBrokerExit};
}

Error lost(const std::string& why) {
    return Error{"connection_lost", "the connection to the broker was lost: " + why, json::object(), kNoBrokerExit};
}

Error timedOut() {
    return Error{"timeout", "the broker did not answer in time", json::object(), kNoBrokerExit};
}

/// Waits until the descriptor is ready for `events` or the deadline has passed.
bool waitFor(int fd, short events, Clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) {
            return false;
        }
        pollfd entry{fd, events, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(std::min<long long>(left, 60'000)));
        if (ready > 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            return false;
        }
    }
}

base::Result<void, Error> checkServer(int fd) {
#ifdef SO_PEERCRED
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != ::geteuid()) {
        return base::fail(Error{"unsafe", "another user answers on the broker's socket; nothing was sent to it",
                                json::object(), kNoBrokerExit});
    }
#else
    uid_t uid = 0;
    gid_t gid = 0;
    if (::getpeereid(fd, &uid, &gid) != 0 || uid != ::geteuid()) {
        return base::fail(Error{"unsafe", "another user answers on the broker's socket; nothing was sent to it",
                                json::object(), kNoBrokerExit});
    }
#endif
    return {};
}

} // namespace

Result<Client> Client::connect(const base::Paths& paths, const base::Environment& environment) {
    if (::access(paths.runtimeDir.c_str(), F_OK) != 0) {
        return base::fail(noBroker(paths.socket + " does not exist"));
    }
    if (const auto safe = base::checkPrivateDir(paths.runtimeDir); !safe) {
        return base::fail(Error{"unsafe", safe.error(), json::object(), kNoBrokerExit});
    }
    base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) {
        return base::fail(lost(std::strerror(errno)));
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, paths.socket.c_str(), paths.socket.size() + 1); // resolvePaths() checked the length
    while (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (errno == EINTR) {
            continue;
        }
        return base::fail(noBroker(paths.socket + ": " + std::strerror(errno)));
    }
    if (auto same = checkServer(fd.get()); !same) {
        return base::fail(std::move(same.error()));
    }
    Client client(std::move(fd));
    if (auto known = client.authenticate(environment); !known) {
        return base::fail(std::move(known.error()));
    }
    return client;
}

Result<void> Client::authenticate(const base::Environment& environment) {
    const auto key = clientKeyOf(environment);
    if (!key) {
        return base::fail(key.error());
    }
    if (!*key) {
        return {};
    }
    json params{{"key", (*key)->reveal()}};
    const auto known = call("system.authenticate", params);
    base::wipe(params["key"].get_ref<std::string&>());
    return known ? Result<void>() : base::fail(known.error());
}

Result<std::string> Client::readLine(Clock::time_point deadline) {
    for (;;) {
        const auto end = m_buffer.find('\n');
        if (end != std::string::npos) {
            std::string line = m_buffer.substr(0, end);
            std::string rest = m_buffer.substr(end + 1);
            base::wipe(m_buffer);
            m_buffer = std::move(rest);
            return line;
        }
        if (m_buffer.size() > protocol::kMaxLineBytes) {
            return base::fail(lost("its answer is too long"));
        }
        if (!waitFor(m_fd.get(), POLLIN, deadline)) {
            return base::fail(timedOut());
        }
        char chunk[16384];
        const ssize_t got = ::recv(m_fd.get(), chunk, sizeof chunk, MSG_DONTWAIT);
        if (got > 0) {
            m_buffer.append(chunk, static_cast<std::size_t>(got));
            base::wipe(chunk, static_cast<std::size_t>(got));
        } else if (got == 0) {
            return base::fail(lost("it closed the connection"));
        } else if (errno != EINTR && errno != EAGAIN) {
            return base::fail(lost(std::strerror(errno)));
        }
    }
}

Result<void> Client::send(std::string_view line, Clock::time_point deadline) {
    while (!line.empty()) {
        const ssize_t n = ::send(m_fd.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) {
            line.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN && !waitFor(m_fd.get(), POLLOUT, deadline)) {
            return base::fail(timedOut());
        } else if (errno != EAGAIN && errno != EINTR) {
            return base::fail(lost(std::strerror(errno)));
        }
    }
    return {};
}

Result<json> Client::call(std::string_view method, const json& params, std::chrono::milliseconds timeout) {
    const auto deadline = Clock::now() + timeout;
    const std::uint64_t id = m_nextId++;
    std::string line = requestLine(id, method, params);
    const auto sent = send(line, deadline);
    base::wipe(line);
    if (!sent) {
        return base::fail(sent.error());
    }
    for (;;) {
        auto answer = readLine(deadline);
        if (!answer) {
            return base::fail(std::move(answer.error()));
        }
        auto message = readMessage(*answer);
        base::wipe(*answer);
        if (!message) {
            return base::fail(lost("its answer is not JSON"));
        }
        if (message->isAnswer && message->id.value_or(id) == id) {
            return std::move(message->result);
        }
    }
}

} // namespace keybearer::client
