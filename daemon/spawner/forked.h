#pragma once
/// \file
/// A process of this program's own, forked before the broker is confined.

#include "ipc/base/result.h"
#include "ipc/base/unique_fd.h"

#include <cstdint>
#include <functional>
#include <string>

namespace keybearer::spawner {

struct Forked {
    base::UniqueFd socket; ///< frames (frames.h); closed when the process has ended
    std::int32_t pid = 0;  ///< our child
};

/// Runs `body` with the other end of the socket in a process that has its own session, is called `name` (15 characters
/// at most), is not dumpable, leaves no core, has umask 077, no descriptor of the starter's and `/` for its folder, and
/// is not ended by the signals that end a broker: it is to go when the socket is closed, and `body` to return then.
/// Call it with one thread, before anything is opened or read. The error is a sentence.
[[nodiscard]] base::Result<Forked, std::string> forkHelper(const char* name,
                                                           const std::function<void(int socket)>& body);

} // namespace keybearer::spawner
