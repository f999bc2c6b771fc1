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
