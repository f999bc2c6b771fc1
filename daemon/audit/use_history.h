#pragma once
/// \file
/// What is unusual about a release: a pure function over what programs did before.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace keybearer::audit {

/// Bits, so that a row may be unusual in several ways.
enum Unusual : unsigned {
    kNewClient = 1, ///< this program has never got this credential
    kBurst = 2,     ///< more in a minute than it ever took
    kNewHour = 4,   ///< at an hour of the day (UTC) at which it never took it
};

/// As a row writes it: "new_client,burst"; empty for 0.
[[nodiscard]] std::string_view toString(unsigned unusual);

/// For each program and credential: its first and last use, its hours, its busiest minute. A few hundred bytes a pair,
/// kMostPairs of them; the one that was used longest ago makes room. Main thread.
class UseHistory {
public:
    static constexpr std::size_t kMostPairs = 4096;
    /// Releases in one minute that are no burst, whatever was usual.
    static constexpr std::uint32_t kQuietBurst = 30;
    /// A burst is more than this many times the busiest minute before.
    static constexpr std::uint32_t kBurstFactor = 4;
    /// Before an hour can be a new one.
    static constexpr std::int64_t kHourAfter = 14 * std::int64_t{86'400};

    /// Takes a release in, and says what is unusual about it: Unusual's bits. A burst is told once a minute.
    unsigned note(std::string_view client, std::string_view credential, std::int64_t utcSeconds);
    /// The release was not given after all: what note() said is to be said again.
    void takeBack(std::string_view client, std::string_view credential, std::int64_t utcSeconds, unsigned unusual);

    [[nodiscard]] std::size_t size() const noexcept { return m_pairs.size(); }

private:
    struct Key {
        std::string_view client, credential;
        bool operator==(const Key&) const = default;
    };
    struct OwnedKey {
        std::string client, credential;
        [[nodiscard]] Key view() const { return {client, credential}; }
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const Key& key) const {
            const std::hash<std::string_view> hash;
            return hash(key.client) * 31 + hash(key.credential);
        }
        std::size_t operator()(const OwnedKey& key) const { return (*this)(key.view()); }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const OwnedKey& a, const OwnedKey& b) const { return a.view() == b.view(); }
        bool operator()(const OwnedKey& a, const Key& b) const { return a.view() == b; }
        bool operator()(const Key& a, const OwnedKey& b) const { return a == b.view(); }
    };
    struct Use {
        std::int64_t first = 0; ///< UTC seconds
        std::int64_t last = 0;
        std::int64_t minute = 0; ///< the one that is counted
        std::uint32_t inMinute = 0;
        std::uint32_t busiest = 0; ///< of the minutes before
        std::uint32_t hours = 0;   ///< a bit for each hour of the day
    };

    void makeRoom();

    std::unordered_map<OwnedKey, Use, Hash, Equal> m_pairs;
};

} // namespace keybearer::audit
