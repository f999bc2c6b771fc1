#include "app/cli/output.h"

#include "app/cli/failure.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct Range {
    char32_t first;
    char32_t last;
};

/// Unicode 15: Cc, the bidirectional controls of UAX #9, line and paragraph separators, and characters that draw
/// nothing.
constexpr std::array kUnsafe{
    Range{0x0000, 0x001F}, Range{0x007F, 0x009F}, Range{0x00AD, 0x00AD}, Range{0x061C, 0x061C},
    Range{0x180E, 0x180E}, Range{0x200B, 0x200F}, Range{0x2028, 0x202E}, Range{0x2060, 0x206F},
    Range{0xFEFF, 0xFEFF}, Range{0xFFF9, 0xFFFB}, Range{0xFFFE, 0xFFFF}, Range{0xE0000, 0xE007F},
};

struct Decoded {
    char32_t point = 0;
    std::size_t length = 0; ///< 0: not well-formed UTF-8
};

/// The first character (Unicode 15, table 3-7).
Decoded decodeFirst(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x80) {
        return {byte(0), 1};
    }
    const std::size_t length = byte(0) >= 0xF0 ? 4U : byte(0) >= 0xE0 ? 3U : 2U;
    if (byte(0) < 0xC2 || byte(0) > 0xF4 || length > text.size()) {
        return {};
    }
    char32_t point = byte(0) & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) {
            return {};
        }
        point = (point << 6) | (byte(i) & 0x3FU);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    return overlong || surrogate || point > 0x10FFFF ? Decoded{} : Decoded{point, length};
}

bool isSafe(char32_t point) {
    return std::ranges::none_of(kUnsafe, [&](Range range) { return point >= range.first && point <= range.last; });
}

/// Characters of well-formed text.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool writeAll(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return true;
}

} // namespace

std::string shown(std::string_view text, std::size_t limit) {
    std::string out;
    std::size_t characters = 0;
    while (!text.empty()) {
        if (characters++ == limit) {
            return out + "...";
        }
        const Decoded next = decodeFirst(text);
        if (next.length != 0 && isSafe(next.point)) {
            out += text.substr(0, next.length);
        } else {
            out.push_back('?');
        }
        text.remove_prefix(std::max<std::size_t>(next.length, 1));
    }
    return out;
}

std::string relativeTime(std::int64_t at, std::int64_t now) {
    const std::int64_t distance = at > now ? at - now : now - at;
    if (distance == 0) {
        return "now";
    }
    const std::string amount = distance < 60              ? std::to_string(distance) + " s"
                               : distance < 3600          ? std::to_string(distance / 60) + " min"
                               : distance < 2 * 24 * 3600 ? std::to_string(distance / 3600) + " h"
                                                          : std::to_string(distance / (24 * 3600)) + " d";
    return at > now ? "in " + amount : amount + " ago";
}

std::string localTime(std::int64_t at) {
    const std::time_t time = at;
    std::tm parts{};
    char text[32];
    if (::localtime_r(&time, &parts) == nullptr || std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts) == 0) {
        return std::to_string(at);
    }
    return text;
}

std::string countdown(std::int64_t seconds) {
    const std::int64_t left = std::max<std::int64_t>(seconds, 0);
    const std::string rest = std::to_string(left % 60);
    return std::to_string(left / 60) + (rest.size() == 1 ? ":0" : ":") + rest;
}

std::int64_t currentTime() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

bool colourWanted(bool isTerminal, const base::Environment& environment) {
    return isTerminal && !environment("NO_COLOR") && environment("TERM").value_or("dumb") != "dumb";
}

bool colourOnStdout() {
    return colourWanted(::isatty(STDOUT_FILENO) == 1, base::processEnvironment());
}

std::string styled(std::string_view text, Style style, bool colour) {
    if (!colour || style == Style::Plain) {
        return std::string(text);
    }
    const char* code = style == Style::Bold ? "1" : style == Style::Good ? "32" : style == Style::Warning ? "33" : "31";
    return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

std::string Table::render(bool colour) const {
    std::vector<std::vector<Cell>> rows(1);
    for (const std::string& title : m_header) {
        rows.front().push_back(Cell{title, Style::Bold});
    }
    rows.insert(rows.end(), m_rows.begin(), m_rows.end());
    std::vector<std::size_t> widths(m_header.size(), 0);
    for (auto& row : rows) {
        row.resize(m_header.size());
        for (std::size_t i = 0; i < row.size(); ++i) {
            row[i].text = row[i].text.empty() ? "-" : shown(row[i].text);
            widths[i] = std::max(widths[i], width(row[i].text));
        }
    }
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += styled(row[i].text, row[i].style, colour);
            if (i + 1 < row.size()) {
                out.append(widths[i] - width(row[i].text) + 2, ' ');
            }
        }
        out.push_back('\n');
    }
    return out;
}

std::string jsonText(const json& value) {
    std::string text = value.dump(2, ' ', true, json::error_handler_t::replace);
    text.push_back('\n');
    return text;
}

client::Result<void> print(std::string_view text) {
    if (!writeAll(STDOUT_FILENO, text)) {
        return base::fail(
            failure("output_error", std::string("the result could not be written: ") + std::strerror(errno), 1));
    }
    return {};
}

void note(std::string_view text) {
    writeAll(STDERR_FILENO, text);
}

std::string textOf(const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_string() ? found->get_ref<const std::string&>() : std::string();
}

std::optional<std::int64_t> numberOf(const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_number_integer() ? std::optional(found->get<std::int64_t>())
                                                               : std::nullopt;
}

const json& listOf(const json& object, const char* key) {
    static const json kNothing = json::array();
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_array() ? *found : kNothing;
}

std::string joinedOf(const json& object, const char* key, std::string_view separator) {
    std::string out;
    for (const json& element : listOf(object, key)) {
        if (element.is_string()) {
            out += out.empty() ? "" : separator;
            out += element.get_ref<const std::string&>();
        }
    }
    return out;
}

} // namespace keybearer::cli
