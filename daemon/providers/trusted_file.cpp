#include "daemon/providers/trusted_file.h"

#include "ipc/base/text.h"
#include "ipc/base/unique_fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

namespace keybearer::providers {
namespace {

constexpr std::string_view kSuffix = ".toml";

std::string openProblem(const std::string& shownName) {
    switch (errno) {
    case ELOOP: return shownName + ": is a symbolic link; put the file itself there";
    case ENOTDIR: return shownName + ": is not a folder, or a symbolic link to one; make it a real folder";
    default: return shownName + ": " + std::strerror(errno);
    }
}

/// Empty: nobody but us and root can change it.
std::string ownerProblem(int fd, const std::string& path, const std::string& shownName) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) {
        return openProblem(shownName);
    }
    if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) {
        return shownName + ": is not a regular file";
    }
    if (info.st_uid != ::geteuid() && info.st_uid != 0) {
        return shownName + ": belongs to user " + std::to_string(info.st_uid) + "; it must be yours or root's";
    }
    if ((info.st_mode & 022U) != 0) {
        return shownName + ": can be written by other users; run: chmod go-w " + base::printable(path);
    }
    return {};
}

} // namespace

base::Result<std::optional<std::string>, std::string> readTrustedFile(const std::string& path,
                                                                      const std::string& shownName) {
    // O_NONBLOCK: opening a pipe must not hang.
    const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        return base::fail(openProblem(shownName));
    }
    if (std::string problem = ownerProblem(fd.get(), path, shownName); !problem.empty()) {
        return base::fail(std::move(problem));
    }
    std::string text(kMaxConfigBytes + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t n = ::read(fd.get(), text.data() + size, text.size() - size);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return base::fail(openProblem(shownName));
        }
        if (n == 0) {
            break;
        }
        size += static_cast<std::size_t>(n);
    }
    if (size > kMaxConfigBytes) {
        return base::fail(shownName + ": is larger than 64 KiB; shorten it");
    }
    text.resize(size);
    return text;
}

base::Result<std::vector<std::string>, std::string> listTrustedFolder(const std::string& path,
                                                                      const std::string& shownName) {
    base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) {
        if (errno == ENOENT) {
            return std::vector<std::string>{};
        }
        return base::fail(openProblem(shownName));
    }
    if (std::string problem = ownerProblem(fd.get(), path, shownName); !problem.empty()) {
        return base::fail(std::move(problem));
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(fd.get()), &::closedir);
    if (!folder) {
        return base::fail(openProblem(shownName));
    }
    static_cast<void>(fd.release()); // now the folder's
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(folder.get())) {
        const std::string_view name = entry->d_name;
        if (name.ends_with(kSuffix) && !name.starts_with('.')) {
            names.emplace_back(name);
        }
    }
    std::ranges::sort(names);
    return names;
}

} // namespace keybearer::providers
