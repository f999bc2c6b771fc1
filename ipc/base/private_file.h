#pragma once
/// \file
/// Small files of ours, with or without secrets: read with suspicion, written whole or not at all.

#include "ipc/base/result.h"
#include "ipc/base/secret.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::base {

/// The contents; nullopt when there is no such file. The error is a sentence with the path: the file is a symbolic
/// link, not a regular file, another user's, not of mode 0600, larger than `limit`, or cannot be read.
[[nodiscard]] Result<std::optional<Secret>, std::string> readPrivateFile(const std::string& path, std::size_t limit);

/// Replaces the file in one step; what was there before stays until the new contents are on the disk. Durable when it
/// returns success. Writes through `path`.new, which nobody else may use. The folder must exist.
[[nodiscard]] Result<void, std::string> writePrivateFile(const std::string& path, std::string_view contents);

/// Success also when there was no such file. Durable.
[[nodiscard]] Result<void, std::string> removePrivateFile(const std::string& path);

} // namespace keybearer::base
