// The part of TokenAuthority that takes back what one holder was given.

#include "daemon/accounts/token_authority.h"

#include <algorithm>

namespace keybearer::accounts {
namespace {

constexpr const char* kLeftAlone = "its provider file says that the sign-in would end with them";

} // namespace

void TokenAuthority::withdraw(Session& session) const {
    for (CachedToken& token : session.cache.takeAll()) {
        if (!token.kind.holder.empty()) {
            retire(session, std::move(token));
        }
    }
}

void TokenAuthority::forget(Session& session) {
    std::vector<CachedToken> tokens = session.cache.takeAll();
    std::ranges::move(std::exchange(session.replaced, {}), std::back_inserter(tokens));
    for (const CachedToken& token : tokens) {
        if (!token.kind.holder.empty() && token.used) {
            session.forgotten.push_back({token.kind.holder, token.expiresAt, token.validUntil});
        }
    }
}

std::size_t TokenAuthority::heldCount(const Session& session, const std::string& holder) const {
    const std::chrono::milliseconds now = m.clock.steady();
    const auto isHeld = [&](const CachedToken& token) { return token.kind.holder == holder && token.validUntil > now; };
    return static_cast<std::size_t>(std::ranges::count_if(session.cache.all(), isHeld) +
                                    std::ranges::count_if(session.replaced, isHeld));
}

std::vector<CachedToken> TokenAuthority::takeHeld(Session& session, const std::string& holder) const {
    const std::chrono::milliseconds now = m.clock.steady();
    std::vector<CachedToken> tokens = session.cache.takeAllOf(holder);
    std::vector<CachedToken> others;
    for (CachedToken& token : std::exchange(session.replaced, {})) {
        (token.kind.holder == holder ? tokens : others).push_back(std::move(token));
    }
    session.replaced = std::move(others);
    std::erase_if(tokens, [now](const CachedToken& token) { return token.validUntil <= now; });
    return tokens;
}

QCoro::Task<std::vector<HeldReport>> TokenAuthority::revokeHeld(std::string holder) {
    std::vector<HeldReport> reports;
    const std::map<std::string, SessionPtr> sessions = m_sessions; // others may come while this waits
    for (const auto& [id, current] : sessions) {
        if (const auto refreshing = current->refreshing; refreshing && refreshing->kind.holder == holder) {
            co_await refreshing->gate.wait(); // what it brings is this holder's as well
        }
        std::vector<CachedToken> tokens = takeHeld(*current, holder);
        std::erase_if(current->refusals, [&](const Refusal& one) { return one.kind.holder == holder; });
        HeldReport report;
        std::int64_t until = 0;
        bool isKnown = true;
        const auto note = [&](const std::optional<std::int64_t>& end) {
            until = std::max(until, end.value_or(0));
            isKnown = isKnown && end.has_value();
        };
        for (const Forgotten& one : current->forgotten) {
            if (one.holder == holder && one.validUntil > m.clock.steady()) {
                ++report.failed;
                note(one.expiresAt);
                report.detail = "the broker does not have it any more: it was locked in between";
            }
        }
        std::erase_if(current->forgotten, [&](const Forgotten& one) { return one.holder == holder; });
        const Account* known = m.store.byId(id);
        if (known == nullptr || (tokens.empty() && report.failed == 0)) {
            continue; // a logout has revoked them
        }
        Account account = *known;
        report.account = account.name;
        if (!tokens.empty()) {
            HeldReport ends;
            for (const CachedToken& token : tokens) {
                ends.until = std::max(ends.until, token.expiresAt);
                ends.failed += token.expiresAt ? 0 : 1;
            }
            RevokeReport revoked{0, tokens.size(), kLeftAlone};
            const providers::Profile* profile = m.catalogue.find(account.provider);
            if (profile == nullptr || profile->issuer != account.issuer || !profile->revocationEndsSignIn) {
                revoked = co_await revokeAll(std::move(account), std::move(tokens));
            }
            report.revoked = revoked.revoked;
            report.failed += revoked.failed;
            if (revoked.failed > 0) {
                note(ends.failed > 0 ? std::nullopt : ends.until);
                report.detail = revoked.detail;
            }
        }
        if (report.failed > 0 && isKnown) {
            report.until = until;
        }
        reports.push_back(std::move(report));
    }
    co_return reports;
}

} // namespace keybearer::accounts
