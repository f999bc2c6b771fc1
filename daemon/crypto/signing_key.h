#pragma once
/// \file
/// A key of our own that signs: P-256 with SHA-256, ES256 of RFC 7518 section 3.4.

#include "daemon/crypto/crypto.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::crypto {

/// Any thread, one at a time. Aborts where OpenSSL has no memory or no randomness, as randomBytes() does.
class SigningKey {
public:
    [[nodiscard]] static SigningKey generate();
    /// From save() and publicKey(). nullopt where the halves do not belong together, or are no key of this kind.
    [[nodiscard]] static std::optional<SigningKey> load(const base::Secret& number, const PublicKey& key);
    SigningKey(SigningKey&&) noexcept;
    SigningKey& operator=(SigningKey&&) noexcept;
    SigningKey(const SigningKey&) = delete;
    SigningKey& operator=(const SigningKey&) = delete;
    ~SigningKey();

    /// The private number, 32 bytes, the highest first.
    [[nodiscard]] base::Secret save() const;
    [[nodiscard]] const PublicKey& publicKey() const noexcept { return m_public; }
    /// r||s, 64 bytes.
    [[nodiscard]] std::string sign(std::string_view message) const;

private:
    struct State;
    explicit SigningKey(std::unique_ptr<State> state);

    std::unique_ptr<State> m_state;
    PublicKey m_public;
};

} // namespace keybearer::crypto
