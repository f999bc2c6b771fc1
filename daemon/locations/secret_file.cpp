#include "daemon/locations/secret_file.h"

#include "ipc/base/text.h"
#include "ipc/base/unique_fd.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace keybearer::locations {
namespace {

constexpr std::size_t kMaxShownPath = 200;

bool isTrusted(const struct stat& info) {
    return info.st_uid == ::geteuid() || info.st_uid == 0;
}

/// Empty: it may be read.
std::string fileProblem(const struct stat& info, Readers readers) {
    if (!S_ISREG(info.st_mode)) {
        return "is not a regular file";
    }
    if (!isTrusted(info)) {
        return "belongs to user " + std::to_string(info.st_uid) + "; it must be yours or root's";
    }
    if ((info.st_mode & 022U) != 0) {
        return "can be written by other users; run chmod go-w on it";
    }
    if (readers == Readers::OwnerOnly && (info.st_mode & 077U) != 0) {
        return "can be read by other users; run chmod 600 on it, and make a new key if they are not to be trusted";
    }
    return {};
}

/// The bytes, at most `limit`.
base::Result<base::Secret, std::string> readUpTo(int fd, std::size_t limit) {
    base::Secret buffer = base::Secret::ofSize(limit);
    std::size_t size = 0;
    while (size < limit) {
        const ssize_t count = ::read(fd, buffer.mutableBytes().data() + size, limit - size);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return base::fail(std::string(std::strerror(errno)));
        }
        if (count == 0) {
            break;
        }
        size += static_cast<std::size_t>(count);
    }
    return base::Secret(buffer.reveal().substr(0, size));
}

} // namespace

base::Result<std::optional<base::Secret>, std::string>
readSecretFile(const base::FileOpener& open, const std::string& path, std::size_t maxBytes, Readers readers) {
    const auto problem = [&](const std::string& what) {
        return base::fail(base::printable(path, kMaxShownPath) + " " + what);
    };
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        return problem(std::string("cannot be looked at: ") + std::strerror(errno));
    }
    const bool isLink = S_ISLNK(info.st_mode);
    if (isLink && !isTrusted(info)) {
        return problem("is a symbolic link of user " + std::to_string(info.st_uid) + "; it must be yours or root's");
    }
    const auto fd = open(path, isLink); // what was no link must not have become one meanwhile
    if (!fd) {
        return problem(isLink && fd.error() == ENOENT ? "is a symbolic link to nowhere"
                                                      : std::string("cannot be opened: ") + std::strerror(fd.error()));
    }
    if (::fstat(fd->get(), &info) != 0) {
        return problem(std::string("cannot be looked at: ") + std::strerror(errno));
    }
    if (const std::string why = fileProblem(info, readers); !why.empty()) {
        return problem(why);
    }
    auto content = readUpTo(fd->get(), maxBytes + 1);
    if (!content) {
        return problem("cannot be read: " + content.error());
    }
    if (content->size() > maxBytes) {
        return problem("is larger than the " + std::to_string(maxBytes) + " bytes that such a value may have");
    }
    return std::optional(std::move(*content));
}

bool exists(const std::string& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 || errno != ENOENT;
}

} // namespace keybearer::locations
