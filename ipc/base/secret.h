#pragma once
/// \file
/// Bytes that must not be copied, printed or left behind.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::base {

/// Overwrites memory in a way that the optimiser may not remove.
void wipe(void* data, std::size_t size) noexcept;
/// Wipes the characters that the string owns now (not those of earlier, larger buffers) and empties it.
void wipe(std::string& text) noexcept;

/// Owns secret bytes: move-only, wiped when destroyed or assigned to, never printed.
///
/// There is no stream operator, no comparison but the constant-time one, and no conversion: reveal() is the only way to
/// the bytes, so a search for `reveal()` finds every place where a secret leaves its box.
///
/// Up to 16 KiB of it lie in locked memory while there is room (locked_arena.h), else in ordinary memory.
///
/// What this cannot do: libraries that we hand the bytes to (Qt's network stack, QtKeychain, the JSON encoder) keep
/// copies of their own for a while. The promise is a short way and few copies, not "never in memory".
class Secret {
public:
    Secret() noexcept = default;
    /// Copies the bytes; the caller's buffer stays as it is.
    explicit Secret(std::string_view bytes);
    /// Copies the bytes, then wipes the caller's string.
    [[nodiscard]] static Secret absorb(std::string&& bytes);
    /// `size` zero bytes, to be filled through mutableBytes().
    [[nodiscard]] static Secret ofSize(std::size_t size);

    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    /// A second owner of the same bytes; explicit, so that copies can be counted.
    [[nodiscard]] Secret clone() const { return Secret(reveal()); }
    /// The bytes. Valid until this object is moved from, assigned to or destroyed.
    [[nodiscard]] std::string_view reveal() const noexcept { return {m_data, m_size}; }
    [[nodiscard]] std::span<unsigned char> mutableBytes() noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return m_size; }
    [[nodiscard]] bool empty() const noexcept { return m_size == 0; }

    /// Takes a time that depends on the lengths only.
    friend bool operator==(const Secret& a, const Secret& b) noexcept;

private:
    void release() noexcept;

    char* m_data = nullptr;
    std::size_t m_size = 0;
};

/// Constant-time comparison of two byte strings of the same length; false at once when the lengths differ.
[[nodiscard]] bool equalInConstantTime(std::string_view a, std::string_view b) noexcept;

/// A secret with a meaning: an access token cannot be passed where a refresh token is wanted.
template<class Tag>
struct Tagged {
    Secret value;

    [[nodiscard]] std::string_view reveal() const noexcept { return value.reveal(); }
    [[nodiscard]] bool empty() const noexcept { return value.empty(); }
    [[nodiscard]] Tagged clone() const { return Tagged{value.clone()}; }
};

using AccessToken = Tagged<struct AccessTokenTag>;
using RefreshToken = Tagged<struct RefreshTokenTag>;
using IdToken = Tagged<struct IdTokenTag>;
using CodeVerifier = Tagged<struct CodeVerifierTag>;
using AuthorizationCode = Tagged<struct AuthorizationCodeTag>;
using ClientSecret = Tagged<struct ClientSecretTag>;
using Passphrase = Tagged<struct PassphraseTag>;

} // namespace keybearer::base
