#pragma once
/// \file
/// How long something lasts, as a person writes it.

#include <chrono>
#include <optional>
#include <string_view>

namespace keybearer::cli {

/// "45s", "90m", "12h", "30d", "2w", or a number of seconds; at most ten digits. nullopt for anything else.
[[nodiscard]] std::optional<std::chrono::seconds> parseDuration(std::string_view text);

} // namespace keybearer::cli
