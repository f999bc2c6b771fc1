#include "daemon/platform/file_watch.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace keybearer::platform {

FileWatch::FileWatch(const std::vector<std::string>& paths) : m_events(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    for (const std::string& path : paths) {
        struct stat info {};
        // IN_ATTRIB: its count of links is another one. While it is run, or bound, what was replaced is not deleted.
        if (m_events && ::stat(path.c_str(), &info) == 0 &&
            ::inotify_add_watch(m_events.get(), path.c_str(), IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF) >= 0) {
            m_files.push_back({path, info.st_dev, info.st_ino});
            watchFoldersAbove(path);
        }
    }
}

void FileWatch::watchFoldersAbove(std::string path) const {
    for (auto slash = path.rfind('/'); slash != 0 && slash != std::string::npos; slash = path.rfind('/')) {
        path.resize(slash);
        ::inotify_add_watch(m_events.get(), path.c_str(), IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR);
    }
}

void FileWatch::drain() const {
    std::array<char, 4096> events;
    while (::read(m_events.get(), events.data(), events.size()) > 0) {
    }
}

bool FileWatch::isReplaced() const {
    return std::ranges::any_of(m_files, [](const File& file) {
        struct stat info {};
        return ::stat(file.path.c_str(), &info) != 0 || info.st_dev != file.device || info.st_ino != file.inode;
    });
}

} // namespace keybearer::platform
