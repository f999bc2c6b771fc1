#pragma once
/// \file
/// Text that came from outside, made safe for people to read.

#include <cstddef>
#include <string>
#include <string_view>

namespace keybearer::common {

/// Text from elsewhere, made safe to show and kept readable: well-formed UTF-8 stays, and every byte or
/// character that could move a cursor, hide or reorder text (controls, bidirectional marks, invisible characters)
/// becomes '?'. At most `limit` characters; "..." marks a cut.
[[nodiscard]] std::string shown(std::string_view text, std::size_t limit = 1000);

} // namespace keybearer::common
