#pragma once
/// \file
/// The scopes of keys, as calls give them and answers show them.

#include "daemon/access/key_scope.h"
#include "daemon/rpc/services.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace keybearer::rpc {

/// Under the catalogue's own names, so that a word that nothing matches is noticed now.
[[nodiscard]] protocol::Result<std::vector<access::KeyScope>> knownScopes(const Services& services,
                                                                          const std::vector<std::string>& texts);
[[nodiscard]] nlohmann::json scopeTexts(const std::vector<access::KeyScope>& scopes);

} // namespace keybearer::rpc
