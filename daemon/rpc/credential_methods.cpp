#include "daemon/rpc/credential_call.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/rename_record.h"

#include <algorithm>

namespace keybearer::rpc {
namespace {

constexpr std::int64_t kMaxRotation = 1'000'000'000;

using accounts::failure;
using nlohmann::json;
using protocol::ErrorKind;

/// The values under the catalogue's own names, each checked against its type.
protocol::Result<std::vector<vault::FieldValue>> checkedValues(const providers::Profile& profile,
                                                               protocol::Params& params) {
    std::vector<vault::FieldValue> values;
    for (auto& [name, secret] : params.takeSecretMap("fields")) {
        const auto field = fieldOf(profile, name);
        if (!field) {
            return base::fail(field.error());
        }
        if (std::ranges::find(values, (*field)->name, &vault::FieldValue::field) != values.end()) {
            return base::fail(failure(ErrorKind::InvalidValue, "the field " + (*field)->name + " is given twice"));
        }
        if (const auto problem = providers::problemWith(**field, secret.reveal())) {
            return base::fail(
                failure(ErrorKind::InvalidValue, "the " + (*field)->name + " of " + profile.id + " " + *problem));
        }
        values.push_back({(*field)->name, std::move(secret), params.boolean("test")});
    }
    return values;
}

/// A key that was pasted into the wrong place is noticed before somebody else's server sees it.
std::vector<std::string> strangers(const Services& services, const providers::Profile& profile,
                                   const std::vector<vault::FieldValue>& values) {
    std::vector<std::string> warnings;
    for (const vault::FieldValue& value : values) {
        const providers::Field& field = *profile.field(value.field);
        const providers::Profile* owner = field.secret ? services.catalogue.ownerOf(value.value.reveal()) : nullptr;
        if (owner != nullptr && owner != &profile) {
            warnings.push_back("this " + field.name + " looks like one of " + owner->displayName);
        }
    }
    return warnings;
}

/// "sk-pr...key". A short value would be half told.
std::string masked(std::string_view value) {
    constexpr std::size_t kShort = 16;
    return value.size() < kShort
               ? "..."
               : std::string(value.substr(0, 5)) + "..." + std::string(value.substr(value.size() - 3));
}

QCoro::Task<json> listed(Services& services, std::string tenant, vault::StoredCredential credential) {
    json fields = json::array();
    const providers::Profile* profile = services.catalogue.find(credential.provider);
    for (const vault::StoredField& stored : credential.fields) {
        const vault::CredentialId id{tenant, credential.provider, credential.name};
        const std::vector<std::string> names{stored.field};
        const auto value = co_await services.vault.read(id, stored.slot, names);
        const providers::Field* field = profile == nullptr ? nullptr : profile->field(stored.field);
        const bool isOpen = field != nullptr && !field->secret;
        const auto text = value ? value->front().value.reveal() : std::string_view();
        fields.push_back({{"field", stored.field},
                          {"slot", stored.slot == vault::Slot::Current ? "current" : "next"},
                          {"preview", !value ? json() : json(isOpen ? std::string(text) : masked(text))},
                          {"set_at", stored.setAt},
                          {"test", stored.test}});
    }
    co_return json{{"provider", credential.provider},
                   {"tenant", tenant},
                   {"name", credential.name},
                   {"used_at", credential.usedAt == 0 ? json() : json(credential.usedAt)},
                   {"fields", std::move(fields)}};
}

protocol::Error nothingStored(const CredentialCall& named) {
    return failure(ErrorKind::NoCredential,
                   "nothing of " + named.profile->displayName + " is stored as " + placeOf(named.id));
}

} // namespace

QCoro::Task<Reply> credentialSet(Services& services, Call call) {
    const auto named = credentialOf(services, call.params);
    if (!named) {
        co_return base::fail(named.error());
    }
    auto values = checkedValues(*named->profile, call.params);
    if (!values) {
        co_return base::fail(std::move(values.error()));
    }
    const std::vector<std::string> warnings = strangers(services, *named->profile, *values);
    json fields = json::array();
    for (const vault::FieldValue& value : *values) {
        fields.push_back(value.field);
    }
    const vault::Slot slot = call.params.boolean("next") ? vault::Slot::Next : vault::Slot::Current;
    const auto written = co_await services.vault.set(named->id, slot, std::move(*values));
    if (!written) {
        co_return base::fail(fromVault(written.error()));
    }
    co_return json{{"provider", named->profile->id},
                   {"tenant", named->id.tenant},
                   {"name", named->id.name},
                   {"fields", std::move(fields)},
                   {"warnings", warnings}};
}

QCoro::Task<Reply> credentialRemove(Services& services, Call call) {
    const auto named = credentialOf(services, call.params);
    if (!named) {
        co_return base::fail(named.error());
    }
    std::string field;
    if (const auto wanted = call.params.string("field")) {
        const auto known = fieldOf(*named->profile, *wanted);
        if (!known) {
            co_return base::fail(known.error());
        }
        field = (*known)->name;
    }
    const auto removed = services.vault.remove(named->id, field);
    if (!removed) {
        co_return base::fail(fromVault(removed.error()));
    }
    if (*removed == 0) {
        co_return base::fail(nothingStored(*named));
    }
    co_return json{{"provider", named->profile->id}, {"removed", *removed}};
}

QCoro::Task<Reply> credentialList(Services& services, Call call) {
    const bool isOfAll = call.params.boolean("all_tenants");
    const auto named = call.params.string("tenant");
    if (isOfAll && named) {
        co_return base::fail(failure(ErrorKind::InvalidParams, "tenant and all_tenants exclude each other"));
    }
    std::vector<std::string> tenants = isOfAll ? services.vault.tenants() : std::vector<std::string>();
    std::erase(tenants, vault::kDefaultTenant);
    std::erase(tenants, vault::kShared);
    tenants.insert(tenants.begin(), named.value_or(std::string(vault::kDefaultTenant)));
    tenants.emplace_back(vault::kShared);
    json credentials = json::array();
    json unreadable = json::array();
    for (const std::string& tenant : tenants) {
        auto stored = services.vault.list(tenant);
        if (!stored && isOfAll) {
            unreadable.push_back(tenant);
            continue;
        }
        if (!stored) {
            co_return base::fail(fromVault(stored.error()));
        }
        for (vault::StoredCredential& credential : *stored) {
            credentials.push_back(co_await listed(services, tenant, std::move(credential)));
        }
    }
    co_return json{{"credentials", std::move(credentials)}, {"unreadable", std::move(unreadable)}};
}

QCoro::Task<Reply> credentialSwitch(Services& services, Call call) {
    const auto named = credentialOf(services, call.params);
    if (!named) {
        co_return base::fail(named.error());
    }
    const auto switched = co_await services.vault.switchSlots(named->id);
    if (!switched) {
        co_return base::fail(fromVault(switched.error()));
    }
    co_return json{{"provider", named->profile->id}};
}

QCoro::Task<Reply> credentialRename(Services& services, Call call) {
    const auto named = credentialOf(services, call.params);
    if (!named) {
        co_return base::fail(named.error());
    }
    const std::string newName = call.params.requiredString("new_name");
    const auto renamed = co_await services.vault.rename(named->id, newName);
    if (!renamed) {
        co_return base::fail(renamed.error().kind == vault::ErrorKind::NotFound ? nothingStored(*named)
                                                                                : fromVault(renamed.error()));
    }
    recordKeyRename(services, named->id, newName);
    co_return json{{"provider", named->profile->id}, {"tenant", named->id.tenant}, {"name", newName}};
}

QCoro::Task<Reply> credentialRotate(Services& services, Call call) {
    std::string tenant = call.params.string("tenant").value_or(std::string(vault::kDefaultTenant));
    if (call.params.boolean("shared")) {
        tenant = vault::kShared;
    }
    std::string provider;
    if (const auto name = call.params.string("provider")) {
        const providers::Profile* profile = services.catalogue.find(*name);
        if (profile == nullptr) {
            co_return base::fail(accounts::unknownProvider(*name, services.catalogue.nearest(*name)));
        }
        provider = profile->id;
    }
    const auto limit = protocol::inRange("limit", call.params.integer("limit").value_or(kMaxRotation), 1, kMaxRotation);
    if (!limit) {
        co_return base::fail(limit.error());
    }
    const auto step = call.params.boolean("go_on") ? vault::RotationStep::GoOn : vault::RotationStep::Begin;
    const auto rotation = co_await services.vault.rotate(tenant, provider, step, static_cast<std::size_t>(*limit));
    if (!rotation) {
        co_return base::fail(fromVault(rotation.error()));
    }
    co_return json{{"tenant", tenant}, {"sealed", rotation->sealed}, {"left", rotation->left}};
}

} // namespace keybearer::rpc
