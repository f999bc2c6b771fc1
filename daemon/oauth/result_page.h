#pragma once
/// \file
/// What the loopback receiver sends to a browser. Pure: no request text ever gets in.

#include "daemon/oauth/loopback_receiver.h"

#include <string>
#include <string_view>

namespace keybearer::oauth {

/// A whole answer with a short fixed text. `allowBody` is false for HEAD (RFC 9110 section 9.3.2).
[[nodiscard]] std::string textAnswer(int status, bool allowBody = true);
/// The answer to a callback after the one that counted.
[[nodiscard]] std::string alreadyUsedAnswer();
/// 303 to `path` of this server.
[[nodiscard]] std::string redirectAnswer(std::string_view path);
/// 200 with the page that ends a login; title and message are escaped.
[[nodiscard]] std::string pageAnswer(const ResultPage& page);

} // namespace keybearer::oauth
