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
    explicit Resumption(int mostFailures) : m_mostFailures(mostFailures) {}

    /// Takes note of what a stream has said so far.
    void take(const SseParser& events);
    /// The stream was of use: what failed before it does not count.
    void worked() { m_failures = 0; }

    [[nodiscard]] const std::string& lastEventId() const noexcept { return m_lastEventId; }
    /// The pause before the next attempt; nullopt when there has been enough of it.
    [[nodiscard]] std::optional<std::chrono::milliseconds> next();

private:
    int m_mostFailures;
    int m_failures = 0; ///< attempts in a row that brought nothing
    std::string m_lastEventId;
    std::optional<std::chrono::milliseconds> m_retry;
};

} // namespace keybearer::mcp
