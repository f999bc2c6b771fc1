#include "ipc/base/file.h"

#include "ipc/base/unique_fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace keybearer::base {
namespace {

std::string systemError(const std::string& path) {
    return path + ": " + std::strerror(errno);
}

bool writeAll(int fd, std::string_view content) {
    while (!content.empty()) {
        const ssize_t n = ::write(fd, content.data(), content.size());
        if (n < 0 && errno != EINTR) {
            return false;
        }
        content.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
    }
    return true;
}

} // namespace

Result<std::optional<std::string>, std::string> readSmallFile(const std::string& path, std::size_t limit) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd) {
        return errno == ENOENT ? Result<std::optional<std::string>, std::string>(std::nullopt)
                               : fail(systemError(path));
    }
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return fail(path + " is not a regular file");
    }
    std::string content;
    char chunk[16384];
    for (;;) {
        const ssize_t n = ::read(fd.get(), chunk, sizeof chunk);
        if (n == 0) {
            return std::optional(std::move(content));
        }
        if (n < 0 && errno != EINTR) {
            return fail(systemError(path));
        }
        content.append(chunk, n > 0 ? static_cast<std::size_t>(n) : 0);
        if (content.size() > limit) {
            return fail(path + " is larger than " + std::to_string(limit) + " bytes");
        }
    }
}

Result<void, std::string> replaceFile(const std::string& path, std::string_view content) {
    const std::string beside = path + ".new";
    ::unlink(beside.c_str()); // a leftover of a crash
    const UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd || !writeAll(fd.get(), content) || ::fsync(fd.get()) != 0 || ::rename(beside.c_str(), path.c_str()) != 0) {
        const std::string why = systemError(beside);
        ::unlink(beside.c_str());
        return fail("cannot write " + why);
    }
    const UniqueFd folder(::open(path.substr(0, path.rfind('/') + 1).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0) {
        return fail("cannot sync the folder of " + systemError(path));
    }
    return {};
}

} // namespace keybearer::base
