#pragma once
/// \file
/// A broker that says what a test wants: it stands for faults and for answers at chosen moments.

#include "app/model/broker_link.h"

#include <QLocalServer>
#include <QLocalSocket>
#include <QPointer>
#include <QTemporaryDir>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace keybearer::test {

/// Main thread; answers while the event loop runs.
class FakeBroker : public QObject {
public:
    using json = nlohmann::json;

    FakeBroker() {
        m_server.setSocketOptions(QLocalServer::UserAccessOption);
        connect(&m_server, &QLocalServer::newConnection, this, [this] {
            while (QLocalSocket* socket = m_server.nextPendingConnection()) {
                ++m_connections;
                connect(socket, &QLocalSocket::readyRead, this, [this, socket] { read(socket); });
            }
        });
        listen();
    }

    /// What a BrokerLink connects with. Nothing is started where nothing listens.
    [[nodiscard]] model::BrokerLink::Connect connector() const {
        base::Paths paths;
        paths.runtimeDir = m_folder.path().toStdString();
        paths.socket = paths.runtimeDir + "/broker.sock";
        return [paths] { return client::Client::connect(paths); };
    }

    /// From now on this is the method's result. A method without one is never answered.
    void answer(const std::string& method, json result) {
        m_answers[method] = [result = std::move(result)](const json&) { return json{{"result", result}}; };
    }
    /// The result depends on the parameters.
    void answer(const std::string& method, std::function<json(const json&)> result) {
        m_answers[method] = [result = std::move(result)](const json& params) {
            return json{{"result", result(params)}};
        };
    }
    void refuse(const std::string& method, const std::string& kind, const std::string& message) {
        const json error{{"code", -32000}, {"message", message}, {"data", {{"kind", kind}}}};
        m_answers[method] = [error](const json&) { return json{{"error", error}}; };
    }
    /// Calls are kept waiting from now on.
    void hold(const std::string& method) { m_answers.erase(method); }
    /// How many calls of the method wait.
    [[nodiscard]] qsizetype waiting(const std::string& method) const {
        return std::count_if(m_waiting.begin(), m_waiting.end(),
                             [&](const Waiting& one) { return one.method == method; });
    }
    /// Answers the oldest call of the method that waits; false when there is none.
    bool release(const std::string& method, const json& result) {
        for (auto waiting = m_waiting.begin(); waiting != m_waiting.end(); ++waiting) {
            if (waiting->method == method) {
                const Waiting one = *waiting;
                m_waiting.erase(waiting);
                write(one.socket, one.id, json{{"result", result}});
                return true;
            }
        }
        return false;
    }

    /// Parameters of all calls of the method so far.
    [[nodiscard]] std::vector<json> calls(const std::string& method) const {
        std::vector<json> found;
        for (const auto& [name, params] : m_calls) {
            if (name == method) {
                found.push_back(params);
            }
        }
        return found;
    }
    [[nodiscard]] int connections() const { return m_connections; }
    /// Sends something to everybody that is no answer to anything.
    void say(const QByteArray& line) {
        for (QLocalSocket* socket : sockets()) {
            socket->write(line + '\n');
        }
    }
    /// Closes all connections, and listens for others.
    void hangUp() {
        m_waiting.clear();
        for (QLocalSocket* socket : sockets()) {
            socket->disconnect(this);
            socket->abort();
            socket->deleteLater();
        }
    }
    /// Nobody can connect until listen().
    void stopListening() { m_server.close(); }
    void listen() {
        const QString path = m_folder.filePath(QStringLiteral("broker.sock"));
        QLocalServer::removeServer(path);
        m_server.listen(path);
    }

private:
    struct Waiting {
        QPointer<QLocalSocket> socket;
        json id;
        std::string method;
    };

    [[nodiscard]] QList<QLocalSocket*> sockets() const { return m_server.findChildren<QLocalSocket*>(); }

    void read(QLocalSocket* socket) {
        while (socket->canReadLine()) {
            const json request = json::parse(socket->readLine().toStdString());
            const std::string method = request["method"];
            m_calls.emplace_back(method, request["params"]);
            const auto found = m_answers.find(method);
            if (found == m_answers.end()) {
                m_waiting.push_back({socket, request["id"], method});
            } else {
                write(socket, request["id"], found->second(request["params"]));
            }
        }
    }
    static void write(QLocalSocket* socket, const json& id, json answer) {
        answer["jsonrpc"] = "2.0";
        answer["id"] = id;
        if (socket != nullptr) {
            socket->write(QByteArray::fromStdString(answer.dump() + "\n"));
        }
    }

    QTemporaryDir m_folder;
    QLocalServer m_server;
    std::map<std::string, std::function<json(const json&)>> m_answers;
    std::vector<Waiting> m_waiting;
    std::vector<std::pair<std::string, json>> m_calls;
    int m_connections = 0;
};

} // namespace keybearer::test
