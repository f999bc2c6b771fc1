#pragma once
/// \file
/// base64url without padding (RFC 4648 section 5, RFC 7515 section 2).

#include <optional>
#include <string>
#include <string_view>

namespace keybearer::base {

[[nodiscard]] std::string base64UrlEncode(std::string_view bytes);

/// Strict: no padding, no white space, no character outside the alphabet, no unused bits set. nullopt otherwise.
[[nodiscard]] std::optional<std::string> base64UrlDecode(std::string_view text);

} // namespace keybearer::base
