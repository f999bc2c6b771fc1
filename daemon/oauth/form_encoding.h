#pragma once
/// \file
/// The bytes of a token request (RFC 6749 section 2.3.1 and appendix B). Pure.

#include "daemon/oauth/http_client.h"
#include "ipc/base/secret.h"

#include <string_view>

namespace keybearer::oauth {

/// "a=1&b=2" with both names and values encoded.
[[nodiscard]] base::Secret encodeForm(const Form& form);

/// The value of an Authorization field: "Basic ...", both halves form-encoded first.
[[nodiscard]] base::Secret basicCredentials(std::string_view clientId, const base::Secret& clientSecret);

} // namespace keybearer::oauth
