#include "app/common/shown.h"

#include <algorithm>
#include <array>

namespace keybearer::common {
namespace {

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

} // namespace keybearer::common
