#pragma once
/// \file
/// Learning that this process's executable was replaced or removed, as by an upgrade.

#include "ipc/base/unique_fd.h"

#include <sys/types.h>

#include <string>

namespace keybearer::platform {

/// Costs nothing while nothing happens. Any thread, one at a time.
class ExecutableWatch {
public:
    /// Make it before the process gives up files. Where nothing can be watched descriptor() is -1.
    [[nodiscard]] static ExecutableWatch ofThisProcess();
    /// Of the file at `path`, as it is now.
    explicit ExecutableWatch(std::string path);

    /// Readable when something has happened to the file.
    [[nodiscard]] int descriptor() const noexcept { return m_events.get(); }
    /// Takes what has happened off the descriptor.
    void drain() const;
    /// Another file, or none, lies at the path.
    [[nodiscard]] bool isReplaced() const;

private:
    std::string m_path;
    base::UniqueFd m_events;
    dev_t m_device = 0;
    ino_t m_inode = 0;
};

} // namespace keybearer::platform
