#pragma once
/// \file
/// Authorization server metadata (RFC 8414, OpenID Connect Discovery 1.0): where to ask and what is believed. Pure.

#include "daemon/oauth/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace keybearer::oauth {

struct Metadata {
    std::string issuer;
    std::string authorizationEndpoint;
    std::string tokenEndpoint;
    std::string jwksUri;                     ///< empty: the server signs nothing that we could check
    std::string userinfoEndpoint;            ///< empty: none
    std::string revocationEndpoint;          ///< empty: none
    std::string deviceAuthorizationEndpoint; ///< RFC 8628 section 4; empty: none
    std::string pushedRequestEndpoint;       ///< RFC 9126 section 5; empty: none
    std::string registrationEndpoint;        ///< RFC 7591 section 3; empty: none
    bool clientIdDocuments = false;          ///< client_id_metadata_document_supported
    bool pushedRequestsOnly = false;         ///< require_pushed_authorization_requests
    bool pkceS256 = false;                   ///< code_challenge_methods_supported holds "S256"
    bool issParameter = false;               ///< authorization_response_iss_parameter_supported (RFC 9207 section 3)
    std::vector<std::string> scopesSupported;
    std::vector<std::string> dpopAlgs;         ///< dpop_signing_alg_values_supported (RFC 9449 section 5.1)
    std::vector<std::string> idTokenAlgs;      ///< id_token_signing_alg_values_supported; empty: not stated
    std::vector<std::string> grantTypes;       ///< grant_types_supported; empty: not stated
    std::vector<std::string> tokenAuthMethods; ///< token_endpoint_auth_methods_supported; empty: client_secret_basic
};

/// Why an issuer cannot be used: not https (http is for literal loopback hosts and localhost), has a query, a fragment
/// or user information, or does not parse (RFC 8414 section 2).
[[nodiscard]] Result<void> checkIssuer(std::string_view issuer);

/// True for https, and for http to 127.0.0.0/8, [::1] or localhost.
[[nodiscard]] bool isAcceptableEndpoint(std::string_view url);

/// The well-known URLs to try, in order. With a path: RFC 8414 inserted, OpenID inserted, OpenID appended; without:
/// RFC 8414, OpenID. A terminating '/' of the issuer is dropped for building, never for comparing.
[[nodiscard]] std::vector<std::string> wellKnownUrls(std::string_view issuer);

/// Believes a document only when its `issuer` is identical to `issuer` (RFC 8414 section 3.3) and the endpoints pass
/// isAcceptableEndpoint() and base::mayLeadTo() from the issuer. Unknown members are ignored; missing optional ones
/// take the defaults of the RFC.
[[nodiscard]] Result<Metadata> parseMetadata(std::string_view json, std::string_view issuer);

} // namespace keybearer::oauth
