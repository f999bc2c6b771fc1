#pragma once
/// \file
/// Dynamic client registration (RFC 7591) and what became of it (RFC 7592). Pure.

#include "daemon/oauth/error.h"
#include "daemon/oauth/http_client.h"
#include "daemon/oauth/metadata.h"
#include "ipc/base/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::oauth {

struct RegistrationRequest {
    std::vector<std::string> redirectUris;
    bool forDevices = false; ///< also for the device grant (RFC 8628)
    bool dpopBound = false; ///< always sends proofs, so that the server gives it no other tokens (RFC 9449 section 5.2)
};

/// A client as the server made it, which need not be what was asked for (RFC 7591 section 3.2.1).
struct ClientRegistration {
    std::string issuer;   ///< whose client it is, and nobody else's
    std::string clientId; ///< VSCHAR (RFC 6749 appendix A.1)
    std::optional<base::ClientSecret> clientSecret;
    std::int64_t secretExpiresAt = 0; ///< UTC seconds; 0: never
    std::string authMethod;           ///< "none", "client_secret_basic" or "client_secret_post"
    std::vector<std::string> redirectUris;
    std::optional<base::AccessToken> accessToken; ///< registration_access_token (RFC 7592)
    std::string configurationUri;                 ///< registration_client_uri; empty: it cannot be asked about
    bool dpopBound = false;                       ///< asked for as such: it is of use for bound tokens alone
};

/// The client metadata to POST as JSON: a native public client, or one with a secret where the server knows no other.
/// The error says that the server knows no way of ours to authenticate.
[[nodiscard]] Result<std::string> registrationBody(const RegistrationRequest& request, const Metadata& server);

/// 201, and 200 of those who do not know better. What the server made of it must be good for us: the code grant, one of
/// our redirect URIs, a way to authenticate that we know; else it is Rejected, and the error says what. An error
/// response is OAuthError with its `code` (section 3.2.2). `endpoint` is where the request went: a
/// registration_client_uri elsewhere is not used.
[[nodiscard]] Result<ClientRegistration> parseRegistration(const HttpResponse& response, const std::string& issuer,
                                                           const std::string& endpoint,
                                                           const std::vector<std::string>& redirectUris);
/// What a server says of a client that it knows (RFC 7592 section 3): what it leaves out of its secrets, and of where
/// to ask, is as it was `before`. Another client is Rejected.
[[nodiscard]] Result<ClientRegistration> parseConfirmation(const HttpResponse& response,
                                                           const ClientRegistration& before);

/// The keychain's item: JSON, version 1.
[[nodiscard]] base::Secret formatRegistration(const ClientRegistration& registration);
/// The error is a fixed text.
[[nodiscard]] base::Result<ClientRegistration, std::string> parseStoredRegistration(const base::Secret& item);

} // namespace keybearer::oauth
