#pragma once
/// \file
/// The bytes of a token request (RFC 6749 section 2.3.1 and appendix B). Pure.

#include "daemon/oauth/http_client.h"
#include "ipc/base/secret.h"

#include <string>
#include <string_view>

namespace keybearer::oauth {

/// application/x-www-form-urlencoded of HTML 4.01 section 17.13.4, as RFC 6749 appendix B wants it: a space is '+'.
void appendFormEncoded(std::string& out, std::string_view text);

/// "a=1&b=2" with both names and values encoded.
[[nodiscard]] base::Secret encodeForm(const Form& form);

/// The value of an Authorization field: "Basic ...", both halves form-encoded first.
[[nodiscard]] base::Secret basicCredentials(std::string_view clientId, const base::Secret& clientSecret);

} // namespace keybearer::oauth
