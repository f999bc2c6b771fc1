#include "daemon/platform/instance_lock.h"

#include "ipc/base/text.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace keybearer::platform {

base::Result<InstanceLock, InstanceLock::Busy> InstanceLock::acquire(const std::string& folder,
                                                                     const std::string& socket) {
    const std::string path = folder + "/broker.lock";
    base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) {
        return base::fail(Busy{"cannot open " + path + ": " + std::strerror(errno), false, {}});
    }
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        char said[256];
        const ssize_t size = ::pread(fd.get(), said, sizeof said, 0);
        std::string holder(said, size > 0 ? static_cast<std::size_t>(size) : 0);
        holder.resize(std::min(holder.find('\n'), holder.size()));
        const auto space = holder.find(' ');
        std::string its = space == std::string::npos ? std::string() : holder.substr(space + 1);
        return base::fail(Busy{"another broker (pid " + base::printable(holder.substr(0, space), 12) +
                                   ") serves this data folder on " + base::printable(its.empty() ? "?" : its),
                               true, std::move(its)});
    }
    const std::string content = std::to_string(::getpid()) + ' ' + socket;
    if (::ftruncate(fd.get(), 0) != 0 ||
        ::pwrite(fd.get(), content.data(), content.size(), 0) != static_cast<ssize_t>(content.size())) {
        return base::fail(Busy{"cannot write " + path + ": " + std::strerror(errno), false, {}});
    }
    return InstanceLock(std::move(fd));
}

void InstanceLock::tellServing() const {
    [[maybe_unused]] const ssize_t written = ::pwrite(m_fd.get(), "\n", 1, ::lseek(m_fd.get(), 0, SEEK_END));
}

} // namespace keybearer::platform
