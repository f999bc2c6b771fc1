#include "app/mcp/resumption.h"

#include <algorithm>
#include <utility>

namespace keybearer::mcp {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{1000};
constexpr milliseconds kLongestPause{30'000};
constexpr std::chrono::seconds kLongEnough{10};
/// Whatever the server says.
constexpr milliseconds kShortestPause{20};

} // namespace

void Resumption::take(const SseParser& events) {
    if (!events.lastEventId().empty() && events.lastEventId() != m_lastEventId) {
        m_lastEventId = events.lastEventId();
        worked();
    }
    m_retry = events.retry() ? events.retry() : m_retry;
}

std::optional<milliseconds> Resumption::next(Clock::time_point now) {
    const auto opened = std::exchange(m_opened, std::nullopt);
    if (opened && now - *opened >= kLongEnough) {
        worked();
    }
    if (m_failures >= m_mostFailures) {
        return std::nullopt;
    }
    const milliseconds growing = kFirstPause * (1 << std::min(m_failures, 5));
    ++m_failures;
    return std::clamp(m_retry.value_or(growing), kShortestPause, kLongestPause);
}

} // namespace keybearer::mcp
