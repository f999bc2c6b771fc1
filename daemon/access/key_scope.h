#pragma once
/// \file
/// What a client key may be used for, in the words of grants. Pure.

#include "daemon/access/grant.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::access {

/// One thing that a client key opens; a grant to whoever shows the key.
struct KeyScope {
    std::string credential;          ///< isCredentialPattern()
    std::vector<std::string> scopes; ///< OAuth scopes of an account's tokens; empty: all
    std::string audience;            ///< the only one of an account's tokens; empty: any
    std::vector<std::string> fields; ///< of a provider's key; empty: all

    friend bool operator==(const KeyScope&, const KeyScope&) = default;
};

/// Most OAuth scopes, and most fields, of one scope.
inline constexpr std::size_t kMaxScopeLimits = 64;
/// Longest of them, in bytes.
inline constexpr std::size_t kMaxScopeLimit = 255;

/// A credential as grants name it, or "PROVIDER/NAME" for "key:default/PROVIDER/NAME"; behind it, each after one space,
/// "scope=SCOPE" and "audience=AUDIENCE" for accounts, "field=FIELD" for providers' keys. The error is a sentence.
[[nodiscard]] base::Result<KeyScope, std::string> parseScope(std::string_view text);
/// A text that parseScope() makes the same scope of.
[[nodiscard]] std::string formatScope(const KeyScope& scope);

/// Covers, OtherCredential or Wider.
[[nodiscard]] Fit fitOf(const KeyScope& scope, const Wanted& wanted);

} // namespace keybearer::access
