#pragma once
/// \file
/// How a client key is written: "kb_live_" or "kb_test_", 256 random bits in 43 characters of base 62, and 6 characters
/// of a checksum, so that a key that was cut or mistyped is told from one that is not known. Pure.

#include "ipc/base/result.h"
#include "ipc/base/secret.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace keybearer::clientkeys {

/// What a key is good for: a test key gets credentials that are marked for test, and no others.
enum class KeyKind { Live, Test };

/// "live", "test".
[[nodiscard]] std::string_view nameOf(KeyKind kind);
[[nodiscard]] std::optional<KeyKind> keyKindOf(std::string_view name);

inline constexpr std::size_t kRandomBytes = 32;
/// Of a whole key, in characters.
inline constexpr std::size_t kKeyLength = 57;
/// Of a key's beginning that is kept and shown, in characters: its kind and 24 of its 256 bits.
inline constexpr std::size_t kPrefixLength = 12;

/// A whole key that has the form of one.
struct PresentedKey {
    KeyKind kind = KeyKind::Live;
    base::Secret text;
};

/// A key of fresh random bits.
[[nodiscard]] base::Secret makeKey(KeyKind kind);
/// The key of these bits.
[[nodiscard]] base::Secret formatKey(KeyKind kind, std::span<const unsigned char, kRandomBytes> random);
/// The error is a fixed text that holds no part of the key.
[[nodiscard]] base::Result<PresentedKey, std::string> parseKey(std::string_view text);

/// CRC-32 as in ISO 3309 and zlib.
[[nodiscard]] std::uint32_t crc32(std::string_view data) noexcept;

} // namespace keybearer::clientkeys
