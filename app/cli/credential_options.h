#pragma once
/// \file
/// The options that the verbs about providers' keys have in common.

#include <CLI/App.hpp>
#include <nlohmann/json.hpp>

#include <string>

namespace keybearer::cli {

/// Which credential is meant.
struct CredentialOptions {
    std::string provider;
    std::string name;
    std::string tenant;
    bool shared = false;

    /// As the methods want them.
    [[nodiscard]] nlohmann::json params() const;
};

/// Declares PROVIDER, --name and --tenant.
void addCredentialOptions(CLI::App& verb, CredentialOptions& options);
/// Declares --shared.
void addSharedFlag(CLI::App& verb, CredentialOptions& options);

} // namespace keybearer::cli
