#include "daemon/oauth/loopback_receiver.h"

#include "daemon/oauth/callback_connection.h"
#include "daemon/oauth/loopback_binding.h"
#include "daemon/oauth/pkce.h"
#include "daemon/oauth/result_page.h"
#include "ipc/base/ascii.h"

#include <QCoreApplication>
#include <QTcpServer>
#include <QTimer>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace keybearer::oauth {
namespace {

/// Time that a browser has to fetch the result page.
constexpr std::chrono::milliseconds kPageDeadline{5'000};
/// Descriptors may run out; accepting goes on after this pause.
constexpr std::chrono::milliseconds kAcceptPause{200};
/// Even in a crowd, a connection has this long to send its request before it makes room for a newer one.
constexpr std::chrono::milliseconds kGrace{250};

std::string pathOf(const std::string& pattern) {
    return pattern.ends_with("/*") ? pattern.substr(0, pattern.size() - 1) + randomToken() : pattern;
}

/// The end of wait(), outliving the receiver: a coroutine that waits must be able to hear that it is gone.
struct Outcome {
    std::optional<Result<CallbackVerdict>> result;
    std::coroutine_handle<> waiter;
};

struct Settled {
    Outcome* outcome;

    [[nodiscard]] bool await_ready() const noexcept { return outcome->result.has_value(); }
    void await_suspend(std::coroutine_handle<> handle) const noexcept { outcome->waiter = handle; }
    void await_resume() const noexcept {}
};

/// Ports that a finished login keeps for its page. Main thread, as every receiver.
std::vector<std::uint16_t>& portsOfPages() {
    static std::vector<std::uint16_t> ports;
    return ports;
}

Error cancelled() {
    return {ErrorKind::Cancelled, "the sign-in was cancelled"};
}

} // namespace

/// Handlers of sockets never destroy a socket, a server or this object: they leave that to a timer or to the caller.
struct LoopbackReceiver::Private : std::enable_shared_from_this<LoopbackReceiver::Private> {
    enum class Phase { Bound, Waiting, Proven, Finishing, Closed };

    Private(LoopbackBinding binding, const std::string& pathPattern);
    Private(const Private&) = delete;
    Private& operator=(const Private&) = delete;
    ~Private() { closeAll(); }

    std::shared_ptr<Outcome> begin(CallbackExpectation expectation, std::chrono::milliseconds deadline);
    void finish(const ResultPage& page);
    [[nodiscard]] base::Result<void, std::string> paste(std::string_view url);
    void end(Error why);

    Phase phase = Phase::Bound;
    std::string authority;
    std::string path;

private:
    void accept();
    [[nodiscard]] bool makeRoom();
    void forget(const CallbackConnection& connection);
    void onRequest(CallbackConnection& connection, CallbackRequest& request);
    void onClosed(CallbackConnection& connection);
    void onCallback(CallbackConnection& connection, CallbackVerdict verdict);
    void settle(Result<CallbackVerdict> result);
    void closeServers();
    void closeAll();

    std::vector<std::unique_ptr<QTcpServer>> m_servers;
    std::vector<CallbackConnection*> m_connections; ///< in order of arrival
    CallbackExpectation m_expected;
    std::shared_ptr<Outcome> m_outcome;
    QTimer m_deadline;
    QTimer m_room;                          ///< runs while connections wait to be accepted
    CallbackConnection* m_winner = nullptr; ///< brought the response and waits for finish()
    CallbackConnection* m_reader = nullptr; ///< gets the page
    std::string m_pagePath;
    std::string m_page;
    QTimer* m_ender = nullptr; ///< owned by the application; keeps this object until the page is out
};

LoopbackReceiver::Private::Private(LoopbackBinding binding, const std::string& pathPattern)
    : authority(binding.host + ":" + std::to_string(binding.servers.front()->serverPort())),
      path(pathOf(pathPattern)),
      m_servers(std::move(binding.servers)),
      m_outcome(std::make_shared<Outcome>()) {
    m_deadline.setSingleShot(true);
    QObject::connect(&m_deadline, &QTimer::timeout, &m_deadline, [this] {
        end({ErrorKind::TimedOut, "the sign-in was not finished in time; start it again"});
    });
    m_room.setSingleShot(true);
    QObject::connect(&m_room, &QTimer::timeout, &m_room, [this] { accept(); });
    for (const auto& owned : m_servers) {
        QTcpServer* server = owned.get();
        QObject::connect(server, &QTcpServer::newConnection, server, [this] { accept(); });
        QObject::connect(server, &QTcpServer::acceptError, server, [server] {
            QTimer::singleShot(kAcceptPause, server, [server] {
                if (server->isListening()) {
                    server->resumeAccepting();
                }
            });
        });
    }
}

std::shared_ptr<Outcome> LoopbackReceiver::Private::begin(CallbackExpectation expectation,
                                                          std::chrono::milliseconds deadline) {
    if (phase != Phase::Bound) {
        auto late = std::make_shared<Outcome>();
        late->result.emplace(base::fail(cancelled()));
        return late;
    }
    m_expected = std::move(expectation);
    m_expected.authority = authority;
    m_expected.path = path;
    phase = Phase::Waiting;
    m_deadline.start(deadline);
    for (const auto& server : m_servers) {
        server->resumeAccepting();
    }
    return m_outcome;
}

void LoopbackReceiver::Private::accept() {
    for (const auto& server : m_servers) {
        while (server->hasPendingConnections()) {
            if (!makeRoom()) {
                if (!m_room.isActive()) {
                    m_room.start(kGrace);
                }
                return;
            }
            auto* connection = new CallbackConnection(
                server->nextPendingConnection(),
                [this](CallbackConnection& from, CallbackRequest request) { onRequest(from, request); },
                [this](CallbackConnection& from) { onClosed(from); });
            m_connections.push_back(connection);
            connection->start();
        }
    }
}

bool LoopbackReceiver::Private::makeRoom() {
    if (m_connections.size() < static_cast<std::size_t>(kMaxCallbackConnections)) {
        return true;
    }
    auto victim = std::ranges::find_if(m_connections, &CallbackConnection::isIdle);
    if (victim == m_connections.end()) {
        victim = std::ranges::find_if(m_connections, [this](const CallbackConnection* connection) {
            return connection != m_winner && connection != m_reader;
        });
    }
    CallbackConnection* dropped = *victim;
    if (dropped->age() < kGrace) {
        return false;
    }
    m_connections.erase(victim);
    dropped->drop();
    dropped->deleteLater();
    return true;
}

void LoopbackReceiver::Private::forget(const CallbackConnection& connection) {
    std::erase(m_connections, &connection);
    m_winner = m_winner == &connection ? nullptr : m_winner;
}

void LoopbackReceiver::Private::onClosed(CallbackConnection& connection) {
    forget(connection);
    connection.deleteLater();
    if (m_room.isActive()) {
        m_room.start(0);
    }
    if (m_reader == &connection) {
        m_reader = nullptr;
        m_ender->start(0);
    }
}

void LoopbackReceiver::Private::onRequest(CallbackConnection& connection, CallbackRequest& request) {
    if (request.state == RequestState::Bad) {
        connection.answer(textAnswer(request.status, request.method != "HEAD"));
    } else if (phase == Phase::Finishing && m_reader == nullptr && request.path == m_pagePath &&
               !refuseNavigation(request, authority)) {
        m_reader = &connection;
        connection.answer(m_page);
        closeServers();
    } else {
        onCallback(connection, judgeCallback(request, m_expected));
    }
    base::wipe(request.query);
}

void LoopbackReceiver::Private::onCallback(CallbackConnection& connection, CallbackVerdict verdict) {
    if (verdict.kind == CallbackVerdict::Kind::Stray) {
        connection.answer(textAnswer(verdict.status));
    } else if (phase != Phase::Waiting) {
        connection.answer(alreadyUsedAnswer());
    } else {
        phase = Phase::Proven;
        m_deadline.stop();
        m_winner = &connection;
        connection.hold();
        settle(std::move(verdict));
    }
}

void LoopbackReceiver::Private::settle(Result<CallbackVerdict> result) {
    if (m_outcome->result) {
        return;
    }
    m_outcome->result.emplace(std::move(result));
    // The waiting coroutine may destroy the receiver: it must not run inside one of its handlers.
    QMetaObject::invokeMethod(
        QCoreApplication::instance(),
        [outcome = m_outcome] {
            if (const auto waiter = std::exchange(outcome->waiter, nullptr)) {
                waiter.resume();
            }
        },
        Qt::QueuedConnection);
}

base::Result<void, std::string> LoopbackReceiver::Private::paste(std::string_view url) {
    constexpr std::size_t kMaxPasted = 16 * 1024;
    if (phase != Phase::Waiting) {
        return base::fail(std::string("this sign-in has had its answer already"));
    }
    const std::string own = "http://" + authority + path + "?";
    if (url.size() > kMaxPasted || !std::ranges::all_of(url, base::isVisible) || !url.starts_with(own)) {
        return base::fail("it does not begin with " + own);
    }
    CallbackRequest request;
    request.state = RequestState::Complete;
    request.method = "GET";
    request.path = path;
    request.query = url.substr(own.size());
    request.query.resize(std::min(request.query.size(), request.query.find('#')));
    request.fields.push_back({"host", authority});
    CallbackVerdict verdict = judgeCallback(request, m_expected);
    base::wipe(request.query);
    if (verdict.kind == CallbackVerdict::Kind::Stray) {
        return base::fail(std::move(verdict.reason));
    }
    phase = Phase::Proven;
    m_deadline.stop();
    settle(std::move(verdict));
    return {};
}

void LoopbackReceiver::Private::finish(const ResultPage& page) {
    if (phase != Phase::Proven || m_winner == nullptr || !m_winner->isOpen()) {
        end(cancelled());
        return;
    }
    phase = Phase::Finishing;
    portsOfPages().push_back(m_servers.front()->serverPort());
    m_pagePath = "/" + randomToken();
    m_page = pageAnswer(page);
    m_ender = new QTimer(QCoreApplication::instance());
    m_ender->setSingleShot(true);
    QObject::connect(m_ender, &QTimer::timeout, m_ender, [self = shared_from_this(), ender = m_ender] {
        self->closeAll();
        ender->deleteLater();
    });
    m_ender->start(kPageDeadline);
    std::exchange(m_winner, nullptr)->answer(redirectAnswer(m_pagePath));
}

void LoopbackReceiver::Private::end(Error why) {
    settle(base::fail(std::move(why)));
    closeAll();
}

void LoopbackReceiver::Private::closeServers() {
    std::erase(portsOfPages(), m_servers.front()->serverPort()); // that of one that is closed is 0
    for (const auto& server : m_servers) {
        server->close();
    }
}

void LoopbackReceiver::Private::closeAll() {
    phase = Phase::Closed;
    m_deadline.stop();
    m_room.stop();
    closeServers();
    m_winner = nullptr;
    m_reader = nullptr;
    for (CallbackConnection* connection : std::exchange(m_connections, {})) {
        connection->drop();
        delete connection;
    }
}

LoopbackReceiver::LoopbackReceiver(std::shared_ptr<Private> p) : d(std::move(p)) {}

LoopbackReceiver::~LoopbackReceiver() {
    if (d->phase != Private::Phase::Finishing) {
        d->end(cancelled());
    }
}

Result<std::unique_ptr<LoopbackReceiver>> LoopbackReceiver::listen(const providers::Redirect& redirect) {
    auto binding = bindLoopback(redirect);
    if (!binding) {
        return base::fail(binding.error());
    }
    auto p = std::make_shared<Private>(std::move(*binding), redirect.path);
    return std::unique_ptr<LoopbackReceiver>(new LoopbackReceiver(std::move(p)));
}

bool LoopbackReceiver::isFinishing(const providers::Redirect& redirect) {
    return std::ranges::any_of(redirect.ports, [](std::uint16_t port) {
        return std::ranges::find(portsOfPages(), port) != portsOfPages().end();
    });
}

std::string LoopbackReceiver::redirectUri() const {
    return "http://" + d->authority + d->path;
}

base::Result<void, std::string> LoopbackReceiver::paste(std::string_view url) {
    return d->paste(url);
}

QCoro::Task<Result<CallbackVerdict>> LoopbackReceiver::wait(CallbackExpectation expected,
                                                            std::chrono::milliseconds deadline) {
    const std::shared_ptr<Outcome> outcome = d->begin(std::move(expected), deadline);
    co_await Settled{outcome.get()};
    co_return std::move(*outcome->result);
}

void LoopbackReceiver::finish(ResultPage page) {
    d->finish(page);
}

void LoopbackReceiver::cancel() {
    d->end(cancelled());
}

} // namespace keybearer::oauth
