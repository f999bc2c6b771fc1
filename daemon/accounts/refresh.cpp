// The part of TokenAuthority that asks the provider for a new token, and keeps what it answers.

#include "daemon/accounts/token_authority.h"
#include "daemon/oauth/authorization_request.h"

#include <QRandomGenerator>

#include <algorithm>
#include <array>

namespace keybearer::accounts {

using protocol::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// How long a program that asks for what the provider does not give is answered without asking again.
constexpr seconds kRefusalLife{60};

/// Whether the server has told us what became of the refresh token that we sent.
bool isAnswer(const oauth::Error& error) {
    switch (error.kind) {
    case oauth::ErrorKind::ServerError:
    case oauth::ErrorKind::OAuthError:
    case oauth::ErrorKind::InvalidGrant: return true;
    default: return error.neverSent;
    }
}

/// The refresh token may be good, and a person must say so to the server (OpenID Connect Core section 3.1.2.6), or it
/// may be dead: some servers answer no more than 400 then. A proxy's error has a body.
bool wantsPerson(const oauth::Error& error) {
    static constexpr std::array kCodes{"interaction_required", "login_required", "account_selection_required",
                                       "consent_required"};
    return error.isBareRefusal ||
           (error.kind == oauth::ErrorKind::OAuthError && std::ranges::find(kCodes, error.code) != kCodes.end());
}

/// Nobody has registered a client whose id is the address of its metadata document, so no server can have forgotten it;
/// one that cannot read the document may not know it for a while.
bool isMetadataDocument(const std::string& clientId) {
    return clientId.starts_with("https://");
}

/// Failures after which the provider is left alone for a while; the others are settled on this machine.
bool isTheProviders(ErrorKind kind) {
    return kind == ErrorKind::ProviderUnreachable || kind == ErrorKind::ProviderError;
}

std::optional<seconds> retryAfter(const protocol::Error& error) {
    const auto found = error.data.find("retry_after");
    if (found == error.data.end() || !found->is_number_integer()) {
        return std::nullopt;
    }
    return seconds(found->get<std::int64_t>());
}

} // namespace

std::shared_ptr<TokenAuthority::Refresh> TokenAuthority::beginRefresh(const Account& account, const TokenKind& kind) {
    const SessionPtr current = session(account.id);
    const auto refresh = std::make_shared<Refresh>();
    refresh->kind = kind;
    current->refreshing = refresh;
    runRefresh(account, current, refresh);
    return refresh;
}

QCoro::Task<> TokenAuthority::runRefresh(Account account, SessionPtr current, std::shared_ptr<Refresh> refresh) {
    // Not with ?: g++ 12 destroys the temporaries of both sides.
    if (refresh->kind.audience.empty()) {
        refresh->outcome = co_await refreshOnce(std::move(account), current, refresh->kind);
    } else {
        refresh->outcome = co_await exchangeOnce(std::move(account), current, refresh->kind);
    }
    if (refresh->outcome) {
        current->backoff.succeeded();
        current->lastFailure.reset();
        std::erase_if(current->refusals, [&](const Refusal& one) { return one.kind == refresh->kind; });
    } else {
        noteFailure(*current, refresh->kind, refresh->outcome.error());
    }
    current->refreshing.reset();
    renewInTime();
    refresh->gate.open();
}

/// What one program asks for must not keep the account's token from the others.
void TokenAuthority::noteFailure(Session& current, const TokenKind& kind, const protocol::Error& error) const {
    if (!isTheProviders(error.kind)) {
        return;
    }
    const milliseconds now = m.clock.steady();
    if (kind != TokenKind{} && error.kind == ErrorKind::ProviderError) {
        std::erase_if(current.refusals, [&](const Refusal& one) { return one.kind == kind || one.until <= now; });
        if (current.refusals.size() >= kMaxCachedTokens) {
            current.refusals.erase(current.refusals.begin());
        }
        current.refusals.push_back({kind, now + kRefusalLife, error});
        return;
    }
    current.backoff.failed(now, retryAfter(error), QRandomGenerator::global()->generateDouble());
    current.lastFailure = error;
}

QCoro::Task<> TokenAuthority::renew(std::string id, TokenKind kind) {
    // Nobody is there to be asked for a passphrase.
    const keychain::State state = co_await m.keychain.state();
    const Account* account = m.store.byId(id);
    if (!m_isLocked && state == keychain::State::Ready && account != nullptr && account->loginRequired.empty() &&
        !session(id)->refreshing && !changeOf(id)) {
        [[maybe_unused]] const auto begun = beginRefresh(*account, kind);
    }
}

QCoro::Task<Result<void>> TokenAuthority::refreshOnce(Account account, SessionPtr current, TokenKind kind) {
    if (current->unsaved) {
        StoredGrant grant = std::move(*current->unsaved);
        current->unsaved.reset();
        auto saved = co_await saveGrant(account, current, std::move(grant));
        const CachedToken* cached = current->cache.find(kind);
        if (!saved || (cached != nullptr && cached->remaining(m.clock.steady()) > seconds(0))) {
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
    current->generation = grant->generation;
    bind(*current, grant->dpopKey);
    if (!grant->refreshToken) {
        co_return useAccessToken(account, *current, std::move(*grant), kind);
    }
    co_return co_await sendRefresh(std::move(account), std::move(current), std::move(*grant), std::move(kind));
}

/// A grant without a refresh token is one access token and nothing else.
Result<void> TokenAuthority::useAccessToken(const Account& account, Session& current, StoredGrant grant,
                                            const TokenKind& kind) {
    if (!kind.holder.empty()) {
        return base::fail(failure(ErrorKind::InvalidValue,
                                  "the provider gave no refresh token for account " + account.name +
                                      ", so no token can be had that ends with a session of another machine"));
    }
    if (!kind.isWhole()) {
        return base::fail(
            failure(ErrorKind::InvalidValue, "the provider gave no refresh token for account " + account.name +
                                                 ", so no token for other scopes or a resource can be had"));
    }
    current.renewable = false;
    const std::int64_t left = grant.expiresAt - m.clock.utcSeconds();
    if (grant.expiresAt != 0 && left <= 0) {
        return requireLogin(account.id, "its access token has expired and the provider gave no refresh token");
    }
    oauth::TokenResponse kept;
    kept.accessToken = std::move(*grant.accessToken);
    if (grant.expiresAt != 0) {
        kept.expiresIn = seconds(left);
    }
    cache(current, kind, kept, account.scope);
    return {};
}

QCoro::Task<Result<void>> TokenAuthority::sendRefresh(Account account, SessionPtr current, StoredGrant grant,
                                                      TokenKind kind) {
    const oauth::Transport transport = transportFor(account);
    auto identity = co_await clientFor(clientOf(account));
    if (!identity) {
        co_return base::fail(std::move(identity.error()));
    }
    identity->dpopKey = grant.dpopKey;
    auto server = co_await m.servers.metadata(account.issuer, transport);
    if (!server) {
        co_return base::fail(fromOAuth(server.error(), account.issuer));
    }
    if (const auto noted = m.journal.begin(account.id, grant.generation, m.clock.utcSeconds()); !noted) {
        // Where this file cannot be written, a rotated refresh token could hardly be kept either.
        co_return base::fail(
            failure(ErrorKind::StorageError, noted.error() + "; nothing was asked of the provider, free some space"));
    }
    TokenKind asked = kind;
    if (asked.resource.empty()) {
        asked.resource = account.resource; // whatever the server makes of it: the token is for nothing else
    }
    auto answer = co_await m.client.refresh(*server, std::move(*identity), grant.refreshToken->clone(),
                                            std::move(asked), transport);
    if (!answer.tokens) {
        co_return co_await refused(std::move(account), std::move(current), std::move(grant), std::move(answer),
                                   std::move(kind));
    }
    co_return co_await accept(std::move(account), std::move(current), std::move(grant), std::move(*answer.tokens),
                              std::move(*server), std::move(kind));
}

QCoro::Task<Result<void>> TokenAuthority::refused(Account account, SessionPtr current, StoredGrant grant,
                                                  RefreshAnswer answer, TokenKind kind) {
    const oauth::Error& error = answer.tokens.error();
    if (error.kind == oauth::ErrorKind::InvalidGrant && kind.isWhole()) {
        co_return co_await giveUp(std::move(account), grant.generation);
    }
    if (error.kind == oauth::ErrorKind::InvalidGrant) {
        // Some servers refuse a scope or a resource as if the refresh token were dead; only what is asked without any
        // shows whether it is.
        m.journal.settle(account.id);
        protocol::Error narrow = fromOAuth(error, account.issuer);
        auto whole = co_await sendRefresh(std::move(account), std::move(current), std::move(grant), {});
        if (whole) {
            co_return base::fail(std::move(narrow));
        }
        co_return whole;
    }
    if (error.kind == oauth::ErrorKind::OAuthError && error.code == "invalid_client" && account.registered &&
        !isMetadataDocument(account.clientId)) {
        m.journal.settle(account.id);
        co_await m.registrations.forget(account.issuer, account.clientId);
        co_return requireLogin(account.id, "the provider no longer knows the client that it had registered for it");
    }
    if (wantsPerson(error) && kind.isWhole()) {
        // A narrower token may be refused for what it asks. The grant stays where it is.
        m.journal.settle(account.id);
        co_return requireLogin(account.id, error.isBareRefusal
                                               ? "the provider refuses to renew the session and does not say why"
                                               : "the provider wants to see you for it: " + error.detail);
    }
    if (isAnswer(error)) {
        m.journal.settle(account.id);
    }
    if (answer.salvaged) {
        StoredGrant next{grant.generation + 1, account.issuer, account.clientId, std::move(*answer.salvaged), {}, 0,
                         grant.dpopKey};
        current->generation = next.generation;
        auto saved = co_await saveGrant(account, current, std::move(next));
        noteRefreshEnd(account, std::nullopt);
        if (!saved) {
            co_return saved;
        }
    }
    co_return base::fail(fromOAuth(error, account.issuer));
}

QCoro::Task<Result<void>> TokenAuthority::giveUp(Account account, std::uint64_t generation) {
    const bool cutOff = m.journal.openAttempts(account.id, generation) > 1;
    m.journal.settle(account.id);
    auto erased = co_await m.keychain.remove(grantKey(account));
    std::string why = "the provider no longer accepts its refresh token";
    if (cutOff) {
        why +=
            "; an earlier refresh was cut off before the answer arrived, so a newer one may have been lost on the way";
    }
    if (!erased) {
        why += "; and the keychain did not let go of it";
    }
    co_return requireLogin(account.id, why);
}

QCoro::Task<Result<void>> TokenAuthority::accept(Account account, SessionPtr current, StoredGrant grant,
                                                 oauth::TokenResponse tokens, oauth::Metadata server, TokenKind kind) {
    const std::string asked = kind.scopes.empty() ? account.scope : oauth::joinScopes(kind.scopes);
    // One that stays keeps its end, unless the server says another; some servers send it again each time.
    const bool isAnother = tokens.refreshToken && tokens.refreshToken->reveal() != grant.refreshToken->reveal();
    const bool hasNewEnd = isAnother || tokens.refreshExpiresIn.has_value();
    if (tokens.refreshToken) {
        StoredGrant next{grant.generation + 1, account.issuer, account.clientId, std::move(*tokens.refreshToken), {}, 0,
                         grant.dpopKey};
        current->generation = next.generation;
        // First of all: whatever happens now, the old refresh token is spent.
        auto saved = co_await saveGrant(account, current, std::move(next));
        if (hasNewEnd) {
            noteRefreshEnd(account, tokens.refreshExpiresIn);
        }
        if (!saved) {
            bind(*current, grant.dpopKey);
            cache(*current, kind, tokens, asked); // served as soon as the write succeeds
            co_return saved;
        }
    } else if (hasNewEnd) {
        noteRefreshEnd(account, tokens.refreshExpiresIn);
    }
    m.journal.settle(account.id);
    if (tokens.idToken) {
        auto checked =
            co_await checkIdToken(account, std::move(*tokens.idToken), tokens.accessToken.clone(), std::move(server));
        if (!checked) {
            co_return checked;
        }
    }
    bind(*current, grant.dpopKey); // the broker may have been locked, and unlocked, meanwhile
    if (auto fits = cacheIfNarrow(account, *current, kind, tokens, asked); !fits) {
        co_return fits;
    }
    const Account* stored = m.store.byId(account.id);
    if (kind.isWhole() && tokens.scope && stored != nullptr && *tokens.scope != stored->scope) {
        Account changed = *stored;
        changed.scope = *tokens.scope;
        if (const auto put = m.store.put(std::move(changed)); !put) {
            co_return base::fail(failure(ErrorKind::StorageError, put.error()));
        }
    }
    co_return Result<void>();
}

std::int64_t TokenAuthority::refreshEnd(const Account& account, std::optional<seconds> stated) const {
    const providers::Profile* profile = m.catalogue.find(account.provider);
    if (!stated && profile != nullptr && profile->issuer == account.issuer) {
        stated = profile->refreshLifetime;
    }
    return stated ? m.clock.utcSeconds() + stated->count() : 0;
}

void TokenAuthority::noteRefreshEnd(const Account& account, std::optional<seconds> stated) {
    const Account* stored = m.store.byId(account.id);
    const std::int64_t end = refreshEnd(account, stated);
    if (stored == nullptr || stored->refreshExpiresAt == end) {
        return;
    }
    Account changed = *stored;
    changed.refreshExpiresAt = end;
    // Nobody is refused a token because this could not be written.
    [[maybe_unused]] const auto noted = m.store.put(std::move(changed));
}

/// OpenID Connect Core section 12.2.
QCoro::Task<Result<void>> TokenAuthority::checkIdToken(Account account, base::IdToken idToken,
                                                       base::AccessToken accessToken, oauth::Metadata server) {
    oauth::IdTokenExpectation expected;
    expected.issuer = account.issuer;
    expected.clientId = account.clientId;
    expected.algs = server.idTokenAlgs;
    expected.accessToken = &accessToken;
    expected.subject = account.subject;
    auto claims = co_await m.servers.verify(idToken, server.jwksUri, std::move(expected), transportFor(account));
    // Keys that cannot be fetched right now do not undo a refresh that came from the token endpoint itself; a token
    // that fails the check does.
    if (!claims && claims.error().kind == oauth::ErrorKind::Rejected) {
        co_return base::fail(fromOAuth(claims.error(), account.issuer));
    }
    co_return Result<void>();
}

QCoro::Task<Result<void>> TokenAuthority::saveGrant(Account account, SessionPtr current, StoredGrant grant) {
    auto written = co_await m.keychain.write(grantKey(account), formatGrant(grant));
    if (written) {
        m.journal.settle(account.id);
        co_return Result<void>();
    }
    current->unsaved = std::move(grant);
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
    changed.refreshExpiresAt = 0; // there is no good one any more
    withdraw(*session(id));
    protocol::Error error = loginRequired(changed.name, why);
    if (const auto put = m.store.put(std::move(changed)); !put) {
        error.message += " (" + put.error() + ")";
    }
    return base::fail(std::move(error));
}

} // namespace keybearer::accounts
