#pragma once
/// \file
/// One HTTP exchange in flight: what bounds it, and what it ends with.

#include "daemon/oauth/http_client.h"

#include <QObject>
#include <QPointer>
#include <QTimer>

#include <chrono>
#include <optional>
#include <string>

class QIODevice;
class QNetworkReply;

namespace keybearer::oauth {

/// Reads one reply to its end, or stops it: at the deadline, above kMaxBodyBytes, at a redirect, when cancelled.
///
/// Main thread. Owned by the coroutine that awaits done(); takes the reply over. done() comes exactly once, always from
/// the event loop, so that no caller is resumed inside abortAll() or inside Qt's network code.
class HttpExchange final : public QObject {
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(HttpExchange)
public:
    /// `host` and `proxy` (HOST:PORT, empty: none) are for error texts. `body`: of a POST, from makeOneTimeBody() and
    /// owned by the reply; nullptr for a GET.
    HttpExchange(QNetworkReply* reply, std::string host, const std::string& proxy, std::chrono::milliseconds deadline,
                 const QIODevice* body = nullptr);
    ~HttpExchange() override;

    void cancel();
    /// The outcome; call once, after done().
    [[nodiscard]] Result<HttpResponse> take();

Q_SIGNALS:
    void done();

private:
    void checkHead();
    void drain();
    void finished();
    void end(Result<HttpResponse> outcome);
    void endWith(ErrorKind kind, const std::string& what);
    [[nodiscard]] Result<HttpResponse> outcome();
    [[nodiscard]] Error networkError() const;
    [[nodiscard]] std::string header(const char* name) const;
    void append(const char* data, std::size_t size);

    QPointer<QNetworkReply> m_reply;
    std::string m_host;
    std::string m_way;                   ///< " (by way of the proxy HOST:PORT)", or empty
    const QIODevice* m_upload = nullptr; // lives as long as the reply
    qint64 m_uploadSize = 0;
    QTimer m_deadline;
    std::string m_body; // wiped whenever it moves
    std::string m_tlsProblem;
    std::optional<Result<HttpResponse>> m_outcome;
};

/// A request body that can be read once.
///
/// Qt repeats a request whose connection was closed before an answer came. That must not happen to a POST: the first
/// copy may have used up a refresh token. A sequential device cannot be rewound, so Qt gives up instead. Bytes are
/// wiped as they are handed over; Qt's own copies are out of reach.
[[nodiscard]] QIODevice* makeOneTimeBody(base::Secret body, QObject* parent);

} // namespace keybearer::oauth
