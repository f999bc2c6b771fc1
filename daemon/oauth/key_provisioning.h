#pragma once
/// \file
/// A key that a provider makes for whoever signs in: PKCE without a client, and without `state`
/// (https://openrouter.ai/docs/use-cases/oauth-pkce). Pure.

#include "daemon/oauth/http_client.h"

#include <string>

namespace keybearer::oauth {

/// The URL for the browser; `callbackUrl` must have an unpredictable path, which is all that proves the answer.
[[nodiscard]] std::string provisioningUrl(const std::string& authorizeUrl, const std::string& callbackUrl,
                                          const std::string& codeChallenge);

/// The body of the exchange: {"code", "code_verifier", "code_challenge_method"}.
[[nodiscard]] base::Secret provisioningBody(const base::AuthorizationCode& code, const base::CodeVerifier& verifier);

/// The key of a successful answer: {"key": ...}. OAuthError when the provider refuses (4xx), ServerError for 5xx,
/// BadResponse for anything that is not that object. Errors hold nothing of the body.
[[nodiscard]] Result<base::Secret> parseProvisionedKey(const HttpResponse& response);

} // namespace keybearer::oauth
