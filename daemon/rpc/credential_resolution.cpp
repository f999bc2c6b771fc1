#include "daemon/crypto/crypto.h"
#include "daemon/rpc/credential_plan.h"
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

/// A field's value that the broker holds.
using Values = std::map<std::string, base::Secret, std::less<>>;

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
