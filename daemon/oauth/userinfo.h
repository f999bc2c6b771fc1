#pragma once
/// \file
/// The UserInfo response (OpenID Connect Core 1.0 section 5.3). Pure.

#include "daemon/oauth/error.h"
#include "daemon/oauth/id_token.h"

#include <string_view>

namespace keybearer::oauth {

/// Reads the claims that name a person. Rejected unless `sub` equals `subject` (section 5.3.2): the answer is then
/// about somebody else, and nothing of it is used.
[[nodiscard]] Result<IdTokenClaims> parseUserinfo(std::string_view json, std::string_view subject);

} // namespace keybearer::oauth
