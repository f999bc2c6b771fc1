#pragma once
/// \file
/// Members of the broker's answers, as the window shows them.

#include <QString>
#include <QStringList>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace keybearer::model {

/// Any text from elsewhere as a person can read it: without what could hide or reorder it, at most 1,000 characters.
[[nodiscard]] QString shownText(std::string_view text);

/// A member as shownText(); empty where it is missing, null or of another type.
[[nodiscard]] QString textOf(const nlohmann::json& object, const char* name);
/// The member's own characters, for giving it back to the broker.
[[nodiscard]] std::string exactOf(const nlohmann::json& object, const char* name);
[[nodiscard]] std::optional<std::int64_t> numberOf(const nlohmann::json& object, const char* name);
[[nodiscard]] bool isTrue(const nlohmann::json& object, const char* name);
/// An array or object member; an empty one where there is none.
[[nodiscard]] const nlohmann::json& listOf(const nlohmann::json& object, const char* name);
[[nodiscard]] const nlohmann::json& objectOf(const nlohmann::json& object, const char* name);
/// The texts of an array member.
[[nodiscard]] QStringList textsOf(const nlohmann::json& object, const char* name);

} // namespace keybearer::model
