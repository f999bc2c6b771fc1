#pragma once
/// \file
/// What the catalogue knows about a provider: how one signs in to it, and what its keys are made of.

#include "daemon/providers/field.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::providers {

/// The redirect URI as the provider wants it registered. `redirect = "http://127.0.0.1/callback"` in a profile.
struct Redirect {
    /// "127.0.0.1", "[::1]", "localhost", or empty: 127.0.0.1 and, where that cannot be bound, [::1].
    std::string host;
    /// Ports to try in turn; empty: one that the system chooses.
    std::vector<std::uint16_t> ports;
    /// Exact path, beginning with '/'. A path that ends with "/*" has its last segment replaced by an unpredictable one
    /// for each login; that is the default ("/*").
    std::string path = "/*";
};

/// Where a provider makes a key for whoever signs in there. `[provision]` in a profile.
struct Provisioning {
    std::string authorizeUrl;
    std::string exchangeUrl;
    std::string field; ///< that the key is a value of
};

/// Of a server that publishes no metadata. `[endpoints]` in a profile; empty texts: it has none.
struct Endpoints {
    std::string authorization;
    std::string tokenUrl;
    std::string deviceAuthorization;
    std::string revocation;
    std::string userinfo;
};

/// One provider, from resources/providers, providers.d or from an issuer that the person typed.
struct Profile {
    std::string id;                   ///< short name, [a-z0-9-]
    std::string displayName;          ///< for people
    std::vector<std::string> aliases; ///< other names, compared by foldedName()
    std::string issuer;        ///< exact issuer identifier (RFC 8414 section 2); empty: nobody signs in here, keys only
    std::string clientId;      ///< empty: the person must bring one
    bool clientSecret = false; ///< the provider insists on a client secret; it rests in the keychain, never in a file
    std::vector<std::string> scopes;
    /// What tokens may be asked for (RFC 8707): named when signing in, and one of them by whoever asks for a token.
    std::vector<std::string> resources;
    /// What tokens may be exchanged for (RFC 8693 section 2.1), one of them by whoever asks for a token.
    std::vector<std::string> audiences;
    Redirect redirect;
    std::string caFile;        ///< PEM file of extra trusted roots for this provider; empty: the system's only
    std::string registerUrl;   ///< where a person registers a client; empty: unknown
    std::string dashboardUrl;  ///< where a person gets a key; empty: unknown
    std::vector<Field> fields; ///< sorted by name; empty: it has no keys
    /// Sets of fields of which one must be whole. Empty: the provider works without any.
    std::vector<std::vector<std::string>> needs;
    std::string mainField; ///< what is meant by "the key" where no field is named; empty: there is no such field
    /// The provider does PKCE with S256 although its metadata does not say so. Off unless the profile says it.
    bool assumePkce = false;
    /// Tokens are bound to a key of the sign-in's own (RFC 9449), so that a stolen one is good for nobody.
    bool dpop = false;
    /// A server may end the whole sign-in with an access token that is revoked (RFC 7009 section 2.1); tokens that
    /// other machines got are then left to end by themselves.
    bool revocationEndsSignIn = false;
    /// How long a refresh token lasts where the provider's answers do not say; whole days; nullopt: not known.
    std::optional<std::chrono::seconds> refreshLifetime;
    std::optional<Endpoints> endpoints;       ///< given: its metadata is not asked for
    std::optional<Provisioning> provisioning; ///< signing in makes a key; it has no issuer then
    std::string source;                       ///< file that it came from, or "command line"

    /// By foldedName(); nullptr when there is none.
    [[nodiscard]] const Field* field(std::string_view name) const;
};

} // namespace keybearer::providers
