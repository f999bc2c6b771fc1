#include "daemon/oauth/resource_metadata.h"

#include "daemon/oauth/authorization_request.h"
#include "daemon/oauth/metadata.h"
#include "daemon/oauth/server_json.h"
#include "ipc/base/text.h"
#include "ipc/base/url.h"

namespace keybearer::oauth {
namespace {

using nlohmann::json;

constexpr std::string_view kWellKnown = "/.well-known/oauth-protected-resource";

auto badDescription(const std::string& why) {
    return base::fail(Error{ErrorKind::BadResponse, "the resource's metadata " + why});
}

std::string_view withoutSlash(std::string_view text) {
    return text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
}

/// A `resource` that covers what was asked for.
bool covers(std::string_view stated, std::string_view asked, const base::Url& askedUrl) {
    return withoutSlash(stated) == withoutSlash(asked) || withoutSlash(stated) == askedUrl.origin;
}

} // namespace

Result<void> checkResource(std::string_view resource) {
    const auto url = base::parseUrl(resource);
    if (!url || url->hasFragment || (!url->https && !base::isLoopback(*url))) {
        return misconfigured("a resource is an https URL without '#', user name or odd characters: " +
                             base::printable(resource));
    }
    return {};
}

std::vector<std::string> resourceMetadataUrls(std::string_view resource) {
    const auto url = base::parseUrl(resource);
    if (!url) {
        return {};
    }
    const std::string root = url->origin + std::string(kWellKnown);
    const std::string_view rest = withoutSlash(resource.substr(url->origin.size())); // with its query, if any
    return rest.empty() ? std::vector{root} : std::vector{root + std::string(rest), root};
}

bool mayDescribe(std::string_view metadataUrl, std::string_view resource) {
    const auto there = base::parseUrl(metadataUrl);
    const auto here = base::parseUrl(resource);
    const auto portOf = [](const base::Url& url) { return url.port != 0 ? url.port : url.https ? 443 : 80; };
    return there && here && there->https == here->https && there->host == here->host &&
           portOf(*there) == portOf(*here) && !there->hasFragment;
}

Result<ResourceMetadata> parseResourceMetadata(std::string_view text, std::string_view resource) {
    const auto document = parseServerObject(text, "the resource's metadata");
    if (!document) {
        return base::fail(document.error());
    }
    const auto here = base::parseUrl(resource);
    const auto* stated = memberOrNull(*document, "resource").get_ptr<const std::string*>();
    if (!here || stated == nullptr) {
        return badDescription("does not say which resource it is about");
    }
    if (!covers(*stated, resource, *here)) {
        return base::fail(Error{ErrorKind::Rejected,
                                "the resource's metadata is about another resource: " + base::printable(*stated)});
    }
    const auto servers = textsAt(*document, "authorization_servers", kMaxAuthorizationServers);
    const auto scopes = textsAt(*document, "scopes_supported", kMaxResourceScopes);
    if (!servers || !scopes || !areScopeTokens(*scopes)) {
        return badDescription(servers ? "has scopes_supported that are no scopes"
                                      : "has authorization_servers that are no list of issuers");
    }
    const json& bound = memberOrNull(*document, "dpop_bound_access_tokens_required");
    if (!bound.is_null() && !bound.is_boolean()) {
        return badDescription("has a dpop_bound_access_tokens_required that is not true or false");
    }
    ResourceMetadata metadata{*stated, {}, *scopes, bound.is_boolean() && bound.get<bool>()};
    std::string refused;
    for (const std::string& issuer : *servers) {
        const auto there = base::parseUrl(issuer);
        if (checkIssuer(issuer) && base::mayLeadTo(*here, *there)) {
            metadata.authorizationServers.push_back(issuer);
        } else {
            refused += (refused.empty() ? ": " : ", ") + base::printable(issuer, 100);
        }
    }
    if (metadata.authorizationServers.empty()) {
        return base::fail(Error{ErrorKind::Rejected,
                                "the resource's metadata names no authorization server that may be used" + refused});
    }
    return metadata;
}

} // namespace keybearer::oauth
