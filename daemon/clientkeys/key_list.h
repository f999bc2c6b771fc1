#pragma once
/// \file
/// The client keys on disk: client_keys.json in the data folder. No key can be had from it: what is kept of a key is
/// its HMAC under a pepper that lies in the keychain.

#include "daemon/access/key_scope.h"
#include "daemon/clientkeys/key_format.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::clientkeys {

/// Most keys in the list, revoked ones among them.
inline constexpr std::size_t kMaxClientKeys = 1'000;
/// Most scopes of a key.
inline constexpr std::size_t kMaxScopes = 64;

/// 1 to 64 characters of a-z A-Z 0-9 . _ @ -, beginning with a letter or digit.
[[nodiscard]] bool isKeyName(std::string_view name);

struct ClientKey {
    std::string id;     ///< "ck_" and 12 hexadecimal digits
    std::string name;   ///< isKeyName()
    std::string prefix; ///< the key's first 12 characters, for display
    KeyKind kind = KeyKind::Live;
    std::string mac;                       ///< HMAC-SHA-256 of the whole key, 64 hexadecimal digits
    std::string oldMac;                    ///< of the key before the last rotation; empty: there is none
    std::int64_t oldUntil = 0;             ///< UTC seconds: `oldMac` is good before this; 0 without one
    std::int64_t createdAt = 0;            ///< UTC seconds
    std::string createdBy;                 ///< path of the program that asked for it: a hint
    std::int64_t lastUsedAt = 0;           ///< UTC seconds; 0: never
    std::int64_t useCount = 0;             ///< how often it was shown, or something asked for with it
    std::optional<std::int64_t> expiresAt; ///< UTC seconds
    std::optional<std::int64_t> revokedAt; ///< UTC seconds
    std::vector<access::KeyScope> scopes;  ///< empty: good for nothing

    [[nodiscard]] bool isLive(std::int64_t now) const { return !revokedAt && (!expiresAt || now < *expiresAt); }
    friend bool operator==(const ClientKey&, const ClientKey&) = default;
};

/// The file's text.
[[nodiscard]] std::string formatKeyList(const std::vector<ClientKey>& keys);
/// Strict; the error is what stands behind the file's name in a sentence.
[[nodiscard]] base::Result<std::vector<ClientKey>, std::string> parseKeyList(std::string_view text);

/// The file itself. A missing one is an empty list; a damaged one is an error and is left as it is.
class KeyFile {
public:
    explicit KeyFile(const std::string& folder) : m_path(folder + "/client_keys.json") {}

    [[nodiscard]] base::Result<std::vector<ClientKey>, std::string> read() const;
    /// On the disk when it returns success; else the file is as before.
    [[nodiscard]] base::Result<void, std::string> write(const std::vector<ClientKey>& keys) const;

private:
    std::string m_path;
};

} // namespace keybearer::clientkeys
