#pragma once
/// \file
/// One process of the helper, from fork to its end.

#include "ipc/base/unique_fd.h"

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace keybearer::spawner {

/// A forked child that waits for release() before it goes on.
struct HelperChild {
    std::uint32_t id = 0; ///< the broker's number for it
    pid_t pid = 0;        ///< its session and group, too
    base::UniqueFd gate;  ///< a byte lets it go on; afterwards it tells why the program could not be started

    /// `pid` is 0 when there could be no child; errno says why. `output` becomes its standard output. `body` returns
    /// with errno when it could not become what it is for.
    [[nodiscard]] static HelperChild fork(std::uint32_t id, int output, const std::function<void()>& body);
    void release() const;
    /// After its end: an errno, or 0 when the program was started.
    [[nodiscard]] int startError() const;
    /// Its whole group. Only before it has been waited for: afterwards its number may be another's.
    void kill() const;
};

/// The body of a command: ends in the program. As execvp(3), but a file that is no program does not become a shell's
/// script.
void execute(const std::vector<std::string>& words);

} // namespace keybearer::spawner
