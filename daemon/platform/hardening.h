#pragma once
/// \file
/// What a process that holds secrets does before it touches the first one.

#include "daemon/platform/measure.h"

#include <vector>

namespace keybearer::platform {

/// umask 077, no core dumps, not dumpable (no ptrace and no /proc/PID/mem by programs of the same user), and no
/// leftover descriptors from 3 up but `keep`. The broker goes on where the system refused one; `doctor` shows them all.
[[nodiscard]] std::vector<Measure> hardenProcess(const std::vector<int>& keep);

} // namespace keybearer::platform
