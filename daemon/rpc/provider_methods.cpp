#include "daemon/rpc/credential_call.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/or_null.h"

namespace keybearer::rpc {
namespace {

using nlohmann::json;

json describe(const Services& services, const providers::Profile& profile, const providers::Field& field) {
    using providers::LocationKind;
    const auto named = [&](LocationKind kind) { return services.locations.variables(profile.id, field.name, kind); };
    return json{{"field", field.name},
                {"type", providers::toString(field.type)},
                {"secret", field.secret},
                {"endpoint", field.endpoint},
                {"variables", field.variables},
                {"path_variables", field.pathVariables},
                {"prefixes", field.prefixes},
                {"default", orNull(field.defaultValue)},
                {"configured_variables", named(LocationKind::Env)},
                {"configured_path_variables", named(LocationKind::PathFromEnv)}};
}

json summary(const providers::Profile& profile) {
    return json{{"provider", profile.id},
                {"display_name", profile.displayName},
                {"aliases", profile.aliases},
                {"issuer", orNull(profile.issuer)},
                {"auth_methods", authMethods(profile)},
                {"dashboard_url", orNull(profile.dashboardUrl)},
                {"source", profile.source},
                {"client_id_set", !profile.clientId.empty()}};
}

} // namespace

QCoro::Task<Reply> providerList(Services& services, Call) {
    json list = json::array();
    for (const providers::Profile& profile : services.catalogue.all()) {
        list.push_back(summary(profile));
    }
    co_return json{{"providers", std::move(list)}};
}

QCoro::Task<Reply> providerDescribe(Services& services, Call call) {
    const std::string name = call.params.requiredString("provider");
    const providers::Profile* profile = services.catalogue.find(name);
    if (profile == nullptr) {
        co_return base::fail(accounts::unknownProvider(name, services.catalogue.nearest(name)));
    }
    json answer = summary(*profile);
    answer["fields"] = json::array();
    for (const providers::Field& field : profile->fields) {
        answer["fields"].push_back(describe(services, *profile, field));
    }
    answer["needs"] = profile->needs;
    answer["main_field"] = orNull(profile->mainField);
    co_return answer;
}

} // namespace keybearer::rpc
