#pragma once
/// \file
/// Configuration files: believed only when nobody but the user (or root) can write them.

#include "ipc/base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::providers {

inline constexpr std::size_t kMaxConfigBytes = 64 * 1024;
inline constexpr std::size_t kMaxConfigFiles = 200;

/// Reads a regular file, no symbolic link, of the effective user or root, that group and others cannot write. nullopt
/// when there is none. The error is a sentence that begins with `shownName`.
[[nodiscard]] base::Result<std::optional<std::string>, std::string> readTrustedFile(const std::string& path,
                                                                                    const std::string& shownName);

/// Names of the *.toml files of a folder, sorted; none when there is no folder. The folder must meet the same rules.
[[nodiscard]] base::Result<std::vector<std::string>, std::string> listTrustedFolder(const std::string& path,
                                                                                    const std::string& shownName);

} // namespace keybearer::providers
