// The part of TokenAuthority that changes a token of the whole grant for one that is good in one place (RFC 8693).

#include "daemon/accounts/token_authority.h"
#include "daemon/oauth/authorization_request.h"

#include <algorithm>

namespace keybearer::accounts {

using protocol::ErrorKind;
using std::chrono::seconds;

namespace {

/// What is sent to be exchanged must live until the server has looked at it.
constexpr seconds kSubjectLife{30};

constexpr std::string_view kGrant = "urn:ietf:params:oauth:grant-type:token-exchange";

bool offersExchange(const oauth::Metadata& server) {
    return server.grantTypes.empty() || std::ranges::find(server.grantTypes, kGrant) != server.grantTypes.end();
}

} // namespace

QCoro::Task<Result<void>> TokenAuthority::exchangeOnce(Account account, SessionPtr current, TokenKind kind) {
    const auto isGood = [this](const CachedToken* token) {
        return token != nullptr && token->remaining(m.clock.steady()) > kSubjectLife;
    };
    const TokenKind whole;
    const bool wasCached = isGood(current->cache.find(whole));
    if (!wasCached) {
        auto refreshed = co_await refreshOnce(account, current, whole);
        if (!refreshed) {
            co_return refreshed;
        }
    }
    auto exchanged = co_await sendExchange(account, current, kind);
    // A server may have ended the token that we still hold; it says so in several ways (section 2.2.2).
    if (!exchanged && exchanged.error().kind == ErrorKind::ProviderError && wasCached &&
        exchanged.error().data.value("oauth_error", "") != "invalid_target") {
        auto refreshed = co_await refreshOnce(account, current, whole);
        if (!refreshed) {
            co_return refreshed;
        }
        co_return co_await sendExchange(std::move(account), std::move(current), std::move(kind));
    }
    co_return exchanged;
}

QCoro::Task<Result<void>> TokenAuthority::sendExchange(Account account, SessionPtr current, TokenKind kind) {
    const oauth::Transport transport = transportFor(account);
    auto identity = co_await clientFor(clientOf(account));
    if (!identity) {
        co_return base::fail(std::move(identity.error()));
    }
    const auto dpopKey = current->dpopKey;
    identity->dpopKey = dpopKey; // the subject's own: whoever sends a bound token proves it
    auto server = co_await m.servers.metadata(account.issuer, transport);
    if (!server) {
        co_return base::fail(fromOAuth(server.error(), account.issuer));
    }
    if (!offersExchange(*server)) {
        co_return base::fail(failure(ErrorKind::Unsupported, account.issuer + " does not offer token exchange"));
    }
    const CachedToken* subject = current->cache.find(TokenKind{});
    if (subject == nullptr) { // the broker was locked in between
        co_return base::fail(failure(ErrorKind::ProviderError, "the account's token is gone; ask again"));
    }
    const std::string asked = kind.scopes.empty() ? subject->scope : oauth::joinScopes(kind.scopes);
    auto tokens =
        co_await m.client.exchangeToken(*server, std::move(*identity), subject->token.clone(), kind, transport);
    if (!tokens) {
        co_return base::fail(fromOAuth(tokens.error(), account.issuer));
    }
    // A refresh token that comes along belongs to the exchanged token alone; the grant keeps its own.
    bind(*current, dpopKey); // the broker may have been locked, and unlocked, meanwhile
    co_return cacheIfNarrow(account, *current, kind, *tokens, asked);
}

} // namespace keybearer::accounts
