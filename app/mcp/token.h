#pragma once
/// \file
/// What a request is authorized with.

#include "ipc/base/secret.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace keybearer::mcp {

using Scopes = std::set<std::string>;

/// Scope tokens in a text that separates them by spaces.
[[nodiscard]] Scopes scopesIn(std::string_view text);

struct Token {
    std::shared_ptr<const base::Secret> value;
    /// That its holder has the key which it is bound to (RFC 9449), for one request; empty: it is bound to none.
    std::string proof;
    Scopes scopes; ///< granted

    [[nodiscard]] bool isBound() const noexcept { return !proof.empty(); }
};

} // namespace keybearer::mcp
