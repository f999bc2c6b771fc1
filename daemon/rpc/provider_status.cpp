#include "daemon/resolution/resolve.h"
#include "daemon/rpc/credential_call.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/or_null.h"

#include <algorithm>

namespace keybearer::rpc {
namespace {

using nlohmann::json;
using resolution::Layer;
using resolution::Offer;

/// Everything that the answer needs, read once for all providers.
struct Known {
    std::vector<std::string> variables; ///< set where the caller runs
    std::vector<vault::StoredCredential> stored;
    std::vector<vault::StoredCredential> shared;
    std::string tenant;
    bool keychainReady = false;
};

Offer storedOffer(Layer layer, const std::vector<vault::StoredCredential>& stored, const std::string& tenant,
                  const providers::Profile& profile) {
    Offer offer{layer, {}};
    for (const vault::StoredCredential& credential : stored) {
        if (credential.provider != profile.id || credential.name != vault::kDefaultName) {
            continue;
        }
        for (const vault::StoredField& field : credential.fields) {
            if (field.slot == vault::Slot::Current) {
                offer.fields.push_back({field.field, tenant + "/" + credential.name});
            }
        }
    }
    return offer;
}

/// The person's account at this provider, a good one first; null when there is none.
const accounts::Account* accountOf(const Services& services, const providers::Profile& profile) {
    const accounts::Account* found = nullptr;
    for (const accounts::Account& account : services.authority.accounts().all()) {
        const bool isHere = !profile.issuer.empty() && account.issuer == profile.issuer;
        if (isHere && (found == nullptr || !found->loginRequired.empty())) {
            found = &account;
        }
    }
    return found;
}

json row(const Services& services, const providers::Profile& profile, const Known& known) {
    const std::vector<Offer> offers{
        resolution::environmentOffer(Layer::Environment, profile, known.variables),
        storedOffer(Layer::Store, known.stored, known.tenant, profile),
        storedOffer(Layer::Shared, known.shared, std::string(vault::kShared), profile),
        resolution::environmentOffer(Layer::BrokerEnvironment, profile, brokersVariables(services))};
    const resolution::Plan plan = resolution::resolve(profile, offers);
    const auto secret = std::ranges::find_if(
        plan.choices, [&](const resolution::Choice& choice) { return profile.field(choice.field)->secret; });
    json answer{{"provider", profile.id},
                {"display_name", profile.displayName},
                {"status", "not_authenticated"},
                {"source", nullptr},
                {"from", nullptr},
                {"auth_methods", authMethods(profile)},
                {"expires_at", nullptr}};
    if (plan.complete && secret != plan.choices.end()) {
        const bool isVault = secret->layer == Layer::Store || secret->layer == Layer::Shared;
        answer["status"] = isVault && !known.keychainReady ? "locked" : "authenticated";
        answer["source"] = resolution::toString(secret->layer);
        answer["from"] = orNull(secret->from);
    } else if (const accounts::Account* account = accountOf(services, profile)) {
        answer["status"] = account->loginRequired.empty() ? "authenticated" : "needs_login";
        answer["source"] = "oauth";
        answer["from"] = account->name;
        answer["expires_at"] = orNull(services.authority.view(*account).expiresAt);
    } else if (profile.needs.empty() && profile.issuer.empty()) {
        answer["status"] = "not_required";
    }
    return answer;
}

} // namespace

QCoro::Task<Reply> providerStatus(Services& services, Call call) {
    Known known;
    known.tenant = call.params.string("tenant").value_or(std::string(vault::kDefaultTenant));
    known.variables = call.params.stringList("environment").value_or(std::vector<std::string>());
    const auto only = call.params.string("provider");
    const providers::Profile* one = only ? services.catalogue.find(*only) : nullptr;
    if (only && one == nullptr) {
        co_return base::fail(accounts::unknownProvider(*only, services.catalogue.nearest(*only)));
    }
    auto stored = services.vault.list(known.tenant);
    auto shared = services.vault.list(std::string(vault::kShared));
    if (!stored || !shared) {
        co_return base::fail(fromVault(!stored ? stored.error() : shared.error()));
    }
    known.stored = std::move(*stored);
    known.shared = std::move(*shared);
    const keychain::Status keychain = co_await services.keychain.status();
    known.keychainReady = keychain.state == "ready";
    json list = json::array();
    for (const providers::Profile& profile : services.catalogue.all()) {
        if (one == nullptr || one == &profile) {
            list.push_back(row(services, profile, known));
        }
    }
    co_return json{{"providers", std::move(list)}};
}

} // namespace keybearer::rpc
