#pragma once
/// \file
/// Which system calls this process may still make (seccomp, seccomp(2)).

#include "daemon/platform/measure.h"

namespace keybearer::platform {

/// Refuses (EPERM) what a broker never needs, to all threads and for good; see the tables in the source. No program is
/// executed, no process started and no other process reached afterwards; a build with a sanitizer keeps what that needs
/// at its end. To be called with PR_SET_NO_NEW_PRIVS set.
[[nodiscard]] Measure restrictSystemCalls();

} // namespace keybearer::platform
