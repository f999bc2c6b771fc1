#pragma once
/// \file
/// From a process to the subject: the program on whose behalf it asks.

#include "daemon/identity/refusal.h"
#include "daemon/identity/subject.h"
#include "daemon/platform/process.h"
#include "ipc/base/result.h"

#include <functional>
#include <string>
#include <vector>

namespace keybearer::identity {

/// One of our own programs, as it was when the broker started.
struct FrontEnd {
    std::string path;
    std::string sha256;
    bool isWindow = false; ///< a person sees and clicks it: it speaks for that person, and not for whoever started it
};

/// What examine() must know besides the process.
struct Surroundings {
    std::vector<FrontEnd> frontEnds;
    std::vector<std::string> shells; ///< names of further shells (/etc/shells)
};

/// SHA-256 of a file in lower-case hexadecimal.
using Hashing = std::function<base::Result<std::string, Refusal>(const platform::LocatedFile&)>;

/// Asks the kernel; waits only where `hash` does. Any thread.
///
/// A program of ours (its content is that of one in `frontEnds`: no name makes one) is looked through: the subject is
/// the first ancestor that is none, as long as each is still the child of the next and could have been started by it.
/// A window of ours that asks by itself is the subject, when it was started from the place where it is installed.
/// On that way `sh -c COMMAND` is looked through, too, and what runsItsCommandLine(), when the executable is root's
/// alone, and the copy that a shell makes of itself for a pipe or a `( )`. After all was read, every process on the
/// way must be alive, still execute the same file, and still be the child of the next.
[[nodiscard]] base::Result<Subject, Refusal> examine(const platform::Process& process, const Surroundings& surroundings,
                                                     const Hashing& hash);

} // namespace keybearer::identity
