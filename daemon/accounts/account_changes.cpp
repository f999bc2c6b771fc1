// The part of TokenAuthority that adds, renames and forgets accounts.

#include "daemon/accounts/token_authority.h"
#include "daemon/oauth/pkce.h"

#include <algorithm>

namespace keybearer::accounts {

using protocol::ErrorKind;

/// The account that a login belongs to: the one it renews, or a new one under a free name.
Result<Account> TokenAuthority::accountFor(const NewGrant& grant) const {
    const std::string& subject = grant.claims.subject;
    const Account* target = m.store.byName(grant.name);
    Account wanted;
    wanted.issuer = grant.issuer;
    wanted.subject = subject;
    wanted.clientId = grant.clientId;
    wanted.resource = grant.resource;
    wanted.registered = grant.registered;
    if (target != nullptr && !isSameIdentity(*target, wanted)) {
        if (grant.nameChosen) {
            const std::string holder = target->label.empty() ? target->subject : target->label;
            return base::fail(failure(ErrorKind::InvalidValue,
                                      "account " + grant.name + " belongs to " + holder + " at " + target->issuer +
                                          " and this login is somebody else's; nothing was changed. Use --account with "
                                          "another name, or log " +
                                          grant.name + " out first"));
        }
        target = nullptr;
    }
    if (target == nullptr && !grant.nameChosen) {
        target = m.store.byIdentity(wanted);
    }
    Account account;
    if (target != nullptr) {
        account = *target;
    } else {
        account.id = oauth::randomToken();
        account.createdAt = m.clock.utcSeconds();
        account.name = grant.name;
        for (int n = 2; m.store.byName(account.name) != nullptr; ++n) {
            account.name = grant.name + "-" + std::to_string(n);
        }
    }
    account.provider = grant.provider;
    account.issuer = grant.issuer;
    account.clientId = grant.clientId;
    account.registered = grant.registered;
    account.authMethod = grant.authMethod;
    account.resource = grant.resource;
    account.subject = subject;
    account.label = !grant.claims.email.empty()               ? grant.claims.email
                    : !grant.claims.preferredUsername.empty() ? grant.claims.preferredUsername
                                                              : grant.claims.name;
    account.scope = grant.tokens.scope.value_or(grant.scope);
    account.confidential = grant.confidential;
    account.loginRequired.clear();
    account.refreshExpiresAt = grant.tokens.refreshToken ? refreshEnd(account, grant.tokens.refreshExpiresIn) : 0;
    return account;
}

QCoro::Task<Result<void>> TokenAuthority::keepClientSecret(std::string issuer, std::string clientId,
                                                           std::optional<base::ClientSecret> secret) {
    if (secret) {
        auto written = co_await m.keychain.write(clientSecretKey(issuer, clientId), std::move(secret->value));
        if (!written) {
            co_return base::fail(fromKeychain(written.error()));
        }
    }
    co_return Result<void>();
}

QCoro::Task<Result<Account>> TokenAuthority::adopt(NewGrant grant) {
    auto target = accountFor(grant);
    if (!target) {
        co_return base::fail(std::move(target.error()));
    }
    Account account = std::move(*target);
    auto kept = co_await keepClientSecret(account.issuer, account.clientId, std::move(grant.clientSecret));
    if (!kept) {
        co_return base::fail(std::move(kept.error()));
    }
    const auto current = session(account.id);
    // The generation must pass what is stored, also after a restart that forgot the count.
    auto stored = co_await m.keychain.read(grantKey(account));
    if (stored) {
        if (const auto old = parseGrant(*stored)) {
            current->generation = std::max(current->generation, old->generation);
        }
    }
    StoredGrant next{current->generation + 1, account.issuer, account.clientId, {}, {}, 0, grant.dpopKey};
    current->generation = next.generation;
    if (grant.tokens.refreshToken) {
        next.refreshToken = grant.tokens.refreshToken->clone();
    } else {
        next.accessToken = grant.tokens.accessToken.clone();
        next.expiresAt = grant.tokens.expiresIn ? m.clock.utcSeconds() + grant.tokens.expiresIn->count() : 0;
    }
    auto written = co_await m.keychain.write(grantKey(account), formatGrant(next));
    if (!written) {
        co_return base::fail(fromKeychain(written.error()));
    }
    if (const auto put = m.store.putSignedIn(account, grant.address); !put) {
        co_return base::fail(failure(ErrorKind::StorageError, put.error()));
    }
    current->renewable = grant.tokens.refreshToken.has_value();
    current->unsaved.reset();
    current->backoff.succeeded();
    withdraw(*current);
    current->dpopKey = grant.dpopKey;
    m.journal.settle(account.id);
    cache(*current, {}, grant.tokens, account.scope);
    co_return std::move(account);
}

Result<void> TokenAuthority::rename(const std::string& name, const std::string& newName) {
    const Account* account = m.store.byName(name);
    if (account == nullptr) {
        return base::fail(unknownAccount(name));
    }
    if (!isValidName(newName)) {
        return base::fail(
            failure(ErrorKind::InvalidValue,
                    "a name has 1 to 64 characters of a-z A-Z 0-9 . _ @ - and begins with a letter or digit"));
    }
    if (const Account* other = m.store.byName(newName); other != nullptr && other != account) {
        return base::fail(failure(ErrorKind::InvalidValue, "there is an account " + newName + " already"));
    }
    Account changed = *account;
    changed.name = newName;
    if (const auto put = m.store.put(std::move(changed)); !put) {
        return base::fail(failure(ErrorKind::StorageError, put.error()));
    }
    return {};
}

QCoro::Task<RevokeReport> TokenAuthority::revokeAll(Account account, std::vector<CachedToken> tokens) {
    RevokeReport report{0, tokens.size(), {}};
    const oauth::Transport transport = transportFor(account);
    auto server = co_await m.servers.metadata(account.issuer, transport);
    if (!server) {
        report.detail = fromOAuth(server.error(), account.issuer).message;
        co_return report;
    }
    for (CachedToken& token : tokens) {
        auto identity = co_await clientFor(clientOf(account));
        if (!identity) {
            report.detail = identity.error().message;
            co_return report;
        }
        auto revoked = co_await m.client.revoke(*server, std::move(*identity), std::move(token.token.value),
                                                "access_token", transport);
        if (revoked) {
            ++report.revoked;
            --report.failed;
        } else {
            report.detail = fromOAuth(revoked.error(), account.issuer).message;
        }
    }
    co_return report;
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
    const auto current = session(account.id);
    if (const auto refreshing = current->refreshing) {
        co_await refreshing->gate.wait(); // who waits for it is about to be given a token
    }
    std::vector<CachedToken> tokens = takeIssued(*current);
    if (tokens.empty()) {
        co_return RevokeReport{};
    }
    auto report = co_await revokeAll(std::move(account), std::move(tokens));
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
    if (known == nullptr) {
        co_return base::fail(unknownAccount(name));
    }
    Account account = *known;
    const auto current = session(account.id);
    if (const auto refreshing = current->refreshing) {
        co_await refreshing->gate.wait(); // so that it is the newest refresh token that is revoked
    }
    LogoutReport report{account.name, false, "no refresh token was stored"};
    auto item = co_await m.keychain.read(grantKey(account));
    if (!item && item.error().kind != keychain::ErrorKind::NotFound) {
        co_return base::fail(fromKeychain(item.error())); // its copy could not be deleted, so nothing is forgotten
    }
    std::optional<StoredGrant> grant = std::move(current->unsaved);
    if (!grant && item) {
        if (auto parsed = parseGrant(*item)) {
            grant = std::move(*parsed);
        }
    }
    if (grant && grant->issuer == account.issuer) {
        std::optional<base::AccessToken> cached;
        if (CachedToken* token = current->cache.find({})) {
            cached = token->token.clone();
            token->used = false; // revoked along with the grant
        }
        std::vector<CachedToken> others = takeIssued(*current);
        report = co_await revokeAtProvider(account, std::move(*grant), std::move(cached));
        if (!others.empty()) { // most servers have ended them with the refresh token
            [[maybe_unused]] const auto rest = co_await revokeAll(account, std::move(others));
        }
    }
    auto removed = co_await m.keychain.remove(grantKey(account));
    if (!removed) {
        co_return base::fail(fromKeychain(removed.error()));
    }
    if (const auto forgotten = m.store.remove(account.id); !forgotten) {
        co_return base::fail(failure(ErrorKind::StorageError, forgotten.error()));
    }
    m_sessions.erase(account.id);
    m.journal.settle(account.id);
    const bool shared = std::ranges::any_of(m.store.all(), [&](const Account& other) {
        return other.issuer == account.issuer && other.clientId == account.clientId;
    });
    if (account.confidential && !shared) {
        auto secretGone = co_await m.keychain.remove(clientSecretKey(account.issuer, account.clientId));
        if (!secretGone) {
            report.detail += (report.detail.empty() ? "" : "; ") + fromKeychain(secretGone.error()).message;
        }
    }
    co_return std::move(report);
}

} // namespace keybearer::accounts
