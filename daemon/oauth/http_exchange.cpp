#include "daemon/oauth/http_exchange.h"

#include "daemon/oauth/dpop.h"
#include "daemon/oauth/retry_after.h"
#include "daemon/oauth/tls_trust.h"
#include "ipc/base/clock.h"
#include "ipc/base/text.h"

#include <QIODevice>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QSslError>

#include <algorithm>
#include <array>
#include <utility>

namespace keybearer::oauth {
namespace {

/// What Qt may hold for us at a time; the rest waits in the kernel.
constexpr qint64 kReadBuffer = 64 * 1024;
constexpr std::size_t kMaxHeaderValue = 4096;

/// Errors that only restate a status code of a complete answer (QNetworkReply::NetworkError).
bool isStatusError(QNetworkReply::NetworkError error) {
    switch (error) {
    case QNetworkReply::NoError:
    case QNetworkReply::ContentAccessDenied:
    case QNetworkReply::ContentOperationNotPermittedError:
    case QNetworkReply::ContentNotFoundError:
    case QNetworkReply::AuthenticationRequiredError:
    case QNetworkReply::ContentConflictError:
    case QNetworkReply::ContentGoneError:
    case QNetworkReply::UnknownContentError:
    case QNetworkReply::ProtocolInvalidOperationError:
    case QNetworkReply::InternalServerError:
    case QNetworkReply::OperationNotImplementedError:
    case QNetworkReply::ServiceUnavailableError:
    case QNetworkReply::UnknownServerError: return true;
    default: return false;
    }
}

class OneTimeBody final : public QIODevice {
public:
    OneTimeBody(base::Secret body, QObject* parent) : QIODevice(parent), m_body(std::move(body)) {
        open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    }
    [[nodiscard]] bool isSequential() const override { return true; }
    [[nodiscard]] qint64 bytesAvailable() const override { return static_cast<qint64>(left()); }
    [[nodiscard]] bool atEnd() const override { return left() == 0; }
    bool seek(qint64) override { return false; }

protected:
    qint64 readData(char* data, qint64 maxSize) override {
        const std::size_t count = std::min(left(), static_cast<std::size_t>(maxSize));
        if (count == 0) {
            return -1;
        }
        const auto bytes = m_body.mutableBytes().subspan(m_position, count);
        std::copy(bytes.begin(), bytes.end(), data);
        base::wipe(bytes.data(), bytes.size());
        m_position += count;
        return static_cast<qint64>(count);
    }
    qint64 writeData(const char*, qint64) override { return -1; }

private:
    [[nodiscard]] std::size_t left() const { return m_body.size() - m_position; }

    base::Secret m_body;
    std::size_t m_position = 0;
};

} // namespace

HttpExchange::HttpExchange(QNetworkReply* reply, std::string host, const std::string& proxy,
                           std::chrono::milliseconds deadline, const QIODevice* body)
    : m_reply(reply),
      m_host(std::move(host)),
      m_way(proxy.empty() ? std::string() : " (by way of the proxy " + proxy + ")"),
      m_upload(body),
      m_uploadSize(body ? body->bytesAvailable() : 0) {
    reply->setReadBufferSize(kReadBuffer);
    connect(reply, &QNetworkReply::metaDataChanged, this, &HttpExchange::checkHead);
    connect(reply, &QNetworkReply::readyRead, this, &HttpExchange::drain);
    connect(reply, &QNetworkReply::finished, this, &HttpExchange::finished);
    connect(reply, &QNetworkReply::sslErrors, this, [this](const QList<QSslError>& errors) {
        // Nothing is ignored; Qt ends the connection after this.
        m_tlsProblem = errors.isEmpty() ? std::string() : explainTlsError(errors.constFirst());
    });
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        endWith(ErrorKind::Unreachable, "did not answer completely in the time allowed" + m_way + "; try again");
    });
    m_deadline.start(deadline);
}

HttpExchange::~HttpExchange() {
    base::wipe(m_body);
    if (m_reply) {
        m_reply->disconnect(this);
        m_reply->abort();
        m_reply->deleteLater();
    }
}

void HttpExchange::cancel() {
    end(base::fail(Error{ErrorKind::Cancelled, "the request was cancelled"}));
}

Result<HttpResponse> HttpExchange::take() {
    return std::move(*m_outcome);
}

std::string HttpExchange::header(const char* name) const {
    const std::string value = m_reply->rawHeader(name).toStdString();
    return base::printable(value, kMaxHeaderValue);
}

void HttpExchange::checkHead() {
    const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status >= 300 && status <= 399) {
        return endWith(ErrorKind::BadResponse,
                       "answered with a redirect (" + std::to_string(status) + "), which is never followed");
    }
    bool stated = false;
    const qint64 length = m_reply->header(QNetworkRequest::ContentLengthHeader).toLongLong(&stated);
    if (stated && length > static_cast<qint64>(kMaxBodyBytes)) {
        return endWith(ErrorKind::BadResponse, "sent an answer larger than 1 MiB");
    }
    const std::string coding = base::asciiLower(header("Content-Encoding"));
    if (!coding.empty() && coding != "identity") {
        endWith(ErrorKind::BadResponse, "sent a compressed answer, which was not asked for");
    }
}

void HttpExchange::drain() {
    std::array<char, 16 * 1024> chunk{};
    while (m_reply && !m_outcome) {
        const qint64 count = m_reply->read(chunk.data(), static_cast<qint64>(chunk.size()));
        if (count <= 0) {
            break;
        }
        append(chunk.data(), static_cast<std::size_t>(count));
        if (m_body.size() > kMaxBodyBytes) {
            endWith(ErrorKind::BadResponse, "sent an answer larger than 1 MiB");
        }
    }
    base::wipe(chunk.data(), chunk.size());
}

void HttpExchange::append(const char* data, std::size_t size) {
    if (m_body.size() + size > m_body.capacity()) {
        std::string larger;
        larger.reserve(std::max(2 * m_body.capacity(), m_body.size() + size));
        larger.append(m_body);
        base::wipe(m_body);
        m_body = std::move(larger);
    }
    m_body.append(data, size);
}

void HttpExchange::finished() {
    checkHead();
    drain();
    if (!m_outcome) {
        end(outcome());
    }
}

Result<HttpResponse> HttpExchange::outcome() {
    const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (!isStatusError(m_reply->error())) {
        return base::fail(networkError());
    }
    if (status < 100) {
        return base::fail(Error{ErrorKind::BadResponse, m_host + " answered with something that is not HTTP"});
    }
    bool stated = false;
    const qint64 length = m_reply->header(QNetworkRequest::ContentLengthHeader).toLongLong(&stated);
    if (stated && length != static_cast<qint64>(m_body.size())) {
        return base::fail(
            Error{ErrorKind::Unreachable, m_host + " closed the connection before the answer was complete"});
    }
    HttpResponse response;
    response.status = status;
    const std::string type = base::asciiLower(header("Content-Type"));
    response.contentType = type.substr(0, type.find_first_of("; \t"));
    response.body = base::Secret::absorb(std::move(m_body));
    response.wwwAuthenticate = header("WWW-Authenticate");
    const std::int64_t now = base::SystemClock().utcSeconds();
    if (std::string nonce = header("DPoP-Nonce"); isDpopNonce(nonce)) {
        response.dpopNonce = std::move(nonce);
    }
    response.serverDate = parseHttpDate(header("Date"), now);
    response.retryAfter = parseRetryAfter(header("Retry-After"), response.serverDate.value_or(now));
    return response;
}

Error HttpExchange::networkError() const {
    if (!m_tlsProblem.empty()) {
        return {ErrorKind::Unreachable, m_host + " cannot be trusted: " + m_tlsProblem};
    }
    const auto unreachable = [this](const char* why) {
        return Error{ErrorKind::Unreachable, m_host + " " + why + m_way};
    };
    switch (m_reply->error()) {
    case QNetworkReply::ConnectionRefusedError: return unreachable("refused the connection");
    case QNetworkReply::HostNotFoundError: return unreachable("was not found; check the name and the network");
    // Where Qt would have had to send the body again, the connection was lost too.
    case QNetworkReply::ContentReSendError:
    case QNetworkReply::RemoteHostClosedError:
        return unreachable("closed the connection before the answer was complete");
    case QNetworkReply::SslHandshakeFailedError: return unreachable("could not agree on TLS 1.2 or later");
    case QNetworkReply::ProxyConnectionRefusedError:
    case QNetworkReply::ProxyConnectionClosedError:
    case QNetworkReply::ProxyNotFoundError:
    case QNetworkReply::ProxyTimeoutError:
    case QNetworkReply::UnknownProxyError: return unreachable("cannot be reached");
    case QNetworkReply::ProxyAuthenticationRequiredError:
        return unreachable("is behind a proxy that asks for a password: write it as http://NAME:PASSWORD@HOST:PORT");
    case QNetworkReply::ProtocolFailure:
    case QNetworkReply::ProtocolUnknownError:
        return {ErrorKind::BadResponse, m_host + " answered with something that is not HTTP"};
    default: return unreachable("cannot be reached; check the network");
    }
}

void HttpExchange::endWith(ErrorKind kind, const std::string& what) {
    end(base::fail(Error{kind, m_host + " " + what}));
}

void HttpExchange::end(Result<HttpResponse> outcome) {
    if (m_outcome) {
        return;
    }
    m_outcome = std::move(outcome);
    if (!*m_outcome && m_reply) {
        m_outcome->error().neverSent = m_upload != nullptr && m_upload->bytesAvailable() == m_uploadSize;
    }
    base::wipe(m_body);
    m_deadline.stop();
    if (m_reply) {
        m_reply->disconnect(this);
        m_reply->abort();
        m_reply->deleteLater();
        m_reply.clear();
    }
    QMetaObject::invokeMethod(this, &HttpExchange::done, Qt::QueuedConnection);
}

QIODevice* makeOneTimeBody(base::Secret body, QObject* parent) {
    return new OneTimeBody(std::move(body), parent);
}

} // namespace keybearer::oauth
