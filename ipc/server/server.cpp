#include "ipc/server/server.h"

#include "ipc/base/secret.h"
#include "ipc/protocol/limits.h"

#include <QTimer>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace keybearer::server {
namespace {

constexpr std::size_t kReadChunk = 64U << 10;
/// Connections taken in one turn, so that a storm of them does not starve those that are open.
constexpr int kAcceptsPerTurn = 64;
/// How long accepting rests when the process has no descriptor left.
constexpr int kPauseMs = 50;

} // namespace

Server::Server(ListeningSocket socket, Handler& handler)
    : m_handler(handler), m_notifier(m_poller.descriptor(), QSocketNotifier::Read), m_lastId(kMaxListeners) {
    listen(std::move(socket));
    connect(&m_notifier, &QSocketNotifier::activated, this, &Server::poll);
}

Server::~Server() {
    while (!m_connections.empty()) {
        close(m_connections.begin()->first);
    }
}

std::optional<ListenerId> Server::listen(ListeningSocket socket) {
    const auto slot = std::ranges::find_if(m_sockets, [](const auto& one) { return !one; });
    const auto id = static_cast<ListenerId>(slot - m_sockets.begin());
    if (!m_listening || slot == m_sockets.end() || !m_poller.add(socket.descriptor(), id)) {
        return std::nullopt;
    }
    *slot = std::make_unique<ListeningSocket>(std::move(socket));
    return id;
}

void Server::closeListener(ListenerId listener) {
    if (m_sockets[listener]) {
        m_poller.remove(m_sockets[listener]->descriptor());
        m_sockets[listener].reset();
    }
}

void Server::poll() {
    std::array<Poller::Event, 256> events;
    const std::size_t count = m_poller.poll(events);
    for (std::size_t i = 0; i < count; ++i) {
        const Poller::Event& event = events[i];
        if (event.token < kMaxListeners) {
            acceptAll(event.token);
            continue;
        }
        if (event.writable) {
            flush(event.token);
        }
        if (event.readable) {
            read(event.token);
        }
        if (event.hungUp) {
            close(event.token);
        }
    }
    m_handler.turnEnded();
}

void Server::acceptAll(ListenerId listener) {
    for (int i = 0; i < kAcceptsPerTurn && m_sockets[listener]; ++i) {
        base::UniqueFd fd(::accept4(m_sockets[listener]->descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!fd) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                pauseListening();
            }
            return;
        }
        const ConnectionId id = ++m_lastId;
        const int socket = fd.get();
        if (!m_handler.opened(id, socket, listener)) {
            continue;
        }
        if (!m_poller.add(socket, id)) {
            m_handler.closed(id);
            continue;
        }
        m_connections[id].fd = std::move(fd);
    }
}

void Server::pauseListening() {
    // Level-triggered readiness would spin; whoever is waiting stays in the backlog meanwhile.
    if (m_paused || !m_listening) {
        return;
    }
    m_paused = true;
    watchListeners(false);
    QTimer::singleShot(kPauseMs, this, [this] {
        m_paused = false;
        if (m_listening) {
            watchListeners(true);
        }
    });
}

int Server::descriptor(ConnectionId id) const {
    const auto found = m_connections.find(id);
    return found == m_connections.end() ? -1 : found->second.fd.get();
}

void Server::watchListeners(bool watch) {
    for (ListenerId id = 0; id < m_sockets.size(); ++id) {
        if (m_sockets[id]) {
            m_poller.watch(m_sockets[id]->descriptor(), id, watch, false);
        }
    }
}

void Server::stopListening() {
    if (!m_listening) {
        return;
    }
    m_listening = false;
    for (ListenerId id = 0; id < m_sockets.size(); ++id) {
        acceptAll(id); // whoever has connected already is served
        closeListener(id);
    }
}

Server::Connection* Server::find(ConnectionId id) {
    const auto found = m_connections.find(id);
    return found == m_connections.end() ? nullptr : &found->second;
}

void Server::read(ConnectionId id) {
    Connection* connection = find(id);
    if (connection == nullptr || connection->inputEnded) {
        return;
    }
    std::array<char, kReadChunk> chunk;
    const ssize_t got = ::recv(connection->fd.get(), chunk.data(), chunk.size(), 0);
    if (got > 0) {
        connection->input.append(chunk.data(), static_cast<std::size_t>(got));
        base::wipe(chunk.data(), static_cast<std::size_t>(got));
        takeLines(id);
    } else if (got == 0) {
        connection->inputEnded = true; // it may still read: answers that are under way are delivered
        flush(id);
    } else if (errno != EAGAIN && errno != EINTR) {
        close(id);
    }
}

void Server::takeLines(ConnectionId id) {
    std::size_t begin = 0;
    std::string input;
    {
        Connection* connection = find(id);
        input.swap(connection->input);
    }
    for (;;) {
        const std::size_t end = input.find('\n', begin);
        const std::size_t length = (end == std::string::npos ? input.size() : end) - begin;
        if (length > protocol::kMaxLineBytes) {
            refuseAndEnd(id, nullptr, {protocol::ErrorKind::ParseError, "the line is longer than 1 MiB"});
            break;
        }
        if (end == std::string::npos) {
            break;
        }
        takeLine(id, std::string_view(input).substr(begin, length));
        begin = end + 1;
        // Handling the line may have closed the connection or ended its input.
        const Connection* connection = find(id);
        if (connection == nullptr || connection->inputEnded) {
            break;
        }
    }
    if (Connection* connection = find(id); connection != nullptr && !connection->inputEnded) {
        connection->input.assign(input, begin, std::string::npos);
    }
    base::wipe(input);
}

void Server::takeLine(ConnectionId id, std::string_view line) {
    auto request = protocol::parseRequest(line);
    if (!request) {
        const auto& [error, requestId] = request.error();
        if (error.kind == protocol::ErrorKind::ParseError) {
            // After a framing or syntax error nothing that follows can be trusted to begin where we think it does.
            refuseAndEnd(id, requestId, error);
        } else {
            queue(id, protocol::encodeError(requestId, error));
        }
        return;
    }
    Connection* connection = find(id);
    if (connection->inFlight >= protocol::kMaxRequestsInFlight) {
        queue(id, protocol::encodeError(request->id, {protocol::ErrorKind::Overloaded,
                                                      "too many requests wait on this connection; read the answers"}));
        return;
    }
    ++connection->inFlight;
    m_handler.request(id, std::move(*request));
}

void Server::refuseAndEnd(ConnectionId id, const nlohmann::json& requestId, const protocol::Error& error) {
    if (Connection* connection = find(id)) {
        connection->inputEnded = true;
        queue(id, protocol::encodeError(requestId, error));
    }
}

void Server::answer(ConnectionId id, std::string line) {
    if (Connection* connection = find(id)) {
        --connection->inFlight;
        queue(id, std::move(line));
    } else {
        base::wipe(line);
    }
}

void Server::end(ConnectionId id) {
    if (Connection* connection = find(id)) {
        connection->inputEnded = true;
        flush(id);
    }
}

void Server::queue(ConnectionId id, std::string line) {
    Connection* connection = find(id);
    if (connection == nullptr) {
        return;
    }
    if (connection->output.empty()) {
        connection->output.swap(line);
    } else {
        connection->output += line;
        base::wipe(line);
    }
    if (connection->output.size() - connection->sent > protocol::kMaxUnsentBytes) {
        close(id);
        return;
    }
    flush(id);
}

void Server::flush(ConnectionId id) {
    Connection* connection = find(id);
    if (connection == nullptr) {
        return;
    }
    while (connection->sent < connection->output.size()) {
        const ssize_t n = ::send(connection->fd.get(), connection->output.data() + connection->sent,
                                 connection->output.size() - connection->sent, MSG_NOSIGNAL);
        if (n > 0) {
            connection->sent += static_cast<std::size_t>(n);
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            close(id);
            return;
        }
    }
    if (connection->sent == connection->output.size()) {
        base::wipe(connection->output);
        connection->sent = 0;
        if (connection->inputEnded && connection->inFlight == 0) {
            close(id);
            return;
        }
    }
    rearm(id, *connection);
}

void Server::rearm(ConnectionId id, Connection& connection) {
    const std::size_t unsent = connection.output.size() - connection.sent;
    const bool read = !connection.inputEnded && unsent <= protocol::kPauseReadingBytes;
    const bool write = unsent > 0;
    if (read != connection.reading || write != connection.writing) {
        connection.reading = read;
        connection.writing = write;
        m_poller.watch(connection.fd.get(), id, read, write);
    }
}

void Server::close(ConnectionId id) {
    const auto found = m_connections.find(id);
    if (found == m_connections.end()) {
        return;
    }
    m_poller.remove(found->second.fd.get());
    base::wipe(found->second.input);
    base::wipe(found->second.output);
    m_connections.erase(found);
    m_handler.closed(id);
}

} // namespace keybearer::server
