#pragma once
/// \file
/// The signature half of an ID token: JWS compact serialization (RFC 7515). Pure.

#include "daemon/crypto/crypto.h"
#include "daemon/oauth/id_token.h"

#include <string>
#include <string_view>
#include <vector>

namespace keybearer::oauth {

/// Largest token that is read.
inline constexpr std::size_t kMaxJws = 64 * 1024;

/// A payload whose signature is right. What it says is still to be checked.
struct VerifiedJws {
    crypto::SignatureAlg alg;
    std::string payload;
};

/// Accepts an algorithm only when it is in `algs` and one that we verify, so never `none` and never HS*. Keys come from
/// `keys` alone. A token with `crit` is refused: we understand no extension (RFC 7515 section 4.1.11). `problem` as in
/// verifyIdToken().
[[nodiscard]] Result<VerifiedJws> verifyJws(std::string_view compact, const std::vector<Jwk>& keys,
                                            const std::vector<std::string>& algs, KeyProblem* problem = nullptr);

} // namespace keybearer::oauth
