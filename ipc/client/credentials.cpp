#include "ipc/client/credentials.h"

#include "ipc/client/client_key.h"

#include <algorithm>

namespace keybearer::client {
namespace {

using nlohmann::json;

/// For the answer to a watch that has waited to its end and has begun to renew a token just before.
constexpr std::chrono::seconds kWatchGrace{40};

std::string textAt(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const json& arrayAt(const json& object, const char* key) {
    static const json empty = json::array();
    const auto found = object.find(key);
    return found != object.end() && found->is_array() ? *found : empty;
}

/// The catalogue's own names, which the answer uses, for what the caller wrote: "apiKey" is "api_key".
std::string folded(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c != '_' && c != '-') {
            out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
        }
    }
    return out;
}

Error notOffered() {
    return {"connection_lost", "the broker's answer names something that was not offered", json::object(), 8};
}

/// `offered`: the variables that were named. An answer does not choose which of the others, or which file, is read.
Result<base::Secret> ownValue(const CredentialField& field, bool isFile, const CredentialRequest& request,
                              const json& offered, const base::Environment& environment) {
    if (field.source == "environment") {
        if (std::ranges::find(offered, json(field.from)) == offered.end()) {
            return base::fail(notOffered());
        }
        std::string value = environment(field.from).value_or("");
        if (isFile) {
            return readNamedFile(field.from, value);
        }
        return base::Secret::absorb(std::move(value));
    }
    const OwnFields& own = field.source == "call" ? request.call : request.instance;
    // `from`: a name that config.toml gives to a value of the call.
    const auto found = std::ranges::find_if(own, [&](const auto& entry) {
        return field.from.empty() ? folded(entry.first) == folded(field.field) : entry.first == field.from;
    });
    return found == own.end() ? Result<base::Secret>(base::fail(notOffered())) : found->second.clone();
}

json names(const OwnFields& fields) {
    json list = json::array();
    for (const auto& entry : fields) {
        list.push_back(entry.first);
    }
    return list;
}

} // namespace

const CredentialField* Credential::field(std::string_view name) const {
    const std::string wanted = folded(name);
    const auto found =
        std::ranges::find_if(fields, [&](const CredentialField& one) { return folded(one.field) == wanted; });
    return found == fields.end() ? nullptr : &*found;
}

Result<json> resolveParams(Client& broker, const CredentialRequest& request, const base::Environment& environment) {
    const auto described = broker.call("provider.describe", {{"provider", request.provider}});
    if (!described) {
        return base::fail(described.error());
    }
    json variables = json::array();
    for (const json& field : arrayAt(*described, "fields")) {
        for (const char* kind : {"variables", "path_variables", "configured_variables", "configured_path_variables"}) {
            for (const json& name : arrayAt(field, kind)) {
                if (name.is_string() && environment(name.get<std::string>())) {
                    variables.push_back(name);
                }
            }
        }
    }
    json params{{"provider", request.provider}, {"environment", std::move(variables)}};
    for (const auto& [key, value] : {std::pair("name", &request.name), std::pair("tenant", &request.tenant)}) {
        if (!value->empty()) {
            params[key] = *value;
        }
    }
    for (const auto& [key, list] : {std::pair("fields", &request.fields), std::pair("only", &request.only)}) {
        if (!list->empty()) {
            params[key] = *list;
        }
    }
    if (request.next) {
        params["next"] = true;
    }
    for (const auto& [key, own] : {std::pair("call", &request.call), std::pair("instance", &request.instance)}) {
        if (!own->empty()) {
            params[key] = names(*own);
        }
    }
    return params;
}

namespace {

Result<Credential> resolveWith(Client& broker, const json& params, const CredentialRequest& request,
                               const base::Environment& environment) {
    auto answer = broker.call("credential.resolve", params);
    if (!answer) {
        return base::fail(answer.error());
    }
    Credential credential;
    credential.provider = textAt(*answer, "provider");
    credential.version = textAt(*answer, "version");
    for (const json& warning : arrayAt(*answer, "warnings")) {
        credential.warnings.push_back(warning.is_string() ? warning.get<std::string>() : std::string());
    }
    std::optional<Error> problem;
    for (json& item : (*answer)["fields"]) {
        CredentialField field{textAt(item, "field"),
                              textAt(item, "source"),
                              textAt(item, "from"),
                              item.value("secret", json()) == true,
                              {}};
        if (const auto value = item.find("value"); value != item.end() && value->is_string()) {
            field.value = base::Secret::absorb(std::move(value->get_ref<std::string&>()));
        } else if (auto own = ownValue(field, item.value("file", json()) == true, request,
                                       arrayAt(params, "environment"), environment)) {
            field.value = std::move(*own);
        } else {
            problem = std::move(own.error());
        }
        credential.fields.push_back(std::move(field));
    }
    if (problem) {
        return base::fail(std::move(*problem));
    }
    return credential;
}

} // namespace

Result<Credential> resolveCredential(Client& broker, const CredentialRequest& request,
                                     const base::Environment& environment) {
    const auto params = resolveParams(broker, request, environment);
    return params ? resolveWith(broker, *params, request, environment) : Result<Credential>(base::fail(params.error()));
}

CredentialLease::CredentialLease(Client broker, CredentialRequest request, base::Environment environment, json params)
    : m_broker(std::move(broker)),
      m_request(std::move(request)),
      m_environment(std::move(environment)),
      m_params(std::move(params)) {}

Result<CredentialLease> CredentialLease::open(Client broker, CredentialRequest request, base::Environment environment) {
    auto params = resolveParams(broker, request, environment);
    if (!params) {
        return base::fail(params.error());
    }
    CredentialLease lease(std::move(broker), std::move(request), std::move(environment), std::move(*params));
    if (auto resolved = lease.resolve(); !resolved) {
        return base::fail(resolved.error());
    }
    return lease;
}

Result<void> CredentialLease::resolve() {
    auto credential = resolveWith(m_broker, m_params, m_request, m_environment);
    if (!credential) {
        return base::fail(credential.error());
    }
    m_credential = std::move(*credential);
    return {};
}

Result<CredentialEvent> CredentialLease::wait(std::chrono::seconds wait) {
    json params = m_params;
    params["version"] = m_credential.version;
    params["wait"] = wait.count();
    const auto answer = m_broker.call("credential.watch", params, wait + kWatchGrace);
    if (!answer) {
        return base::fail(answer.error());
    }
    const std::string event = textAt(*answer, "event");
    if (event == "removed") {
        return CredentialEvent::Removed;
    }
    if (event != "renewed") {
        return CredentialEvent::None;
    }
    if (auto resolved = resolve(); !resolved) {
        // Removed since the answer.
        return resolved.error().kind == "no_credential" ? Result<CredentialEvent>(CredentialEvent::Removed)
                                                        : base::fail(resolved.error());
    }
    return CredentialEvent::Renewed;
}

} // namespace keybearer::client
