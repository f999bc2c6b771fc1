#pragma once
/// \file
/// When a stream of events that broke is asked for again. Pure.

#include "app/mcp/sse_parser.h"

#include <chrono>
#include <optional>
#include <string>

namespace keybearer::mcp {

class Resumption {
public:
    using Clock = std::chrono::steady_clock;

    explicit Resumption(int mostFailures) : m_mostFailures(mostFailures) {}

    /// Takes note of what a stream has said so far.
    void take(const SseParser& events);
    /// The stream was of use: what failed before it does not count.
    void worked() { m_failures = 0; }
    /// The server has begun to answer with a stream.
    void opened(Clock::time_point now) { m_opened = now; }

    [[nodiscard]] const std::string& lastEventId() const noexcept { return m_lastEventId; }
    /// The stream has ended, or could not be had: the pause before the next attempt; nullopt when there has been enough
    /// of it. One that was open for ten seconds was of use, whatever it brought: proxies end those that are silent.
    [[nodiscard]] std::optional<std::chrono::milliseconds> next(Clock::time_point now);

private:
    int m_mostFailures;
    int m_failures = 0; ///< attempts in a row that brought nothing
    std::string m_lastEventId;
    std::optional<std::chrono::milliseconds> m_retry;
    std::optional<Clock::time_point> m_opened; ///< of the attempt that is under way
};

} // namespace keybearer::mcp
