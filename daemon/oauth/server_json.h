#pragma once
/// \file
/// JSON documents from a server, read strictly. Pure.

#include "daemon/oauth/error.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::oauth {

/// Deepest nesting of a document.
inline constexpr std::size_t kMaxJsonDepth = 32;

/// Reads one JSON object (RFC 8259) of at most kMaxBodyBytes. Refused, with a BadResponse that begins with `what` and
/// holds nothing of the document: anything else than an object, text after it, text that is not UTF-8, a NUL byte,
/// nesting deeper than kMaxJsonDepth, a member name that comes twice, a number that no double holds.
[[nodiscard]] Result<nlohmann::json> parseServerObject(std::string_view text, std::string_view what);

/// Overwrites every string value of a document that held tokens.
void wipeStrings(nlohmann::json& document);

/// The member, or null when it is absent: servers write `null` for what they do not have.
[[nodiscard]] const nlohmann::json& memberOrNull(const nlohmann::json& object, const char* name);

/// A list of texts; empty when it is absent. nullopt: something else is there, or more than `most` of them.
[[nodiscard]] std::optional<std::vector<std::string>> textsAt(const nlohmann::json& object, const char* name,
                                                              std::size_t most);

} // namespace keybearer::oauth
