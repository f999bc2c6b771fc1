#pragma once
/// \file
/// Which files this process may still open (Landlock, Documentation/userspace-api/landlock.rst of Linux).

#include "daemon/platform/measure.h"

#include <cstdint>
#include <string>
#include <vector>

namespace keybearer::platform {

/// Absolute paths; a folder means all below it, now and later. What is not there is passed by: it stays closed when it
/// appears.
struct FileAccess {
    std::vector<std::string> readable;
    std::vector<std::string> writable; ///< read, write, make and remove files, folders and sockets
};

/// The kernel's part, so that a test can be another kernel. Each call fails with errno.
class LandlockCalls {
public:
    LandlockCalls() = default;
    LandlockCalls(const LandlockCalls&) = delete;
    LandlockCalls& operator=(const LandlockCalls&) = delete;
    virtual ~LandlockCalls() = default;

    /// Version of the interface, from 1; below that there is none.
    [[nodiscard]] virtual int abi() = 0;
    /// A descriptor, or -1. `scopes` is for version 6 and later.
    [[nodiscard]] virtual int createRuleset(std::uint64_t handledFiles, std::uint64_t scopes) = 0;
    [[nodiscard]] virtual bool allowBelow(int ruleset, int path, std::uint64_t allowed) = 0;
    [[nodiscard]] virtual bool restrictThread(int ruleset) = 0;
};

[[nodiscard]] LandlockCalls& kernelLandlock();

/// Closes everything else to this process for good, and signals to processes that were not started by it (Linux 6.12).
/// Descriptors that are open stay so; sockets can be connected to as before. The kernel keeps whom it restricts from
/// looking into other processes, too: /proc/PID/exe cannot be read afterwards. To be called while there is one thread,
/// with PR_SET_NO_NEW_PRIVS set.
[[nodiscard]] Measure restrictFiles(const FileAccess& access, LandlockCalls& calls = kernelLandlock());

} // namespace keybearer::platform
