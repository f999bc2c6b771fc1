#pragma once
/// \file
/// When a provider that fails may be asked again. Pure; times come from the caller, on the steady clock.

#include <algorithm>
#include <chrono>
#include <optional>

namespace keybearer::accounts {

/// The longest pause of our own; a server's Retry-After may ask for more (oauth::Error::retryAfter is capped).
inline constexpr std::chrono::seconds kMaxBackoff{60};

/// The first failure costs no pause: it is the lost connection of a laptop that has just woken up. Then 1, 2, 4 ... 60
/// seconds, each shortened by up to a half at random, so that many machines do not come back at the same moment.
class Backoff {
public:
    /// `jitter` in [0, 1).
    void failed(std::chrono::milliseconds now, std::optional<std::chrono::seconds> retryAfter, double jitter) {
        const int doublings = std::clamp(m_failures - 1, 0, 6);
        const std::chrono::milliseconds full =
            std::min<std::chrono::milliseconds>(std::chrono::seconds(1 << doublings), kMaxBackoff);
        const std::chrono::milliseconds pause =
            m_failures == 0 ? std::chrono::milliseconds(0)
                            : full - std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(
                                         static_cast<double>(full.count()) / 2 * jitter));
        ++m_failures;
        m_askedByServer = now + retryAfter.value_or(std::chrono::seconds(0));
        m_until = std::max(now + pause, m_askedByServer);
    }
    void succeeded() { *this = {}; }

    [[nodiscard]] bool isPaused(std::chrono::milliseconds now) const { return now < m_until; }
    /// The server named the time itself, which also holds for a caller who insists.
    [[nodiscard]] bool isPausedByServer(std::chrono::milliseconds now) const { return now < m_askedByServer; }
    [[nodiscard]] std::chrono::milliseconds until() const { return m_until; }

private:
    int m_failures = 0;
    std::chrono::milliseconds m_until{};
    std::chrono::milliseconds m_askedByServer{};
};

} // namespace keybearer::accounts
