#include "daemon/rpc/key_scopes.h"

#include "daemon/rpc/credential_call.h"

namespace keybearer::rpc {
namespace {

using accounts::failure;
using nlohmann::json;
using protocol::ErrorKind;

/// The provider of "key:TENANT/PROVIDER/NAME"; empty where it names none.
std::string_view providerIn(std::string_view credential) {
    const std::size_t provider = credential.starts_with("key:") ? credential.find('/') + 1 : credential.size();
    const std::size_t end = credential.find('/', provider);
    return end == std::string_view::npos ? std::string_view() : credential.substr(provider, end - provider);
}

/// The same scope under the catalogue's own names, so that a word that nothing matches is noticed now.
protocol::Result<access::KeyScope> knownScope(const Services& services, const std::string& text) {
    auto scope = access::parseScope(text);
    if (!scope) {
        return base::fail(failure(ErrorKind::InvalidValue, std::move(scope.error())));
    }
    const std::string_view provider = providerIn(scope->credential);
    if (provider.empty()) {
        return std::move(*scope);
    }
    const std::string named(provider);
    const providers::Profile* profile = services.catalogue.find(named);
    if (profile == nullptr) {
        return base::fail(accounts::unknownProvider(named, services.catalogue.nearest(named)));
    }
    scope->credential.replace(static_cast<std::size_t>(provider.data() - scope->credential.data()), provider.size(),
                              profile->id);
    for (std::string& name : scope->fields) {
        const auto field = fieldOf(*profile, name);
        if (!field) {
            return base::fail(field.error());
        }
        name = (*field)->name;
    }
    return std::move(*scope);
}

} // namespace

protocol::Result<std::vector<access::KeyScope>> knownScopes(const Services& services,
                                                            const std::vector<std::string>& texts) {
    std::vector<access::KeyScope> scopes;
    for (const std::string& text : texts) {
        auto scope = knownScope(services, text);
        if (!scope) {
            return base::fail(std::move(scope.error()));
        }
        scopes.push_back(std::move(*scope));
    }
    return scopes;
}

json scopeTexts(const std::vector<access::KeyScope>& scopes) {
    json texts = json::array();
    for (const access::KeyScope& scope : scopes) {
        texts.push_back(access::formatScope(scope));
    }
    return texts;
}

} // namespace keybearer::rpc
