#pragma once
/// \file
/// The broker's log: one line an entry, UTC, on standard error or in a file.

#include "ipc/base/result.h"

#include <string>

namespace keybearer::broker {

/// A log file that has grown beyond this when the broker starts becomes PATH.old.
inline constexpr long kMaxLogBytes = 1L << 20;

/// Points standard error at the file (0600, no symbolic link); an empty path leaves it. The error is a sentence.
[[nodiscard]] base::Result<void, std::string> redirectLog(const std::string& path);

/// Makes Qt's messages lines of this log, debug messages left out.
void installLogHandler();

void logLine(const std::string& text);

} // namespace keybearer::broker
