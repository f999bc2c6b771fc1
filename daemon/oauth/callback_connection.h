#pragma once
/// \file
/// One browser connection of the loopback receiver: one bounded request in, one answer out, then closed.

#include "daemon/oauth/callback_request.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTcpSocket>
#include <QTimer>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace keybearer::oauth {

/// Bytes that Qt may hold for a connection; the kernel holds the rest back.
inline constexpr qint64 kCallbackReadBuffer = 16 * 1024;

/// Owns its socket. Deletes nothing but the socket: the receiver does that once `onClosed` was called.
class CallbackConnection final : public QObject {
public:
    /// Called once, with a request that is Complete or Bad; then exactly one of answer() and hold() follows.
    using RequestHandler = std::function<void(CallbackConnection& connection, CallbackRequest request)>;
    /// Called when the connection has ended, for whatever reason.
    using ClosedHandler = std::function<void(CallbackConnection& connection)>;

    /// Takes the accepted socket over; its read buffer is bounded already.
    CallbackConnection(QTcpSocket* socket, RequestHandler onRequest, ClosedHandler onClosed);

    /// Reads what arrived before anybody listened to the socket's signals. Calls the handlers.
    void start();

    /// Sends the answer and closes once it is out.
    void answer(const std::string& bytes);
    /// Keeps the connection open without a deadline until answer(). What still arrives is thrown away.
    void hold();
    /// Ends the connection at once; onClosed is not called any more.
    void drop();

    /// True while the request has not arrived in full.
    [[nodiscard]] bool isIdle() const noexcept { return m_state == State::Reading; }
    [[nodiscard]] std::chrono::milliseconds age() const { return std::chrono::milliseconds(m_age.elapsed()); }
    [[nodiscard]] bool isOpen() const { return m_socket->state() == QAbstractSocket::ConnectedState; }

private:
    enum class State { Reading, Held, Answering, Ended };

    void onReadyRead();
    void onBytesWritten();
    void end();
    [[nodiscard]] bool wantsParsing(std::string_view chunk);

    QTcpSocket* m_socket;
    QTimer m_deadline;
    QElapsedTimer m_age;
    RequestHandler m_onRequest;
    ClosedHandler m_onClosed;
    State m_state = State::Reading;
    std::string m_buffer;          ///< holds the code: wiped
    std::size_t m_nextParseAt = 0; ///< buffer size at which a look pays again although no line has ended
    bool m_mayStillSend = false;   ///< the request was refused before its end
};

} // namespace keybearer::oauth
