#include "daemon/rpc/credential_locations.h"

#include "daemon/locations/aws_profile.h"
#include "daemon/locations/secret_file.h"
#include "ipc/base/text.h"

#include <algorithm>
#include <array>

namespace keybearer::rpc {
namespace {

using accounts::failure;
using locations::AwsProfile;
using protocol::ErrorKind;
using protocol::Result;
using providers::Field;
using providers::Location;
using providers::LocationKind;
using providers::Profile;
using providers::Source;
using resolution::Layer;
using resolution::Offer;

constexpr std::array<std::pair<LocationKind, Layer>, 14> kLayerOfKind{
    {{LocationKind::Call, Layer::Call},
     {LocationKind::Instance, Layer::Instance},
     {LocationKind::Environment, Layer::Environment},
     {LocationKind::Store, Layer::Store},
     {LocationKind::Shared, Layer::Shared},
     {LocationKind::BrokerEnvironment, Layer::BrokerEnvironment},
     {LocationKind::Dynamic, Layer::Call},
     {LocationKind::Env, Layer::Environment},
     {LocationKind::PathFromEnv, Layer::Environment},
     {LocationKind::OAuth, Layer::OAuth},
     {LocationKind::File, Layer::File},
     {LocationKind::Command, Layer::Command},
     {LocationKind::AwsSdk, Layer::AwsSdk},
     {LocationKind::None, Layer::None}}};

Layer layerOfKind(LocationKind kind) {
    return std::ranges::find(kLayerOfKind, kind, [](const auto& row) { return row.first; })->second;
}

protocol::Error locationFailed(std::string message) {
    return failure(ErrorKind::LocationFailed, std::move(message));
}

std::string awsName(const Location& location) {
    return location.argument.empty() ? std::string(locations::kDefaultAwsProfile) : location.argument;
}

/// The AWS profile's parts by the names that the catalogue has for them.
std::map<std::string, base::Secret> partsOf(const AwsProfile& profile) {
    std::map<std::string, base::Secret> parts;
    const auto add = [&](const char* name, const std::optional<base::Secret>& value) {
        if (value) {
            parts.emplace(name, value->clone());
        }
    };
    add("access_key_id", profile.accessKeyId);
    add("secret_access_key", profile.secretAccessKey);
    add("session_token", profile.sessionToken);
    if (!profile.region.empty()) {
        parts.emplace("region", base::Secret(profile.region));
    }
    return parts;
}

void offerAws(const Services& services, const Profile& profile, const Location& location, Offer& offer,
              Gathered& gathered) {
    const std::string name = awsName(location);
    const auto found = locations::readAwsProfile(services.openFile, name);
    if (!found) {
        gathered.trouble = locationFailed(found.error());
        return;
    }
    if (!*found) {
        return;
    }
    std::vector<std::string> fields;
    for (const auto& [field, value] : partsOf(**found)) {
        fields.push_back(field);
    }
    if (!(*found)->process.empty()) {
        fields.insert(fields.end(), {"access_key_id", "secret_access_key", "session_token"});
    }
    for (const std::string& field : fields) {
        if (profile.field(field) != nullptr) {
            offer.fields.push_back({field, name});
        }
    }
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

/// What a place of one value has.
void offerField(const Services& services, const Location& location, const Asked& asked, Offer& offer,
                Gathered& gathered) {
    bool has = false;
    std::string from = location.argument;
    switch (location.kind) {
    case LocationKind::Dynamic: has = contains(asked.dynamicNames, location.argument); break;
    case LocationKind::Env:
    case LocationKind::PathFromEnv: has = contains(asked.variables, location.argument); break;
    case LocationKind::File: has = locations::exists(location.argument); break;
    case LocationKind::Command:
        has = true;
        from = location.words.front();
        break;
    case LocationKind::OAuth:
        has = services.authority.accounts().byName(location.argument) != nullptr;
        if (!has) {
            gathered.trouble = accounts::unknownAccount(location.argument);
        }
        break;
    default: break;
    }
    if (has) {
        offer.fields.push_back({location.field, base::printable(from, 200)});
    }
}

/// The value as the field wants it; an error that names the place and not the value.
Result<base::Secret> checked(const Field& field, base::Secret value, const std::string& place) {
    std::string_view text = value.reveal();
    if (text.ends_with('\n')) {
        text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
    }
    if (const auto problem = providers::problemWith(field, text)) {
        return base::fail(locationFailed(field.name + " from " + place + " " + *problem));
    }
    return base::Secret(text);
}

const Location* locationOf(const Source& source, const std::string& field) {
    const auto found = std::ranges::find(source, field, &Location::field);
    return found == source.end() ? nullptr : &*found;
}

Result<base::Secret> readFileLocation(const Services& services, const Location& location, const Field& field) {
    auto content =
        locations::readSecretFile(services.openFile, location.argument, providers::maxValueBytes(field.type) + 2);
    if (!content) {
        return base::fail(locationFailed(content.error()));
    }
    if (!*content) {
        return base::fail(locationFailed(base::printable(location.argument, 200) + " has just been removed"));
    }
    return std::move(**content);
}

/// Copies of its arguments: it outlives the statement that starts it.
QCoro::Task<Result<HeldValue>> readOne(Services& services, Location location, Field field, PlaceCaller caller) {
    if (location.kind == LocationKind::OAuth) {
        accounts::TokenRequest request;
        request.account = location.argument;
        request.kind.holder = caller.session;
        auto token = co_await services.authority.token(std::move(request));
        if (!token) {
            co_return base::fail(std::move(token.error()));
        }
        if (token->dpopKey) { // nobody could tell from the field that it is good with proofs alone
            co_return base::fail(accounts::failure(ErrorKind::Unsupported,
                                                   "the tokens of account " + token->account +
                                                       " are bound to a key (dpop = true), so no field can hold one"));
        }
        HeldValue held{std::move(token->token.value), token->expiresAt};
        co_return held;
    }
    std::string place = base::printable(location.argument, 200);
    auto read = Result<base::Secret>(base::Secret());
    if (location.kind == LocationKind::File) {
        read = readFileLocation(services, location, field);
    } else {
        place = "the command " + base::printable(location.words.front(), 128);
        auto printed = co_await services.commands.run(location.words, caller.pid);
        read = printed ? Result<base::Secret>(std::move(*printed)) : base::fail(locationFailed(printed.error()));
    }
    if (!read) {
        co_return base::fail(std::move(read.error()));
    }
    auto value = checked(field, std::move(*read), place);
    if (!value) {
        co_return base::fail(std::move(value.error()));
    }
    HeldValue held{std::move(*value), std::nullopt};
    co_return held;
}

QCoro::Task<Result<std::map<std::string, base::Secret>>> readAws(Services& services, Location location,
                                                                 PlaceCaller caller) {
    const std::string name = awsName(location);
    auto found = locations::readAwsProfile(services.openFile, name);
    if (!found || !*found) {
        co_return base::fail(locationFailed(found ? "the AWS profile has just been removed" : found.error()));
    }
    auto parts = partsOf(**found);
    if (!(*found)->process.empty()) {
        const auto printed = co_await services.commands.run((*found)->process, caller.pid);
        const auto keys = printed ? locations::parseAwsProcessOutput(printed->reveal())
                                  : base::Result<AwsProfile, std::string>(base::fail(printed.error()));
        if (!keys) {
            co_return base::fail(locationFailed("the AWS profile " + base::printable(name, 64) + ": " + keys.error()));
        }
        parts.merge(partsOf(*keys));
    }
    co_return parts;
}

} // namespace

bool isLocationLayer(Layer layer) {
    return layer == Layer::OAuth || layer == Layer::File || layer == Layer::Command || layer == Layer::AwsSdk;
}

bool hasDynamicName(const std::vector<Source>* list, const std::string& name) {
    return list != nullptr && std::ranges::any_of(*list, [&](const Source& source) {
               return std::ranges::any_of(source, [&](const Location& location) {
                   return location.kind == LocationKind::Dynamic && location.argument == name;
               });
           });
}

Gathered gatherLocations(const Services& services, const Profile& profile, const std::vector<Source>& list,
                         const Asked& asked, const std::function<Offer(Layer)>& chain,
                         const std::function<bool(Layer)>& isAllowed) {
    Gathered gathered;
    for (const Source& source : list) {
        const providers::LocationRow& row = rowOf(source.front().kind);
        const Layer layer = layerOfKind(row.kind);
        if (!isAllowed(layer)) {
            continue;
        }
        Offer offer{layer, {}};
        if (row.kind == LocationKind::AwsSdk) {
            offerAws(services, profile, source.front(), offer, gathered);
        } else if (row.fillsAField) {
            for (const Location& location : source) {
                offerField(services, location, asked, offer, gathered);
            }
        } else if (row.kind != LocationKind::None) {
            offer = chain(layer);
        }
        gathered.offers.push_back(std::move(offer));
        gathered.sources.push_back(&source);
        if (gathered.trouble) {
            break; // it is there and cannot be used: nothing behind it takes its place
        }
    }
    return gathered;
}

QCoro::Task<Result<HeldValues>> readLocations(Services& services, const Profile& profile,
                                              std::vector<resolution::Choice> choices,
                                              std::vector<const Source*> sources, PlaceCaller caller) {
    HeldValues values;
    std::optional<std::size_t> readProfile; // the offer of an AWS profile that has been read
    for (const resolution::Choice& choice : choices) {
        if (!isLocationLayer(choice.layer) || values.contains(choice.field)) {
            continue;
        }
        const Source& source = *sources.at(choice.offer);
        if (choice.layer == Layer::AwsSdk) {
            if (readProfile == choice.offer) {
                continue; // a part that the profile turned out not to have
            }
            readProfile = choice.offer;
            auto parts = co_await readAws(services, source.front(), caller);
            if (!parts) {
                co_return base::fail(std::move(parts.error()));
            }
            for (const resolution::Choice& part : choices) {
                const auto found = parts->find(part.field);
                if (part.offer != choice.offer || found == parts->end()) {
                    continue; // chosen from elsewhere, or a session token that there is not
                }
                auto value = checked(*profile.field(part.field), std::move(found->second), "the AWS files");
                if (!value) {
                    co_return base::fail(std::move(value.error()));
                }
                HeldValue held{std::move(*value), std::nullopt};
                values.insert_or_assign(part.field, std::move(held));
            }
            continue;
        }
        const Location* location = locationOf(source, choice.field);
        auto read = co_await readOne(services, *location, *profile.field(choice.field), caller);
        if (!read) {
            co_return base::fail(std::move(read.error()));
        }
        values.emplace(choice.field, std::move(*read));
    }
    co_return values;
}

} // namespace keybearer::rpc
