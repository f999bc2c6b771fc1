#pragma once
/// \file
/// The browser's side of the loopback receiver, for its tests: raw connections and a login that waits.

#include "daemon/oauth/error.h" // first: moc of Qt 6.4 cannot read <concepts> before other standard headers
#include "daemon/oauth/loopback_receiver.h"

#include <QTcpSocket>
#include <QTest>
#include <QTimer>

#include <memory>
#include <optional>
#include <string>

namespace receiver_test {

using keybearer::oauth::CallbackExpectation;
using keybearer::oauth::CallbackVerdict;
using keybearer::oauth::LoopbackReceiver;
using keybearer::oauth::Result;
using keybearer::providers::Redirect;

inline constexpr const char* kState = "af0ifjsldkj";
inline constexpr std::chrono::milliseconds kLong{60'000};

/// One connection.
class Client {
public:
    explicit Client(quint16 port, QHostAddress::SpecialAddress address = QHostAddress::LocalHost) {
        m_socket.connectToHost(QHostAddress(address), port);
    }

    void send(const QByteArray& bytes) {
        m_socket.write(bytes);
        if (isOpen()) {
            m_socket.flush();
        }
    }
    [[nodiscard]] bool connects() {
        return QTest::qWaitFor([this] { return m_socket.state() != QAbstractSocket::ConnectingState; }) && isOpen();
    }
    [[nodiscard]] bool isOpen() const { return m_socket.state() == QAbstractSocket::ConnectedState; }
    void hangUp() { m_socket.abort(); }
    /// Everything until the other side closes; empty when it does not.
    [[nodiscard]] QByteArray answer() {
        const bool closed = QTest::qWaitFor([this] { return m_socket.state() == QAbstractSocket::UnconnectedState; });
        return closed ? m_socket.readAll() : QByteArray();
    }

private:
    QTcpSocket m_socket;
};

inline QByteArray ask(quint16 port, const QByteArray& request,
                      QHostAddress::SpecialAddress address = QHostAddress::LocalHost) {
    Client client(port, address);
    client.send(request);
    return client.answer();
}

/// True when nobody listens.
inline bool isRefused(quint16 port) {
    Client client(port);
    return !client.connects();
}

/// A receiver, its address taken apart, and the end of its wait().
struct Login {
    std::unique_ptr<LoopbackReceiver> receiver;
    std::shared_ptr<std::optional<Result<CallbackVerdict>>> end =
        std::make_shared<std::optional<Result<CallbackVerdict>>>();
    QByteArray authority;
    QByteArray path;
    quint16 port = 0;

    [[nodiscard]] QByteArray get(const QByteArray& target, const QByteArray& fields = {}) const {
        return "GET " + target + " HTTP/1.1\r\nHost: " + authority + "\r\n" + fields + "\r\n";
    }
    [[nodiscard]] QByteArray callback(const QByteArray& code = "SplxlOBe") const {
        return get(path + "?code=" + code + "&state=" + kState);
    }
    [[nodiscard]] bool ended() const {
        return QTest::qWaitFor([this] { return end->has_value(); });
    }
    [[nodiscard]] bool isPending() const { return !end->has_value(); }
    [[nodiscard]] std::string code() const {
        return ended() && *end && (**end) ? std::string((**end)->code.reveal()) : std::string();
    }
    [[nodiscard]] std::optional<keybearer::oauth::ErrorKind> error() const {
        return ended() && !**end ? std::optional((**end).error().kind) : std::nullopt;
    }
};

/// Puts the end of a wait where a test can see it.
QCoro::Task<void> collect(QCoro::Task<Result<CallbackVerdict>> waiting,
                          std::shared_ptr<std::optional<Result<CallbackVerdict>>> end);

/// A login whose receiver is null where nothing could be bound.
Login listening(const Redirect& redirect = {});
void wait(const Login& login, std::chrono::milliseconds deadline = kLong);
Login waiting(const Redirect& redirect = {});

inline Redirect redirectTo(const std::string& host, std::vector<std::uint16_t> ports = {},
                           const std::string& path = "/*") {
    Redirect redirect;
    redirect.host = host;
    redirect.ports = std::move(ports);
    redirect.path = path;
    return redirect;
}

/// The value of a header field of an answer, or nothing.
inline QByteArray field(const QByteArray& answer, const QByteArray& name) {
    const QByteArray head = answer.left(answer.indexOf("\r\n\r\n") + 2);
    const auto start = head.indexOf("\r\n" + name + ": ");
    if (start < 0) {
        return {};
    }
    const auto value = start + name.size() + 4;
    return head.mid(value, head.indexOf("\r\n", value) - value);
}

inline QByteArray body(const QByteArray& answer) {
    const auto end = answer.indexOf("\r\n\r\n");
    return end < 0 ? QByteArray() : answer.mid(end + 4);
}

inline int status(const QByteArray& answer) {
    return answer.startsWith("HTTP/1.1 ") ? answer.mid(9, 3).toInt() : 0;
}

} // namespace receiver_test
