#pragma once
/// \file
/// How a file that configuration names is opened: here, or by a process that still may.

#include "ipc/base/result.h"
#include "ipc/base/unique_fd.h"

#include <functional>
#include <string>

namespace keybearer::base {

/// Opens for reading, without waiting for a pipe's other end. Unless it `followsLink`, a symbolic link at the path's
/// end is ELOOP. The error is an errno. Main thread.
using FileOpener = std::function<Result<UniqueFd, int>(const std::string& path, bool followsLink)>;

/// By this process itself.
[[nodiscard]] FileOpener openHere();

} // namespace keybearer::base
