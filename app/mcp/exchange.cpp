#include "app/mcp/exchange.h"

#include "ipc/base/text.h"

#include <QNetworkRequest>
#include <QSslError>

#include <algorithm>
#include <array>
#include <chrono>

namespace keybearer::mcp {
namespace {

/// From the name's look-up to the last byte of the request; a request that moves on has as long again.
constexpr std::chrono::seconds kConnectDeadline{20};
/// What Qt may hold for us; the rest waits in the kernel.
constexpr qint64 kReadBuffer = 256 * 1024;
constexpr qsizetype kMaxHeaders = 64 * 1024;
constexpr qsizetype kMaxChallenge = 8192;
constexpr qsizetype kMaxSessionId = 1024;
constexpr qsizetype kMaxNonce = 1024;

/// Errors that only restate the status of a complete answer.
bool restatesStatus(QNetworkReply::NetworkError error) {
    return error == QNetworkReply::NoError ||
           (error >= QNetworkReply::ContentAccessDenied && error <= QNetworkReply::UnknownContentError &&
            error != QNetworkReply::ContentReSendError) ||
           error == QNetworkReply::ProtocolInvalidOperationError ||
           (error >= QNetworkReply::InternalServerError && error <= QNetworkReply::UnknownServerError);
}

std::string tlsSentence(const QSslError& error) {
    switch (error.error()) {
    case QSslError::CertificateExpired:
    case QSslError::CertificateNotYetValid: return "its certificate is not valid now; check this machine's clock";
    case QSslError::HostNameMismatch: return "its certificate is for another host name";
    case QSslError::SelfSignedCertificate:
    case QSslError::SelfSignedCertificateInChain:
    case QSslError::UnableToGetIssuerCertificate:
    case QSslError::UnableToGetLocalIssuerCertificate:
    case QSslError::UnableToVerifyFirstCertificate:
    case QSslError::CertificateUntrusted:
        return "its certificate comes from an issuer that this machine does not trust; if it is your organization's "
               "own, name that authority's root with --ca-file";
    default: return "its certificate was refused";
    }
}

bool canBeSentBack(const QByteArray& id) {
    return !id.isEmpty() && id.size() <= kMaxSessionId &&
           std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

/// RFC 9449 section 8.1: 1*NQCHAR.
bool isNonce(const QByteArray& nonce) {
    return !nonce.isEmpty() && nonce.size() <= kMaxNonce && std::all_of(nonce.begin(), nonce.end(), [](char c) {
        return c > 0x20 && c < 0x7F && c != '"' && c != '\\';
    });
}

} // namespace

Exchange::Exchange(std::unique_ptr<QNetworkAccessManager> manager, QNetworkReply* reply, std::string host,
                   ExchangeHandlers handlers, Release release)
    : m_manager(std::move(manager)),
      m_reply(reply),
      m_host(std::move(host)),
      m_handlers(std::move(handlers)),
      m_release(std::move(release)) {
    // A request with a body begins from the event loop, and Qt 6.4 forgets what it was told before that.
    QMetaObject::invokeMethod(
        reply, [reply] { reply->setReadBufferSize(kReadBuffer); }, Qt::QueuedConnection);
    connect(reply, &QNetworkReply::requestSent, this, &Exchange::requestSent);
    connect(reply, &QNetworkReply::metaDataChanged, this, &Exchange::readHead);
    connect(reply, &QNetworkReply::readyRead, this, &Exchange::drain);
    connect(reply, &QNetworkReply::finished, this, &Exchange::finished);
    connect(reply, &QNetworkReply::sslErrors, this, [this](const QList<QSslError>& errors) {
        // Nothing is ignored; Qt ends the connection after this.
        m_tlsProblem = errors.isEmpty() ? std::string() : tlsSentence(errors.constFirst());
    });
    m_connecting.setSingleShot(true);
    m_connecting.setInterval(kConnectDeadline);
    connect(reply, &QNetworkReply::uploadProgress, this, [this] {
        if (m_connecting.isActive()) {
            m_connecting.start();
        }
    });
    connect(&m_connecting, &QTimer::timeout, this, [this] {
        end(Problem{"unreachable", m_host + " does not answer; check the network", 0});
    });
    m_connecting.start();
}

Exchange::Exchange(Problem refusal, ExchangeHandlers handlers) : m_handlers(std::move(handlers)) {
    QTimer::singleShot(0, this, [this, refusal = std::move(refusal)] { end(refusal); });
}

Exchange::~Exchange() {
    cancel();
    if (m_manager) {
        m_manager.release()->deleteLater(); // this may be a call from within it
    }
}

void Exchange::cancel() {
    if (!std::exchange(m_isOver, true)) {
        leaveReply();
    }
}

void Exchange::leaveReply() {
    m_connecting.stop();
    if (!m_reply) {
        return; // it was not sent
    }
    m_reply->disconnect(this);
    m_reply->deleteLater(); // which ends it; abort() complains of every answer whose status is an error
    m_reply.clear();
}

/// Whoever lets one read on goes through many: none may end under their feet, or fill what has just got room before
/// the next one is told to wait again.
void Exchange::pause(bool stop) {
    if (std::exchange(m_isPaused, stop) && !stop) {
        QMetaObject::invokeMethod(this, &Exchange::readOn, Qt::QueuedConnection);
    }
}

void Exchange::readOn() {
    if (m_isPaused || m_isOver || !m_reply) {
        return;
    }
    if (m_reply->isFinished()) {
        finished();
    } else {
        drain();
    }
}

void Exchange::requestSent() {
    m_connecting.stop();
    if (!std::exchange(m_isSent, true) && m_handlers.sent) {
        m_handlers.sent();
    }
}

void Exchange::readHead() {
    Head head;
    head.status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (m_hasHead || head.status < 200) {
        return;
    }
    requestSent();
    m_hasHead = true;
    if (head.status >= 300 && head.status <= 399) {
        end(Problem{"redirect",
                    m_host + " answered with a redirect, which is never followed: use the address that it leads to",
                    head.status});
        return;
    }
    qsizetype size = 0;
    for (const auto& [name, value] : m_reply->rawHeaderPairs()) {
        size += name.size() + value.size();
    }
    const std::string coding = base::asciiLower(m_reply->rawHeader("Content-Encoding").toStdString());
    if (size > kMaxHeaders || (!coding.empty() && coding != "identity")) {
        end(Problem{"bad_answer",
                    m_host + (size > kMaxHeaders ? " sent too many headers"
                                                 : " sent a compressed answer, which was not asked for"),
                    head.status});
        return;
    }
    const std::string type = base::asciiLower(m_reply->rawHeader("Content-Type").toStdString());
    head.contentType = type.substr(0, type.find_first_of("; \t"));
    if (const QByteArray id = m_reply->rawHeader("Mcp-Session-Id"); canBeSentBack(id)) {
        head.sessionId = id.toStdString();
    }
    if (const QByteArray nonce = m_reply->rawHeader("DPoP-Nonce"); isNonce(nonce)) {
        head.dpopNonce = nonce.toStdString();
    }
    head.challenge = m_reply->rawHeader("WWW-Authenticate").left(kMaxChallenge).toStdString();
    m_handlers.head(head);
}

void Exchange::drain() {
    if (!m_isOver) {
        readHead();
    }
    std::array<char, 16 * 1024> chunk{};
    while (!m_isOver && !m_isPaused && m_hasHead) {
        const qint64 count = m_reply->read(chunk.data(), static_cast<qint64>(chunk.size()));
        if (count <= 0) {
            return;
        }
        m_handlers.body({chunk.data(), static_cast<std::size_t>(count)});
    }
}

void Exchange::finished() {
    drain();
    // What is left to be read is read when readOn() comes back here.
    if (!m_isOver && !(m_isPaused && m_reply->bytesAvailable() > 0)) {
        end(problem());
    }
}

std::optional<Problem> Exchange::problem() const {
    const auto unreachable = [this](const std::string& what) { return Problem{"unreachable", m_host + " " + what, 0}; };
    if (!m_tlsProblem.empty()) {
        return unreachable("cannot be trusted: " + m_tlsProblem);
    }
    if (restatesStatus(m_reply->error())) {
        return m_hasHead
                   ? std::nullopt
                   : std::optional(Problem{"bad_answer", m_host + " answered with something that is not HTTP", 0});
    }
    switch (m_reply->error()) {
    case QNetworkReply::ConnectionRefusedError: return unreachable("refused the connection");
    case QNetworkReply::HostNotFoundError: return unreachable("was not found; check the name and the network");
    // Where Qt would have had to send the message again, the connection was lost too.
    case QNetworkReply::ContentReSendError:
    case QNetworkReply::RemoteHostClosedError:
        return unreachable("closed the connection before the answer was complete");
    case QNetworkReply::SslHandshakeFailedError: return unreachable("could not agree on TLS 1.2 or later");
    case QNetworkReply::ProtocolFailure:
    case QNetworkReply::ProtocolUnknownError:
        return Problem{"bad_answer", m_host + " answered with something that is not HTTP", 0};
    default: return unreachable("cannot be reached; check the network");
    }
}

void Exchange::end(const std::optional<Problem>& problem) {
    if (std::exchange(m_isOver, true)) {
        return;
    }
    leaveReply();
    if (!problem && m_release) {
        m_release(std::move(m_manager));
    }
    m_handlers.ended(problem);
}

} // namespace keybearer::mcp
