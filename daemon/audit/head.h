#pragma once
/// \file
/// audit.head: how far the record went when it was last written down, under a key (FORMAT.md). Pure, fuzzed.

#include "daemon/audit/audit_line.h"
#include "ipc/base/result.h"
#include "ipc/base/secret.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::audit {

/// No head is longer.
inline constexpr std::size_t kMaxHeadBytes = 1024;
inline constexpr std::size_t kSealKeyBytes = 32;

/// The key, and the name of the record that it belongs to. The key is shared with the thread that writes heads.
struct SealKey {
    std::string file; ///< 16 lower-case hexadecimal digits
    std::shared_ptr<const base::Secret> key;
};

struct Head {
    std::string file;
    Mark mark;
    std::string mac; ///< HMAC-SHA-256 in lower-case hex
};

/// 16 hexadecimal digits for the record in this folder: the same as long as the folder stays where it is.
[[nodiscard]] std::string fileName(std::string_view folder);

/// The file's content. `mark.count` is at least 1.
[[nodiscard]] std::string formatHead(const SealKey& key, const Mark& mark);
/// Strict: what formatHead() writes, byte by byte, under whatever key.
[[nodiscard]] std::optional<Head> parseHead(std::string_view text);
/// It was made with this key, for this record.
[[nodiscard]] bool isSealedBy(const Head& head, const SealKey& key);

} // namespace keybearer::audit
