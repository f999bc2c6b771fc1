// The part of TokenAuthority that adds and renames accounts.

#include "daemon/accounts/token_authority.h"
#include "daemon/oauth/pkce.h"

#include <algorithm>

namespace keybearer::accounts {

using protocol::ErrorKind;

std::string TokenAuthority::freeName(const std::string& wanted) const {
    std::string name = wanted;
    for (int n = 2; m.store.byName(name) != nullptr; ++n) {
        name = wanted + "-" + std::to_string(n);
    }
    return name;
}

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
    if (target == nullptr) { // it may have been renamed since the login began
        target = m.store.byId(grant.renews);
        target = target != nullptr && isSameIdentity(*target, wanted) ? target : nullptr;
    }
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
        account.name = freeName(grant.name);
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

std::shared_ptr<Gate> TokenAuthority::changeOf(const std::string& id) const {
    const auto found = m_sessions.find(id);
    return found == m_sessions.end() ? nullptr : found->second->changing;
}

QCoro::Task<> TokenAuthority::settled(SessionPtr current) {
    if (const auto refreshing = current->refreshing) {
        co_await refreshing->gate.wait();
    }
    while (const auto changing = current->changing) {
        co_await changing->wait();
    }
}

QCoro::Task<Result<Account>> TokenAuthority::adopt(NewGrant grant) {
    auto target = accountFor(grant);
    // Logins that end together take turns, so that each finds the names and identities that the one before has made.
    while (target) {
        const auto other = m_adopting ? m_adopting : changeOf(target->id);
        if (!other) {
            break;
        }
        co_await other->wait();
        target = accountFor(grant);
    }
    if (!target) {
        co_return base::fail(std::move(target.error()));
    }
    const SessionPtr current = session(target->id);
    const auto done = std::make_shared<Gate>();
    m_adopting = done;
    current->changing = done;
    if (const auto refreshing = current->refreshing) {
        co_await refreshing->gate.wait(); // else its answer would take the place of what this login brought
    }
    auto adopted = co_await keep(std::move(*target), std::move(grant), current);
    m_adopting.reset();
    current->changing.reset();
    done->open();
    co_return adopted;
}

/// Nothing of the grant before is given up until the new one is in the keychain.
QCoro::Task<Result<Account>> TokenAuthority::keep(Account account, NewGrant grant, SessionPtr current) {
    auto kept = co_await keepClientSecret(account.issuer, account.clientId, std::move(grant.clientSecret));
    if (!kept) {
        co_return base::fail(std::move(kept.error()));
    }
    // The generation must pass what is stored, also after a restart that forgot the count.
    std::uint64_t generation = current->generation;
    auto stored = co_await m.keychain.read(grantKey(account));
    if (stored) {
        if (const auto old = parseGrant(*stored)) {
            generation = std::max(generation, old->generation);
        }
    }
    StoredGrant next{generation + 1, account.issuer, account.clientId, {}, {}, 0, grant.dpopKey};
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
    const Account* renamed = m.store.byId(account.id);
    account.name = renamed != nullptr ? renamed->name : freeName(account.name); // by now
    if (const auto put = m.store.putSignedIn(account, grant.address); !put) {
        co_return base::fail(failure(ErrorKind::StorageError, put.error()));
    }
    current->generation = generation + 1;
    current->renewable = grant.tokens.refreshToken.has_value();
    current->unsaved.reset();
    current->backoff.succeeded();
    withdraw(*current);
    bind(*current, grant.dpopKey);
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

} // namespace keybearer::accounts
