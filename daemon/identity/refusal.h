#pragma once
/// \file
/// Why nobody could be named.

#include "daemon/platform/process.h"

#include <string>

namespace keybearer::identity {

enum class Reason {
    Unsupported,     ///< this system does not say who asks
    Unknown,         ///< the kernel names no process
    Gone,            ///< a process that matters has ended
    Hidden,          ///< one does not let us look: another user's, or not dumpable
    Changed,         ///< it, or a file of it, became another while we looked
    Malformed,       ///< what it shows cannot be
    Unreadable,      ///< a file cannot be read
    TooLarge,        ///< a file is larger than we read
    Orphan,          ///< our front end's starter has ended, or is none
    TooDeep,         ///< too many programs between our front end and who asked for it
    FrontEndChanged, ///< our front end is not the one that was there when the broker started
    FrontEndOld,     ///< ours, it seems, and not in its place any more
    NotYet,          ///< a file must be read first
    Ending,          ///< the broker ends
};

struct Refusal {
    Reason reason = Reason::Unknown;
    std::string sentence; ///< for people; what it quotes of a process is printable and short
    std::string frontEnd; ///< as Subject::frontEnd, when that much was known

    [[nodiscard]] static Refusal of(const platform::ProcessError& error);
};

} // namespace keybearer::identity
