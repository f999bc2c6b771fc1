#pragma once
/// \file
/// Small files, read within bounds and replaced as a whole.

#include "ipc/base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::base {

/// Reads a regular file (no symbolic link) of at most `limit` bytes; nullopt when there is none. Errors are sentences.
[[nodiscard]] Result<std::optional<std::string>, std::string> readSmallFile(const std::string& path, std::size_t limit);

/// Replaces `path` by a 0600 file with this content: written beside it, synced, renamed, folder synced. After a crash
/// at any point the old or the new content is there, whole.
[[nodiscard]] Result<void, std::string> replaceFile(const std::string& path, std::string_view content);

} // namespace keybearer::base
