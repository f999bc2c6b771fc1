/// \file
/// Any bytes as an authorization server's metadata, and as an issuer. What is believed must be usable and safe.

#include "daemon/oauth/metadata.h"
#include "daemon/oauth/resource_metadata.h"
#include "daemon/oauth/retry_after.h"
#include "ipc/base/url.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace keybearer::oauth;
using keybearer::base::kMaxUrl;
using keybearer::base::parseUrl;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void checkMetadata(std::string_view bytes, std::string_view issuer) {
    const bool https = issuer.starts_with("https:");
    const auto metadata = parseMetadata(bytes, issuer);
    if (!metadata) {
        require(metadata.error().kind == ErrorKind::BadResponse);
        return;
    }
    require(metadata->issuer == issuer);
    require(!metadata->authorizationEndpoint.empty() && !metadata->tokenEndpoint.empty());
    for (const std::string& endpoint :
         {metadata->authorizationEndpoint, metadata->tokenEndpoint, metadata->jwksUri, metadata->userinfoEndpoint,
          metadata->revocationEndpoint, metadata->deviceAuthorizationEndpoint, metadata->registrationEndpoint}) {
        require(endpoint.empty() || isAcceptableEndpoint(endpoint));
        require(endpoint.empty() || !https || parseUrl(endpoint)->https);
    }
}

void checkResourceMetadata(std::string_view bytes, std::string_view resource) {
    const auto metadata = parseResourceMetadata(bytes, resource);
    if (!metadata) {
        return;
    }
    require(!metadata->authorizationServers.empty() && metadata->resource.size() <= resource.size() + 1);
    for (const std::string& issuer : metadata->authorizationServers) {
        require(checkIssuer(issuer) && keybearer::base::mayLeadTo(*parseUrl(resource), *parseUrl(issuer)));
    }
}

void checkIssuerText(std::string_view text) {
    const auto url = parseUrl(text);
    require(url || wellKnownUrls(text).empty());
    require(url || !isAcceptableEndpoint(text));
    require(!url || text.starts_with(url->origin + url->path));
    if (!checkIssuer(text)) {
        return;
    }
    for (const std::string& address : wellKnownUrls(text)) {
        const auto known = parseUrl(address);
        require(address.size() > kMaxUrl || (known && known->host == url->host && known->port == url->port));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    checkMetadata(bytes, "https://as.example");
    checkMetadata(bytes, "http://127.0.0.1:9400");
    checkResourceMetadata(bytes, "https://mcp.example/mcp");
    checkIssuerText(bytes);
    const auto wait = parseRetryAfter(bytes, 784111777);
    require(!wait || (*wait >= std::chrono::seconds(0) && *wait <= kMaxRetryAfter));
    return 0;
}
