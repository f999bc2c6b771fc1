#pragma once
/// \file
/// Learning that a file was replaced, removed or added: a program by an upgrade, a socket by a logout.

#include "ipc/base/unique_fd.h"

#include <sys/types.h>

#include <string>
#include <vector>

namespace keybearer::platform {

/// Costs nothing while nothing happens. Any thread, one at a time.
class FileWatch {
public:
    /// Of the files at these absolute paths, as they are now, or are not there. The folders above are watched along
    /// with them, as far as they may be read.
    explicit FileWatch(const std::vector<std::string>& paths);

    /// Readable when something has happened to one of them; -1 where nothing can be watched.
    [[nodiscard]] int descriptor() const noexcept { return m_events.get(); }
    /// Takes what has happened off the descriptor.
    void drain() const;
    /// Another file lies at one of the paths, or one where none was, or none where one was.
    [[nodiscard]] bool isReplaced() const;

private:
    struct File {
        std::string path;
        bool isThere;
        dev_t device;
        ino_t inode;

        bool operator==(const File&) const = default;
    };

    static File fileAt(const std::string& path);
    void watchFoldersAbove(std::string path) const;

    base::UniqueFd m_events;
    std::vector<File> m_files;
};

} // namespace keybearer::platform
