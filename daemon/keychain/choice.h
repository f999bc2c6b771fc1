#pragma once
/// \file
/// The recorded choice of a keychain (FORMAT.md).

#include "ipc/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::keychain {

enum class Selection { Unset, SecretService, FileSealed, FilePlain };

/// "unset", "secret-service", "file-sealed", "file-plain"
[[nodiscard]] const char* nameOf(Selection selection);
/// nullopt for a name that is none of a keychain; "unset" is none.
[[nodiscard]] std::optional<Selection> selectionOf(std::string_view name);

struct Choice {
    Selection backend;
    std::int64_t chosenAt; ///< UTC, seconds
};

/// nullopt when nothing was recorded. The error is a sentence with the path.
[[nodiscard]] base::Result<std::optional<Choice>, std::string> readChoice(const std::string& path);
/// Durable when it returns success.
[[nodiscard]] base::Result<void, std::string> writeChoice(const std::string& path, const Choice& choice);

} // namespace keybearer::keychain
