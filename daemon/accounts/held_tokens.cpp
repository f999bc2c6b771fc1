// The part of TokenAuthority that takes back what one holder was given.

#include "daemon/accounts/token_authority.h"

#include <algorithm>

namespace keybearer::accounts {
namespace {

constexpr const char* kForgotten = "the broker does not have it any more: it was locked in between";
constexpr const char* kLeftAlone = "its provider file says that the sign-in would end with them";

} // namespace

void TokenAuthority::withdraw(Session& session) const {
    for (CachedToken& token : session.cache.takeAll()) {
        retire(session, std::move(token));
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

/// When the last of them ends; nullopt as soon as one is unknown.
struct TokenAuthority::Kept {
    std::int64_t last = 0;
    bool isKnown = true;

    void note(const std::optional<std::int64_t>& end) {
        last = std::max(last, end.value_or(0));
        isKnown = isKnown && end.has_value();
    }
    [[nodiscard]] std::optional<std::int64_t> until() const { return isKnown ? std::optional(last) : std::nullopt; }
};

QCoro::Task<std::vector<HeldReport>> TokenAuthority::revokeHeld(std::string holder) {
    std::vector<HeldReport> reports;
    const std::map<std::string, SessionPtr> sessions = m_sessions; // others may come while this waits
    for (const auto& [id, current] : sessions) {
        co_await settled(current); // what a refresh brings is this holder's as well; what a logout leaves is below
        auto report = co_await revokeHeldOf(id, current, holder);
        if (report.revoked > 0 || report.failed > 0) {
            reports.push_back(std::move(report));
        }
    }
    std::ranges::move(takeLeft(holder), std::back_inserter(reports));
    co_return reports;
}

QCoro::Task<HeldReport> TokenAuthority::revokeHeldOf(std::string id, SessionPtr current, std::string holder) {
    HeldReport report;
    std::erase_if(current->refusals, [&](const Refusal& one) { return one.kind.holder == holder; });
    const Account* known = m.store.byId(id);
    if (known == nullptr) {
        co_return std::move(report);
    }
    Account account = *known;
    report.account = account.name;
    Kept kept;
    for (const Forgotten& one : current->forgotten) {
        if (one.holder == holder && one.validUntil > m.clock.steady()) {
            ++report.failed;
            kept.note(one.expiresAt);
            report.detail = kForgotten;
        }
    }
    std::erase_if(current->forgotten, [&](const Forgotten& one) { return one.holder == holder; });
    Revocation done;
    done.left = takeHeld(*current, holder);
    const providers::Profile* profile = m.catalogue.find(account.provider);
    if (profile != nullptr && profile->issuer == account.issuer && profile->revocationEndsSignIn) {
        done.detail = kLeftAlone;
    } else if (!done.left.empty()) {
        done = co_await revokeAll(std::move(account), std::move(done.left));
    }
    for (const CachedToken& token : done.left) {
        ++report.failed;
        kept.note(token.expiresAt);
        report.detail = done.detail;
    }
    report.revoked = done.revoked;
    if (report.failed > 0) {
        report.until = kept.until();
    }
    co_return std::move(report);
}

void TokenAuthority::leave(const Account& account, Session& session, Revocation others) {
    for (CachedToken& token : others.left) {
        m_left.push_back({account.name, {token.kind.holder, token.expiresAt, token.validUntil}, others.detail});
    }
    for (Forgotten& one : session.forgotten) {
        m_left.push_back({account.name, std::move(one), kForgotten});
    }
    std::erase_if(m_left, [](const Left& one) { return one.token.holder.empty(); });
}

std::vector<HeldReport> TokenAuthority::takeLeft(const std::string& holder) {
    std::map<std::string, std::pair<HeldReport, Kept>> byAccount;
    for (const Left& one : m_left) {
        if (one.token.holder == holder && one.token.validUntil > m.clock.steady()) {
            auto& [report, kept] = byAccount[one.account];
            report.account = one.account;
            report.detail = one.detail;
            ++report.failed;
            kept.note(one.token.expiresAt);
            report.until = kept.until();
        }
    }
    std::erase_if(m_left, [&](const Left& one) { return one.token.holder == holder; });
    std::vector<HeldReport> reports;
    for (auto& [account, one] : byAccount) {
        reports.push_back(std::move(one.first));
    }
    return reports;
}

} // namespace keybearer::accounts
