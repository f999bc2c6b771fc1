#pragma once
/// \file
/// The access tokens of one account that are held in memory: one for each set of scopes, resource and audience that
/// programs ask for. Pure; times come from the caller, on the steady clock.

#include "ipc/base/secret.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keybearer::accounts {

/// How many different tokens an account holds at most for one holder; the one that was not asked for longest goes
/// first.
inline constexpr std::size_t kMaxCachedTokens = 16;
/// How many tokens that were handed to a holder and replaced before their end are kept to be revoked, for each account.
inline constexpr std::size_t kMaxHeldTokens = 64;
/// How far ahead of its end a token in use is renewed, at most; a sixth of its life for short-lived ones.
inline constexpr std::chrono::seconds kMaxRenewalLead{300};

/// What a token is asked for. Default: the whole grant, no resource.
struct TokenKind {
    std::vector<std::string> scopes; ///< a part of the granted ones (RFC 6749 section 6), sorted; empty: all of them
    std::string resource;            ///< RFC 8707; empty: none
    std::string audience;            ///< got by exchanging a token of the whole grant for it (RFC 8693); empty: none
    std::string holder = {};         ///< whose alone it is, until that one's end; empty: this machine's programs'

    /// Nothing narrower than the grant, whoever holds it.
    [[nodiscard]] bool isWhole() const { return scopes.empty() && resource.empty() && audience.empty(); }
    friend bool operator==(const TokenKind&, const TokenKind&) = default;
};

/// Sorts and removes repetitions, so that the order in which a program names its scopes does not matter.
[[nodiscard]] TokenKind tokenKind(std::vector<std::string> scopes, std::string resource, std::string audience = {});

/// The first of the `granted` scopes (space separated) that the kind did not ask for; empty when there is none, or when
/// it asked for all. "openid" and "offline_access" open no API and are added by servers of their own accord.
[[nodiscard]] std::string scopeBeyond(const TokenKind& kind, std::string_view granted);

struct CachedToken {
    TokenKind kind;
    base::AccessToken token;
    std::string scope;                      ///< granted, space separated
    std::chrono::milliseconds validUntil{}; ///< steady clock
    std::chrono::milliseconds renewAt{};    ///< steady clock: from here on it is renewed if it is in use
    std::chrono::milliseconds lastUsed{};   ///< steady clock
    std::chrono::seconds lifetime{};        ///< when it came
    std::optional<std::int64_t> expiresAt;  ///< UTC seconds; nullopt: the provider does not say
    bool used = false;                      ///< handed out since it came

    [[nodiscard]] std::chrono::seconds remaining(std::chrono::milliseconds now) const;
};

/// How far ahead of its end a token of this life is renewed. `jitter` in [0, 1) spreads machines that signed in at the
/// same time over a third of the lead.
[[nodiscard]] std::chrono::milliseconds renewalLead(std::chrono::seconds lifetime, double jitter);

class TokenCache {
public:
    /// Valid until the next put() or clear(); nullptr when there is none.
    [[nodiscard]] CachedToken* find(const TokenKind& kind);
    [[nodiscard]] const std::vector<CachedToken>& all() const noexcept { return m_tokens; }
    /// Replaces the one of the same kind. The one that had to make room.
    std::optional<CachedToken> put(CachedToken token);
    /// All of them; none are left.
    [[nodiscard]] std::vector<CachedToken> takeAll() { return std::exchange(m_tokens, {}); }
    /// All of one holder; none of them are left.
    [[nodiscard]] std::vector<CachedToken> takeAllOf(const std::string& holder);

private:
    std::vector<CachedToken> m_tokens;
};

} // namespace keybearer::accounts
