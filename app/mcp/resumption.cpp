#include "app/mcp/resumption.h"

#include <algorithm>

namespace keybearer::mcp {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{1000};
constexpr milliseconds kLongestPause{30'000};
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

std::optional<milliseconds> Resumption::next() {
    if (m_failures >= m_mostFailures) {
        return std::nullopt;
    }
    const milliseconds growing = kFirstPause * (1 << std::min(m_failures, 5));
    ++m_failures;
    return std::clamp(m_retry.value_or(growing), kShortestPause, kLongestPause);
}

} // namespace keybearer::mcp
