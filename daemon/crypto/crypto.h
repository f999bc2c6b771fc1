#pragma once
/// \file
/// The only place that calls OpenSSL: digests, signatures, sealing, randomness. Thin and boring (EVP only).

#include "ipc/base/result.h"
#include "ipc/base/secret.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace keybearer::crypto {

/// From the system's generator. Aborts when it fails: there is no safe way to go on.
void randomBytes(std::span<unsigned char> out);

enum class Hash { Sha256, Sha384, Sha512 };
/// Raw digest bytes.
[[nodiscard]] std::string digest(Hash hash, std::string_view data);
/// Lower-case hexadecimal of sha256.
[[nodiscard]] std::string sha256Hex(std::string_view data);
/// HMAC-SHA-256 (RFC 2104), 32 raw bytes. Compare with base::equalInConstantTime().
[[nodiscard]] std::string hmacSha256(const base::Secret& key, std::string_view data);

/// SHA-256 of what comes piece by piece. Any thread, one at a time; good for one digest.
class Sha256 {
public:
    Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    ~Sha256();

    void add(std::span<const unsigned char> piece);
    /// Lower-case hexadecimal of all that was added; nothing may be added afterwards.
    [[nodiscard]] std::string finishHex();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// Signature algorithms of RFC 7518 and RFC 8037 that we verify.
enum class SignatureAlg { Rs256, Rs384, Rs512, Ps256, Ps384, Ps512, Es256, Es384, Es512, EdDsa };
[[nodiscard]] std::optional<SignatureAlg> signatureAlg(std::string_view name);

/// A public key as raw big-endian numbers. RSA: n, e. EC: crv P-256/P-384/P-521, x, y. OKP: crv Ed25519, x.
struct PublicKey {
    std::string kty, crv, n, e, x, y;
};
/// False for a wrong signature, for a key that does not fit the algorithm, and for a key that OpenSSL refuses.
/// ECDSA signatures are the fixed-width r||s of RFC 7518 section 3.4.
[[nodiscard]] bool verifySignature(SignatureAlg alg, const PublicKey& key, std::string_view message,
                                   std::string_view signature);

inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

/// AES-256-GCM. Returns nonce || ciphertext || tag under a fresh random nonce (so at most 2^32 seals per key).
[[nodiscard]] std::string seal(const base::Secret& key, std::string_view aad, std::string_view plaintext);
/// nullopt when anything was changed, or the key or aad is another.
[[nodiscard]] std::optional<base::Secret> open(const base::Secret& key, std::string_view aad, std::string_view sealed);

/// scrypt (RFC 7914) with N = 2^logN, r, p; 32 bytes. nullopt when the parameters are refused (memory cap 1 GiB).
[[nodiscard]] std::optional<base::Secret> scrypt(std::string_view passphrase, std::string_view salt, unsigned logN,
                                                 unsigned r, unsigned p);

} // namespace keybearer::crypto
