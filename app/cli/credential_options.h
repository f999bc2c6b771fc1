#pragma once
/// \file
/// The options that the verbs about providers' keys have in common.

#include "ipc/client/credentials.h"

#include <CLI/App.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

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

struct ResolveOptions : CredentialOptions {
    std::vector<std::string> only;
    std::string field;
    bool next = false;
};

/// What is asked of the broker.
[[nodiscard]] client::CredentialRequest requestOf(const ResolveOptions& options);
/// Declares what addCredentialOptions() does, --only and --next.
void addResolveOptions(CLI::App& verb, ResolveOptions& options);

/// Declares PROVIDER, --name and --tenant.
void addCredentialOptions(CLI::App& verb, CredentialOptions& options);
/// Declares --tenant.
void addTenantOption(CLI::App& verb, CredentialOptions& options);
/// Declares --shared.
void addSharedFlag(CLI::App& verb, CredentialOptions& options);

} // namespace keybearer::cli
