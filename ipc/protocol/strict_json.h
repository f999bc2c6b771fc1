#pragma once
/// \file
/// JSON as this project accepts it from anywhere outside: one value, well-formed UTF-8, bounded depth, no member name
/// twice in one object. RFC 8259 leaves the last two open, and two readers that differ on them are an attack.

#include "ipc/base/result.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace keybearer::protocol {

/// The error is a fixed text that quotes nothing from the input. NUL is refused inside strings, because values go on to
/// C interfaces.
[[nodiscard]] base::Result<nlohmann::json, std::string> parseStrictJson(std::string_view text, int maxDepth);

} // namespace keybearer::protocol
