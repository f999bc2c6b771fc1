#include "daemon/audit/use_history.h"

#include <algorithm>

namespace keybearer::audit {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86'400;

/// Times before 1970 are no worse than others: a broken clock must not break the record.
std::int64_t floorDivided(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

std::uint32_t hourBit(std::int64_t time) {
    const std::int64_t inDay = time - floorDivided(time, kDay) * kDay;
    return 1U << static_cast<unsigned>(inDay / kHour);
}

} // namespace

std::string_view toString(unsigned unusual) {
    static constexpr std::array<std::string_view, 8> kTexts{
        "",         "new_client",          "burst",          "new_client,burst",
        "new_hour", "new_client,new_hour", "burst,new_hour", "new_client,burst,new_hour"};
    return kTexts[unusual & 7U];
}

unsigned UseHistory::note(std::string_view client, std::string_view credential, std::int64_t utcSeconds) {
    const std::int64_t minute = floorDivided(utcSeconds, kMinute);
    unsigned unusual = 0;
    auto found = m_pairs.find(Key{client, credential});
    if (found == m_pairs.end()) {
        if (m_pairs.size() == kMostPairs) {
            makeRoom();
        }
        Use fresh;
        fresh.first = utcSeconds;
        fresh.minute = minute;
        found = m_pairs.emplace(OwnedKey{std::string(client), std::string(credential)}, fresh).first;
        unusual = kNewClient;
    }
    Use& use = found->second;
    use.last = utcSeconds;
    if (use.minute != minute) {
        use.busiest = std::max(use.busiest, use.inMinute);
        use.inMinute = 0;
        use.minute = minute;
    }
    if (++use.inMinute == std::max(kQuietBurst, use.busiest * kBurstFactor) + 1) {
        unusual |= kBurst;
    }
    const std::uint32_t hour = hourBit(utcSeconds);
    if ((use.hours & hour) == 0) {
        unusual |= utcSeconds - use.first >= kHourAfter ? kNewHour : 0U;
        use.hours |= hour;
    }
    return unusual;
}

void UseHistory::takeBack(std::string_view client, std::string_view credential, std::int64_t utcSeconds,
                          unsigned unusual) {
    const auto found = m_pairs.find(Key{client, credential});
    if (found == m_pairs.end()) {
        return;
    }
    if ((unusual & kNewClient) != 0) {
        m_pairs.erase(found);
        return;
    }
    Use& use = found->second;
    use.inMinute -= use.inMinute > 0 ? 1 : 0;
    if ((unusual & kNewHour) != 0) {
        use.hours &= ~hourBit(utcSeconds);
    }
}

/// An eighth at once: it looks at all of them.
void UseHistory::makeRoom() {
    std::vector<std::int64_t> times;
    times.reserve(m_pairs.size());
    for (const auto& [key, use] : m_pairs) {
        times.push_back(use.last);
    }
    const auto eighth = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 8);
    std::ranges::nth_element(times, eighth);
    std::size_t left = times.size() / 8 + 1;
    std::erase_if(m_pairs, [&](const auto& pair) { return pair.second.last <= *eighth && left > 0 && left-- > 0; });
}

} // namespace keybearer::audit
