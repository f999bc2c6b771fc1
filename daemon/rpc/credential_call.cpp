#include "daemon/rpc/credential_call.h"

#include "ipc/base/text.h"

#include <cstdlib>

namespace keybearer::rpc {

using accounts::failure;
using protocol::ErrorKind;

protocol::Result<CredentialCall> credentialOf(const Services& services, const protocol::Params& params) {
    const std::string name = params.requiredString("provider");
    CredentialCall call{services.catalogue.find(name), {}};
    if (call.profile == nullptr) {
        return base::fail(accounts::unknownProvider(name, services.catalogue.nearest(name)));
    }
    if (call.profile->fields.empty()) {
        return base::fail(
            failure(ErrorKind::Unsupported,
                    call.profile->displayName + " has no keys; sign in with: keybearer login " + call.profile->id));
    }
    const auto tenant = params.string("tenant");
    const bool isShared = params.boolean("shared");
    if (tenant && (isShared || *tenant == vault::kShared)) {
        return base::fail(failure(ErrorKind::InvalidValue, "the shared namespace is no tenant: give `shared` alone"));
    }
    call.id.provider = call.profile->id;
    call.id.tenant = isShared ? vault::kShared : std::string_view(tenant ? *tenant : vault::kDefaultTenant);
    call.id.name = params.string("name").value_or(std::string(vault::kDefaultName));
    if (!vault::isTenantName(call.id.tenant) || !vault::isCredentialName(call.id.name)) {
        return base::fail(failure(ErrorKind::InvalidValue,
                                  "names of tenants and keys are 1 to 64 letters, digits, '.', "
                                  "'_' and '-', and begin with a letter or digit"));
    }
    return call;
}

protocol::Result<const providers::Field*> fieldOf(const providers::Profile& profile, const std::string& name) {
    if (const providers::Field* field = profile.field(name)) {
        return field;
    }
    std::string message = profile.id + " has no field \"" + base::printable(name, 64) + "\"; it has";
    for (const providers::Field& field : profile.fields) {
        message += " " + field.name;
    }
    return base::fail(failure(ErrorKind::InvalidValue, std::move(message)));
}

protocol::Error fromVault(const vault::Error& error) {
    switch (error.kind) {
    case vault::ErrorKind::NotFound: return failure(ErrorKind::NoCredential, error.detail);
    case vault::ErrorKind::KeyMissing:
        return failure(ErrorKind::KeyMissing, error.detail + "; bring the keyring back, import an exported vault with "
                                                             "`keybearer vault import FILE --replace`, or remove the "
                                                             "credentials and store them again");
    case vault::ErrorKind::Damaged: return failure(ErrorKind::VaultDamaged, error.detail);
    case vault::ErrorKind::Storage: return failure(ErrorKind::StorageError, error.detail);
    case vault::ErrorKind::Keychain: return accounts::fromKeychain(*error.keychain);
    case vault::ErrorKind::Misused: return failure(ErrorKind::InvalidValue, error.detail);
    }
    return failure(ErrorKind::Internal, error.detail);
}

std::string placeOf(const vault::CredentialId& id) {
    return id.tenant + "/" + id.name;
}

std::vector<std::string> brokersVariables(const Services& services) {
    std::vector<std::string> set;
    for (const std::string& name : services.config.brokerVariables) {
        const char* value = std::getenv(name.c_str());
        if (value != nullptr && *value != '\0') {
            set.push_back(name);
        }
    }
    return set;
}

nlohmann::json authMethods(const providers::Profile& profile) {
    nlohmann::json methods = nlohmann::json::array();
    if (!profile.needs.empty()) {
        methods.push_back("api_key");
    }
    if (!profile.issuer.empty() || profile.provisioning) {
        methods.push_back("oauth");
    }
    return methods;
}

} // namespace keybearer::rpc
