#include "daemon/oauth/metadata.h"

#include "daemon/oauth/server_json.h"
#include "ipc/base/text.h"
#include "ipc/base/url.h"

#include <algorithm>

namespace keybearer::oauth {
namespace {

using nlohmann::json;

auto badMetadata(const std::string& why) {
    return base::fail(Error{ErrorKind::BadResponse, "the server's metadata " + why});
}

/// Reads members of one document; the first problem is kept and ends the reading.
class Reader {
public:
    Reader(const json& document, base::Url issuer) : m_document(document), m_issuer(std::move(issuer)) {}

    /// Empty when absent; a problem when absent and required, or when it is no URL that we would use.
    std::string endpoint(const char* name, bool required) {
        const json& member = memberOrNull(m_document, name);
        if (member.is_null()) {
            if (required) {
                note(std::string("lacks ") + name);
            }
            return {};
        }
        if (!member.is_string()) {
            note(std::string("has a ") + name + " that is not a string");
            return {};
        }
        const auto& url = member.get_ref<const std::string&>();
        const auto parsed = base::parseUrl(url);
        // A server somewhere must not send us, and the tokens, to a port of this machine or of its network.
        if (!isAcceptableEndpoint(url) || !base::mayLeadTo(m_issuer, *parsed)) {
            note(std::string("has a ") + name + " that cannot be used; it must be an https URL");
            return {};
        }
        return url;
    }

    std::vector<std::string> strings(const char* name) {
        std::vector<std::string> out;
        const json& member = memberOrNull(m_document, name);
        if (member.is_null()) {
            return out;
        }
        const auto isString = [](const json& element) { return element.is_string(); };
        if (!member.is_array() || !std::all_of(member.begin(), member.end(), isString)) {
            note(std::string("has a ") + name + " that is not a list of strings");
            return out;
        }
        out.reserve(member.size());
        for (const json& element : member) {
            out.push_back(element.get<std::string>());
        }
        return out;
    }

    bool flag(const char* name) {
        const json& member = memberOrNull(m_document, name);
        if (!member.is_null() && !member.is_boolean()) {
            note(std::string("has a ") + name + " that is not true or false");
            return false;
        }
        return member.is_boolean() && member.get<bool>();
    }

    [[nodiscard]] const std::string& problem() const { return m_problem; }

private:
    void note(std::string problem) {
        if (m_problem.empty()) {
            m_problem = std::move(problem);
        }
    }

    const json& m_document;
    base::Url m_issuer;
    std::string m_problem;
};

} // namespace

Result<void> checkIssuer(std::string_view issuer) {
    const std::string shown = base::printable(issuer);
    const auto url = base::parseUrl(issuer);
    if (!url) {
        return misconfigured("the issuer is not an https URL, or holds a user name or odd characters: " + shown);
    }
    if (!url->https && !base::isLoopback(*url)) {
        return misconfigured("the issuer must begin with https://: " + shown);
    }
    if (url->hasQuery || url->hasFragment) {
        return misconfigured("the issuer must have no '?' and no '#': " + shown);
    }
    return {};
}

bool isAcceptableEndpoint(std::string_view url) {
    const auto parsed = base::parseUrl(url);
    // RFC 6749 section 3.1: an endpoint may have a query and must not have a fragment.
    return parsed && !parsed->hasFragment && (parsed->https || base::isLoopback(*parsed));
}

std::vector<std::string> wellKnownUrls(std::string_view issuer) {
    const auto url = base::parseUrl(issuer);
    if (!url) {
        return {};
    }
    std::string path = url->path;
    if (path.ends_with('/')) {
        path.pop_back();
    }
    const std::string oauth = url->origin + "/.well-known/oauth-authorization-server";
    const std::string openid = url->origin + "/.well-known/openid-configuration";
    if (path.empty()) {
        return {oauth, openid};
    }
    return {oauth + path, openid + path, url->origin + path + "/.well-known/openid-configuration"};
}

Result<Metadata> parseMetadata(std::string_view text, std::string_view issuer) {
    const auto document = parseServerObject(text, "the server's metadata");
    if (!document) {
        return base::fail(document.error());
    }
    const json& stated = memberOrNull(*document, "issuer");
    if (!stated.is_string()) {
        return badMetadata("lacks issuer");
    }
    if (stated.get_ref<const std::string&>() != issuer) {
        return badMetadata("is for another issuer: " + base::printable(stated.get_ref<const std::string&>()));
    }
    auto issuerUrl = base::parseUrl(issuer);
    if (!issuerUrl) {
        return badMetadata("is asked for by something that is no URL");
    }
    Reader reader(*document, std::move(*issuerUrl));
    Metadata metadata;
    metadata.issuer = std::string(issuer);
    metadata.authorizationEndpoint = reader.endpoint("authorization_endpoint", true);
    metadata.tokenEndpoint = reader.endpoint("token_endpoint", true);
    metadata.jwksUri = reader.endpoint("jwks_uri", false);
    metadata.userinfoEndpoint = reader.endpoint("userinfo_endpoint", false);
    metadata.revocationEndpoint = reader.endpoint("revocation_endpoint", false);
    metadata.deviceAuthorizationEndpoint = reader.endpoint("device_authorization_endpoint", false);
    metadata.pushedRequestEndpoint = reader.endpoint("pushed_authorization_request_endpoint", false);
    metadata.registrationEndpoint = reader.endpoint("registration_endpoint", false);
    metadata.clientIdDocuments = reader.flag("client_id_metadata_document_supported");
    metadata.pushedRequestsOnly = reader.flag("require_pushed_authorization_requests");
    const auto methods = reader.strings("code_challenge_methods_supported");
    metadata.pkceS256 = std::find(methods.begin(), methods.end(), "S256") != methods.end();
    metadata.issParameter = reader.flag("authorization_response_iss_parameter_supported");
    metadata.scopesSupported = reader.strings("scopes_supported");
    metadata.dpopAlgs = reader.strings("dpop_signing_alg_values_supported");
    metadata.idTokenAlgs = reader.strings("id_token_signing_alg_values_supported");
    metadata.grantTypes = reader.strings("grant_types_supported");
    metadata.tokenAuthMethods = reader.strings("token_endpoint_auth_methods_supported");
    if (!reader.problem().empty()) {
        return badMetadata(reader.problem());
    }
    return metadata;
}

} // namespace keybearer::oauth
