// The part of TokenAuthority that renews tokens in use ahead of their end.

#include "daemon/accounts/token_authority.h"

#include <algorithm>
#include <utility>

namespace keybearer::accounts {

using std::chrono::milliseconds;

namespace {

/// QTimer does not count the time that the machine sleeps, so it never sets out for longer than this.
constexpr milliseconds kLongestNap{60'000};

} // namespace

/// Not while the fate of the refresh token is unknown: what is in the cache may be the last good token.
bool TokenAuthority::mayRenew(const std::string& id, const Session& session) const {
    return !session.refreshing && !session.unsaved && m.journal.openAttempts(id, session.generation) == 0;
}

void TokenAuthority::renewInTime() {
    const milliseconds now = m.clock.steady();
    std::optional<milliseconds> soonest;
    for (const auto& [id, session] : m_sessions) {
        for (const CachedToken& token : session->cache.all()) {
            if (token.used && mayRenew(id, *session) && now < token.validUntil) {
                const milliseconds due = std::max(token.renewAt, session->backoff.until());
                soonest = std::min(soonest.value_or(due), due);
            }
        }
    }
    if (soonest) {
        m_renewal.start(std::clamp(*soonest - now, milliseconds(0), kLongestNap));
    }
}

void TokenAuthority::renewDue() {
    const milliseconds now = m.clock.steady();
    std::vector<std::pair<std::string, TokenKind>> due;
    for (const auto& [id, session] : m_sessions) {
        const bool free = mayRenew(id, *session) && !session->backoff.isPaused(now);
        const auto token = std::ranges::find_if(session->cache.all(), [&](const CachedToken& one) {
            return free && one.used && one.renewAt <= now && now < one.validUntil;
        });
        if (token != session->cache.all().end()) {
            due.emplace_back(id, token->kind);
            session->cache.find(token->kind)->renewAt = now + kLongestNap; // should this attempt come to nothing
        }
    }
    for (auto& [id, kind] : due) {
        renew(std::move(id), std::move(kind));
    }
    renewInTime();
}

} // namespace keybearer::accounts
