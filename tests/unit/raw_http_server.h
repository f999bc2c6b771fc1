#pragma once
/// \file
/// A web server that sends exactly the bytes that a test wants, however wrong.

#include "daemon/oauth/http_client.h"

#include <QCoroTask>
#include <QTcpServer>
#include <QTcpSocket>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace keybearer::test {

/// Answers each complete request with whatever the test says.
class RawServer {
public:
    using Answer = std::function<void(QTcpSocket&)>;

    explicit RawServer(Answer answer, std::unique_ptr<QTcpServer> server = std::make_unique<QTcpServer>())
        : m_answer(std::move(answer)), m_server(std::move(server)) {
        QObject::connect(m_server.get(), &QTcpServer::pendingConnectionAvailable, m_server.get(), [this] {
            while (QTcpSocket* socket = m_server->nextPendingConnection()) {
                ++connections;
                QObject::connect(socket, &QTcpSocket::readyRead, socket, [this, socket] { read(*socket); });
                read(*socket);
            }
        });
        if (!m_server->listen(QHostAddress::LocalHost)) {
            qFatal("no loopback port");
        }
    }

    [[nodiscard]] std::string url(const char* scheme = "http") const {
        return std::string(scheme) + "://127.0.0.1:" + std::to_string(m_server->serverPort()) + "/token";
    }

    QList<QByteArray> requests;
    int connections = 0;

private:
    void read(QTcpSocket& socket) {
        QByteArray& buffer = m_buffers[&socket];
        buffer += socket.readAll();
        const qsizetype end = buffer.indexOf("\r\n\r\n");
        if (end < 0) {
            return;
        }
        const qsizetype at = buffer.toLower().indexOf("content-length: ");
        const qsizetype length = at < 0 ? 0 : buffer.mid(at + 16, buffer.indexOf("\r\n", at) - at - 16).toLongLong();
        if (buffer.size() < end + 4 + length) {
            return;
        }
        requests.push_back(buffer);
        buffer.clear();
        m_answer(socket);
    }

    Answer m_answer;
    std::map<QTcpSocket*, QByteArray> m_buffers;
    std::unique_ptr<QTcpServer> m_server; // last: its sockets use the members above
};

/// Sends the bytes and closes.
inline RawServer::Answer saying(QByteArray bytes) {
    return [bytes = std::move(bytes)](QTcpSocket& socket) {
        socket.write(bytes);
        socket.disconnectFromHost();
    };
}

inline QByteArray json(QByteArray body, QByteArray status = "200 OK", QByteArray fields = {}) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\n" + fields +
           "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

inline oauth::Result<oauth::HttpResponse> await(QCoro::Task<oauth::Result<oauth::HttpResponse>> task) {
    return QCoro::waitFor(std::move(task));
}

inline oauth::Form aForm() {
    oauth::Form form;
    form.emplace_back("grant_type", base::Secret("refresh_token"));
    form.emplace_back("refresh_token", base::Secret("r&=+ 1"));
    return form;
}

} // namespace keybearer::test
