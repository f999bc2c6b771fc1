#pragma once
/// \file
/// Moments, as a person types them. Pure but for the time zone.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::cli {

/// UTC seconds of "30s", "15m", "2h", "3d", "2w" (that long before `now`), "today", "yesterday" (their midnights in the
/// person's time zone), "2026-03-01", "2026-03-01 14:05", "2026-03-01T14:05:30", in the person's time zone, or with "Z"
/// or "+02:00" at the end of a time (RFC 3339). nullopt for anything else.
[[nodiscard]] std::optional<std::int64_t> parseWhen(std::string_view text, std::int64_t now);

/// "2026-03-01 14:05:09" in the person's time zone.
[[nodiscard]] std::string localSecond(std::int64_t at);

} // namespace keybearer::cli
