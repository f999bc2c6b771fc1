#pragma once
/// \file
/// Completion scripts for shells, written from the command-line tree itself, so that they cannot fall behind it.

#include <CLI/App.hpp>

#include <string>

namespace keybearer::cli {

enum class Shell { Bash, Zsh, Fish };

/// A script that completes verbs, options, choices, files, and the names of accounts and providers. Names are asked
/// from a running broker when the person presses Tab; pressing it never starts one.
[[nodiscard]] std::string completionScript(const CLI::App& root, Shell shell);

} // namespace keybearer::cli
