#include "daemon/accounts/token_authority.h"

#include "ipc/base/text.h"

#include <QRandomGenerator>

#include <algorithm>
#include <utility>

namespace keybearer::accounts {

using protocol::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

protocol::Error neverSoLong(seconds lifetime) {
    return failure(ErrorKind::InvalidValue, "the provider gives tokens for " + std::to_string(lifetime.count()) +
                                                " seconds; ask for a smaller min_valid");
}

} // namespace

TokenAuthority::TokenAuthority(Parts parts) : m(parts) {
    m_renewal.setSingleShot(true);
    QObject::connect(&m_renewal, &QTimer::timeout, [this] { renewDue(); });
}

TokenAuthority::SessionPtr TokenAuthority::session(const std::string& id) {
    auto& slot = m_sessions[id];
    if (!slot) {
        slot = std::make_shared<Session>();
    }
    return slot;
}

void TokenAuthority::cache(Session& session, const TokenKind& kind, const oauth::TokenResponse& tokens,
                           const std::string& scope) const {
    if (m_isLocked) {
        return;
    }
    const milliseconds now = m.clock.steady();
    CachedToken fresh{kind, tokens.accessToken.clone(), tokens.scope.value_or(scope), {}, {}, now, {}, {}, false};
    if (CachedToken* old = session.cache.find(kind)) {
        retire(session, std::move(*old));
    }
    fresh.lifetime = tokens.expiresIn.value_or(kUnknownLifetime);
    fresh.validUntil = now + fresh.lifetime;
    fresh.renewAt = fresh.validUntil - renewalLead(fresh.lifetime, QRandomGenerator::global()->generateDouble());
    if (tokens.expiresIn) {
        fresh.expiresAt = m.clock.utcSeconds() + tokens.expiresIn->count();
    }
    if (auto gone = session.cache.put(std::move(fresh))) {
        retire(session, std::move(*gone));
    }
    session.lastRefreshAt = m.clock.utcSeconds();
    if (m_changed) {
        m_changed();
    }
}

void TokenAuthority::bind(Session& session, std::shared_ptr<const crypto::SigningKey> key) const {
    if (!m_isLocked) {
        session.dpopKey = std::move(key);
    }
}

/// A token that was handed out and has not ended can still be used by whoever has it.
void TokenAuthority::retire(Session& session, CachedToken token) const {
    const milliseconds now = m.clock.steady();
    std::erase_if(session.replaced, [now](const CachedToken& one) { return one.validUntil <= now; });
    if (!token.used || token.validUntil <= now) {
        return;
    }
    const std::string& holder = token.kind.holder;
    const auto isSame = [&](const CachedToken& one) { return one.kind.holder == holder; };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(session.replaced, isSame));
    if (count >= (holder.empty() ? kMaxCachedTokens : kMaxHeldTokens)) {
        const auto oldest = std::ranges::find_if(session.replaced, isSame);
        if (!holder.empty()) {
            session.forgotten.push_back({holder, oldest->expiresAt, oldest->validUntil});
        }
        session.replaced.erase(oldest);
    }
    session.replaced.push_back(std::move(token));
}

AccountView TokenAuthority::view(const Account& account) const {
    const auto found = m_sessions.find(account.id);
    if (found == m_sessions.end()) {
        return {};
    }
    const CachedToken* cached = found->second->cache.find({});
    if (cached == nullptr || cached->validUntil <= m.clock.steady()) {
        return {};
    }
    return {expiryOf(*cached), found->second->lastRefreshAt, found->second->renewable};
}

Result<void> TokenAuthority::cacheIfNarrow(const Account& account, Session& session, const TokenKind& kind,
                                           const oauth::TokenResponse& tokens, const std::string& asked) const {
    const std::string wider = scopeBeyond(kind, tokens.scope.value_or(std::string()));
    if (!wider.empty()) {
        return base::fail(
            failure(ErrorKind::ProviderError, account.issuer + " gives no token for these scopes alone: it added " +
                                                  wider + "; leave the scopes out to get a token for all of them"));
    }
    cache(session, kind, tokens, asked);
    return {};
}

/// UTC seconds. A token lives as long as the server said, whatever the wall clock does meanwhile: when that has been
/// set, its end is another one on it.
std::optional<std::int64_t> TokenAuthority::expiryOf(const CachedToken& token) const {
    constexpr std::int64_t kSameSeconds = 2; // the two clocks are cut to seconds at different moments
    if (!token.expiresAt) {
        return std::nullopt;
    }
    const std::int64_t now = m.clock.utcSeconds() + token.remaining(m.clock.steady()).count();
    return std::abs(now - *token.expiresAt) <= kSameSeconds ? *token.expiresAt : now;
}

bool TokenAuthority::isBusy() const {
    return m_adopting || std::ranges::any_of(m_sessions, [](const auto& entry) {
               return entry.second->refreshing || entry.second->changing;
           });
}

oauth::Transport TokenAuthority::transportFor(const Account& account) const {
    oauth::Transport transport;
    const providers::Profile* profile = m.catalogue.find(account.provider);
    if (profile != nullptr && profile->issuer == account.issuer) {
        transport.caFile = profile->caFile;
    }
    return transport;
}

ClientName clientOf(const Account& account) {
    return {account.issuer, account.clientId, account.confidential, account.authMethod};
}

QCoro::Task<Result<ClientIdentity>> TokenAuthority::clientFor(ClientName client) {
    ClientIdentity identity{client.clientId, std::nullopt};
    identity.authMethod = client.authMethod;
    if (client.confidential) {
        auto secret = co_await m.keychain.read(clientSecretKey(client.issuer, client.clientId));
        if (!secret && secret.error().kind == keychain::ErrorKind::NotFound) {
            co_return base::fail(
                failure(ErrorKind::ClientSecretRequired,
                        client.issuer + " wants the secret of client " + client.clientId + " and none is stored"));
        }
        if (!secret) {
            co_return base::fail(fromKeychain(secret.error()));
        }
        identity.secret = base::ClientSecret{std::move(*secret)};
    }
    co_return std::move(identity);
}

// --- serving
// -----------------------------------------------------------------------------------------------------------

seconds TokenAuthority::wanted(Session& session, const TokenRequest& request) const {
    const CachedToken* cached = session.cache.find(request.kind);
    const seconds lifetime = cached == nullptr ? seconds(0) : cached->lifetime;
    return request.minValid.value_or(std::min(kDefaultMinValid, lifetime / 2));
}

/// The cached token, when it lives on for `wanted` and has not expired.
std::optional<IssuedToken> TokenAuthority::serve(const Account& account, Session& session, const TokenRequest& request,
                                                 seconds wanted) {
    CachedToken* cached = session.cache.find(request.kind);
    const milliseconds now = m.clock.steady();
    if (cached == nullptr || session.unsaved || cached->validUntil <= now || cached->remaining(now) < wanted) {
        return std::nullopt;
    }
    cached->lastUsed = now;
    if (!std::exchange(cached->used, true)) {
        renewInTime();
    }
    return IssuedToken{cached->token.clone(), expiryOf(*cached), cached->scope, account.name, account.issuer, true,
                       session.dpopKey};
}

/// What can be said at once: a token, an error, or nothing (a refresh is needed).
Result<std::optional<IssuedToken>> TokenAuthority::withoutRefresh(const Account& account, Session& session,
                                                                  const TokenRequest& request) {
    const milliseconds now = m.clock.steady();
    const bool paused = request.refresh ? session.backoff.isPausedByServer(now) : session.backoff.isPaused(now);
    if (!request.refresh) {
        if (auto good = serve(account, session, request, wanted(session, request))) {
            return good;
        }
        // Without this, every caller that asks for the impossible would cost the provider a refresh.
        const CachedToken* cached = session.cache.find(request.kind);
        if (request.minValid && cached != nullptr && *request.minValid > cached->lifetime) {
            return base::fail(neverSoLong(cached->lifetime));
        }
        if (const Refusal* refusal = refusalOf(session, request.kind, now)) {
            return base::fail(refusal->error);
        }
        // A refresh token whose fate is unknown is not sent again while there is something to serve.
        const bool unknownFate = m.journal.openAttempts(account.id, session.generation) > 0 && !session.refreshing;
        if (paused || unknownFate) {
            if (auto stillGood = serve(account, session, request, request.minValid.value_or(seconds(0)))) {
                return stillGood;
            }
        }
    }
    if (paused && session.lastFailure) {
        protocol::Error error = *session.lastFailure;
        error.data["retry_after"] = std::chrono::ceil<seconds>(session.backoff.until() - now).count();
        return base::fail(std::move(error));
    }
    return std::optional<IssuedToken>();
}

Result<IssuedToken> TokenAuthority::afterRefresh(const TokenRequest& request, const std::string& id, Session& session,
                                                 const Result<void>& outcome) {
    if (m_isLocked) {
        return base::fail(brokerLocked());
    }
    const Account* account = m.store.byId(id); // it may have been renamed or forgotten while we waited
    if (account == nullptr) {
        return base::fail(unknownAccount(request.account));
    }
    if (!outcome) {
        const bool gone = outcome.error().kind == ErrorKind::LoginRequired;
        if (!gone && !request.refresh) {
            if (auto stillGood = serve(*account, session, request, request.minValid.value_or(seconds(0)))) {
                return std::move(*stillGood);
            }
        }
        return base::fail(outcome.error());
    }
    // A second's grace: the request has taken time, too.
    const seconds least = std::max(request.minValid.value_or(seconds(0)) - seconds(1), seconds(0));
    auto issued = serve(*account, session, request, least);
    if (!issued) {
        const CachedToken* cached = session.cache.find(request.kind);
        return base::fail(cached != nullptr && request.minValid
                              ? neverSoLong(cached->lifetime)
                              : failure(ErrorKind::ProviderError,
                                        account->issuer + " gives tokens that have expired when they arrive"));
    }
    issued->fromCache = false;
    return std::move(*issued);
}

/// A server may refuse a resource that the grant does not cover and use up the refresh token all the same; and a token
/// is not sent to be exchanged for whatever a program names.
Result<void> TokenAuthority::checkTarget(const Account& account, const TokenKind& kind) const {
    const bool isOther = !kind.audience.empty() || (!kind.resource.empty() && kind.resource != account.resource);
    if (!account.resource.empty() && isOther) {
        return base::fail(failure(ErrorKind::InvalidValue, "account " + account.name + " is for " +
                                                               base::printable(account.resource) +
                                                               " alone; sign in to the other one to get its tokens"));
    }
    const providers::Profile* profile = m.catalogue.find(account.provider);
    const bool isKnown = profile != nullptr && profile->issuer == account.issuer;
    const auto lists = [&](const std::vector<std::string> providers::Profile::*list, const std::string& word) {
        return isKnown && std::ranges::find(profile->*list, word) != (profile->*list).end();
    };
    if (!kind.resource.empty() && account.resource.empty() && !lists(&providers::Profile::resources, kind.resource)) {
        return base::fail(failure(ErrorKind::InvalidValue,
                                  "this resource is not among the `resources` in the provider's file; add it there and "
                                  "sign in again"));
    }
    if (!kind.audience.empty() && !lists(&providers::Profile::audiences, kind.audience)) {
        return base::fail(failure(ErrorKind::InvalidValue,
                                  "this audience is not among the `audiences` in the provider's file; add it there"));
    }
    return {};
}

const TokenAuthority::Refusal* TokenAuthority::refusalOf(const Session& session, const TokenKind& kind,
                                                         milliseconds now) {
    const auto found = std::ranges::find_if(
        session.refusals, [&](const Refusal& refusal) { return refusal.kind == kind && now < refusal.until; });
    return found == session.refusals.end() ? nullptr : &*found;
}

std::optional<IssuedToken> TokenAuthority::cachedToken(const TokenRequest& request) {
    const Account* known = m.store.byName(request.account);
    if (known == nullptr || !known->loginRequired.empty() || !isHolder(request.kind) ||
        !checkTarget(*known, request.kind)) {
        return std::nullopt;
    }
    auto atOnce = withoutRefresh(*known, *session(known->id), request);
    return atOnce ? std::move(*atOnce) : std::nullopt;
}

QCoro::Task<Result<IssuedToken>> TokenAuthority::token(TokenRequest request) {
    const Account* known = m.store.byName(request.account);
    if (known == nullptr) {
        co_return base::fail(unknownAccount(request.account));
    }
    if (auto allowed = checkTarget(*known, request.kind); !allowed) {
        co_return base::fail(std::move(allowed.error()));
    }
    const std::string id = known->id;
    const SessionPtr current = session(id);
    for (;;) {
        if (m_isLocked) {
            co_return base::fail(brokerLocked());
        }
        if (!isHolder(request.kind)) {
            co_return base::fail(failure(ErrorKind::Denied, "the session that this token is for has ended"));
        }
        known = m.store.byId(id);
        if (known == nullptr) {
            co_return base::fail(unknownAccount(request.account));
        }
        if (!known->loginRequired.empty()) {
            co_return base::fail(loginRequired(known->name, known->loginRequired));
        }
        auto atOnce = withoutRefresh(*known, *current, request);
        if (!atOnce) {
            co_return base::fail(std::move(atOnce.error()));
        }
        if (*atOnce) {
            co_return std::move(**atOnce);
        }
        if (!request.kind.holder.empty() && heldCount(*current, request.kind.holder) >= kMaxHeldTokens) {
            co_return base::fail(failure(ErrorKind::RateLimited,
                                         "this session has as many tokens that have not ended "
                                         "as can be kept to be revoked; ask for fewer new ones"));
        }
        if (const auto changing = current->changing) {
            co_await changing->wait();
            continue;
        }
        const std::shared_ptr<Refresh> refresh =
            current->refreshing ? current->refreshing : beginRefresh(*known, request.kind);
        co_await refresh->gate.wait();
        // Another kind's refresh was in the way: now it is this one's turn, or somebody has been quicker.
        if (refresh->kind == request.kind) {
            co_return afterRefresh(request, id, *current, refresh->outcome);
        }
    }
}

void TokenAuthority::lock() {
    m_isLocked = true;
    m_renewal.stop();
    for (const auto& [id, session] : m_sessions) {
        forget(*session);
        session->dpopKey.reset(); // comes again with the next token
    }
}

void TokenAuthority::onChange(std::function<void()> changed) {
    m.store.onChange(changed);
    m_changed = std::move(changed);
}

} // namespace keybearer::accounts
