#include "daemon/oauth/callback_connection.h"

#include "daemon/oauth/loopback_receiver.h"

#include <array>
#include <utility>

namespace keybearer::oauth {
namespace {

/// Lines are looked at as they end; a line that does not end is looked at this often.
constexpr std::size_t kParseStep = 4 * 1024;
/// How long a client that still sends is listened to after its answer. Closing with unread data resets the connection,
/// and the client would lose the answer (RFC 9112 section 9.6).
constexpr std::chrono::milliseconds kLinger{250};

} // namespace

CallbackConnection::CallbackConnection(QTcpSocket* socket, RequestHandler onRequest, ClosedHandler onClosed)
    : m_socket(socket), m_onRequest(std::move(onRequest)), m_onClosed(std::move(onClosed)), m_nextParseAt(kParseStep) {
    // Room for a usual request from the start: a growing string leaves copies of the code behind.
    m_buffer.reserve(kCallbackReadBuffer);
    m_socket->setParent(this);
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, &CallbackConnection::end);
    connect(m_socket, &QTcpSocket::readyRead, this, &CallbackConnection::onReadyRead);
    connect(m_socket, &QTcpSocket::bytesWritten, this, &CallbackConnection::onBytesWritten);
    connect(m_socket, &QTcpSocket::disconnected, this, &CallbackConnection::end);
    m_deadline.start(kCallbackConnectionDeadline);
    m_age.start();
}

void CallbackConnection::start() {
    onReadyRead();
    if (m_socket->state() == QAbstractSocket::UnconnectedState) {
        end();
    }
}

void CallbackConnection::answer(const std::string& bytes) {
    if (m_state == State::Ended) {
        return;
    }
    m_state = State::Answering;
    // The deadline is for the whole connection; only one that was held begins anew.
    if (!m_deadline.isActive()) {
        m_deadline.start(kCallbackConnectionDeadline);
    }
    m_socket->write(bytes.data(), static_cast<qint64>(bytes.size()));
}

void CallbackConnection::hold() {
    m_state = State::Held;
    m_deadline.stop();
}

void CallbackConnection::drop() {
    m_state = State::Ended;
    m_socket->disconnect(this);
    m_deadline.stop();
    base::wipe(m_buffer);
    m_socket->abort();
}

bool CallbackConnection::wantsParsing(std::string_view chunk) {
    if (m_buffer.size() >= m_nextParseAt) {
        m_nextParseAt = m_buffer.size() + kParseStep;
        return true;
    }
    return chunk.find('\n') != std::string_view::npos;
}

void CallbackConnection::onReadyRead() {
    std::array<char, 4096> chunk{};
    while (m_state != State::Ended) {
        const qint64 size = m_socket->read(chunk.data(), static_cast<qint64>(chunk.size()));
        if (size <= 0) {
            break;
        }
        if (m_state != State::Reading) {
            continue;
        }
        const std::string_view bytes(chunk.data(), static_cast<std::size_t>(size));
        m_buffer.append(bytes);
        if (!wantsParsing(bytes)) {
            continue;
        }
        CallbackRequest request = parseCallbackRequest(m_buffer);
        if (request.state != RequestState::NeedMore) {
            base::wipe(m_buffer);
            m_mayStillSend = request.state == RequestState::Bad;
            m_onRequest(*this, std::move(request));
        } else {
            base::wipe(request.query);
        }
    }
    base::wipe(chunk.data(), chunk.size());
}

void CallbackConnection::onBytesWritten() {
    if (m_state != State::Answering || m_socket->bytesToWrite() > 0) {
        return;
    }
    if (m_mayStillSend) {
        m_deadline.start(kLinger);
    } else {
        m_socket->disconnectFromHost();
    }
}

void CallbackConnection::end() {
    if (m_state == State::Ended) {
        return;
    }
    drop();
    m_onClosed(*this);
}

} // namespace keybearer::oauth
