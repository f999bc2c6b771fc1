#include "daemon/accounts/token_authority.h"

#include <algorithm>

namespace keybearer::accounts {

using protocol::ErrorKind;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::shared_ptr<TokenAuthority::Session> TokenAuthority::session(const std::string& id) {
    auto& slot = m_sessions[id];
    if (!slot) {
        slot = std::make_shared<Session>();
    }
    return slot;
}

seconds TokenAuthority::remaining(const Session& session) const {
    if (!session.accessToken) {
        return seconds(-1);
    }
    return duration_cast<seconds>(session.validUntil - m.clock.steady());
}

bool TokenAuthority::isEnough(const Session& session, const TokenRequest& request) const {
    const seconds wanted = request.minValid.value_or(std::min(kDefaultMinValid, session.lifetime / 2));
    const seconds left = remaining(session);
    return left > seconds(0) && left >= wanted;
}

IssuedToken TokenAuthority::issue(const Account& account, const Session& session, bool fromCache) const {
    return IssuedToken{
        session.accessToken->clone(), session.expiresAt, account.scope, account.name, account.issuer, fromCache};
}

void TokenAuthority::cache(Session& session, const oauth::TokenResponse& tokens) const {
    session.accessToken = tokens.accessToken.clone();
    session.lifetime = tokens.expiresIn.value_or(kUnknownLifetime);
    session.validUntil = m.clock.steady() + session.lifetime;
    session.expiresAt.reset();
    if (tokens.expiresIn) {
        session.expiresAt = m.clock.utcSeconds() + tokens.expiresIn->count();
    }
    session.lastRefreshAt = m.clock.utcSeconds();
}

AccountView TokenAuthority::view(const Account& account) const {
    const auto found = m_sessions.find(account.id);
    if (found == m_sessions.end() || remaining(*found->second) <= seconds(0)) {
        return {};
    }
    return {found->second->expiresAt, found->second->lastRefreshAt};
}

bool TokenAuthority::isRefreshing() const {
    return std::ranges::any_of(m_sessions, [](const auto& entry) { return entry.second->refreshing != nullptr; });
}

oauth::Transport TokenAuthority::transportFor(const Account& account) const {
    oauth::Transport transport;
    const providers::Profile* profile = m.catalogue.find(account.provider);
    if (profile != nullptr && profile->issuer == account.issuer) {
        transport.caFile = profile->caFile;
    }
    return transport;
}

QCoro::Task<Result<ClientIdentity>> TokenAuthority::clientFor(std::string issuer, std::string clientId,
                                                              bool confidential) {
    ClientIdentity identity{clientId, std::nullopt};
    if (confidential) {
        auto secret = co_await m.keychain.read(clientSecretKey(issuer, clientId));
        if (!secret && secret.error().kind == keychain::ErrorKind::NotFound) {
            co_return base::fail(failure(ErrorKind::ClientSecretRequired,
                                         issuer + " wants the secret of client " + clientId + " and none is stored"));
        }
        if (!secret) {
            co_return base::fail(fromKeychain(secret.error()));
        }
        identity.secret = base::ClientSecret{std::move(*secret)};
    }
    co_return std::move(identity);
}

QCoro::Task<Result<IssuedToken>> TokenAuthority::token(TokenRequest request) {
    const Account* known = m.store.byName(request.account);
    if (known == nullptr) {
        co_return base::fail(unknownAccount(request.account));
    }
    if (!known->loginRequired.empty()) {
        co_return base::fail(loginRequired(known->name, known->loginRequired));
    }
    const std::string id = known->id;
    const auto current = session(id);
    if (!request.refresh && isEnough(*current, request)) {
        co_return issue(*known, *current, true);
    }
    const auto never = [&] {
        return failure(ErrorKind::InvalidValue, "the provider gives tokens for " +
                                                    std::to_string(current->lifetime.count()) +
                                                    " seconds; ask for a smaller min_valid");
    };
    // Without this, every caller that asks for the impossible would cost the provider a refresh.
    if (!request.refresh && request.minValid && current->lifetime > seconds(0) &&
        *request.minValid > current->lifetime) {
        co_return base::fail(never());
    }

    const auto refresh = joinRefresh(*known);
    co_await refresh->gate.wait();

    known = m.store.byId(id); // it may have been renamed or forgotten while we waited
    if (known == nullptr) {
        co_return base::fail(unknownAccount(request.account));
    }
    if (!refresh->outcome) {
        const bool gone = refresh->outcome.error().kind == ErrorKind::LoginRequired;
        const bool stillGood =
            remaining(*current) > seconds(0) && remaining(*current) >= request.minValid.value_or(seconds(0));
        if (!gone && !request.refresh && stillGood && !current->unsaved) {
            co_return issue(*known, *current, true);
        }
        co_return base::fail(refresh->outcome.error());
    }
    if (request.minValid && remaining(*current) + seconds(1) < *request.minValid) {
        co_return base::fail(never());
    }
    co_return issue(*known, *current, false);
}

std::shared_ptr<TokenAuthority::Refresh> TokenAuthority::joinRefresh(const Account& account) {
    const auto current = session(account.id);
    if (!current->refreshing) {
        current->refreshing = std::make_shared<Refresh>();
        const auto refresh = current->refreshing;
        runRefresh(account, current, refresh);
        return refresh;
    }
    return current->refreshing;
}

QCoro::Task<> TokenAuthority::runRefresh(Account account, std::shared_ptr<Session> current,
                                         std::shared_ptr<Refresh> refresh) {
    refresh->outcome = co_await refreshOnce(std::move(account), current);
    current->refreshing.reset();
    refresh->gate.open();
}

QCoro::Task<Result<void>> TokenAuthority::refreshOnce(Account account, std::shared_ptr<Session> current) {
    if (current->unsaved) {
        StoredGrant grant = std::move(*current->unsaved);
        current->unsaved.reset();
        auto saved = co_await saveGrant(account, current, std::move(grant));
        if (!saved || remaining(*current) > seconds(0)) {
            co_return saved;
        }
    }
    auto item = co_await m.keychain.read(grantKey(account));
    if (!item && item.error().kind == keychain::ErrorKind::NotFound) {
        // Not remembered: the person may bring the item back.
        co_return base::fail(loginRequired(account.name, "its keychain item is gone"));
    }
    if (!item) {
        co_return base::fail(fromKeychain(item.error()));
    }
    auto grant = parseGrant(*item);
    if (!grant || grant->issuer != account.issuer || grant->clientId != account.clientId) {
        co_return base::fail(loginRequired(account.name, grant ? "its keychain item belongs to another issuer or client"
                                                               : grant.error()));
    }
    co_return co_await useGrant(std::move(account), std::move(current), std::move(*grant));
}

QCoro::Task<Result<void>> TokenAuthority::useGrant(Account account, std::shared_ptr<Session> current,
                                                   StoredGrant grant) {
    if (!grant.refreshToken) {
        const std::int64_t left = grant.expiresAt - m.clock.utcSeconds();
        if (grant.expiresAt != 0 && left <= 0) {
            co_return requireLogin(account.id, "its access token has expired and the provider gave no refresh token");
        }
        oauth::TokenResponse kept;
        kept.accessToken = std::move(*grant.accessToken);
        if (grant.expiresAt != 0) {
            kept.expiresIn = seconds(left);
        }
        cache(*current, kept);
        co_return Result<void>();
    }
    const oauth::Transport transport = transportFor(account);
    auto identity = co_await clientFor(account.issuer, account.clientId, account.confidential);
    if (!identity) {
        co_return base::fail(std::move(identity.error()));
    }
    auto server = co_await m.servers.metadata(account.issuer, transport);
    if (!server) {
        co_return base::fail(fromOAuth(server.error(), account.issuer));
    }
    auto tokens = co_await m.client.refresh(*server, std::move(*identity), grant.refreshToken->clone(), transport);
    if (!tokens && tokens.error().kind == oauth::ErrorKind::InvalidGrant) {
        if (grant.generation < current->generation) {
            co_return Result<void>(); // a login has replaced this grant meanwhile; its token is in the cache
        }
        auto erased = co_await m.keychain.remove(grantKey(account));
        co_return requireLogin(account.id, erased
                                               ? "the provider no longer accepts its refresh token"
                                               : "the provider no longer accepts its refresh token, and the keychain "
                                                 "did not let go of it");
    }
    if (!tokens) {
        co_return base::fail(fromOAuth(tokens.error(), account.issuer));
    }
    co_return co_await accept(std::move(account), std::move(current), std::move(grant), std::move(*tokens),
                              std::move(*server));
}

QCoro::Task<Result<void>> TokenAuthority::accept(Account account, std::shared_ptr<Session> current, StoredGrant grant,
                                                 oauth::TokenResponse tokens, oauth::Metadata server) {
    if (grant.generation < current->generation) {
        co_return Result<void>(); // as above: what belongs to the older grant is dropped
    }
    current->generation = grant.generation;
    if (tokens.refreshToken) {
        StoredGrant next{
            grant.generation + 1, account.issuer, account.clientId, std::move(*tokens.refreshToken), {}, 0};
        current->generation = next.generation;
        // First of all: whatever happens now, the old refresh token is spent.
        auto saved = co_await saveGrant(account, current, std::move(next));
        if (!saved) {
            cache(*current, tokens); // served as soon as the write succeeds
            co_return saved;
        }
    }
    if (tokens.idToken) {
        oauth::IdTokenExpectation expected;
        expected.issuer = account.issuer;
        expected.clientId = account.clientId;
        expected.algs = server.idTokenAlgs;
        expected.accessToken = &tokens.accessToken;
        expected.subject = account.subject;
        expected.now = m.clock.utcSeconds();
        auto claims =
            co_await m.servers.verify(*tokens.idToken, server.jwksUri, std::move(expected), transportFor(account));
        // Keys that cannot be fetched right now do not undo a refresh that came from the token endpoint itself; a token
        // that fails the check does.
        if (!claims && claims.error().kind == oauth::ErrorKind::Rejected) {
            co_return base::fail(fromOAuth(claims.error(), account.issuer));
        }
    }
    cache(*current, tokens);
    if (tokens.scope && *tokens.scope != account.scope) {
        if (const Account* stored = m.store.byId(account.id)) {
            Account changed = *stored;
            changed.scope = *tokens.scope;
            if (const auto put = m.store.put(std::move(changed)); !put) {
                co_return base::fail(failure(ErrorKind::StorageError, put.error()));
            }
        }
    }
    co_return Result<void>();
}

QCoro::Task<Result<void>> TokenAuthority::saveGrant(Account account, std::shared_ptr<Session> current,
                                                    StoredGrant grant) {
    auto written = co_await m.keychain.write(grantKey(account), formatGrant(grant));
    if (written) {
        co_return Result<void>();
    }
    if (grant.generation >= current->generation) {
        current->unsaved = std::move(grant);
    }
    protocol::Error error = fromKeychain(written.error());
    error.message += "; the new refresh token is kept in memory and written as soon as the keychain takes it";
    co_return base::fail(std::move(error));
}

Result<void> TokenAuthority::requireLogin(const std::string& id, const std::string& why) {
    const Account* account = m.store.byId(id);
    if (account == nullptr) {
        return base::fail(unknownAccount(id));
    }
    Account changed = *account;
    changed.loginRequired = why;
    const auto current = session(id);
    current->accessToken.reset();
    protocol::Error error = loginRequired(changed.name, why);
    if (const auto put = m.store.put(std::move(changed)); !put) {
        error.message += " (" + put.error() + ")";
    }
    return base::fail(std::move(error));
}

} // namespace keybearer::accounts
