#pragma once
/// \file
/// A program with providers' credentials in its environment.

#include "app/cli/verbs.h"

namespace keybearer::cli {

struct RunOptions {
    std::vector<std::string> providers;
    std::string tenant;
    std::vector<std::string> only;
    std::vector<std::string> withheld; ///< variables of ours that the program does not get
};

/// Declares --tenant and --only.
void addPlaces(CLI::App& verb, RunOptions& options);

/// Becomes the program, or waits for it where it needs files that are removed afterwards; its exit code then. Its
/// standard streams are ours. Writes nothing but warnings, to standard error.
[[nodiscard]] Outcome runWithCredentials(const RunOptions& options, const std::vector<std::string>& command);

} // namespace keybearer::cli
