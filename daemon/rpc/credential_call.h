#pragma once
/// \file
/// What the credential methods have in common: which credential a call is about, and what the vault says, in the words
/// of the protocol.

#include "daemon/rpc/services.h"

namespace keybearer::rpc {

struct CredentialCall {
    const providers::Profile* profile;
    vault::CredentialId id;
};

/// From `provider`, `name`, `tenant` and `shared`. Errors: unknown_provider, invalid_value.
[[nodiscard]] protocol::Result<CredentialCall> credentialOf(const Services& services, const protocol::Params& params);

/// The catalogue's own name of a field. The error names the fields that there are.
[[nodiscard]] protocol::Result<const providers::Field*> fieldOf(const providers::Profile& profile,
                                                                const std::string& name);

[[nodiscard]] protocol::Error fromVault(const vault::Error& error);

/// "tenant/name", as answers and people name a place in the vault.
[[nodiscard]] std::string placeOf(const vault::CredentialId& id);

/// Those variables of the broker's own environment that config.toml lets it give out, and that are set.
[[nodiscard]] std::vector<std::string> brokersVariables(const Services& services);

/// "api_key", "oauth"; none where nothing is needed.
[[nodiscard]] nlohmann::json authMethods(const providers::Profile& profile);

} // namespace keybearer::rpc
