#include "daemon/resolution/resolve.h"
#include "daemon/rpc/credential_call.h"
#include "daemon/rpc/credential_locations.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/or_null.h"

#include <algorithm>

namespace keybearer::rpc {
namespace {

using nlohmann::json;
using resolution::Layer;
using resolution::Offer;

/// A token that cannot be renewed and ends within this is worth a word.
constexpr std::int64_t kSoonSeconds = 600;

/// Everything that the answer needs, read once for all providers.
struct Known {
    std::vector<std::string> variables; ///< set where the caller runs
    std::vector<vault::StoredCredential> stored;
    std::vector<vault::StoredCredential> shared;
    std::string tenant;
    bool keychainReady = false;
    std::optional<protocol::Error> trouble; ///< of the vault
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

/// The person's sign-in at a provider that is used through it.
void showAccount(const Services& services, const accounts::Account& account, json& answer) {
    const accounts::AccountView view = services.authority.view(account);
    const bool endsSoon = view.expiresAt && *view.expiresAt - services.clock.utcSeconds() < kSoonSeconds;
    answer["status"] = !account.loginRequired.empty() ? "needs_login"
                       : endsSoon && !view.renewable  ? "expiring"
                                                      : "authenticated";
    answer["source"] = "oauth";
    answer["from"] = account.name;
    answer["expires_at"] = orNull(view.expiresAt);
}

Gathered gatherFor(const Services& services, const providers::Profile& profile, const Known& known) {
    const auto chain = [&](Layer layer) -> Offer {
        switch (layer) {
        case Layer::Environment: return resolution::environmentOffer(layer, profile, known.variables);
        case Layer::Store: return storedOffer(layer, known.stored, known.tenant, profile);
        case Layer::Shared: return storedOffer(layer, known.shared, std::string(vault::kShared), profile);
        case Layer::BrokerEnvironment: return resolution::environmentOffer(layer, profile, brokersVariables(services));
        default: return {layer, {}}; // nobody has called, and no client been made
        }
    };
    Asked asked;
    asked.variables = known.variables;
    if (const auto* list = services.locations.find(profile.id, std::string(vault::kDefaultName))) {
        return gatherLocations(services, profile, *list, asked, chain, [](Layer) { return true; });
    }
    Gathered gathered;
    for (const Layer layer : resolution::kChain) {
        gathered.offers.push_back(chain(layer));
    }
    return gathered;
}

json row(const Services& services, const providers::Profile& profile, const Known& known) {
    const Gathered gathered = gatherFor(services, profile, known);
    const resolution::Plan plan = resolution::resolve(profile, gathered.offers);
    const auto secret = std::ranges::find_if(
        plan.choices, [&](const resolution::Choice& choice) { return profile.field(choice.field)->secret; });
    json answer{{"provider", profile.id},
                {"display_name", profile.displayName},
                {"status", "not_authenticated"},
                {"source", nullptr},
                {"from", nullptr},
                {"auth_methods", authMethods(profile)},
                {"expires_at", nullptr},
                {"detail", nullptr}};
    const bool hasSecret = plan.complete && secret != plan.choices.end();
    const accounts::Account* account = hasSecret && secret->layer == Layer::OAuth
                                           ? services.authority.accounts().byName(secret->from)
                                           : accountOf(services, profile);
    const bool nothingNeeded = profile.needs.empty() ? profile.issuer.empty() : plan.complete;
    if (hasSecret && secret->layer != Layer::OAuth) {
        const bool isVault = secret->layer == Layer::Store || secret->layer == Layer::Shared;
        answer["status"] = isVault && !known.keychainReady ? "locked" : "authenticated";
        answer["source"] = resolution::toString(secret->layer);
        answer["from"] = orNull(secret->from);
    } else if (account != nullptr) {
        showAccount(services, *account, answer);
    } else if (nothingNeeded) {
        answer["status"] = "not_required";
    }
    const auto& trouble = gathered.trouble ? gathered.trouble : known.trouble;
    if (trouble && answer["status"] == "not_authenticated" && !profile.needs.empty()) {
        answer["detail"] = trouble->message;
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
        known.trouble = fromVault(!stored ? stored.error() : shared.error());
    }
    known.stored = std::move(stored).value_or(std::vector<vault::StoredCredential>());
    known.shared = std::move(shared).value_or(std::vector<vault::StoredCredential>());
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
