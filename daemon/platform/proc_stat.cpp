#include "daemon/platform/proc_stat.h"

#include <array>
#include <charconv>

namespace keybearer::platform {
namespace {

// Numbers of proc_pid_stat(5), where pid is 1.
constexpr std::size_t kFirstField = 3; // what stands behind the name
constexpr std::size_t kParent = 4;
constexpr std::size_t kGroup = 5;
constexpr std::size_t kSessionField = 6;
constexpr std::size_t kTerminal = 7;
constexpr std::size_t kStart = 22;
constexpr std::size_t kStack = 28;

template<class Number>
bool readNumber(std::string_view text, Number& into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    return error == std::errc() && end == text.data() + text.size();
}

} // namespace

std::optional<ProcStat> parseProcStat(std::string_view text) {
    // The name stands in parentheses, may hold some itself, and is what a process likes it to be.
    const std::size_t open = text.find(" (");
    const std::size_t close = text.rfind(") ");
    if (text.size() > kMaxProcStatBytes || open == std::string_view::npos || close == std::string_view::npos ||
        close < open + 2) {
        return std::nullopt;
    }
    ProcStat stat;
    stat.comm = text.substr(open + 2, close - open - 2);
    std::array<std::string_view, kStack + 1> fields;
    std::string_view rest = text.substr(close + 2);
    for (std::size_t field = kFirstField; field <= kStack; ++field) {
        const std::size_t end = rest.find_first_of(" \n");
        if (end == std::string_view::npos) {
            return std::nullopt; // cut off
        }
        fields[field] = rest.substr(0, end);
        rest.remove_prefix(end + 1);
    }
    std::int32_t terminal = 0;
    if (!readNumber(text.substr(0, open), stat.pid) || !readNumber(fields[kParent], stat.parent) ||
        !readNumber(fields[kGroup], stat.group) || !readNumber(fields[kSessionField], stat.session) ||
        !readNumber(fields[kTerminal], terminal) || !readNumber(fields[kStart], stat.startTicks) ||
        !readNumber(fields[kStack], stat.stackStart) || stat.pid <= 0 || stat.parent < 0) {
        return std::nullopt;
    }
    const auto device = static_cast<std::uint32_t>(terminal);
    stat.terminalMajor = (device >> 8U) & 0xFFFU;
    stat.terminalMinor = (device & 0xFFU) | ((device >> 12U) & 0xFFF00U);
    return stat;
}

} // namespace keybearer::platform
