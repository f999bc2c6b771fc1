#include "daemon/oauth/loopback_binding.h"

#include "daemon/oauth/callback_connection.h"

#include <QHostAddress>
#include <QNetworkProxy>

#include <utility>

namespace keybearer::oauth {
namespace {

constexpr int kBacklog = 128;
/// For "localhost": ports that the system offers for 127.0.0.1 until one is free on ::1 too.
constexpr int kPortAttempts = 16;

/// Bounds what Qt reads for a connection from its first byte on, also while nobody has taken it yet.
class BoundedServer final : public QTcpServer {
protected:
    void incomingConnection(qintptr descriptor) override {
        auto* socket = new QTcpSocket(this);
        socket->setReadBufferSize(kCallbackReadBuffer);
        socket->setSocketDescriptor(descriptor);
        addPendingConnection(socket);
    }
};

using Servers = std::vector<std::unique_ptr<QTcpServer>>;

enum class Bound { Ok, InUse, NoAddress, Refused };

Bound bindTo(const QHostAddress& address, std::uint16_t port, Servers& servers) {
    auto server = std::make_unique<BoundedServer>();
    server->setMaxPendingConnections(1); // the kernel's queue holds the others
    server->setProxy(QNetworkProxy::NoProxy);
    server->setListenBacklogSize(kBacklog);
    if (!server->listen(address, port)) {
        switch (server->serverError()) {
        case QAbstractSocket::AddressInUseError: return Bound::InUse;
        case QAbstractSocket::SocketAddressNotAvailableError:
        case QAbstractSocket::UnsupportedSocketOperationError: return Bound::NoAddress;
        default: return Bound::Refused;
        }
    }
    // What arrives before wait() stays in the kernel: there is nothing yet to judge it by.
    server->pauseAccepting();
    servers.push_back(std::move(server));
    return Bound::Ok;
}

/// Both families, because another program's listener on ::1 would get what a browser sends to "localhost".
Bound bindLocalhost(std::uint16_t port, Servers& servers) {
    Bound bound = Bound::InUse;
    for (int attempt = 0; attempt < (port == 0 ? kPortAttempts : 1) && bound == Bound::InUse; ++attempt) {
        servers.clear();
        bound = bindTo(QHostAddress(QHostAddress::LocalHost), port, servers);
        if (bound == Bound::Ok) {
            bound = bindTo(QHostAddress(QHostAddress::LocalHostIPv6), servers.front()->serverPort(), servers);
            bound = bound == Bound::NoAddress ? Bound::Ok : bound;
        }
    }
    if (bound != Bound::Ok) {
        servers.clear();
    }
    return bound;
}

Bound bindHost(const std::string& host, std::uint16_t port, Servers& servers) {
    if (host == "localhost") {
        return bindLocalhost(port, servers);
    }
    return bindTo(QHostAddress(host == "[::1]" ? QHostAddress::LocalHostIPv6 : QHostAddress::LocalHost), port, servers);
}

/// Why one address could not be bound, for the person.
std::string problemOf(Bound bound, const std::string& host, std::uint16_t port) {
    const std::string where = port == 0 ? host : host + ":" + std::to_string(port);
    switch (bound) {
    case Bound::Ok: break;
    case Bound::InUse: return where + (port == 0 ? " has no free port" : " is in use by another program");
    case Bound::NoAddress: return where + " does not exist on this machine";
    case Bound::Refused: return "the system refuses to open " + where;
    }
    return {};
}

} // namespace

Result<LoopbackBinding> bindLoopback(const providers::Redirect& redirect) {
    const std::vector<std::uint16_t> ports = redirect.ports.empty() ? std::vector<std::uint16_t>{0} : redirect.ports;
    const std::vector<std::string> hosts =
        redirect.host.empty() ? std::vector<std::string>{"127.0.0.1", "[::1]"} : std::vector{redirect.host};
    std::string problems;
    for (const std::string& host : hosts) {
        bool exists = false;
        for (const std::uint16_t port : ports) {
            LoopbackBinding binding;
            const Bound bound = bindHost(host, port, binding.servers);
            if (bound == Bound::Ok) {
                binding.host = host;
                return binding;
            }
            exists = exists || bound != Bound::NoAddress;
            problems += (problems.empty() ? "" : ", ") + problemOf(bound, host, port);
        }
        // An address that is there and busy is a problem to tell; one that is missing leaves the other family.
        if (exists) {
            break;
        }
    }
    return base::fail(Error{ErrorKind::NoPort, "no port could be opened for the sign-in's redirect: " + problems +
                                                   "; end the program that is in the way, or choose another redirect"});
}

} // namespace keybearer::oauth
