#include "daemon/rpc/wanted.h"

#include "daemon/rpc/account_choice.h"
#include "daemon/rpc/credential_plan.h"

#include <algorithm>

namespace keybearer::rpc {
namespace {

using access::Wanted;
using resolution::Layer;

constexpr std::string_view kAccountHead = "account:";

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
            found = out.insert(out.end(), Wanted{row, {}, {}, {}, true});
        }
        found->isForTest = found->isForTest && isMarkedForTest(resolution, choice);
        if (!row.starts_with("account:")) {
            found->fields.push_back(choice.field);
        }
    }
    return out;
}

/// Names no account where none is meant.
Wanted tokenWanted(const Services& services, const protocol::Params& params) {
    const auto choice = chooseAccount(services, params);
    return Wanted{std::string(kAccountHead) + (choice ? choice->account : std::string()),
                  params.stringList("scopes").value_or(std::vector<std::string>()),
                  params.string("audience").value_or(std::string()),
                  {}};
}

} // namespace

std::vector<Wanted> wantedBy(Services& services, const protocol::Method& method, const protocol::Params& params) {
    if (isForToken(method)) {
        Wanted token = tokenWanted(services, params);
        const bool isThere =
            services.authority.accounts().byName(token.credential.substr(kAccountHead.size())) != nullptr;
        return isThere ? std::vector{std::move(token)} : std::vector<Wanted>();
    }
    const auto resolution = resolutionOf(services, params);
    return resolution ? wantedOf(*resolution) : std::vector<Wanted>();
}

std::vector<Wanted> namedBy(Services& services, const protocol::Method& method, const protocol::Params& params) {
    if (isForToken(method)) {
        return {tokenWanted(services, params)};
    }
    const auto resolution = resolutionOf(services, params);
    if (!resolution) {
        return {};
    }
    auto wanted = wantedOf(*resolution);
    if (wanted.empty() && !resolution->plan.complete) {
        wanted.push_back({keyNamed(resolution->id, resolution->profile->id), {}, {}, resolution->wanted});
    }
    return wanted;
}

Wanted asWritten(const Services& services, const protocol::Method& method, const protocol::Params& params,
                 Wanted wanted) {
    if (!wanted.credential.starts_with(kAccountHead)) {
        return wanted;
    }
    if (isForToken(method)) {
        wanted.credential = std::string(kAccountHead) + params.string("account").value_or(std::string());
    } else if (const auto named = credentialOf(services, params)) { // config.toml says that an account stands for it
        wanted.credential = keyNamed(named->id, named->profile->id);
    }
    return wanted;
}

} // namespace keybearer::rpc
