#pragma once
/// \file
/// What a process that holds secrets does before it touches the first one.

#include <string>
#include <vector>

namespace keybearer::platform {

/// umask 077, no core dumps, not dumpable (no ptrace and no /proc/PID/mem by programs of the same user), and no
/// leftover descriptors from 3 up but `keep`. Returns a sentence for each measure that the system refused: the broker
/// goes on, `doctor` shows them.
[[nodiscard]] std::vector<std::string> hardenProcess(const std::vector<int>& keep);

} // namespace keybearer::platform
