#pragma once
/// \file
/// The broker's state as text for a person.

#include <nlohmann/json.hpp>

#include <string>

namespace keybearer::cli {

/// The result of system.status.
[[nodiscard]] std::string statusText(const nlohmann::json& status, bool colour);
/// Backend and state of a keychain, on one line; says so loudly when it is not encrypted.
[[nodiscard]] std::string keychainText(const nlohmann::json& keychain, bool colour);

} // namespace keybearer::cli
