#include "daemon/platform/located_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace keybearer::platform {
namespace {

constexpr mode_t kWritableByOthers = 022;

bool isRootsOwn(int fd) {
    struct stat info {};
    struct statfs system {};
    return ::fstat(fd, &info) == 0 && info.st_uid == 0 && (info.st_mode & kWritableByOthers) == 0 &&
           !S_ISLNK(info.st_mode) && ::fstatfs(fd, &system) == 0 && system.f_type != FUSE_SUPER_MAGIC;
}

} // namespace

std::optional<FileId> currentId(const LocatedFile& file) {
    struct stat info {};
    if (::fstat(file.handle.get(), &info) != 0) {
        return std::nullopt;
    }
    constexpr std::int64_t kNsOfSecond = 1'000'000'000;
    return FileId{info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size),
                  info.st_ctim.tv_sec * kNsOfSecond + info.st_ctim.tv_nsec};
}

base::Result<base::UniqueFd, std::string> openForReading(const LocatedFile& file) {
    const std::string handle = "/proc/self/fd/" + std::to_string(file.handle.get());
    base::UniqueFd fd(::open(handle.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd) {
        return base::fail(std::string("cannot be read: ") + std::strerror(errno));
    }
    return fd;
}

std::optional<std::size_t> readAt(int fd, std::uint64_t offset, std::span<unsigned char> into) {
    std::size_t size = 0;
    while (size < into.size()) {
        const ssize_t count = ::pread(fd, into.data() + size, into.size() - size, static_cast<off_t>(offset + size));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return std::nullopt;
        }
        if (count == 0) {
            break;
        }
        size += static_cast<std::size_t>(count);
    }
    return size;
}

bool isRootsAlone(const std::string& path) {
    if (!path.starts_with('/')) {
        return false;
    }
    base::UniqueFd place(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    std::string_view rest = path;
    // One step after another, each from the one that was looked at: nobody can put another folder in between.
    while (place && isRootsOwn(place.get())) {
        rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
        if (rest.empty()) {
            return true;
        }
        const std::string name(rest.substr(0, rest.find('/')));
        rest.remove_prefix(name.size());
        place.reset(::openat(place.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    }
    return false;
}

} // namespace keybearer::platform
