#pragma once
/// \file
/// One message of the client's on its way, and what the server says to it.

#include "app/mcp/authorized_request.h"
#include "app/mcp/message.h"
#include "app/mcp/resumption.h"
#include "app/mcp/sse_parser.h"

#include <QTimer>

#include <optional>
#include <string>

namespace keybearer::mcp {

/// What every request needs, and what the server said about the session.
struct Connection {
    Remote& remote;
    TokenSource& tokens;
    Attempts attempts;
    ToolHeaders tools;
    std::string sessionId;
    std::string protocolVersion; ///< of the session, or the one that requests name

    /// Headers of any request within the session.
    [[nodiscard]] Headers sessionHeaders() const;
};

class ToolListing;

/// Belongs in a Cancelled<>.
class Call final : public QObject {
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Call)
public:
    struct Handlers {
        std::function<void()> sent;                               ///< later messages may follow; once
        std::function<void(std::string text)> message;            ///< of the server's
        std::function<void(const std::optional<Problem>&)> ended; ///< once, at the end
    };

    /// `text` is the message as the client wrote it. Everything named outlives the call.
    Call(Connection& connection, Message message, std::string text, Handlers handlers);
    ~Call() override;

    void start();
    void pause(bool stop);
    void cancel();

    [[nodiscard]] const Message& message() const noexcept { return m_message; }
    [[nodiscard]] bool wasStarted() const noexcept { return m_wasStarted; }
    /// Nobody waits for an answer any more: it came, or is not wanted. What the server leaves open then ends by itself.
    void settle();
    [[nodiscard]] bool isSettled() const noexcept { return m_isSettled; }
    /// Of the revisions without sessions: cancelled by closing its connection.
    [[nodiscard]] bool endsWithItsConnection() const { return !m_message.claimedVersion().empty(); }

private:
    enum class Answer { None, Json, Events, Refusal };

    void post(Headers headers);
    void send(AuthorizedRequest::Request request);
    void headArrived(const Head& head);
    void resumed(const Head& head);
    void bodyArrived(std::string_view bytes);
    void requestEnded(const std::optional<Problem>& problem);
    void streamEnded(const std::optional<Problem>& problem);
    void takeJson();
    void takeRefusal();
    void refuse();
    void toolsListed();
    void sent();
    void end(const std::optional<Problem>& problem);

    Connection& m_connection;
    Message m_message;
    std::string m_text;
    Handlers m_handlers;
    Cancelled<AuthorizedRequest> m_request;
    Cancelled<ToolListing> m_listing;
    Headers m_repeated; ///< headers that went along because the message names its revision
    Answer m_answer = Answer::None;
    int m_status = 0;
    std::string m_body;
    SseParser m_events;
    Resumption m_resumption;
    QTimer m_again;
    bool m_wasStarted = false;
    bool m_hadSession = false;
    bool m_wasListed = false;
    bool m_isSent = false;
    bool m_isPaused = false;
    bool m_isSettled = false;
    bool m_isOver = false;
};

} // namespace keybearer::mcp
