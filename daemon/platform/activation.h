#pragma once
/// \file
/// Sockets that a service manager opened for us (sd_listen_fds(3)).

#include "ipc/base/result.h"
#include "ipc/base/unique_fd.h"

#include <optional>
#include <string>

namespace keybearer::platform {

/// The socket of LISTEN_FDS, when LISTEN_PID names this process; nullopt when there is none. More than one is an error.
/// Call once, before anything else opens descriptors; the variables are removed from the environment.
[[nodiscard]] base::Result<std::optional<base::UniqueFd>, std::string> activatedSocket();

} // namespace keybearer::platform
