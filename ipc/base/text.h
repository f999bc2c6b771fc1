#pragma once
/// \file
/// Text that came from outside, made safe to store, log and show.

#include <cstddef>
#include <string>
#include <string_view>

namespace keybearer::base {

/// True for well-formed UTF-8 (no overlong form, no surrogate, nothing above U+10FFFF).
[[nodiscard]] bool isUtf8(std::string_view text) noexcept;

/// Printable ASCII only, every other byte replaced by '?', at most `limit` bytes ("..." marks a cut).
/// For text from a server or a web page that goes to a terminal, a log line or an error message.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 200);

/// Appends the text as a JSON string of ASCII characters (RFC 8259 section 7), quotes included. What is not well-formed
/// UTF-8 becomes U+FFFD, byte by byte. A byte takes six at most, so that a caller with a secret can reserve the room.
void appendJsonString(std::string& out, std::string_view text);

/// Lower-cases ASCII letters and leaves every other byte alone: what the protocols mean by "case-insensitive".
[[nodiscard]] std::string asciiLower(std::string_view text);

} // namespace keybearer::base
