#pragma once
/// \file
/// The places that config.toml names for a credential: what they have, and their values.

#include "daemon/resolution/resolve.h"
#include "daemon/rpc/services.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::rpc {

/// What the caller says it has; names only.
struct Asked {
    std::vector<std::string> callFields;
    std::vector<std::string> dynamicNames; ///< of the call, as config.toml has them
    std::vector<std::string> instanceFields;
    std::vector<std::string> variables;
};

/// A value that the broker holds.
struct HeldValue {
    base::Secret secret;
    std::optional<std::int64_t> expiresAt; ///< UTC seconds; nullopt: not known, or never
    bool isForTest = false;                ///< marked so in the vault
};
using HeldValues = std::map<std::string, HeldValue, std::less<>>; ///< by field

/// What there is, the strongest first.
struct Gathered {
    std::vector<resolution::Offer> offers;
    std::vector<const providers::Source*> sources; ///< for each offer, null where it is a layer of the usual chain
    std::optional<protocol::Error> trouble;        ///< a place that could not be looked at
};

/// The offers of a list. `chain` gives what a layer of the usual chain has; `isAllowed` leaves layers out.
[[nodiscard]] Gathered gatherLocations(const Services& services, const providers::Profile& profile,
                                       const std::vector<providers::Source>& list, const Asked& asked,
                                       const std::function<resolution::Offer(resolution::Layer)>& chain,
                                       const std::function<bool(resolution::Layer)>& isAllowed);

/// True for layers whose values readLocations() brings.
[[nodiscard]] bool isLocationLayer(resolution::Layer layer);

/// Who asks.
struct PlaceCaller {
    std::int32_t pid = 0;
    std::string session; ///< Call::session
};

/// The values of those `choices` that come from such a layer.
[[nodiscard]] QCoro::Task<protocol::Result<HeldValues>>
readLocations(Services& services, const providers::Profile& profile, std::vector<resolution::Choice> choices,
              std::vector<const providers::Source*> sources, PlaceCaller caller);

/// The names under which a list lets a caller give values with a call.
[[nodiscard]] bool hasDynamicName(const std::vector<providers::Source>* list, const std::string& name);

} // namespace keybearer::rpc
