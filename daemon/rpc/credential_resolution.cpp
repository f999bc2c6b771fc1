#include "daemon/crypto/crypto.h"
#include "daemon/rpc/credential_plan.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/or_null.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace keybearer::rpc {
namespace {

using accounts::failure;
using nlohmann::json;
using protocol::Body;
using protocol::ErrorKind;
using providers::Field;
using resolution::Layer;

/// The chosen fields of one layer, of those that are wanted.
std::vector<std::string> chosenFrom(const Resolution& resolution, Layer layer) {
    std::vector<std::string> fields;
    for (const resolution::Choice& choice : resolution.plan.choices) {
        if (choice.layer == layer && isWanted(resolution, choice.field)) {
            fields.push_back(choice.field);
        }
    }
    return fields;
}

HeldValue held(base::Secret secret) {
    return {std::move(secret), std::nullopt, false};
}

void readBrokers(const Resolution& resolution, HeldValues& values) {
    for (const resolution::Choice& choice : resolution.plan.choices) {
        if (choice.layer == Layer::Default) {
            values.emplace(choice.field, held(base::Secret(resolution.profile->field(choice.field)->defaultValue)));
        } else if (choice.layer == Layer::BrokerEnvironment) {
            const char* value = std::getenv(choice.from.c_str());
            values.emplace(choice.field, held(base::Secret(value == nullptr ? std::string_view() : value)));
        }
    }
}

/// What needs no waiting; nullopt when a data key must come from the keychain first.
std::optional<protocol::Result<HeldValues>> readNow(Services& services, const Resolution& resolution) {
    HeldValues values;
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
            return protocol::Result<HeldValues>(base::fail(fromVault(read->error())));
        }
        for (vault::FieldValue& value : **read) {
            values.insert_or_assign(value.field, HeldValue{std::move(value.value), std::nullopt, value.test});
        }
    }
    return protocol::Result<HeldValues>(std::move(values));
}

/// The chosen fields that are wanted and come from a place of config.toml.
std::vector<resolution::Choice> chosenPlaces(const Resolution& resolution) {
    std::vector<resolution::Choice> choices;
    std::ranges::copy_if(resolution.plan.choices, std::back_inserter(choices), [&](const resolution::Choice& choice) {
        return isLocationLayer(choice.layer) && isWanted(resolution, choice.field);
    });
    return choices;
}

QCoro::Task<protocol::Result<HeldValues>> readWaiting(Services& services, const Resolution& resolution,
                                                      PlaceCaller caller) {
    auto places =
        co_await readLocations(services, *resolution.profile, chosenPlaces(resolution), resolution.sources, caller);
    if (!places) {
        co_return base::fail(std::move(places.error()));
    }
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
    if (!values) {
        co_return base::fail(failure(ErrorKind::Internal, "a data key went away"));
    }
    if (*values) {
        (*values)->merge(*places);
    }
    co_return std::move(*values);
}

/// The caller's variable holds a path.
bool isFile(const Resolution& resolution, const resolution::Choice& choice) {
    if (choice.layer != Layer::Environment) {
        return false;
    }
    if (const providers::Source* source = resolution.sources.empty() ? nullptr : resolution.sources[choice.offer];
        source != nullptr && source->front().kind != providers::LocationKind::Environment) {
        return std::ranges::any_of(*source, [&](const providers::Location& location) {
            return location.field == choice.field && location.kind == providers::LocationKind::PathFromEnv;
        });
    }
    const Field& field = *resolution.profile->field(choice.field);
    return std::ranges::find(field.pathVariables, choice.from) != field.pathVariables.end();
}

/// What an answer says about a chosen field, but its value.
Body describe(const Resolution& resolution, const resolution::Choice& choice, bool isForTest) {
    const Field& field = *resolution.profile->field(choice.field);
    Body item;
    item.add("field", choice.field)
        .add("source", resolution::toString(choice.layer))
        .add("from", choice.from)
        .addTree("secret", field.secret)
        .addTree("file", isFile(resolution, choice))
        .addTree("test", isForTest);
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

void noteField(const resolution::Choice& choice, ReleaseNote& note) {
    const char* comma = note.fields.empty() ? "" : ",";
    note.fields.append(comma).append(choice.field);
    note.layers.append(comma).append(resolution::toString(choice.layer));
    if (choice.layer == Layer::OAuth) {
        note.account = choice.from;
    }
}

Body answerOf(const Services& services, const Resolution& resolution, const HeldValues& values, ReleaseNote& note) {
    std::vector<Body> fields;
    for (const resolution::Choice& choice : resolution.plan.choices) {
        const bool isMissing = !resolution::isCallers(choice.layer) && !values.contains(choice.field);
        if (!isWanted(resolution, choice.field) || isMissing) {
            continue;
        }
        noteField(choice, note);
        const auto value = values.find(choice.field);
        fields.push_back(describe(resolution, choice, value != values.end() && value->second.isForTest));
        if (value != values.end()) {
            fields.back().add("value", value->second.secret.reveal());
            if (value->second.expiresAt) {
                fields.back().addTree("expires_at", *value->second.expiresAt);
                note.expires = std::to_string(*value->second.expiresAt);
            }
        }
    }
    Body answer;
    answer.add("fields", fields).add("version", versionOf(services, resolution));
    addFrame(resolution, answer);
    return answer;
}

void noteUse(Services& services, const Resolution& resolution, ReleaseNote& note) {
    for (const auto& [layer, id] :
         {std::pair(Layer::Store, resolution.id), std::pair(Layer::Shared, sharedOf(resolution))}) {
        if (!chosenFrom(resolution, layer).empty()) {
            services.vault.noteUse(id);
            note.stored.append(note.stored.empty() ? "" : ",").append(vault::toText(id));
        }
    }
}

/// The call has waited, and another value may stand in the place of the one that was allowed.
bool isAllForTest(const Resolution& resolution, const HeldValues& values) {
    return std::ranges::all_of(resolution.plan.choices, [&](const resolution::Choice& choice) {
        const auto value = values.find(choice.field);
        return value == values.end() || choice.layer == Layer::Default || !isWanted(resolution, choice.field) ||
               value->second.isForTest;
    });
}

std::string fingerprint(const base::Secret& value) {
    constexpr std::size_t kDigits = 8;
    return crypto::sha256Hex(value.reveal()).substr(0, kDigits);
}

} // namespace

std::optional<Body> credentialAtOnce(Services& services, const protocol::Params& params, ReleaseNote& note) {
    const auto resolution = resolutionOf(services, params);
    if (!resolution || refusalOf(services, *resolution) || !chosenPlaces(*resolution).empty()) {
        return std::nullopt;
    }
    const auto values = readNow(services, *resolution);
    if (!values || !*values) {
        return std::nullopt;
    }
    noteUse(services, *resolution, note);
    return answerOf(services, *resolution, **values, note);
}

QCoro::Task<Reply> credentialResolve(Services& services, Call call) {
    const auto resolution = resolutionOf(services, call.params);
    if (!resolution) {
        co_return base::fail(resolution.error());
    }
    if (auto refusal = refusalOf(services, *resolution)) {
        co_return base::fail(std::move(*refusal));
    }
    const PlaceCaller caller{call.pid, call.session};
    const auto values = co_await readWaiting(services, *resolution, caller);
    if (!values) {
        co_return base::fail(values.error());
    }
    if (call.onlyTest && !isAllForTest(*resolution, *values)) {
        co_return base::fail(failure(ErrorKind::Denied, "another value was stored meanwhile, which is not for test"));
    }
    noteUse(services, *resolution, *call.note);
    co_return answerOf(services, *resolution, *values, *call.note);
}

QCoro::Task<Reply> credentialExplain(Services& services, Call call) {
    auto resolution = resolutionOf(services, call.params);
    if (!resolution) {
        co_return base::fail(std::move(resolution.error()));
    }
    const PlaceCaller caller{call.pid, call.session};
    const auto values = co_await readWaiting(services, *resolution, caller);
    if (!values) {
        resolution->warnings.push_back(values.error().message);
    }
    if (resolution->trouble && !resolution->plan.complete) {
        resolution->warnings.push_back(resolution->trouble->message);
    }
    std::vector<Body> fields;
    for (const resolution::Choice& choice : resolution->plan.choices) {
        fields.push_back(describe(*resolution, choice, isMarkedForTest(*resolution, choice)));
        const auto value = values ? values->find(choice.field) : HeldValues::const_iterator();
        const bool isHeld = values && value != values->end() && resolution->profile->field(choice.field)->secret;
        fields.back().addTree("fingerprint", isHeld ? json(fingerprint(value->second.secret)) : json());
    }
    Body answer;
    answer.add("fields", fields)
        .addTree("complete", resolution->plan.complete)
        .addTree("looked_at", lookedAt(*resolution));
    addFrame(*resolution, answer);
    co_return answer;
}

} // namespace keybearer::rpc
