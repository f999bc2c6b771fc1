#include "daemon/crypto/crypto.h"
#include "daemon/resolution/resolve.h"
#include "daemon/rpc/credential_call.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/or_null.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace keybearer::rpc {
namespace {

using accounts::failure;
using nlohmann::json;
using protocol::Body;
using protocol::ErrorKind;
using providers::Field;
using resolution::Layer;
using resolution::Offer;

/// What was asked, what there is, and what is taken.
struct Resolution {
    const providers::Profile* profile = nullptr;
    vault::CredentialId id;
    vault::Slot slot = vault::Slot::Current;
    std::vector<std::string> wanted; ///< empty: all fields
    std::vector<Offer> offers;
    std::optional<protocol::Error> trouble; ///< a layer that could not be looked at
    resolution::Plan plan;
    std::vector<std::string> warnings;
};

/// A field's value that the broker holds.
using Values = std::map<std::string, base::Secret, std::less<>>;

vault::CredentialId sharedOf(const Resolution& resolution) {
    return {std::string(vault::kShared), resolution.id.provider, resolution.id.name};
}

protocol::Result<std::vector<std::string>> fieldNames(const providers::Profile& profile, const protocol::Params& params,
                                                      std::string_view param) {
    std::vector<std::string> names;
    for (const std::string& name : params.stringList(param).value_or(std::vector<std::string>())) {
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
        if (field.slot == resolution.slot && resolution.profile->field(field.field) != nullptr) {
            offer.fields.push_back({field.field, placeOf(id)});
        }
    }
    return offer;
}

protocol::Result<std::vector<Layer>> layersOf(const protocol::Params& params) {
    std::vector<Layer> layers;
    const auto only = params.stringList("only");
    for (const auto& [name, layer] : resolution::kLayers) {
        if (!only || std::ranges::find(*only, name) != only->end()) {
            layers.push_back(layer);
        }
    }
    for (const std::string& name : only.value_or(std::vector<std::string>())) {
        if (!resolution::layerOf(name)) {
            return base::fail(
                failure(ErrorKind::InvalidValue,
                        "the layers are call, instance, environment, store, shared, broker_environment and "
                        "default"));
        }
    }
    return layers;
}

protocol::Result<void> gather(Services& services, const protocol::Params& params, Resolution& resolution) {
    const providers::Profile& profile = *resolution.profile;
    const auto call = fieldNames(profile, params, "call");
    const auto instance = fieldNames(profile, params, "instance");
    const auto layers = layersOf(params);
    if (!call || !instance || !layers) {
        return base::fail(!call ? call.error() : !instance ? instance.error() : layers.error());
    }
    const auto variables = params.stringList("environment").value_or(std::vector<std::string>());
    for (const Layer layer : *layers) {
        switch (layer) {
        case Layer::Call: resolution.offers.push_back(callersOffer(layer, *call)); break;
        case Layer::Instance: resolution.offers.push_back(callersOffer(layer, *instance)); break;
        case Layer::Environment:
            resolution.offers.push_back(resolution::environmentOffer(layer, profile, variables));
            break;
        case Layer::Store: resolution.offers.push_back(vaultsOffer(services, layer, resolution.id, resolution)); break;
        case Layer::Shared:
            resolution.offers.push_back(vaultsOffer(services, layer, sharedOf(resolution), resolution));
            break;
        case Layer::BrokerEnvironment:
            resolution.offers.push_back(resolution::environmentOffer(layer, profile, brokersVariables(services)));
            break;
        case Layer::Default: break; // the catalogue's own; resolve() knows it
        }
    }
    resolution.plan = resolution::resolve(profile, resolution.offers);
    if (std::ranges::find(*layers, Layer::Default) == layers->end()) {
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
        if (field->secret && !choice.shadowed.empty() && services.config.shadow != providers::Config::Shadow::Allow) {
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

json lookedAt(const Resolution& resolution) {
    json layers = json::array();
    for (const Offer& offer : resolution.offers) {
        layers.push_back(resolution::toString(offer.layer));
    }
    return layers;
}

/// Why nothing is given out; nullopt when it is.
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
    if (services.config.shadow == providers::Config::Shadow::Deny && resolution.plan.shadowsASecret(profile)) {
        return failure(ErrorKind::Denied, "a secret of " + profile.displayName +
                                              " stands in two places, and config.toml forbids that one hides another; "
                                              "`keybearer explain " +
                                              profile.id + "` shows them");
    }
    return std::nullopt;
}

/// The chosen fields of one layer, of those that are wanted.
std::vector<std::string> chosenFrom(const Resolution& resolution, Layer layer) {
    std::vector<std::string> fields;
    for (const resolution::Choice& choice : resolution.plan.choices) {
        const bool isWanted =
            resolution.wanted.empty() || std::ranges::find(resolution.wanted, choice.field) != resolution.wanted.end();
        if (choice.layer == layer && isWanted) {
            fields.push_back(choice.field);
        }
    }
    return fields;
}

void readBrokers(const Resolution& resolution, Values& values) {
    for (const resolution::Choice& choice : resolution.plan.choices) {
        if (choice.layer == Layer::Default) {
            values.emplace(choice.field, base::Secret(resolution.profile->field(choice.field)->defaultValue));
        } else if (choice.layer == Layer::BrokerEnvironment) {
            const char* value = std::getenv(choice.from.c_str());
            values.emplace(choice.field, base::Secret(value == nullptr ? std::string_view() : value));
        }
    }
}

/// nullopt when a data key must come from the keychain first.
std::optional<protocol::Result<Values>> readNow(Services& services, const Resolution& resolution) {
    Values values;
    readBrokers(resolution, values);
    for (const auto& [layer, id] :
         {std::pair(Layer::Store, resolution.id), std::pair(Layer::Shared, sharedOf(resolution))}) {
        const std::vector<std::string> fields = chosenFrom(resolution, layer);
        if (fields.empty()) {
            continue;
        }
        auto read = services.vault.readAtOnce(id, resolution.slot, fields);
        if (!read) {
            return std::nullopt;
        }
        if (!*read) {
            return protocol::Result<Values>(base::fail(fromVault(read->error())));
        }
        for (vault::FieldValue& value : **read) {
            values.insert_or_assign(value.field, std::move(value.value));
        }
    }
    return protocol::Result<Values>(std::move(values));
}

QCoro::Task<protocol::Result<Values>> readWaiting(Services& services, const Resolution& resolution) {
    for (const auto& [layer, id] :
         {std::pair(Layer::Store, resolution.id), std::pair(Layer::Shared, sharedOf(resolution))}) {
        const std::vector<std::string> fields = chosenFrom(resolution, layer);
        if (!fields.empty()) {
            const auto opened = co_await services.vault.read(id, resolution.slot, fields);
            if (!opened) {
                co_return base::fail(fromVault(opened.error()));
            }
        }
    }
    auto values = readNow(services, resolution);
    co_return values ? std::move(*values) : base::fail(failure(ErrorKind::Internal, "a data key went away"));
}

bool isFile(const Field& field, const std::string& variable) {
    return std::ranges::find(field.pathVariables, variable) != field.pathVariables.end();
}

/// What an answer says about a chosen field, but its value.
Body describe(const Resolution& resolution, const resolution::Choice& choice) {
    const Field& field = *resolution.profile->field(choice.field);
    Body item;
    item.add("field", choice.field)
        .add("source", resolution::toString(choice.layer))
        .add("from", choice.from)
        .addTree("secret", field.secret)
        .addTree("file", isFile(field, choice.from));
    return item;
}

json passedOver(const Resolution& resolution) {
    json list = json::array();
    for (const resolution::Choice& choice : resolution.plan.choices) {
        for (const resolution::Passed& place : choice.shadowed) {
            list.push_back(
                {{"field", choice.field}, {"source", resolution::toString(place.layer)}, {"from", place.from}});
        }
    }
    return list;
}

json ignored(const Resolution& resolution) {
    json list = json::array();
    for (const resolution::Ignored& place : resolution.plan.ignored) {
        list.push_back({{"field", place.field},
                        {"source", resolution::toString(place.layer)},
                        {"from", place.from},
                        {"why", resolution::toString(place.why)}});
    }
    return list;
}

void addFrame(const Resolution& resolution, Body& answer) {
    answer.add("provider", resolution.profile->id)
        .add("tenant", resolution.id.tenant)
        .add("name", resolution.id.name)
        .addTree("shadowed", passedOver(resolution))
        .addTree("ignored", ignored(resolution))
        .addTree("warnings", resolution.warnings);
}

Body answerOf(const Resolution& resolution, const Values& values) {
    std::vector<Body> fields;
    for (const resolution::Choice& choice : resolution.plan.choices) {
        if (!resolution.wanted.empty() &&
            std::ranges::find(resolution.wanted, choice.field) == resolution.wanted.end()) {
            continue;
        }
        fields.push_back(describe(resolution, choice));
        if (const auto value = values.find(choice.field); value != values.end()) {
            fields.back().add("value", value->second.reveal());
        }
    }
    Body answer;
    answer.add("fields", fields);
    addFrame(resolution, answer);
    return answer;
}

void noteUse(Services& services, const Resolution& resolution) {
    for (const auto& [layer, id] :
         {std::pair(Layer::Store, resolution.id), std::pair(Layer::Shared, sharedOf(resolution))}) {
        if (!chosenFrom(resolution, layer).empty()) {
            services.vault.noteUse(id);
        }
    }
}

std::string fingerprint(const base::Secret& value) {
    constexpr std::size_t kDigits = 8;
    return crypto::sha256Hex(value.reveal()).substr(0, kDigits);
}

} // namespace

std::optional<Body> credentialAtOnce(Services& services, const protocol::Params& params) {
    const auto resolution = resolutionOf(services, params);
    if (!resolution || refusalOf(services, *resolution)) {
        return std::nullopt;
    }
    const auto values = readNow(services, *resolution);
    if (!values || !*values) {
        return std::nullopt;
    }
    noteUse(services, *resolution);
    return answerOf(*resolution, **values);
}

QCoro::Task<Reply> credentialResolve(Services& services, Call call) {
    const auto resolution = resolutionOf(services, call.params);
    if (!resolution) {
        co_return base::fail(resolution.error());
    }
    if (auto refusal = refusalOf(services, *resolution)) {
        co_return base::fail(std::move(*refusal));
    }
    const auto values = co_await readWaiting(services, *resolution);
    if (!values) {
        co_return base::fail(values.error());
    }
    noteUse(services, *resolution);
    co_return answerOf(*resolution, *values);
}

QCoro::Task<Reply> credentialExplain(Services& services, Call call) {
    auto resolution = resolutionOf(services, call.params);
    if (!resolution) {
        co_return base::fail(std::move(resolution.error()));
    }
    const auto values = co_await readWaiting(services, *resolution);
    if (!values) {
        resolution->warnings.push_back(values.error().message);
    }
    if (resolution->trouble && !resolution->plan.complete) {
        resolution->warnings.push_back(resolution->trouble->message);
    }
    std::vector<Body> fields;
    for (const resolution::Choice& choice : resolution->plan.choices) {
        fields.push_back(describe(*resolution, choice));
        const auto value = values ? values->find(choice.field) : Values::const_iterator();
        const bool isHeld = values && value != values->end() && resolution->profile->field(choice.field)->secret;
        fields.back().addTree("fingerprint", isHeld ? json(fingerprint(value->second)) : json());
    }
    Body answer;
    answer.add("fields", fields)
        .addTree("complete", resolution->plan.complete)
        .addTree("looked_at", lookedAt(*resolution));
    addFrame(*resolution, answer);
    co_return answer;
}

} // namespace keybearer::rpc
