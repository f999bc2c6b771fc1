#pragma once
/// \file
/// The command line as a whole: finds the verb, parses, runs, reports.

#include "app/cli/verbs.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::cli {

/// The tree of verbs and options; only `verb` where one is named, since a whole tree costs a hot verb more than its
/// work.
[[nodiscard]] std::unique_ptr<CLI::App> buildTree(Invocation& invocation, const Verb* verb);

/// The candidate that `word` was most likely meant to be: at most a third of its letters away, or one that it begins.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

/// The whole program; returns its exit code.
[[nodiscard]] int run(std::span<char* const> arguments);

} // namespace keybearer::cli
