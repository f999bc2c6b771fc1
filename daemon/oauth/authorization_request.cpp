#include "daemon/oauth/authorization_request.h"

#include <algorithm>
#include <array>
#include <utility>

namespace keybearer::oauth {

std::string formEncode(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        if (plain) {
            out.push_back(c);
        } else {
            // A space becomes %20 rather than '+': both are right here, and %20 also survives wrong decoders.
            out.push_back('%');
            out.push_back(kHex[byte >> 4]);
            out.push_back(kHex[byte & 15U]);
        }
    }
    return out;
}

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

std::string authorizationUrl(const AuthorizationRequest& request) {
    // Without it a server may drop offline_access and with it the refresh token (OpenID Connect Core section 11).
    const bool offline = std::ranges::find(request.scopes, "offline_access") != request.scopes.end();
    const std::array<std::pair<std::string_view, std::string>, 9> parameters{{
        {"response_type", "code"},
        {"client_id", request.clientId},
        {"redirect_uri", request.redirectUri},
        {"scope", joinScopes(request.scopes)},
        {"state", request.state},
        {"nonce", request.nonce},
        {"prompt", offline ? "consent" : ""},
        {"code_challenge", request.codeChallenge},
        {"code_challenge_method", "S256"},
    }};
    std::string url = request.endpoint;
    char separator = url.find('?') == std::string::npos ? '?' : '&';
    for (const auto& [name, value] : parameters) {
        if (!value.empty()) {
            url.push_back(separator);
            url.append(name).append("=").append(formEncode(value));
            separator = '&';
        }
    }
    return url;
}

} // namespace keybearer::oauth
