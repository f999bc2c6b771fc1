#pragma once
/// \file
/// Which process may be answered for by its parent. Pure.

#include "daemon/platform/proc_stat.h"

#include <string_view>

namespace keybearer::identity {

/// Programs that only run the command on their own command line, as `sh -c` does: who started them is who asks. Only
/// those that stay a process of their own are here; env, nice, nohup, setsid and the like become their command. Not
/// here: xargs, find, make (what they run is in files and input), sudo, su, pkexec (another user), ssh (another
/// machine), script, tmux, screen (a terminal of their own).
[[nodiscard]] bool runsItsCommandLine(std::string_view executableName);

/// Programs that become parents of processes that they did not start, or start others on nobody's behalf.
[[nodiscard]] bool isReaper(std::string_view executableName);

/// False when this parent cannot be the one that started the child: the starter has ended, and the system gave the
/// child to another. True is no proof: a reaper in the same session and group would pass, which is why those that are
/// known are refused by name.
[[nodiscard]] bool couldHaveStarted(const platform::ProcStat& parent, bool parentIsShell,
                                    const platform::ProcStat& child);

} // namespace keybearer::identity
