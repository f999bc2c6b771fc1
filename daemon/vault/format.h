#pragma once
/// \file
/// FORMAT.md as functions: what a sealed value is bound to, and the item that holds a tenant's data keys. Pure.

#include "ipc/base/result.h"
#include "ipc/base/secret.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::vault {

/// The namespace that every tenant may fall back to; no tenant has its name.
inline constexpr std::string_view kShared = "shared";
inline constexpr std::string_view kDefaultTenant = "default";
/// The name of a provider's key where nobody gave it one.
inline constexpr std::string_view kDefaultName = "default";

/// 1 to 64 characters of a-z, 0-9, '.', '_' and '-', the first a letter or digit.
[[nodiscard]] bool isTenantName(std::string_view name);
/// The same, with capitals and '@'.
[[nodiscard]] bool isCredentialName(std::string_view name);

/// Which value of a credential: the one in use, or the one that is to follow it.
enum class Slot : std::uint8_t { Current = 0, Next = 1 };

/// Where a sealed value belongs.
struct Place {
    std::string_view tenant;
    std::string_view provider;
    std::string_view name;
    Slot slot = Slot::Current;
    std::string_view field;
    std::uint64_t generation = 0;
    std::string_view keyId;
    bool test = false; ///< the value is marked for test
};
/// The additional data of its seal. No two places have the same.
[[nodiscard]] std::string additionalData(const Place& place);

struct DataKey {
    std::string id; ///< 16 hexadecimal digits
    base::Secret key;
    std::int64_t createdAt = 0; ///< UTC seconds
};
/// In order of age; the last one seals.
using DataKeys = std::vector<DataKey>;

[[nodiscard]] DataKey makeDataKey(std::int64_t now);
/// Null when there is none with this id.
[[nodiscard]] const DataKey* findKey(const DataKeys& keys, std::string_view id);
[[nodiscard]] DataKeys cloneKeys(const DataKeys& keys);

[[nodiscard]] base::Secret formatDataKeys(const DataKeys& keys);
/// Strict; the error is a fixed text.
[[nodiscard]] base::Result<DataKeys, std::string> parseDataKeys(const base::Secret& item);

} // namespace keybearer::vault
