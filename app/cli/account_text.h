#pragma once
/// \file
/// How accounts and providers look, in every verb that lists them.

#include "app/cli/output.h"

#include <CLI/App.hpp>

namespace keybearer::cli {

/// The provider's name; the issuer of an account that was signed in to by its URL.
[[nodiscard]] std::string providerOf(const nlohmann::json& account);
/// The account's status, coloured by what it means.
[[nodiscard]] Cell accountStatus(const nlohmann::json& account);
/// When its access token expires.
[[nodiscard]] Cell expiryOf(const nlohmann::json& account, std::int64_t now);
/// When the person has to sign in again, as far as it is known.
[[nodiscard]] Cell signInEndOf(const nlohmann::json& account, std::int64_t now);

/// For completion scripts: the member `key` of each object on a line of its own, and only words that no shell expands.
[[nodiscard]] std::string nameLines(const nlohmann::json& objects, const char* key);
/// Declares --names.
void addNamesFlag(CLI::App& verb, bool& names);

} // namespace keybearer::cli
