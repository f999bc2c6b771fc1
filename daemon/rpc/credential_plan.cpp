#include "daemon/rpc/credential_plan.h"

#include <algorithm>

namespace keybearer::rpc {
namespace {

using accounts::failure;
using nlohmann::json;
using protocol::ErrorKind;
using providers::Field;
using resolution::Layer;
using resolution::Offer;

/// The catalogue's names of the fields of a parameter; those that a list gives a meaning of their own go to `dynamic`.
protocol::Result<std::vector<std::string>> fieldNames(const providers::Profile& profile, const protocol::Params& params,
                                                      std::string_view param,
                                                      const std::vector<providers::Source>* list = nullptr,
                                                      std::vector<std::string>* dynamic = nullptr) {
    std::vector<std::string> names;
    for (const std::string& name : params.stringList(param).value_or(std::vector<std::string>())) {
        if (dynamic != nullptr && hasDynamicName(list, name)) {
            dynamic->push_back(name);
            continue;
        }
        auto field = fieldOf(profile, name);
        if (!field) {
            return base::fail(std::move(field.error()));
        }
        names.push_back((*field)->name);
    }
    return names;
}

Offer callersOffer(Layer layer, const std::vector<std::string>& fields) {
    Offer offer{layer, {}};
    for (const std::string& field : fields) {
        offer.fields.push_back({field, {}});
    }
    return offer;
}

Offer vaultsOffer(Services& services, Layer layer, const vault::CredentialId& id, Resolution& resolution) {
    Offer offer{layer, {}};
    const auto stored = services.vault.fields(id);
    if (!stored) {
        resolution.trouble = fromVault(stored.error());
        return offer;
    }
    for (const vault::StoredField& field : *stored) {
        resolution.stored.emplace_back(layer, field);
        if (field.slot == resolution.slot && resolution.profile->field(field.field) != nullptr) {
            offer.fields.push_back({field.field, placeOf(id)});
        }
    }
    return offer;
}

/// The layers that may be looked at, the strongest first.
protocol::Result<std::vector<Layer>> layersOf(const protocol::Params& params) {
    std::vector<Layer> layers;
    std::string known;
    const auto only = params.stringList("only");
    for (const auto& [name, layer] : resolution::kLayers) {
        if (!only || std::ranges::find(*only, name) != only->end()) {
            layers.push_back(layer);
        }
        known.append(" ").append(name);
    }
    for (const std::string& name : only.value_or(std::vector<std::string>())) {
        if (!resolution::layerOf(name)) {
            return base::fail(failure(ErrorKind::InvalidValue, "the layers are" + known));
        }
    }
    return layers;
}

protocol::Result<Asked> askedOf(const protocol::Params& params, const providers::Profile& profile,
                                const std::vector<providers::Source>* list) {
    Asked asked;
    auto call = fieldNames(profile, params, "call", list, &asked.dynamicNames);
    auto instance = fieldNames(profile, params, "instance");
    if (!call || !instance) {
        return base::fail(!call ? call.error() : instance.error());
    }
    asked.callFields = std::move(*call);
    asked.instanceFields = std::move(*instance);
    asked.variables = params.stringList("environment").value_or(std::vector<std::string>());
    return asked;
}

/// What a layer of the usual chain has.
Offer chainOffer(Services& services, Layer layer, const Asked& asked, Resolution& resolution) {
    const providers::Profile& profile = *resolution.profile;
    switch (layer) {
    case Layer::Call: return callersOffer(layer, asked.callFields);
    case Layer::Instance: return callersOffer(layer, asked.instanceFields);
    case Layer::Environment: return resolution::environmentOffer(layer, profile, asked.variables);
    case Layer::Store: return vaultsOffer(services, layer, resolution.id, resolution);
    case Layer::Shared: return vaultsOffer(services, layer, sharedOf(resolution), resolution);
    case Layer::BrokerEnvironment: return resolution::environmentOffer(layer, profile, brokersVariables(services));
    default: return {layer, {}}; // a list's own, and the catalogue's defaults, which resolve() knows
    }
}

protocol::Result<void> gather(Services& services, const protocol::Params& params, Resolution& resolution) {
    const providers::Profile& profile = *resolution.profile;
    const std::vector<providers::Source>* list = services.locations.find(profile.id, resolution.id.name);
    const auto layers = layersOf(params);
    const auto asked = askedOf(params, profile, list);
    if (!layers || !asked) {
        return base::fail(!layers ? layers.error() : asked.error());
    }
    const auto isAllowed = [&](Layer layer) { return std::ranges::find(*layers, layer) != layers->end(); };
    const auto chain = [&](Layer layer) { return chainOffer(services, layer, *asked, resolution); };
    if (list != nullptr) {
        Gathered gathered = gatherLocations(services, profile, *list, *asked, chain, isAllowed);
        resolution.offers = std::move(gathered.offers);
        resolution.sources = std::move(gathered.sources);
        if (gathered.trouble) {
            resolution.trouble = std::move(gathered.trouble);
        }
    } else {
        for (const Layer layer : resolution::kChain) {
            if (isAllowed(layer)) {
                resolution.offers.push_back(chain(layer));
            }
        }
    }
    resolution.plan = resolution::resolve(profile, resolution.offers);
    if (!isAllowed(Layer::Default)) {
        std::erase_if(resolution.plan.choices, [](const auto& choice) { return choice.layer == Layer::Default; });
    }
    return {};
}

std::string shownPlace(Layer layer, const std::string& from) {
    return std::string(resolution::toString(layer)) + (from.empty() ? "" : " (" + from + ")");
}

void warn(const Services& services, Resolution& resolution) {
    for (const resolution::Choice& choice : resolution.plan.choices) {
        const Field* field = resolution.profile->field(choice.field);
        if (field->secret && !choice.shadowed.empty() && services.settings.shadow() != ShadowRule::Allow) {
            resolution.warnings.push_back(choice.field + " comes from " + shownPlace(choice.layer, choice.from) +
                                          " and hides the one in " +
                                          shownPlace(choice.shadowed.front().layer, choice.shadowed.front().from));
        }
    }
    for (const resolution::Ignored& ignored : resolution.plan.ignored) {
        if (resolution.profile->field(ignored.field)->endpoint) {
            resolution.warnings.push_back(ignored.field + " in " + shownPlace(ignored.layer, ignored.from) +
                                          " is not used: no key is sent to an address from another place");
        }
    }
    if (resolution.trouble && resolution.plan.complete) {
        resolution.warnings.push_back(resolution.trouble->message);
    }
}

} // namespace

vault::CredentialId sharedOf(const Resolution& resolution) {
    return {std::string(vault::kShared), resolution.id.provider, resolution.id.name};
}

protocol::Result<Resolution> resolutionOf(Services& services, const protocol::Params& params) {
    auto named = credentialOf(services, params);
    if (!named) {
        return base::fail(std::move(named.error()));
    }
    Resolution resolution;
    resolution.profile = named->profile;
    resolution.id = std::move(named->id);
    resolution.slot = params.boolean("next") ? vault::Slot::Next : vault::Slot::Current;
    auto wanted = fieldNames(*resolution.profile, params, "fields");
    if (!wanted) {
        return base::fail(std::move(wanted.error()));
    }
    resolution.wanted = std::move(*wanted);
    if (auto gathered = gather(services, params, resolution); !gathered) {
        return base::fail(std::move(gathered.error()));
    }
    warn(services, resolution);
    return resolution;
}

bool isWanted(const Resolution& resolution, const std::string& field) {
    return resolution.wanted.empty() || std::ranges::find(resolution.wanted, field) != resolution.wanted.end();
}

bool isMarkedForTest(const Resolution& resolution, const resolution::Choice& choice) {
    return std::ranges::any_of(resolution.stored, [&](const auto& entry) {
        const auto& [layer, field] = entry;
        return layer == choice.layer && field.field == choice.field && field.slot == resolution.slot && field.test;
    });
}

json lookedAt(const Resolution& resolution) {
    json layers = json::array();
    for (const Offer& offer : resolution.offers) {
        layers.push_back(resolution::toString(offer.layer));
    }
    return layers;
}

std::optional<protocol::Error> refusalOf(const Services& services, const Resolution& resolution) {
    const providers::Profile& profile = *resolution.profile;
    if (!resolution.plan.complete) {
        if (resolution.trouble) {
            return resolution.trouble;
        }
        std::string message = "there is no whole credential of " + profile.displayName;
        if (resolution.id.name != vault::kDefaultName) {
            message += " named " + resolution.id.name;
        }
        message += "; store one with: keybearer provider set " + profile.id;
        if (!profile.dashboardUrl.empty()) {
            message += " (keys are made at " + profile.dashboardUrl + ")";
        }
        protocol::Error error = failure(ErrorKind::NoCredential, std::move(message));
        error.data["looked_at"] = lookedAt(resolution);
        return error;
    }
    if (services.settings.shadow() == ShadowRule::Deny && resolution.plan.shadowsASecret(profile)) {
        return failure(ErrorKind::Denied,
                       "a secret of " + profile.displayName +
                           " stands in two places, and resolution.shadow forbids that one hides another; "
                           "`keybearer explain " +
                           profile.id + "` shows them");
    }
    return std::nullopt;
}

} // namespace keybearer::rpc
