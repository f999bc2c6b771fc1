#include "app/mcp/sse_parser.h"

#include "app/mcp/message.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace keybearer::mcp {
namespace {

/// Room for the name of a field before a message.
constexpr std::size_t kMaxLine = kMaxMessage + 64;
constexpr std::chrono::milliseconds kLongestRetry{600'000};
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool fitsHeader(std::string_view id) {
    return id.size() <= kMaxEventId && std::ranges::all_of(id, [](char c) { return c > 0x20 && c < 0x7F; });
}

} // namespace

bool SseParser::feed(std::string_view bytes, const Sink& sink) {
    while (!bytes.empty() && !m_isTooLarge) {
        if (std::exchange(m_afterReturn, false) && bytes.front() == '\n') {
            bytes.remove_prefix(1);
            continue;
        }
        const std::size_t end = bytes.find_first_of("\r\n");
        m_line.append(bytes.substr(0, end));
        m_isTooLarge = m_line.size() > kMaxLine;
        if (end == std::string_view::npos) {
            break;
        }
        m_afterReturn = bytes[end] == '\r';
        bytes.remove_prefix(end + 1);
        m_isTooLarge = m_isTooLarge || !takeLine(sink);
    }
    return !m_isTooLarge;
}

bool SseParser::takeLine(const Sink& sink) {
    std::string line = std::exchange(m_line, {});
    if (std::exchange(m_isFirstLine, false) && line.starts_with(kByteOrderMark)) {
        line.erase(0, kByteOrderMark.size());
    }
    if (line.empty()) {
        m_lastEventId = m_id;
        const std::string type = std::exchange(m_type, {});
        std::string data = std::exchange(m_data, {});
        m_hasData = false;
        if (!data.empty() && (type.empty() || type == "message")) {
            sink(std::move(data));
        }
        return true;
    }
    const std::size_t colon = std::min(line.find(':'), line.size());
    std::string_view value = std::string_view(line).substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) {
        value.remove_prefix(1);
    }
    if (colon != 0) { // else a comment
        takeField(std::string_view(line).substr(0, colon), value);
    }
    return m_data.size() <= kMaxMessage;
}

void SseParser::takeField(std::string_view name, std::string_view value) {
    if (name == "data") {
        if (std::exchange(m_hasData, true)) {
            m_data += '\n';
        }
        m_data += value;
    } else if (name == "event") {
        m_type = value.substr(0, kMaxEventId);
    } else if (name == "id" && fitsHeader(value)) {
        m_id = value;
    } else if (name == "retry") {
        unsigned ms = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), ms);
        if (error == std::errc{} && end == value.data() + value.size()) {
            m_retry = std::min(std::chrono::milliseconds(ms), kLongestRetry);
        }
    }
}

} // namespace keybearer::mcp
