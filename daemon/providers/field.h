#pragma once
/// \file
/// One part of a provider's credential, as the catalogue describes it. Pure.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keybearer::providers {

/// What a value must look like. `type = "token"` in a profile.
enum class FieldType {
    Token, ///< one line of printable ASCII without spaces
    Pem,   ///< RFC 7468: one or more blocks between BEGIN and END
    Json,  ///< one JSON object
    Url,   ///< http or https, without user name
    Path,  ///< an absolute path
    Text,  ///< one line of UTF-8 without control characters
};

inline constexpr std::array<std::pair<std::string_view, FieldType>, 6> kFieldTypes{{{"token", FieldType::Token},
                                                                                    {"pem", FieldType::Pem},
                                                                                    {"json", FieldType::Json},
                                                                                    {"url", FieldType::Url},
                                                                                    {"path", FieldType::Path},
                                                                                    {"text", FieldType::Text}}};
[[nodiscard]] std::string_view toString(FieldType type);

struct Field {
    std::string name; ///< [a-z][a-z0-9_]*
    FieldType type = FieldType::Token;
    bool secret = false;
    /// It says where the secrets are sent: it is taken from where they come from, or from nowhere.
    bool endpoint = false;
    std::vector<std::string> variables;     ///< environment variables that hold it; the first that is set counts
    std::vector<std::string> pathVariables; ///< ... that hold the path of a file with it
    std::vector<std::string> prefixes;      ///< how its values begin, where that is known
    std::string defaultValue;               ///< empty: none; a secret has none
};

/// Longest value of a field in bytes, by type.
[[nodiscard]] std::size_t maxValueBytes(FieldType type);

/// nullopt when `value` can be a value of this field; otherwise why not, as the end of a sentence that begins with the
/// field's name. It never quotes the value.
[[nodiscard]] std::optional<std::string> problemWith(const Field& field, std::string_view value);

/// Names are compared without regard to case, '-' and '_': "googleAiStudio" is "google-ai-studio", "apiKey" is
/// "api_key". Whatever a program writes, it finds what it means.
[[nodiscard]] std::string foldedName(std::string_view name);

/// The names nearest to a mistyped one, best first, at most three; none when none is near.
[[nodiscard]] std::vector<std::string> nearestNames(std::string_view typed, const std::vector<std::string>& known);

} // namespace keybearer::providers
