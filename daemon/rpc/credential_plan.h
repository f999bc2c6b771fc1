#pragma once
/// \file
/// One resolution of a credential: what was asked, what there is, and what is taken; no value yet.

#include "daemon/resolution/resolve.h"
#include "daemon/rpc/credential_call.h"
#include "daemon/rpc/credential_locations.h"

namespace keybearer::rpc {

/// What was asked, what there is, and what is taken.
struct Resolution {
    const providers::Profile* profile = nullptr;
    vault::CredentialId id;
    vault::Slot slot = vault::Slot::Current;
    std::vector<std::string> wanted; ///< empty: all fields
    std::vector<resolution::Offer> offers;
    std::vector<std::pair<resolution::Layer, vault::StoredField>> stored; ///< what the vault has, both slots
    std::vector<const providers::Source*> sources; ///< for each offer of a list of config.toml; empty for the chain
    std::optional<protocol::Error> trouble;        ///< a layer that could not be looked at
    resolution::Plan plan;
    std::vector<std::string> warnings;
};

/// Looks at every layer that the parameters allow. Errors: of names that there are not.
[[nodiscard]] protocol::Result<Resolution> resolutionOf(Services& services, const protocol::Params& params);
/// Whether the caller asked for this field.
[[nodiscard]] bool isWanted(const Resolution& resolution, const std::string& field);
/// Whether the vault has this choice as one that is marked for test. A mark that somebody else has put there makes the
/// value one that does not open.
[[nodiscard]] bool isMarkedForTest(const Resolution& resolution, const resolution::Choice& choice);
/// Why nothing is given out; nullopt when it is.
[[nodiscard]] std::optional<protocol::Error> refusalOf(const Services& services, const Resolution& resolution);
/// The names of the layers, the strongest first.
[[nodiscard]] nlohmann::json lookedAt(const Resolution& resolution);
/// Another text whenever the values would be others, as far as that shows without reading them: 16 hexadecimal digits.
[[nodiscard]] std::string versionOf(const Services& services, const Resolution& resolution);
/// The same credential in the shared namespace.
[[nodiscard]] vault::CredentialId sharedOf(const Resolution& resolution);

} // namespace keybearer::rpc
