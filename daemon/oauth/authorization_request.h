#pragma once
/// \file
/// The authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core section 3.1.2.1). Pure.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keybearer::oauth {

struct AuthorizationRequest {
    std::string endpoint; ///< may have a query of its own; it is kept (RFC 6749 section 3.1)
    std::string clientId;
    std::string redirectUri;
    std::vector<std::string> scopes;
    std::string state;
    std::string nonce; ///< empty: not an OpenID Connect request
    std::string codeChallenge;
    std::string dpopJkt; ///< RFC 9449 section 10: the code is good for the holder of this key; empty: none
    std::vector<std::string> resources; ///< RFC 8707 section 2.1: the parameter is repeated
};

/// By name, in the order in which they are sent; those without a value are left out.
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
authorizationParameters(const AuthorizationRequest& request);

/// The URL for the browser. Holds no secret: state, nonce and challenge are worthless without the verifier.
[[nodiscard]] std::string authorizationUrl(const AuthorizationRequest& request);

/// The same for a request that the server has taken already: it names that one, and the client (RFC 9126 section 4).
[[nodiscard]] std::string pushedAuthorizationUrl(const AuthorizationRequest& request, const std::string& requestUri);

/// Joins with single spaces (RFC 6749 section 3.3).
[[nodiscard]] std::string joinScopes(const std::vector<std::string>& scopes);

/// True when each scope is a scope-token of RFC 6749 section 3.3 and shorter than 256 bytes.
[[nodiscard]] bool areScopeTokens(const std::vector<std::string>& scopes);

} // namespace keybearer::oauth
