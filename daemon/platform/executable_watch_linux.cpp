#include "daemon/platform/executable_watch.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>

namespace keybearer::platform {

ExecutableWatch ExecutableWatch::ofThisProcess() {
    std::array<char, PATH_MAX> path{};
    const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
    return ExecutableWatch(std::string(path.data(), size > 0 ? static_cast<std::size_t>(size) : 0));
}

ExecutableWatch::ExecutableWatch(std::string path) : m_path(std::move(path)) {
    struct stat info {};
    if (::stat(m_path.c_str(), &info) != 0) {
        return;
    }
    m_device = info.st_dev;
    m_inode = info.st_ino;
    base::UniqueFd events(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    // IN_ATTRIB: its count of links is another one. While it runs, a file that was replaced is not deleted.
    if (events && ::inotify_add_watch(events.get(), m_path.c_str(), IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF) >= 0) {
        m_events = std::move(events);
    }
}

void ExecutableWatch::drain() const {
    std::array<char, 4096> events;
    while (::read(m_events.get(), events.data(), events.size()) > 0) {
    }
}

bool ExecutableWatch::isReplaced() const {
    struct stat info {};
    return m_events && (::stat(m_path.c_str(), &info) != 0 || info.st_dev != m_device || info.st_ino != m_inode);
}

} // namespace keybearer::platform
