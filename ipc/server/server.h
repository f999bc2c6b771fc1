#pragma once
/// \file
/// Accepts local programs, cuts their bytes into requests and carries answers back. Knows no method.

#include "ipc/protocol/message.h"
#include "ipc/server/listening_socket.h"
#include "ipc/server/poller.h"

#include <QObject>
#include <QSocketNotifier>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace keybearer::server {

using ConnectionId = std::uint64_t;
/// Which of the server's sockets a connection came to: 0 is the one that the server was made with. The number of a
/// socket that was closed is given to a later one.
using ListenerId = std::uint64_t;
inline constexpr std::size_t kMaxListeners = 20;

/// What the server asks of the broker. All calls come from the server's thread.
class Handler {
public:
    Handler() = default;
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;
    virtual ~Handler() = default;

    /// A program has connected and no byte has been read. False closes the connection at once.
    virtual bool opened(ConnectionId id, int socket, ListenerId listener) = 0;
    /// A well-formed request. It must be answered exactly once, now or later, through Server::answer().
    virtual void request(ConnectionId id, protocol::Request request) = 0;
    /// No further request comes in this turn of the event loop: what was held back to be done together can be done.
    virtual void turnEnded() {}
    virtual void closed(ConnectionId id) = 0;
};

/// Main thread. The limits of ipc/protocol/limits.h hold for each connection; none of them blocks another.
class Server : public QObject {
    Q_OBJECT
public:
    Server(ListeningSocket socket, Handler& handler);
    ~Server() override;
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Listens on one more socket; nullopt when there are kMaxListeners.
    std::optional<ListenerId> listen(ListeningSocket socket);
    /// Takes no new connection there, and removes its path. Those that have come that way go on.
    void closeListener(ListenerId listener);
    /// Sends one encoded line. Ignored when the connection has gone.
    void answer(ConnectionId id, std::string line);
    /// Reads nothing more from this connection, and closes it when what it has asked is answered.
    void end(ConnectionId id);
    /// Closes it at once: nothing that it has asked is answered. Not from within a call of that connection.
    void drop(ConnectionId id) { close(id); }
    /// Takes no new connection from here on: the sockets and their paths go. Those that have connected already are
    /// served.
    void stopListening();
    /// The connection's socket, to ask the kernel about; -1 when it is closed.
    [[nodiscard]] int descriptor(ConnectionId id) const;
    [[nodiscard]] std::size_t connectionCount() const noexcept { return m_connections.size(); }

private:
    struct Connection {
        base::UniqueFd fd;
        std::string input;
        std::string output;
        std::size_t sent = 0; ///< bytes of `output` that are gone
        int inFlight = 0;
        bool reading = true;     ///< what the poller was told last
        bool writing = false;    ///< as above
        bool inputEnded = false; ///< the client sends no more, or must not be listened to; close when all is answered
    };

    void poll();
    void acceptAll(ListenerId listener);
    /// Whether the poller wakes us for new connections.
    void watchListeners(bool watch);
    void pauseListening();
    void read(ConnectionId id);
    void takeLines(ConnectionId id);
    void takeLine(ConnectionId id, std::string_view line);
    void refuseAndEnd(ConnectionId id, const nlohmann::json& requestId, const protocol::Error& error);
    void queue(ConnectionId id, std::string line);
    void flush(ConnectionId id);
    void rearm(ConnectionId id, Connection& connection);
    void close(ConnectionId id);
    Connection* find(ConnectionId id);

    std::array<std::unique_ptr<ListeningSocket>, kMaxListeners> m_sockets; ///< by ListenerId; null: free
    Handler& m_handler;
    Poller m_poller;
    QSocketNotifier m_notifier;
    std::unordered_map<ConnectionId, Connection> m_connections;
    ConnectionId m_lastId; ///< ids begin where the poller's tokens of listeners end
    bool m_listening = true;
    bool m_paused = false;
};

} // namespace keybearer::server
