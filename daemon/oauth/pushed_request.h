#pragma once
/// \file
/// What a server answers to a pushed authorization request (RFC 9126 section 2.2). Pure.

#include "daemon/oauth/error.h"
#include "daemon/oauth/http_client.h"

#include <chrono>
#include <string>

namespace keybearer::oauth {

struct PushedRequest {
    std::string requestUri; ///< good for one sign-in
    std::chrono::seconds expiresIn{};
};

/// Accepts 201, and 200, with a JSON object. A `request_uri` is an absolute URI of at most 2048 visible characters
/// (RFC 9101 section 5.2 has 512), `expires_in` a positive number, capped at an hour. Errors are those of a token
/// endpoint (section 2.3).
[[nodiscard]] Result<PushedRequest> parsePushedRequest(const HttpResponse& response);

} // namespace keybearer::oauth
