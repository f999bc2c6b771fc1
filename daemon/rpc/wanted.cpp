#include "daemon/rpc/wanted.h"

#include "daemon/rpc/account_choice.h"
#include "daemon/rpc/credential_plan.h"

#include <algorithm>

namespace keybearer::rpc {
namespace {

using access::Wanted;
using resolution::Layer;

std::string keyNamed(const vault::CredentialId& id, const std::string& provider) {
    return "key:" + id.tenant + "/" + provider + "/" + id.name;
}

/// The row that a layer reads; empty for what is the caller's, or everybody's.
std::string rowOf(const Resolution& resolution, const resolution::Choice& choice) {
    if (resolution::isCallers(choice.layer) || choice.layer == Layer::Default) {
        return {};
    }
    if (choice.layer == Layer::OAuth) {
        return "account:" + choice.from;
    }
    return keyNamed(choice.layer == Layer::Shared ? sharedOf(resolution) : resolution.id, resolution.profile->id);
}

std::vector<Wanted> wantedOf(const Resolution& resolution) {
    std::vector<Wanted> out;
    for (const resolution::Choice& choice : resolution.plan.choices) {
        const std::string row = isWanted(resolution, choice.field) ? rowOf(resolution, choice) : std::string();
        if (row.empty()) {
            continue;
        }
        auto found = std::ranges::find(out, row, &Wanted::credential);
        if (found == out.end()) {
            found = out.insert(out.end(), Wanted{row, {}, {}, {}});
        }
        if (!row.starts_with("account:")) {
            found->fields.push_back(choice.field);
        }
    }
    return out;
}

} // namespace

std::vector<Wanted> wantedBy(Services& services, const protocol::Method& method, const protocol::Params& params) {
    if (method.name == "token.get") {
        const auto choice = chooseAccount(services, params);
        if (!choice || services.authority.accounts().byName(choice->account) == nullptr) {
            return {};
        }
        return {Wanted{"account:" + choice->account,
                       params.stringList("scopes").value_or(std::vector<std::string>()),
                       params.string("audience").value_or(std::string()),
                       {}}};
    }
    const auto resolution = resolutionOf(services, params);
    return resolution ? wantedOf(*resolution) : std::vector<Wanted>();
}

} // namespace keybearer::rpc
