#include "daemon/accounts/sign_in_list.h"

#include <algorithm>

namespace keybearer::accounts {
namespace {

void tell(const std::function<void()>& changed) {
    if (changed) {
        changed();
    }
}

} // namespace

std::string_view toString(Hold hold) {
    return hold == Hold::ScreenLocked ? "screen_locked" : "not_answered";
}

SignInList::Entry& SignInList::entry(const std::string& provider, const std::string& account) {
    const Key key{provider, account};
    if (!m_entries.contains(key) && m_entries.size() >= kMaxEntries) {
        m_entries.erase(std::ranges::min_element(m_entries, {}, [](const auto& row) { return row.second.touched; }));
    }
    Entry& out = m_entries[key];
    out.touched = m_clock.utcSeconds();
    return out;
}

std::optional<Hold> SignInList::hold(const std::string& provider, const std::string& account, bool screenLocked) {
    const auto found = m_entries.find({provider, account});
    const bool tooMany = found != m_entries.end() && found->second.ignored >= kMaxIgnored;
    if (!tooMany && !screenLocked) {
        return std::nullopt;
    }
    const Hold reason = tooMany ? Hold::NotAnswered : Hold::ScreenLocked;
    Entry& held = entry(provider, account);
    held.waiting = WaitingSignIn{provider, account, reason, held.waiting ? held.waiting->since : held.touched};
    tell(m_changed);
    return reason;
}

void SignInList::ignored(const std::string& provider, const std::string& account) {
    Entry& held = entry(provider, account);
    if (++held.ignored >= kMaxIgnored && !held.waiting) {
        held.waiting = WaitingSignIn{provider, account, Hold::NotAnswered, held.touched};
        tell(m_changed);
    }
}

void SignInList::answered(const std::string& provider, const std::string& account) {
    m_entries.erase({provider, account});
    tell(m_changed);
}

std::vector<WaitingSignIn> SignInList::waiting() const {
    std::vector<WaitingSignIn> out;
    for (const auto& [key, held] : m_entries) {
        if (held.waiting) {
            out.push_back(*held.waiting);
        }
    }
    return out;
}

} // namespace keybearer::accounts
