#pragma once
/// \file
/// An older broker that meets the files of a newer one.

#include "ipc/base/paths.h"
#include "ipc/base/result.h"

#include <string>

namespace keybearer::broker {

/// Fails with a sentence when a newer Keybearer has written one of the files that say their version. Nothing is
/// changed. Files that are damaged are for those who open them to tell.
[[nodiscard]] base::Result<void, std::string> refuseNewerFiles(const base::Paths& paths);

} // namespace keybearer::broker
