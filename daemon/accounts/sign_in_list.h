#pragma once
/// \file
/// The sign-ins that wait for a person, because nobody would have seen their windows.

#include "ipc/base/clock.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keybearer::accounts {

/// Why no window opens.
enum class Hold { ScreenLocked, NotAnswered };
[[nodiscard]] std::string_view toString(Hold hold);

struct WaitingSignIn {
    std::string provider; ///< its name, or the issuer
    std::string account;
    Hold reason = Hold::ScreenLocked;
    std::int64_t since = 0; ///< UTC seconds
};

/// Main thread. Kept in memory: a broker that has just started has opened nothing yet.
class SignInList {
public:
    /// Windows that may stay unanswered, one after the other, before programs can open no more of them.
    static constexpr unsigned kMaxIgnored = 2;
    /// Sign-ins that are remembered; the oldest is forgotten first.
    static constexpr std::size_t kMaxEntries = 64;

    explicit SignInList(const base::Clock& clock) : m_clock(clock) {}
    /// Called after each change of waiting().
    void onChange(std::function<void()> changed) { m_changed = std::move(changed); }

    /// A program asks and no person does: nullopt when a window may open. What is held is on the list from then on.
    [[nodiscard]] std::optional<Hold> hold(const std::string& provider, const std::string& account, bool screenLocked);
    /// The window was open until its deadline, and nobody answered.
    void ignored(const std::string& provider, const std::string& account);
    /// A person is there for this account: it waits no longer, and what was ignored is forgotten.
    void answered(const std::string& provider, const std::string& account);

    [[nodiscard]] std::vector<WaitingSignIn> waiting() const;

private:
    struct Entry {
        unsigned ignored = 0;
        std::int64_t touched = 0;
        std::optional<WaitingSignIn> waiting;
    };
    using Key = std::pair<std::string, std::string>; ///< provider, account

    Entry& entry(const std::string& provider, const std::string& account);

    const base::Clock& m_clock;
    std::map<Key, Entry> m_entries;
    std::function<void()> m_changed;
};

} // namespace keybearer::accounts
