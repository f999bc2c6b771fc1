#pragma once
/// \file
/// What a server has to say by itself, within a session (GET).

#include "app/mcp/call.h"

namespace keybearer::mcp {

/// Belongs in a Cancelled<>. A server without such a stream answers 405, and is not asked again.
class ServerStream final : public QObject {
    Q_OBJECT
public:
    struct Handlers {
        std::function<void(std::string text)> message;
        std::function<void(const Problem&)> givenUp; ///< at most once; what it would have said is not heard
    };

    /// Opens it. Everything named outlives it.
    ServerStream(Connection& connection, Handlers handlers);

    void pause(bool stop);
    void cancel();

private:
    void open();
    void ended(const std::optional<Problem>& problem);

    Connection& m_connection;
    Handlers m_handlers;
    Cancelled<AuthorizedRequest> m_request;
    SseParser m_events;
    Resumption m_resumption;
    QTimer m_again;
    bool m_isPaused = false;
    bool m_isOver = false;
};

} // namespace keybearer::mcp
