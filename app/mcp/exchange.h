#pragma once
/// \file
/// One HTTP request and its answer, which may go on for hours.

#include "app/mcp/problem.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QObject>
#include <QPointer>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::mcp {

struct Head {
    int status = 0;
    std::string contentType; ///< lower case, without parameters
    std::string sessionId;   ///< Mcp-Session-Id; empty where there is none that can be sent back
    std::string challenge;   ///< WWW-Authenticate
    std::string dpopNonce;   ///< DPoP-Nonce (RFC 9449 section 9); empty where there is none that can be sent back
};

/// Each is called from the event loop; none after cancel(), and none after `ended`.
struct ExchangeHandlers {
    std::function<void()> sent; ///< all of the request is on its way; once, before `head`
    std::function<void(const Head&)> head;
    std::function<void(std::string_view)> body;
    std::function<void(const std::optional<Problem>&)> ended;
};

/// Belongs in a Cancelled<> (remote.h).
class Exchange final : public QObject {
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Exchange)
public:
    /// `release` gets the manager back when the answer was complete.
    using Release = std::function<void(std::unique_ptr<QNetworkAccessManager>)>;

    Exchange(std::unique_ptr<QNetworkAccessManager> manager, QNetworkReply* reply, std::string host,
             ExchangeHandlers handlers, Release release);
    /// One that is not sent, and says why from the event loop.
    Exchange(Problem refusal, ExchangeHandlers handlers);
    ~Exchange() override;

    /// Gives the request up; no handler is called any more.
    void cancel();
    /// While `stop` is true nothing is read, so that the server comes to wait. No handler is called from here.
    void pause(bool stop);

private:
    void readOn();
    void requestSent();
    void readHead();
    void drain();
    void finished();
    void leaveReply();
    void end(const std::optional<Problem>& problem);
    [[nodiscard]] std::optional<Problem> problem() const;

    std::unique_ptr<QNetworkAccessManager> m_manager;
    QPointer<QNetworkReply> m_reply;
    std::string m_host;
    ExchangeHandlers m_handlers;
    Release m_release;
    QTimer m_connecting;
    std::string m_tlsProblem;
    bool m_isSent = false;
    bool m_hasHead = false;
    bool m_isPaused = false;
    bool m_isOver = false;
};

} // namespace keybearer::mcp
