#pragma once
/// \file
/// Folders that choose an account.

#include "app/cli/verbs.h"

#include <string>

namespace keybearer::cli {

/// The folder's own path, without links; an error of usage when there is none.
[[nodiscard]] client::Result<std::string> realDirectory(const std::string& path);

void addAccountFolder(CLI::App& group, Invocation& invocation);

} // namespace keybearer::cli
