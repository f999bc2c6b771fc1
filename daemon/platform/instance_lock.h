#pragma once
/// \file
/// One broker for each data folder.

#include "ipc/base/result.h"
#include "ipc/base/unique_fd.h"

#include <string>

namespace keybearer::platform {

/// Holds flock(2) on `broker.lock`; the kernel lets go when the process ends, however it ends. The file tells people
/// and second brokers who holds it: "PID SOCKET", and the end of that line once it serves there.
class InstanceLock {
public:
    struct Busy {
        std::string holder; ///< a sentence: who serves this folder, and where
        bool taken = false; ///< false: the lock could not be tried at all
        std::string socket; ///< of the holder, as far as it is known
    };

    [[nodiscard]] static base::Result<InstanceLock, Busy> acquire(const std::string& folder, const std::string& socket);
    /// The holder listens on the socket that it named. Where that cannot be written, nobody is told.
    void tellServing() const;

private:
    explicit InstanceLock(base::UniqueFd fd) : m_fd(std::move(fd)) {}

    base::UniqueFd m_fd;
};

} // namespace keybearer::platform
