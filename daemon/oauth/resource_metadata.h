#pragma once
/// \file
/// Protected resource metadata (RFC 9728): which authorization servers a resource believes, and for what. Pure.

#include "daemon/oauth/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace keybearer::oauth {

struct ResourceMetadata {
    std::string resource; ///< the resource's own name for itself; what tokens are asked for (RFC 8707)
    /// Issuers, in the resource's order; each passes checkIssuer() and base::mayLeadTo(). At least one.
    std::vector<std::string> authorizationServers;
    std::vector<std::string> scopesSupported;
    bool dpopRequired = false; ///< dpop_bound_access_tokens_required: it takes no token that is bound to no key
};

/// Most authorization servers and scopes of one resource that are read.
inline constexpr std::size_t kMaxAuthorizationServers = 16;
inline constexpr std::size_t kMaxResourceScopes = 128;

/// Why an address cannot be a resource's: not https (http is for loopback hosts), a fragment (RFC 8707 section 2), user
/// information, or it does not parse.
[[nodiscard]] Result<void> checkResource(std::string_view resource);

/// Where a resource describes itself: the well-known path in front of its own, then the one of its host (RFC 9728
/// section 3.1). One address when it has no path.
[[nodiscard]] std::vector<std::string> resourceMetadataUrls(std::string_view resource);

/// Whether a challenge of the server at `resource` may name this address for its metadata: the same scheme, host and
/// port. Anybody's answer would else make us ask any machine that we can reach (RFC 9728 section 7.7).
[[nodiscard]] bool mayDescribe(std::string_view metadataUrl, std::string_view resource);

/// Believes a document only when its `resource` is the one that was asked for (section 3.3): identical but for one
/// slash at its end, or the whole of its host ("https://host"), which covers it. Servers that may not be used are left
/// out; when none is left it is Rejected.
[[nodiscard]] Result<ResourceMetadata> parseResourceMetadata(std::string_view json, std::string_view resource);

} // namespace keybearer::oauth
