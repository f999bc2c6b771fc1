#pragma once
/// \file
/// The file form of the keychain, as text and as values. Pure: no file is touched here. The format is FORMAT.md.

#include "ipc/base/result.h"
#include "ipc/base/secret.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace keybearer::keychain {

using Items = std::map<std::string, base::Secret>;

/// The names of the two forms are those that the person sees.
enum class FileForm { Sealed, Plain };
[[nodiscard]] const char* nameOf(FileForm form);

/// Bounds on what is read, and so on what is written.
inline constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20U;
inline constexpr std::size_t kMaxItems = 4096;
inline constexpr std::size_t kMaxItemKeyBytes = 512;
inline constexpr std::size_t kMaxItemBytes = std::size_t{1} << 20U;

/// Parameters of scrypt (RFC 7914): N = 2^logN.
struct ScryptCost {
    unsigned logN = 17;
    unsigned r = 8;
    unsigned p = 1;

    friend bool operator==(const ScryptCost&, const ScryptCost&) = default;
};
/// Between a cost that is worth the name and one that an ordinary machine pays within seconds.
[[nodiscard]] bool isAllowed(const ScryptCost& cost);
inline constexpr std::size_t kSaltBytes = 32;

/// How a sealed file was sealed.
struct SealParameters {
    ScryptCost cost;
    std::string salt; ///< kSaltBytes raw bytes

    friend bool operator==(const SealParameters&, const SealParameters&) = default;
};

/// A parsed file. Sealed: `seal` and `box`. Plain: `items`.
struct KeychainFile {
    FileForm form;
    SealParameters seal;
    std::string box;
    Items items;
};

/// Strict: a member that is missing, unknown, repeated or of another type is an error. The error is a sentence without
/// any of the contents.
[[nodiscard]] base::Result<KeychainFile, std::string> parseKeychainFile(std::string_view text);

/// The whole text of a file of items in clear. Fails when a bound is passed.
[[nodiscard]] base::Result<base::Secret, std::string> formatPlain(const Items& items);
/// The whole text of a file sealed with `key`, which was derived with `parameters`.
[[nodiscard]] base::Result<base::Secret, std::string> formatSealed(const Items& items, const SealParameters& parameters,
                                                                   const base::Secret& key);

/// Opens the box. Fails with an empty text when the key is another or the file was changed, with a sentence when what
/// was sealed is not a list of items.
[[nodiscard]] base::Result<Items, std::string> openBox(const KeychainFile& file, const base::Secret& key);

} // namespace keybearer::keychain
