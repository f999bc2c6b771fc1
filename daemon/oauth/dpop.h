#pragma once
/// \file
/// Proofs that whoever sends a token holds the key that it is bound to (RFC 9449). Pure but for the proof's random id.

#include "daemon/crypto/signing_key.h"
#include "daemon/oauth/error.h"
#include "ipc/base/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::oauth {

/// What proofs are signed with; a name of RFC 7518 section 3.1.
inline constexpr const char* kProofAlg = "ES256";
/// Longest nonce that is sent back.
inline constexpr std::size_t kMaxDpopNonce = 1024;

/// What a proof is made for: one request.
struct ProofRequest {
    std::string method;                       ///< of HTTP, "POST"
    std::string url;                          ///< as from proofTarget()
    std::string nonce;                        ///< that the server gave; empty: none
    const base::AccessToken* token = nullptr; ///< that goes along; it need not outlive the call
    std::int64_t issuedAt = 0;                ///< UTC seconds
};

/// Section 4.2: a JWT signed with ES256, of type dpop+jwt, with the public key in it and an id of its own.
[[nodiscard]] std::string dpopProof(const crypto::SigningKey& key, const ProofRequest& request);

/// The SHA-256 thumbprint of a P-256 key (RFC 7638), as `dpop_jkt` and `jkt` want it.
[[nodiscard]] std::string jwkThumbprint(const crypto::PublicKey& key);

/// The URL without query and fragment (section 4.2); nullopt for what is no https URL, nor http to a loopback host.
[[nodiscard]] std::optional<std::string> proofTarget(std::string_view url);

/// A method's name is a token of RFC 9110 section 5.6.2 with at most 32 characters.
[[nodiscard]] bool isHttpMethod(std::string_view text);

/// Section 8.1: 1*NQCHAR, at most kMaxDpopNonce.
[[nodiscard]] bool isDpopNonce(std::string_view text);

} // namespace keybearer::oauth
