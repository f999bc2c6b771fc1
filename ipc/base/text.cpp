#include "ipc/base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

namespace keybearer::base {

namespace {

/// The code point that begins at `i`, and moves `i` past it; nullopt, with `i` past one byte, when none begins there.
std::optional<std::uint32_t> takePoint(std::string_view text, std::size_t& i) noexcept {
    const std::size_t begin = i++;
    const auto lead = static_cast<unsigned char>(text[begin]);
    if (lead < 0x80) {
        return lead;
    }
    const std::size_t length = lead >= 0xF0 ? 4U : lead >= 0xE0 ? 3U : 2U;
    if (lead < 0xC2 || lead > 0xF4 || begin + length > text.size()) {
        return std::nullopt;
    }
    std::uint32_t point = lead & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k) {
        const auto next = static_cast<unsigned char>(text[begin + k]);
        if ((next & 0xC0U) != 0x80U) {
            return std::nullopt;
        }
        point = (point << 6) | (next & 0x3FU);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || (point >= 0xD800 && point <= 0xDFFF) || point > 0x10FFFF) {
        return std::nullopt;
    }
    i = begin + length;
    return point;
}

constexpr std::array<bool, 256> kStandsForItself = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0x20; c < 0x7F; ++c) {
        table[c] = c != '"' && c != '\\';
    }
    return table;
}();

bool standsForItself(char c) noexcept {
    return kStandsForItself[static_cast<unsigned char>(c)];
}

void appendEscape(std::string& out, std::uint32_t unit) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out.append("\\u");
    for (const unsigned shift : {12U, 8U, 4U, 0U}) {
        out.push_back(kDigits[(unit >> shift) & 15U]);
    }
}

} // namespace

bool isUtf8(std::string_view text) noexcept {
    // Nearly everything is ASCII: eight bytes at a time as far as it goes.
    std::size_t ascii = 0;
    for (std::uint64_t eight = 0; ascii + sizeof eight <= text.size(); ascii += sizeof eight) {
        std::memcpy(&eight, text.data() + ascii, sizeof eight);
        if ((eight & 0x8080808080808080U) != 0) {
            break;
        }
    }
    for (std::size_t i = ascii; i < text.size();) {
        if (!takePoint(text, i)) {
            return false;
        }
    }
    return true;
}

void appendJsonString(std::string& out, std::string_view text) {
    constexpr std::uint32_t kReplacement = 0xFFFD;
    constexpr std::string_view kShortEscapes = "\"\\\b\f\n\r\t";
    constexpr std::string_view kShortLetters = "\"\\bfnrt";
    out.push_back('"');
    for (std::size_t i = 0; i < text.size();) {
        const auto special =
            std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(), standsForItself);
        const auto plain = static_cast<std::size_t>(special - text.begin()) - i;
        out.append(text, i, plain);
        i += plain;
        if (i == text.size()) {
            break;
        }
        const std::uint32_t point = takePoint(text, i).value_or(kReplacement);
        if (const auto letter = kShortEscapes.find(static_cast<char>(point));
            point < 0x80 && letter != std::string_view::npos) {
            out.push_back('\\');
            out.push_back(kShortLetters[letter]);
        } else if (point <= 0xFFFF) {
            appendEscape(out, point);
        } else {
            appendEscape(out, 0xD800 + ((point - 0x10000) >> 10U));
            appendEscape(out, 0xDC00 + ((point - 0x10000) & 0x3FFU));
        }
    }
    out.push_back('"');
}

std::string printable(std::string_view text, std::size_t limit) {
    std::string out;
    out.reserve(std::min(text.size(), limit + 3));
    for (const char c : text) {
        if (out.size() == limit) {
            out += "...";
            break;
        }
        out.push_back(c >= 0x20 && c < 0x7F ? c : '?');
    }
    return out;
}

std::string asciiLower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c - 'A' + 'a');
        }
    }
    return out;
}

} // namespace keybearer::base
