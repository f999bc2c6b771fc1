#include "daemon/oauth/pushed_request.h"

#include "daemon/oauth/server_json.h"
#include "daemon/oauth/token_response.h"
#include "ipc/base/ascii.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace keybearer::oauth {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxRequestUri = 2048;
constexpr std::chrono::seconds kLongestPush{3600};

Result<PushedRequest> badPush(const char* why) {
    return base::fail(
        Error{ErrorKind::BadResponse, std::string("the answer to the pushed authorization request ") + why});
}

/// A scheme and something behind it (RFC 3986 section 4.3): "urn:ietf:params:oauth:request_uri:..." or an address.
bool isAbsoluteUri(const std::string& text) {
    const std::size_t colon = text.find(':');
    return text.size() <= kMaxRequestUri && colon != std::string::npos && colon > 0 && colon + 1 < text.size() &&
           std::ranges::all_of(text, base::isVisible);
}

} // namespace

Result<PushedRequest> parsePushedRequest(const HttpResponse& response) {
    constexpr int kMade = 201;
    constexpr int kAnswered = 200;
    if (response.status != kMade && response.status != kAnswered) {
        return base::fail(refusalOf(response, "the endpoint for pushed requests"));
    }
    const auto document = parseServerObject(response.body.reveal(), "the answer to the pushed authorization request");
    if (!document) {
        return base::fail(document.error());
    }
    const auto* uri = memberOrNull(*document, "request_uri").get_ptr<const std::string*>();
    if (uri == nullptr || !isAbsoluteUri(*uri)) {
        return badPush("has no request_uri that could be sent");
    }
    const json& life = memberOrNull(*document, "expires_in");
    if (!life.is_number_unsigned() || life.get<std::uint64_t>() == 0) {
        return badPush("does not say how long it is good (expires_in)");
    }
    const auto seconds = std::min(life.get<std::uint64_t>(), static_cast<std::uint64_t>(kLongestPush.count()));
    return PushedRequest{*uri, std::chrono::seconds(seconds)};
}

} // namespace keybearer::oauth
