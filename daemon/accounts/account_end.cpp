// The part of TokenAuthority that takes back what was handed out, and forgets accounts.

#include "daemon/accounts/token_authority.h"

#include <algorithm>

namespace keybearer::accounts {

using protocol::ErrorKind;

QCoro::Task<TokenAuthority::Revocation> TokenAuthority::revokeAll(Account account, std::vector<CachedToken> tokens) {
    Revocation done;
    const oauth::Transport transport = transportFor(account);
    auto server = co_await m.servers.metadata(account.issuer, transport);
    if (!server) {
        done.detail = fromOAuth(server.error(), account.issuer).message;
        done.left = std::move(tokens);
        co_return std::move(done);
    }
    for (CachedToken& token : tokens) {
        auto identity = co_await clientFor(clientOf(account));
        if (!identity) {
            done.detail = identity.error().message;
            done.left.push_back(std::move(token));
            continue;
        }
        auto revoked = co_await m.client.revoke(*server, std::move(*identity), token.token.value.clone(),
                                                "access_token", transport);
        if (revoked) {
            ++done.revoked;
        } else {
            done.detail = fromOAuth(revoked.error(), account.issuer).message;
            done.left.push_back(std::move(token));
        }
    }
    co_return std::move(done);
}

/// What was handed out and has not ended; nothing is served any more.
std::vector<CachedToken> TokenAuthority::takeIssued(Session& session) const {
    std::vector<CachedToken> tokens = std::exchange(session.replaced, {});
    for (CachedToken& token : session.cache.takeAll()) {
        if (token.used && token.validUntil > m.clock.steady()) {
            tokens.push_back(std::move(token));
        }
    }
    return tokens;
}

QCoro::Task<Result<RevokeReport>> TokenAuthority::revokeIssued(std::string name) {
    const Account* known = m.store.byName(name);
    if (known == nullptr) {
        co_return base::fail(unknownAccount(name));
    }
    Account account = *known;
    const SessionPtr current = session(account.id);
    co_await settled(current); // who waits for it is about to be given a token
    std::vector<CachedToken> tokens = takeIssued(*current);
    RevokeReport report;
    if (!tokens.empty()) {
        auto done = co_await revokeAll(std::move(account), std::move(tokens));
        report = {done.revoked, done.left.size(), std::move(done.detail)};
        for (CachedToken& token : done.left) {
            retire(*current, std::move(token)); // the person may try again
        }
        if (m_isLocked) { // meanwhile
            forget(*current);
        }
    }
    co_return report;
}

QCoro::Task<LogoutReport> TokenAuthority::revokeAtProvider(Account account, StoredGrant grant,
                                                           std::optional<base::AccessToken> cached) {
    LogoutReport report{account.name, false, {}};
    const oauth::Transport transport = transportFor(account);
    auto server = co_await m.servers.metadata(account.issuer, transport);
    if (!server) {
        report.detail = fromOAuth(server.error(), account.issuer).message;
        co_return report;
    }
    auto identity = co_await clientFor(clientOf(account));
    if (!identity) {
        report.detail = identity.error().message;
        co_return report;
    }
    report.revoked = true;
    if (grant.refreshToken) {
        ClientIdentity same{identity->clientId, std::nullopt};
        same.authMethod = identity->authMethod;
        if (identity->secret) {
            same.secret = identity->secret->clone();
        }
        auto revoked = co_await m.client.revoke(*server, std::move(same), std::move(grant.refreshToken->value),
                                                "refresh_token", transport);
        report.revoked = revoked.has_value();
        report.detail = revoked ? "" : fromOAuth(revoked.error(), account.issuer).message;
    }
    // The access token may outlive the grant: servers only SHOULD kill it with the refresh token (RFC 7009
    // section 2.1).
    auto access = cached ? std::move(cached) : std::move(grant.accessToken);
    if (access) {
        auto revoked = co_await m.client.revoke(*server, std::move(*identity), std::move(access->value), "access_token",
                                                transport);
        if (!revoked && !grant.refreshToken) {
            report.revoked = false;
            report.detail = fromOAuth(revoked.error(), account.issuer).message;
        }
    }
    co_return report;
}

QCoro::Task<Result<LogoutReport>> TokenAuthority::logout(std::string name) {
    const Account* known = m.store.byName(name);
    const std::string id = known == nullptr ? std::string() : known->id;
    while (const auto other = changeOf(id)) {
        co_await other->wait();
    }
    if (m.store.byId(id) == nullptr) {
        co_return base::fail(unknownAccount(name));
    }
    const SessionPtr current = session(id);
    const auto done = std::make_shared<Gate>();
    current->changing = done;
    if (const auto refreshing = current->refreshing) {
        co_await refreshing->gate.wait(); // so that it is the newest refresh token that is revoked
    }
    Account account = *m.store.byId(id);
    auto report = co_await end(std::move(account), current);
    current->changing.reset();
    done->open();
    co_return report;
}

QCoro::Task<Result<LogoutReport>> TokenAuthority::end(Account account, SessionPtr current) {
    LogoutReport report{account.name, false, "no refresh token was stored"};
    auto item = co_await m.keychain.read(grantKey(account));
    if (!item && item.error().kind != keychain::ErrorKind::NotFound) {
        co_return base::fail(fromKeychain(item.error())); // its copy could not be deleted, so nothing is forgotten
    }
    std::optional<StoredGrant> grant = std::move(current->unsaved);
    current->unsaved.reset();
    if (!grant && item) {
        if (auto parsed = parseGrant(*item)) {
            grant = std::move(*parsed);
        }
    }
    Revocation others;
    if (grant && grant->issuer == account.issuer) {
        std::optional<base::AccessToken> cached;
        if (CachedToken* token = current->cache.find({})) {
            cached = token->token.clone();
            token->used = false; // revoked along with the grant
        }
        others.left = takeIssued(*current);
        report = co_await revokeAtProvider(account, std::move(*grant), std::move(cached));
        if (!others.left.empty()) { // most servers have ended them with the refresh token
            others = co_await revokeAll(account, std::move(others.left));
        }
    }
    auto removed = co_await m.keychain.remove(grantKey(account));
    if (!removed) {
        co_return base::fail(fromKeychain(removed.error()));
    }
    const bool shared = std::ranges::any_of(m.store.all(), [&](const Account& other) {
        return other.id != account.id && other.issuer == account.issuer && other.clientId == account.clientId;
    });
    if (!shared) {
        auto gone = co_await forgetClient(account);
        if (!gone) {
            report.detail += (report.detail.empty() ? "" : "; ") + gone.error().message;
        }
    }
    // Last, and nothing is waited for any more: somebody else may sign in under the name from here on, and what was
    // decided about it is taken away by whoever asked for this.
    if (const auto forgotten = m.store.remove(account.id); !forgotten) {
        co_return base::fail(failure(ErrorKind::StorageError, forgotten.error()));
    }
    leave(account, *current, std::move(others));
    m_sessions.erase(account.id);
    m.journal.settle(account.id);
    co_return std::move(report);
}

/// The account was the last one that this client was for.
QCoro::Task<Result<void>> TokenAuthority::forgetClient(Account account) {
    if (account.confidential) {
        auto removed = co_await m.keychain.remove(clientSecretKey(account.issuer, account.clientId));
        if (!removed) {
            co_return base::fail(fromKeychain(removed.error()));
        }
    }
    if (account.registered) {
        co_return co_await m.registrations.retire(account.issuer, account.clientId, transportFor(account));
    }
    co_return Result<void>();
}

} // namespace keybearer::accounts
