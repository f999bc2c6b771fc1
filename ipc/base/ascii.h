#pragma once
/// \file
/// Classes of ASCII characters, whatever the locale.

namespace keybearer::base {

[[nodiscard]] constexpr bool isDigit(char c) noexcept {
    return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool isLower(char c) noexcept {
    return c >= 'a' && c <= 'z';
}
[[nodiscard]] constexpr bool isUpper(char c) noexcept {
    return c >= 'A' && c <= 'Z';
}
[[nodiscard]] constexpr bool isAlnum(char c) noexcept {
    return isDigit(c) || isLower(c) || isUpper(c);
}
[[nodiscard]] constexpr bool isHexDigit(char c) noexcept {
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
/// Printable and no space: VCHAR of RFC 5234.
[[nodiscard]] constexpr bool isVisible(char c) noexcept {
    return c > 0x20 && c < 0x7F;
}
/// C0 and DEL.
[[nodiscard]] constexpr bool isControl(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

} // namespace keybearer::base
