#pragma once
/// \file
/// Who is at the other end of a local socket, by the kernel's word.

#include "ipc/base/unique_fd.h"

#include <cstdint>
#include <optional>
#include <string>

namespace keybearer::platform {

/// The peer as it was when it connected. `exe` is a hint for people and records, not proof: programs of one user can
/// imitate one another (SECURITY.md).
struct Peer {
    std::uint32_t uid = 0;
    std::int32_t pid = 0; ///< 0: the kernel did not say
    std::string exe;      ///< resolved /proc/PID/exe, or empty when it cannot be read
};

/// Kernel credentials of a connected AF_UNIX socket; nullopt when the kernel does not give them (then refuse).
[[nodiscard]] std::optional<Peer> peerOf(int socket);

} // namespace keybearer::platform
