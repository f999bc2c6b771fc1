#pragma once
/// \file
/// ID tokens (OpenID Connect Core 1.0 section 3.1.3.7) and the keys that sign them (RFC 7515, 7517, 7518). Pure.

#include "daemon/oauth/error.h"
#include "ipc/base/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::oauth {

/// One public signature key of a JWK Set. RSA 2048..8192 bits, EC P-256/P-384/P-521, Ed25519.
struct Jwk {
    std::string kid;  ///< may be empty
    std::string kty;  ///< "RSA", "EC", "OKP"
    std::string alg;  ///< may be empty
    std::string crv;  ///< EC and OKP
    std::string n, e; ///< RSA, raw big-endian bytes
    std::string x, y; ///< EC and OKP, raw bytes
};

/// Keeps the keys that we can use, drops the others (use:enc, oct, weak RSA, unknown curve), refuses a set that is not
/// one. At most 100 keys are read.
[[nodiscard]] Result<std::vector<Jwk>> parseJwks(std::string_view json);

/// What the token must say.
struct IdTokenExpectation {
    std::string issuer;
    std::string clientId;
    std::string nonce;             ///< empty: the token may carry none or any (refresh, Core section 12.2)
    std::vector<std::string> algs; ///< algorithms the server states; empty: RS256 only is expected by default
    const base::AccessToken* accessToken = nullptr; ///< for at_hash, checked when the claim is present
    std::string subject;                            ///< non-empty: `sub` must equal it (refresh)
    /// UTC seconds. nullopt: the times in the token must be there and are not compared with the clock, as at a
    /// refresh, where the token came just now from the token endpoint itself and a clock that has been set wrong would
    /// end every session.
    std::optional<std::int64_t> now;
};

struct IdTokenClaims {
    std::string subject;
    std::string email;             ///< empty when absent
    std::string preferredUsername; ///< empty when absent
    std::string name;              ///< empty when absent
};

/// Why a token was refused because of its key: the caller may fetch the JWK Set anew, once.
enum class KeyProblem { None, UnknownKey };

/// Seconds that the two clocks may disagree.
inline constexpr std::int64_t kClockSkew = 300;

/// Checks header, signature and claims. `alg` none and HS* are refused always; header keys (jku, x5u, jwk) are ignored;
/// a kid that is not in the set is UnknownKey; without a kid exactly the keys that fit the algorithm are tried.
/// `problem`, where not null, tells the caller whether a new JWK Set could help.
[[nodiscard]] Result<IdTokenClaims> verifyIdToken(const base::IdToken& token, const std::vector<Jwk>& keys,
                                                  const IdTokenExpectation& expected, KeyProblem* problem = nullptr);

} // namespace keybearer::oauth
