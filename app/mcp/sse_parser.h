#pragma once
/// \file
/// Server-sent events (WHATWG HTML section 9.2.6), piece by piece and within bounds. Pure.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::mcp {

/// Longest id of an event that is kept: it is sent back in a header.
inline constexpr std::size_t kMaxEventId = 1024;

class SseParser {
public:
    /// `data` of an event of the type "message", the only one that carries messages; never empty.
    using Sink = std::function<void(std::string data)>;

    /// False, from then on, when a line or an event is larger than kMaxMessage. `sink` may not destroy the parser.
    [[nodiscard]] bool feed(std::string_view bytes, const Sink& sink);

    /// Of the last event that was complete and had one that a header can carry; empty before.
    [[nodiscard]] const std::string& lastEventId() const noexcept { return m_lastEventId; }
    /// How long the server wants to be left alone before it is asked again.
    [[nodiscard]] std::optional<std::chrono::milliseconds> retry() const noexcept { return m_retry; }

private:
    [[nodiscard]] bool takeLine(const Sink& sink);
    void takeField(std::string_view name, std::string_view value);

    std::string m_line;
    std::string m_data;
    std::string m_type;
    std::string m_id;
    std::string m_lastEventId;
    std::optional<std::chrono::milliseconds> m_retry;
    bool m_hasData = false;
    bool m_isFirstLine = true;
    bool m_afterReturn = false; ///< a line feed that comes next belongs to the end before it
    bool m_isTooLarge = false;
};

} // namespace keybearer::mcp
