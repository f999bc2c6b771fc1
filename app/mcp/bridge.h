#pragma once
/// \file
/// A client on stdio, a server behind HTTP, and every message between them.

#include "app/mcp/call.h"
#include "app/mcp/server_stream.h"
#include "app/mcp/standard_streams.h"

#include <list>
#include <memory>

namespace keybearer::mcp {

/// Main thread.
class Bridge final : public QObject {
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Bridge)
public:
    /// Everything named outlives it.
    Bridge(Remote& remote, TokenSource& tokens, LineReader& input, LineWriter& output);
    ~Bridge() override;

    /// The client has gone, or is to be left: what it waits for gets a moment when `patient`, then the session ends.
    void leave(bool patient);

Q_SIGNALS:
    /// With the program's exit code, once.
    void over(int exitCode);

private:
    using Calls = std::list<Cancelled<Call>>;

    void takeLine(const std::string& text);
    void takeMessage(Message message, const std::string& text);
    /// True when the notification has been dealt with here, and is not for the server.
    [[nodiscard]] bool cancelRequest(Call& call);
    [[nodiscard]] Call* find(const std::string& id);
    [[nodiscard]] bool hasRoom();
    void startNext();
    void callEnded(Call* call, const std::optional<Problem>& problem);
    void deliver(const std::string& text);
    void deliverAnswer(Message answer, const std::string& text);
    [[nodiscard]] bool noteRevision(const nlohmann::json& result);
    void pauseAll(bool stop);
    void sessionEnded();
    void endSession();
    void finish(int exitCode);

    Connection m_connection;
    LineWriter& m_output;
    Calls m_calls;             ///< in the order in which they came
    Call* m_sending = nullptr; ///< the one that later ones wait for
    Cancelled<ServerStream> m_stream;
    Cancelled<AuthorizedRequest> m_goodbye;
    QTimer m_patience;
    bool m_isPaused = false;
    bool m_isLeaving = false;
    bool m_isOver = false;
};

} // namespace keybearer::mcp
