#pragma once
/// \file
/// Proof Key for Code Exchange (RFC 7636), and the other values of a login that must not be guessed.

#include "ipc/base/secret.h"

#include <string>

namespace keybearer::oauth {

/// 256 random bits as 43 characters of base64url: state, nonce, redirect path segments.
[[nodiscard]] std::string randomToken();

/// A code_verifier of 43 characters from 32 random octets (RFC 7636 section 4.1). Fresh for every attempt.
[[nodiscard]] base::CodeVerifier makeCodeVerifier();

/// BASE64URL(SHA256(ASCII(code_verifier))) (RFC 7636 section 4.2); the only method that we use.
[[nodiscard]] std::string codeChallengeS256(const base::CodeVerifier& verifier);

} // namespace keybearer::oauth
