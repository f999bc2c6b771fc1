#pragma once
/// \file
/// What a token endpoint answered (RFC 6749 sections 5.1, 5.2). Pure.

#include "daemon/oauth/error.h"
#include "daemon/oauth/http_client.h"
#include "ipc/base/secret.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::oauth {

/// How a token is sent: by whoever has it, or by the holder of the key that it is bound to (RFC 9449 section 7).
enum class TokenType { Bearer, Dpop };

struct TokenResponse {
    base::AccessToken accessToken;
    std::optional<base::RefreshToken> refreshToken;
    std::optional<base::IdToken> idToken;
    std::optional<std::chrono::seconds> expiresIn; ///< nullopt: not stated; never negative; capped at ten years
    /// Of the refresh token, by `refresh_expires_in` (Keycloak) or `refresh_token_expires_in` (GitHub, Microsoft),
    /// which no standard has; nullopt: not known. At least one second; capped as expiresIn is.
    std::optional<std::chrono::seconds> refreshExpiresIn;
    std::optional<std::string> issuedTokenType; ///< RFC 8693 section 2.2.1, of an exchange
    std::optional<std::string> scope;           ///< nullopt: as requested (RFC 6749 section 5.1)
};

/// Accepts 200 with a JSON object and the `token_type` that is wanted, in any case: a token that was to be bound and is
/// not is Rejected (RFC 9449 section 5). A numeric string for `expires_in` is accepted,
/// zero and negative mean "expired now", anything else that is wrong is BadResponse. Tokens must be VSCHAR
/// (RFC 6749 appendix A), not empty, at most 64 KiB: nothing with CR, LF or a non-ASCII byte leaves here, and no access
/// token with a space, which no header could carry.
/// Any other status, and a 200 with an `error` and no token, becomes the matching Error; `invalid_grant` becomes
/// InvalidGrant, an empty or unreadable 400 to a refresh stays BadResponse, 429 and 5xx become ServerError with
/// retryAfter.
[[nodiscard]] Result<TokenResponse> parseTokenResponse(const HttpResponse& response,
                                                       TokenType wanted = TokenType::Bearer);

/// What a response says that is no success, in the words of another endpoint with the same error responses: `endpoint`
/// is "the registration endpoint".
[[nodiscard]] Error refusalOf(const HttpResponse& response, std::string_view endpoint);

/// The refresh token of a 200 whose rest parseTokenResponse() refuses: the server has put it in the place of the one
/// that was sent, and whoever drops it has lost the grant. nullopt when there is none that could be used.
[[nodiscard]] std::optional<base::RefreshToken> salvageRefreshToken(const HttpResponse& response);

} // namespace keybearer::oauth
