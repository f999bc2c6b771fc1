#include "app/model/broker_link.h"

#include "ipc/base/secret.h"
#include "ipc/client/messages.h"
#include "ipc/protocol/limits.h"

#include <QFutureWatcher>
#include <QPromise>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace keybearer::model {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{1000};
constexpr milliseconds kLongestPause{60'000};
constexpr std::size_t kChunk = 16384;

client::Error lostConnection(const std::string& why) {
    return {"connection_lost", "the connection to the broker was lost: " + why, json::object(), 8};
}

void wipeStrings(json& value) {
    if (value.is_string()) {
        base::wipe(value.get_ref<std::string&>());
    } else if (value.is_structured()) {
        for (json& member : value) {
            wipeStrings(member);
        }
    }
}

/// Of the connection only the descriptor goes on.
client::Result<base::UniqueFd> descriptorOf(client::Result<client::Client> connected) {
    if (!connected) {
        return base::fail(std::move(connected.error()));
    }
    base::UniqueFd fd = std::move(*connected).takeDescriptor();
    if (::fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0) {
        return base::fail(lostConnection(std::strerror(errno)));
    }
    return fd;
}

} // namespace

BrokerLink::BrokerLink(Connect connect, QObject* parent, Again again)
    : QObject(parent), m_connect(std::move(connect)), m_whenLost(again), m_pause(kFirstPause) {
    m_again.setSingleShot(true);
    QObject::connect(&m_again, &QTimer::timeout, this, &BrokerLink::open);
    m_thread.setMaxThreadCount(1);
}

BrokerLink::~BrokerLink() {
    m_thread.waitForDone();
    // What was asked for in the last turn of the event loop is still said, as far as there is room for it.
    while (m_fd && !m_out.empty()) {
        std::string& line = m_out.front();
        const ssize_t n = ::send(m_fd.get(), line.data() + m_sent, line.size() - m_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n <= 0) {
            break;
        }
        m_sent += static_cast<std::size_t>(n);
        if (m_sent == line.size()) {
            dropSent();
        }
    }
    for (std::string& line : m_out) {
        base::wipe(line);
    }
}

void BrokerLink::open() {
    if (m_state == State::Open || m_thread.activeThreadCount() > 0) {
        return;
    }
    m_again.stop();
    using Outcome = client::Result<base::UniqueFd>;
    // Shared, because what a thread pool takes must be copyable.
    const auto promise = std::make_shared<QPromise<Outcome>>();
    auto* watcher = new QFutureWatcher<Outcome>(this);
    QObject::connect(watcher, &QFutureWatcher<Outcome>::finished, this, [this, watcher] {
        watcher->deleteLater();
        opened(watcher->future().takeResult());
    });
    watcher->setFuture(promise->future());
    promise->start();
    m_thread.start([promise, connect = m_connect] {
        promise->addResult(descriptorOf(connect()));
        promise->finish();
    });
    become(State::Opening);
}

void BrokerLink::opened(client::Result<base::UniqueFd> outcome) {
    if (!outcome) {
        lose(std::move(outcome.error()));
        return;
    }
    m_fd = std::move(*outcome);
    m_readable = std::make_unique<QSocketNotifier>(m_fd.get(), QSocketNotifier::Read);
    m_writable = std::make_unique<QSocketNotifier>(m_fd.get(), QSocketNotifier::Write);
    m_writable->setEnabled(false);
    QObject::connect(m_readable.get(), &QSocketNotifier::activated, this, &BrokerLink::readSome);
    QObject::connect(m_writable.get(), &QSocketNotifier::activated, this, &BrokerLink::writeSome);
    m_problem = {};
    become(State::Open);
}

void BrokerLink::call(std::string_view method, json params, QObject* context, Done done) {
    Waiting waiting{context, std::move(done)};
    if (m_state != State::Open) {
        wipeStrings(params);
        answerLater(std::move(waiting), m_problem.kind.empty() ? lostConnection("it is not open yet") : m_problem);
        return;
    }
    const std::uint64_t id = m_nextId++;
    std::string line = client::requestLine(id, method, params);
    wipeStrings(params);
    m_waiting.emplace(id, std::move(waiting));
    m_out.push_back(std::move(line));
    m_writable->setEnabled(true);
}

void BrokerLink::writeSome() {
    while (!m_out.empty()) {
        std::string& line = m_out.front();
        const ssize_t n = ::send(m_fd.get(), line.data() + m_sent, line.size() - m_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n < 0 && errno != EINTR) {
            lose(lostConnection(std::strerror(errno)));
            return;
        }
        m_sent += n > 0 ? static_cast<std::size_t>(n) : 0;
        if (m_sent == line.size()) {
            dropSent();
        }
    }
    m_writable->setEnabled(false);
}

void BrokerLink::dropSent() {
    base::wipe(m_out.front());
    m_out.pop_front();
    m_sent = 0;
}

void BrokerLink::readSome() {
    std::array<char, kChunk> chunk{};
    const ssize_t got = ::recv(m_fd.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        lose(lostConnection(got == 0 ? "it was closed" : std::strerror(errno)));
        return;
    }
    m_in.append(chunk.data(), static_cast<std::size_t>(got));
    base::wipe(chunk.data(), chunk.size());
    std::string all = std::exchange(m_in, {});
    std::size_t begin = 0;
    // An answer may lead to anything, this connection's end included.
    const int fd = m_fd.get();
    for (std::size_t end = 0; m_fd.get() == fd && (end = all.find('\n', begin)) != std::string::npos; begin = end + 1) {
        take(std::string_view(all).substr(begin, end - begin));
    }
    if (m_fd.get() == fd) {
        m_in = all.substr(begin);
        if (m_in.size() > protocol::kMaxLineBytes) {
            lose(lostConnection("its answer is too long"));
        }
    }
    base::wipe(all);
}

void BrokerLink::take(std::string_view line) {
    auto message = client::readMessage(line);
    if (!message) {
        lose(lostConnection("its answer is not JSON"));
        return;
    }
    const auto waiting = message->id ? m_waiting.find(*message->id) : m_waiting.end();
    if (!message->isAnswer || waiting == m_waiting.end()) {
        return;
    }
    m_pause = kFirstPause; // it works
    const Waiting one = std::move(waiting->second);
    m_waiting.erase(waiting);
    if (one.context) {
        one.done(message->result);
    }
}

void BrokerLink::lose(client::Error why) {
    if (m_readable) { // this may be a call from within one of them
        m_readable->setEnabled(false);
        m_readable.release()->deleteLater();
        m_writable->setEnabled(false);
        m_writable.release()->deleteLater();
    }
    m_fd.reset();
    base::wipe(m_in);
    for (std::string& line : m_out) {
        base::wipe(line);
    }
    m_out.clear();
    m_sent = 0;
    m_problem = std::move(why);
    if (m_whenLost == Again::ByItself) {
        m_again.start(m_pause);
    }
    m_pause = std::min(2 * m_pause, kLongestPause);
    for (auto& [id, waiting] : std::exchange(m_waiting, {})) {
        answerLater(std::move(waiting), m_problem);
    }
    become(State::Lost);
}

void BrokerLink::answerLater(Waiting waiting, client::Error error) {
    QTimer::singleShot(0, this, [waiting = std::move(waiting), error = std::move(error)] {
        if (waiting.context) {
            waiting.done(base::fail(error));
        }
    });
}

void BrokerLink::become(State state) {
    if (m_state != state) {
        m_state = state;
        Q_EMIT stateChanged();
    }
}

} // namespace keybearer::model
