#include "daemon/platform/file_watch.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace keybearer::platform {

namespace {

/// Empty above the root folder, and for a path without folders.
std::string folderOf(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

} // namespace

FileWatch::File FileWatch::fileAt(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? File{path, true, info.st_dev, info.st_ino} : File{path, false, 0, 0};
}

FileWatch::FileWatch(const std::vector<std::string>& paths) : m_events(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    for (const std::string& path : paths) {
        m_files.push_back(fileAt(path));
        if (m_files.back().isThere) {
            // IN_ATTRIB: its count of links is another one. While it is run, or bound, what was replaced is not
            // deleted.
            ::inotify_add_watch(m_events.get(), path.c_str(), IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF);
        } else {
            ::inotify_add_watch(m_events.get(), folderOf(path).c_str(),
                                IN_CREATE | IN_MOVED_TO | IN_MASK_ADD | IN_ONLYDIR);
        }
        watchFoldersAbove(path);
    }
}

void FileWatch::watchFoldersAbove(std::string path) const {
    for (path = folderOf(path); !path.empty(); path = folderOf(path)) {
        ::inotify_add_watch(m_events.get(), path.c_str(), IN_MOVE_SELF | IN_DELETE_SELF | IN_MASK_ADD | IN_ONLYDIR);
    }
}

void FileWatch::drain() const {
    std::array<char, 4096> events;
    while (::read(m_events.get(), events.data(), events.size()) > 0) {
    }
}

bool FileWatch::isReplaced() const {
    return std::ranges::any_of(m_files, [](const File& file) { return fileAt(file.path) != file; });
}

} // namespace keybearer::platform
