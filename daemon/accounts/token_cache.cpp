#include "daemon/accounts/token_cache.h"

#include <algorithm>

namespace keybearer::accounts {

TokenKind tokenKind(std::vector<std::string> scopes, std::string resource, std::string audience) {
    std::ranges::sort(scopes);
    scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
    return {std::move(scopes), std::move(resource), std::move(audience), {}};
}

std::string scopeBeyond(const TokenKind& kind, std::string_view granted) {
    while (!kind.scopes.empty() && !granted.empty()) {
        const std::string_view scope = granted.substr(0, granted.find(' '));
        granted.remove_prefix(std::min(scope.size() + 1, granted.size()));
        if (!scope.empty() && scope != "openid" && scope != "offline_access" &&
            std::ranges::find(kind.scopes, scope) == kind.scopes.end()) {
            return std::string(scope);
        }
    }
    return {};
}

std::chrono::seconds CachedToken::remaining(std::chrono::milliseconds now) const {
    return std::chrono::floor<std::chrono::seconds>(validUntil - now);
}

std::chrono::milliseconds renewalLead(std::chrono::seconds lifetime, double jitter) {
    using std::chrono::milliseconds;
    // A caller that names no min_valid wants a minute: whoever renews later than that makes him wait.
    constexpr milliseconds kShortest{75'000};
    const milliseconds life(lifetime);
    const milliseconds lead = std::clamp(life / 6, kShortest, milliseconds(kMaxRenewalLead));
    const auto spread = static_cast<milliseconds::rep>(static_cast<double>(lead.count()) / 3 * jitter);
    return std::min(lead + milliseconds(spread), life / 2);
}

CachedToken* TokenCache::find(const TokenKind& kind) {
    const auto found = std::ranges::find(m_tokens, kind, &CachedToken::kind);
    return found == m_tokens.end() ? nullptr : &*found;
}

std::optional<CachedToken> TokenCache::put(CachedToken token) {
    if (CachedToken* known = find(token.kind)) {
        *known = std::move(token);
        return std::nullopt;
    }
    // One holder's tokens never push out another's.
    std::size_t count = 0;
    auto oldest = m_tokens.end();
    for (auto one = m_tokens.begin(); one != m_tokens.end(); ++one) {
        if (one->kind.holder == token.kind.holder) {
            ++count;
            oldest = oldest == m_tokens.end() || one->lastUsed < oldest->lastUsed ? one : oldest;
        }
    }
    std::optional<CachedToken> gone;
    if (count >= kMaxCachedTokens) {
        gone = std::move(*oldest);
        m_tokens.erase(oldest);
    }
    m_tokens.push_back(std::move(token));
    return gone;
}

std::vector<CachedToken> TokenCache::takeAllOf(const std::string& holder) {
    std::vector<CachedToken> taken;
    std::vector<CachedToken> left;
    for (CachedToken& token : m_tokens) {
        (token.kind.holder == holder ? taken : left).push_back(std::move(token));
    }
    m_tokens = std::move(left);
    return taken;
}

} // namespace keybearer::accounts
