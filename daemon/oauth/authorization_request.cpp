#include "daemon/oauth/authorization_request.h"

#include "daemon/oauth/form_encoding.h"

#include <algorithm>

namespace keybearer::oauth {
namespace {

/// A space becomes %20 rather than '+': both are right in a query, and %20 also survives servers that decode wrongly.
void appendQueryEncoded(std::string& out, std::string_view text) {
    std::string encoded;
    appendFormEncoded(encoded, text);
    for (const char c : encoded) {
        c == '+' ? out.append("%20") : out.append(1, c);
    }
}

std::string urlWith(std::string url, const std::vector<std::pair<std::string, std::string>>& parameters) {
    char separator = url.find('?') == std::string::npos ? '?' : '&';
    for (const auto& [name, value] : parameters) {
        url.push_back(separator);
        url.append(name).append("=");
        appendQueryEncoded(url, value);
        separator = '&';
    }
    return url;
}

} // namespace

std::string joinScopes(const std::vector<std::string>& scopes) {
    std::string out;
    for (const std::string& scope : scopes) {
        out.append(out.empty() ? "" : " ").append(scope);
    }
    return out;
}

bool areScopeTokens(const std::vector<std::string>& scopes) {
    return std::ranges::all_of(scopes, [](const std::string& scope) {
        return !scope.empty() && scope.size() < 256 &&
               std::ranges::all_of(scope, [](char c) { return c > 0x20 && c < 0x7F && c != '"' && c != '\\'; });
    });
}

std::vector<std::pair<std::string, std::string>> authorizationParameters(const AuthorizationRequest& request) {
    // Without it a server may drop offline_access and with it the refresh token (OpenID Connect Core section 11).
    const bool offline = std::ranges::find(request.scopes, "offline_access") != request.scopes.end();
    std::vector<std::pair<std::string, std::string>> parameters{
        {"response_type", "code"},
        {"client_id", request.clientId},
        {"redirect_uri", request.redirectUri},
        {"scope", joinScopes(request.scopes)},
        {"state", request.state},
        {"nonce", request.nonce},
        {"prompt", offline ? "consent" : ""},
        {"code_challenge", request.codeChallenge},
        {"code_challenge_method", "S256"},
        {"dpop_jkt", request.dpopJkt},
    };
    for (const std::string& resource : request.resources) {
        parameters.emplace_back("resource", resource);
    }
    std::erase_if(parameters, [](const auto& parameter) { return parameter.second.empty(); });
    return parameters;
}

std::string authorizationUrl(const AuthorizationRequest& request) {
    return urlWith(request.endpoint, authorizationParameters(request));
}

std::string pushedAuthorizationUrl(const AuthorizationRequest& request, const std::string& requestUri) {
    return urlWith(request.endpoint, {{"client_id", request.clientId}, {"request_uri", requestUri}});
}

} // namespace keybearer::oauth
