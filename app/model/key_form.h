#pragma once
/// \file
/// What a provider's key is made of, and whether a typed or pasted value can be one. The broker has the last word; this
/// is for a person who is just typing.

#include <QString>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace keybearer::model {

struct KeyField {
    std::string name;
    std::string type; ///< "token", "pem", "json", "url", "path", "text"
    bool isSecret = false;
    bool isNeeded = false;             ///< it is in one of the lists of the form's needs
    std::vector<std::string> prefixes; ///< how values begin, where that is known
    QString fallback;                  ///< what holds when it is left out

    /// PEM or JSON, which comes from a file or the clipboard.
    [[nodiscard]] bool isBlock() const { return type == "pem" || type == "json"; }
};

struct KeyForm {
    std::string provider;
    QString displayName;
    std::string dashboardUrl;     ///< where a person gets a key; empty, or a web URL
    std::vector<KeyField> fields; ///< the needed ones first
    std::vector<std::vector<std::string>> needs;

    /// Whether one of the needs is whole with these fields, or nothing is needed.
    [[nodiscard]] bool isWhole(const std::vector<std::string>& given) const;
};

/// From the result of provider.describe. Pure.
[[nodiscard]] KeyForm keyFormFrom(const nlohmann::json& described);

/// "API key" for "api_key".
[[nodiscard]] QString labelOf(const KeyField& field);
/// Without white space at its ends, which a copied key often has.
[[nodiscard]] std::string_view trimmed(std::string_view value);
/// Why the broker would refuse the value; empty: it would not. An empty value is refused. It never quotes the value.
[[nodiscard]] QString problemWith(const KeyField& field, std::string_view value);
/// What is strange about a value that can be stored; empty: nothing.
[[nodiscard]] QString doubtAbout(const KeyField& field, std::string_view value);
/// Why a key cannot have this name; empty: it can.
[[nodiscard]] QString problemWithName(std::string_view name);

} // namespace keybearer::model
