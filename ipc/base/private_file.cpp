#include "ipc/base/private_file.h"

#include "ipc/base/unique_fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace keybearer::base {
namespace {

std::string because(const std::string& what, const std::string& path) {
    return what + " " + path + ": " + std::strerror(errno);
}

/// Why the open file must not be trusted; empty when it may be.
std::string objection(const struct stat& info, const std::string& path) {
    if (!S_ISREG(info.st_mode)) {
        return path + " is not a regular file; move it away";
    }
    if (info.st_uid != ::geteuid()) {
        return path + " belongs to user " + std::to_string(info.st_uid) + ", not to user " +
               std::to_string(::geteuid()) + "; another user may have put it there, move it away";
    }
    if ((info.st_mode & 07777U) != 0600U) {
        return path + " must be readable and writable by its owner only; run: chmod 600 " + path;
    }
    return {};
}

std::string folderOf(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

bool writeAll(int fd, std::string_view contents) {
    while (!contents.empty()) {
        const ssize_t written = ::write(fd, contents.data(), contents.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        contents.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return true;
}

Result<void, std::string> syncFolder(const std::string& path) {
    const std::string folder = folderOf(path);
    const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) {
        return fail(because("cannot write the folder", folder));
    }
    return {};
}

} // namespace

Result<std::optional<Secret>, std::string> readPrivateFile(const std::string& path, std::size_t limit) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd && errno == ENOENT) {
        return std::nullopt;
    }
    if (!fd && errno == ELOOP) {
        return fail(path + " is a symbolic link; Keybearer reads a real file only, remove the link");
    }
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0) {
        return fail(because("cannot read", path));
    }
    if (std::string problem = objection(info, path); !problem.empty()) {
        return fail(std::move(problem));
    }
    if (static_cast<std::size_t>(info.st_size) > limit) {
        return fail(path + " is larger than " + std::to_string(limit) + " bytes");
    }
    Secret contents = Secret::ofSize(static_cast<std::size_t>(info.st_size));
    const std::span<unsigned char> bytes = contents.mutableBytes();
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t got = ::read(fd.get(), bytes.data() + have, bytes.size() - have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return fail(got == 0 ? path + " changed while it was read" : because("cannot read", path));
        }
        have += static_cast<std::size_t>(got);
    }
    return contents;
}

Result<void, std::string> writePrivateFile(const std::string& path, std::string_view contents) {
    const std::string fresh = path + ".new";
    // What a killed broker left. O_EXCL then refuses whatever else somebody puts there.
    ::unlink(fresh.c_str());
    UniqueFd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) {
        return fail(because("cannot create", fresh));
    }
    // fchmod: the umask may have taken away even the owner's bits.
    const bool written = ::fchmod(fd.get(), 0600) == 0 && writeAll(fd.get(), contents) && ::fsync(fd.get()) == 0;
    if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) {
        const std::string problem = because("cannot write", written ? path : fresh);
        ::unlink(fresh.c_str());
        return fail(problem);
    }
    return syncFolder(path);
}

Result<void, std::string> removePrivateFile(const std::string& path) {
    if (::unlink(path.c_str()) != 0) {
        if (errno == ENOENT) {
            return {};
        }
        return fail(because("cannot remove", path));
    }
    return syncFolder(path);
}

} // namespace keybearer::base
