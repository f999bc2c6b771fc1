#pragma once
/// \file
/// No core dump of a process that secrets pass through.

namespace keybearer::common {

/// To be called first in main(). The process stays dumpable: the broker could not see which program asks
/// (/proc/PID/exe), and whoever could read this process's memory can ask the broker itself.
void refuseCoreDumps();

} // namespace keybearer::common
