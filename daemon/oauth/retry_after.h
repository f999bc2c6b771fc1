#pragma once
/// \file
/// Times in HTTP header fields (RFC 9110 sections 5.6.7 and 10.2.3). Pure.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace keybearer::oauth {

/// The longest wait that a server can impose.
inline constexpr std::chrono::seconds kMaxRetryAfter{300};

/// UTC seconds of an HTTP-date in any of its three forms; nullopt for anything else. `now` settles the century of the
/// two-digit form.
[[nodiscard]] std::optional<std::int64_t> parseHttpDate(std::string_view text, std::int64_t now);

/// Retry-After, in seconds or as a date, clamped to 0..kMaxRetryAfter; nullopt for anything else, a negative number
/// included. `now` is the server's own time where it is known.
[[nodiscard]] std::optional<std::chrono::seconds> parseRetryAfter(std::string_view text, std::int64_t now);

} // namespace keybearer::oauth
