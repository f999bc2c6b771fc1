#pragma once
/// \file
/// A file with a secret, for a file:: location.

#include "ipc/base/file_opener.h"
#include "ipc/base/result.h"
#include "ipc/base/secret.h"

#include <cstddef>
#include <optional>
#include <string>

namespace keybearer::locations {

/// Who else may read the file. Nobody else may write it in either case.
enum class Readers { OwnerOnly, Anybody };

/// The whole of a regular file of the effective user or root, at most `maxBytes`. A symbolic link is followed when it,
/// too, is the user's or root's. nullopt when there is nothing of that name. The error is a sentence with the path and
/// no content. Reads at once: not for files of a network. `open` is the one step that a confined process may not be
/// able to do by itself.
[[nodiscard]] base::Result<std::optional<base::Secret>, std::string>
readSecretFile(const base::FileOpener& open, const std::string& path, std::size_t maxBytes,
               Readers readers = Readers::OwnerOnly);

/// Whether there is anything of that name; a symbolic link to nowhere is something, too.
[[nodiscard]] bool exists(const std::string& path);

} // namespace keybearer::locations
