#pragma once
/// \file
/// The command line of keybearerd.

#include "ipc/base/result.h"

#include <string>
#include <vector>

namespace keybearer::broker {

struct Options {
    int readyFd = -1;    ///< told "ready" when the broker serves, or why it cannot; -1: nobody listens
    std::string logFile; ///< empty: standard error
    bool showVersion = false;
    bool showHelp = false;
};

/// The error is a sentence.
[[nodiscard]] base::Result<Options, std::string> parseOptions(const std::vector<std::string>& arguments);

[[nodiscard]] const char* helpText();

} // namespace keybearer::broker
