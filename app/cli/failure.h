#pragma once
/// \file
/// How a verb that failed says so: one sentence and what to do, or the error as JSON.

#include "ipc/client/client.h"

#include <string>

namespace keybearer::cli {

/// An error of this program's own. `kind` follows the same rule as the broker's `data.kind`.
[[nodiscard]] client::Error failure(const char* kind, std::string message, int exitCode);
/// A command line that makes no sense: exit code 2.
[[nodiscard]] client::Error usageError(std::string message);

/// The text for a person: "keybearer: ..." and, on further lines, what to do.
[[nodiscard]] std::string failureText(const client::Error& error);
/// The object for a program: {"error": {"kind", "message", "data"}}.
[[nodiscard]] nlohmann::json failureJson(const client::Error& error);

/// Reports on standard error, or as JSON on standard output, and gives the exit code.
[[nodiscard]] int report(const client::Error& error, bool asJson);

} // namespace keybearer::cli
