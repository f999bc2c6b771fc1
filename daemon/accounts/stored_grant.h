#pragma once
/// \file
/// What the keychain holds for an account. Pure.

#include "daemon/crypto/signing_key.h"
#include "ipc/base/result.h"
#include "ipc/base/secret.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace keybearer::accounts {

/// One keychain item: JSON, version 1. The access token is in it only when the provider gave no refresh token, because
/// then it is all there is.
struct StoredGrant {
    std::uint64_t generation =
        0;              ///< counts the refresh tokens of this account; a later one never gives way to an earlier
    std::string issuer; ///< where the token may be sent, and nowhere else
    std::string clientId;
    std::optional<base::RefreshToken> refreshToken;
    std::optional<base::AccessToken> accessToken;
    std::int64_t expiresAt = 0;                             ///< of the access token, UTC seconds; 0: not stated
    std::shared_ptr<const crypto::SigningKey> dpopKey = {}; ///< that the tokens are bound to (RFC 9449); null: none
};

[[nodiscard]] base::Secret formatGrant(const StoredGrant& grant);
/// The error is a fixed text.
[[nodiscard]] base::Result<StoredGrant, std::string> parseGrant(const base::Secret& item);

} // namespace keybearer::accounts
