#include "daemon/rpc/forwards.h"

#include "daemon/accounts/failures.h"
#include "daemon/crypto/crypto.h"
#include "ipc/base/secure_dir.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace keybearer::rpc {
namespace {

using accounts::failure;
using protocol::ErrorKind;

constexpr std::size_t kForwardIdBytes = 6;
constexpr std::string_view kForwardSocket = "/broker.sock";
/// QTimer does not count the time that the machine sleeps, so it never sets out for longer than this.
constexpr std::chrono::milliseconds kLongestWait{60'000};

std::string makeForwardId() {
    std::array<unsigned char, kForwardIdBytes> random{};
    crypto::randomBytes(random);
    std::string id(clientkeys::kSessionKeyHead);
    for (const unsigned char byte : random) {
        constexpr std::string_view kHex = "0123456789abcdef";
        id.push_back(kHex[byte >> 4U]);
        id.push_back(kHex[byte & 15U]);
    }
    return id;
}

} // namespace

Forwards::Forwards(Parts parts) : m(parts) {
    m_timer.setSingleShot(true);
    QObject::connect(&m_timer, &QTimer::timeout, [this] { endDue(); });
    removeLeftovers();
}

/// Of a broker that was killed: nobody answers there.
void Forwards::removeLeftovers() const {
    std::vector<std::string> folders;
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(m.runtimeDir.c_str()), &::closedir);
    for (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr; entry != nullptr;
         entry = ::readdir(folder.get())) {
        if (clientkeys::ClientKeys::isSessionKey(entry->d_name)) {
            folders.push_back(m.runtimeDir + "/" + entry->d_name);
        }
    }
    for (const std::string& path : folders) {
        const std::string socket = path + std::string(kForwardSocket);
        // Only a socket that is nobody's: another broker may have its folder here.
        if (server::ListeningSocket::bind(socket)) {
            ::rmdir(path.c_str());
        }
    }
}

protocol::Result<void> Forwards::openSocket(Forward& forward) {
    const std::string folder = m.runtimeDir + "/" + forward.id;
    forward.socket = folder + std::string(kForwardSocket);
    auto socket = server::ListeningSocket::bind(forward.socket);
    if (!socket) {
        return base::fail(failure(ErrorKind::StorageError, std::move(socket.error())));
    }
    const auto listener = m_server->listen(std::move(*socket));
    if (!listener) {
        ::rmdir(folder.c_str());
        return base::fail(failure(ErrorKind::Overloaded, "the broker can open no further socket"));
    }
    forward.listener = *listener;
    return {};
}

void Forwards::closeSocket(const Forward& forward) {
    m_server->closeListener(forward.listener);
    ::rmdir(forward.socket.substr(0, forward.socket.size() - kForwardSocket.size()).c_str());
}

protocol::Result<Forwards::Begun> Forwards::begin(NewForward wanted, Forward::Connection owner) {
    std::size_t open = 0;
    for (const auto& [id, one] : m_forwards) {
        if (one->owner == owner) {
            return base::fail(failure(ErrorKind::InvalidValue, "this connection has a session already"));
        }
        open += one->isOver ? 0 : 1;
    }
    if (open >= kMaxForwards) {
        return base::fail(failure(ErrorKind::RateLimited,
                                  std::to_string(kMaxForwards) + " sessions are open; see: keybearer forward --list"));
    }
    auto forward = std::make_shared<Forward>();
    forward->id = makeForwardId();
    forward->host = wanted.host;
    forward->owner = owner;
    forward->startedAt = m.clock.utcSeconds();
    forward->expiresAt = forward->startedAt + wanted.lifetime.count();
    forward->deadline = m.clock.steady() + wanted.lifetime;
    if (auto opened = openSocket(*forward); !opened) {
        return base::fail(std::move(opened.error()));
    }
    clientkeys::NewKey key;
    key.name = std::move(wanted.host);
    key.scopes = std::move(wanted.scopes);
    std::string scopes;
    for (const access::KeyScope& scope : key.scopes) {
        scopes += (scopes.empty() ? "for " : ", ") + access::formatScope(scope);
    }
    m.authority.beginHolder(forward->id);
    base::Secret secret = m.keys.beginSessionKey(forward->id, std::move(key));
    m_forwards.emplace(forward->id, forward);
    record(*forward, "forward.begin", scopes);
    watchTime();
    return Begun{*forward, std::move(secret)};
}

std::shared_ptr<const Forward> Forwards::find(const std::string& id) const {
    const auto found = m_forwards.find(id);
    return found == m_forwards.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const Forward>> Forwards::all() const {
    std::vector<std::shared_ptr<const Forward>> list;
    for (const auto& [id, forward] : m_forwards) {
        list.push_back(forward);
    }
    std::ranges::stable_sort(list, {}, [](const auto& one) { return one->startedAt; });
    return list;
}

std::shared_ptr<const Forward> Forwards::ofListener(server::ListenerId listener) const {
    const auto found = std::ranges::find_if(
        m_forwards, [&](const auto& row) { return !row.second->isOver && row.second->listener == listener; });
    return found == m_forwards.end() ? nullptr : found->second;
}

std::string Forwards::hostOf(const std::string& id) const {
    const auto forward = find(id);
    return forward ? forward->host : std::string();
}

void Forwards::signInWanted(const std::string& id, const std::string& account) {
    const auto found = m_forwards.find(id);
    if (found != m_forwards.end() && found->second->asked.insert(account).second) {
        found->second->signIns.push_back(account);
        m.changes.tellSoon();
    }
}

void Forwards::signedIn(const std::string& id, const std::string& account) {
    if (const auto found = m_forwards.find(id); found != m_forwards.end()) {
        found->second->asked.erase(account);
    }
}

std::optional<std::string> Forwards::takeSignIn(const std::string& id) {
    const auto found = m_forwards.find(id);
    if (found == m_forwards.end() || found->second->signIns.empty()) {
        return std::nullopt;
    }
    std::string account = std::move(found->second->signIns.front());
    found->second->signIns.erase(found->second->signIns.begin());
    return account;
}

void Forwards::record(const Forward& forward, std::string_view event, const std::string& reason,
                      const accounts::HeldReport* tokens) const {
    audit::Record line;
    line.event = event;
    line.verdict = "allow";
    line.reason = reason;
    line.method = event;
    line.credential = tokens == nullptr ? std::string_view(forward.host) : std::string_view(tokens->account);
    line.account = tokens == nullptr ? std::string_view() : std::string_view(tokens->account);
    line.uid = static_cast<std::uint32_t>(::geteuid());
    line.pid = ::getpid();
    line.clientKey = forward.id;
    line.host = forward.host;
    const std::string expires = tokens != nullptr && tokens->until ? std::to_string(*tokens->until) : std::string();
    line.expires = expires;
    // It is so; a record that cannot be written is told by the next release, which is refused.
    static_cast<void>(m.audit.append(line));
}

QCoro::Task<> Forwards::checkSignIns(std::vector<accounts::HeldReport>& tokens) {
    for (accounts::HeldReport& one : tokens) {
        if (one.revoked == 0 || m_isStopping) { // the next broker has nothing in its memory, and asks
            continue;
        }
        accounts::TokenRequest probe;
        probe.account = one.account;
        probe.refresh = true;
        const auto next = co_await m.authority.token(std::move(probe));
        one.endedSignIn = !next && next.error().kind == ErrorKind::LoginRequired;
    }
}

QCoro::Task<ForwardEnd> Forwards::end(std::string id, std::string reason) {
    const auto found = m_forwards.find(id);
    if (found == m_forwards.end()) {
        co_return ForwardEnd{};
    }
    const std::shared_ptr<Forward> forward = found->second;
    if (forward->isOver) {
        co_await forward->ended->wait();
        co_return ForwardEnd(*forward->end);
    }
    forward->isOver = true;
    forward->ended = std::make_shared<accounts::Gate>();
    ++m_ending;
    m.keys.endSessionKey(id);
    m.authority.endHolder(id);
    closeSocket(*forward);
    for (const ConnectionKeys::Connection connection : m.connectionKeys.allOf(id)) {
        m_server->drop(connection);
    }
    ForwardEnd ending;
    ending.reason = std::move(reason);
    ending.tokens = co_await m.authority.revokeHeld(id);
    co_await checkSignIns(ending.tokens);
    for (const accounts::HeldReport& tokens : ending.tokens) {
        if (tokens.revoked > 0 && tokens.failed == 0) {
            record(*forward, "forward.revoke",
                   tokens.endedSignIn ? "revoked at the provider, which ended the sign-in with it"
                                      : "revoked at the provider",
                   &tokens);
        } else {
            record(*forward, "forward.keep", "not revoked: " + tokens.detail, &tokens);
        }
    }
    record(*forward, "forward.end", ending.reason);
    forward->end = ending;
    --m_ending;
    m.changes.tellSoon();
    if (forward->owner == 0) {
        m_forwards.erase(id);
    }
    forward->ended->open();
    co_return std::move(ending);
}

QCoro::Task<> Forwards::endAlone(std::string id, std::string reason) {
    [[maybe_unused]] const auto ended = co_await end(std::move(id), std::move(reason));
}

void Forwards::ownerGone(Forward::Connection owner) {
    const auto found = std::ranges::find_if(m_forwards, [&](const auto& row) { return row.second->owner == owner; });
    if (found == m_forwards.end()) {
        return;
    }
    const std::shared_ptr<Forward> forward = found->second;
    forward->owner = 0;
    if (forward->end) {
        m_forwards.erase(found);
    } else if (!forward->isOver) {
        endAlone(forward->id, "the connection that it belonged to has ended");
    }
}

void Forwards::endAll(const std::string& reason) {
    m_isStopping = true;
    std::vector<std::string> ids;
    for (const auto& [id, forward] : m_forwards) {
        if (!forward->isOver) {
            ids.push_back(id);
        }
    }
    for (std::string& id : ids) {
        endAlone(std::move(id), reason);
    }
}

void Forwards::endDue() {
    std::vector<std::string> due;
    for (const auto& [id, forward] : m_forwards) {
        if (!forward->isOver && forward->deadline <= m.clock.steady()) {
            due.push_back(id);
        }
    }
    for (std::string& id : due) {
        endAlone(std::move(id), "its time is over");
    }
    watchTime();
}

void Forwards::watchTime() {
    std::optional<std::chrono::milliseconds> soonest;
    for (const auto& [id, forward] : m_forwards) {
        if (!forward->isOver) {
            soonest = std::min(soonest.value_or(forward->deadline), forward->deadline);
        }
    }
    if (soonest) {
        const auto left = *soonest - m.clock.steady();
        m_timer.start(std::clamp(left, std::chrono::milliseconds(0), kLongestWait));
    }
}

} // namespace keybearer::rpc
