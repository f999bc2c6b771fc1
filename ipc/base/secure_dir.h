#pragma once
/// \file
/// Folders that only their owner may enter.

#include "ipc/base/result.h"

#include <string>

namespace keybearer::base {

/// Checks that `path` itself is a directory (not a symbolic link), is owned by the effective user and gives group and
/// others nothing. The error is a sentence that names the path, what is wrong and the command that mends it.
[[nodiscard]] Result<void, std::string> checkPrivateDir(const std::string& path);

/// Creates `path` with mode 0700, and missing parents likewise, then checks it as checkPrivateDir() does.
[[nodiscard]] Result<void, std::string> makePrivateDir(const std::string& path);

} // namespace keybearer::base
