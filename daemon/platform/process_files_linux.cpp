// The files of a process: what it executes, what it was told to, what it is shut in.
#include "daemon/platform/process.h"
#include "ipc/base/secret.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

namespace keybearer::platform {
namespace {

constexpr std::size_t kMaxCgroupBytes = 64 * 1024;
constexpr std::size_t kMaxLabelBytes = 4096;
constexpr std::size_t kMaxEnvironmentBytes = 256 * 1024;
constexpr std::string_view kDeleted = " (deleted)";

struct FileLook {
    FileId id;
    bool isRegular = false;
    long system = 0; ///< magic number of the file system
};

std::optional<FileLook> lookAt(const LocatedFile& file) {
    struct stat info {};
    struct statfs system {};
    const auto id = currentId(file);
    if (!id || ::fstat(file.handle.get(), &info) != 0 || ::fstatfs(file.handle.get(), &system) != 0) {
        return std::nullopt;
    }
    return FileLook{*id, S_ISREG(info.st_mode), static_cast<long>(system.f_type)};
}

/// Where a descriptor leads; empty when the system does not say.
std::string linkOf(int folder, const char* name) {
    char target[PATH_MAX];
    const ssize_t length = ::readlinkat(folder, name, target, sizeof target);
    return length > 0 ? std::string(target, static_cast<std::size_t>(length)) : std::string();
}

bool leadsTo(const std::string& path, const FileId& id) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 && info.st_dev == id.device && info.st_ino == id.inode;
}

/// Path, place and owner from what the link of the descriptor says.
void place(LocatedFile& file, std::string link, bool sharesFiles) {
    file.path = std::move(link);
    if (sharesFiles && leadsTo(file.path, file.id)) {
        file.isInPlace = true; // also where the file's name really ends in "(deleted)"
        file.isRootOwned = !file.isOnFuse && isRootsAlone(file.path);
    } else if (file.path.ends_with(kDeleted)) {
        file.path.resize(file.path.size() - kDeleted.size());
    }
}

/// An absolute or relative path without the links of /proc/self/fd and the like, which would lead to our own files.
int openPlainly(int folder, const char* path, std::uint64_t flags) {
    open_how how{};
    how.flags = flags | O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(::syscall(SYS_openat2, folder, path, &how, sizeof how));
}

/// A regular file of a file system that holds files.
std::optional<LocatedFile> locate(int folder, const std::string& path) {
    LocatedFile file;
    file.handle.reset(openPlainly(folder, path.c_str(), 0));
    const auto look = file.handle ? lookAt(file) : std::nullopt;
    if (!look || !look->isRegular || look->system == PROC_SUPER_MAGIC) {
        return std::nullopt;
    }
    file.id = look->id;
    file.isOnFuse = look->system == FUSE_SUPER_MAGIC;
    place(file, linkOf(AT_FDCWD, ("/proc/self/fd/" + std::to_string(file.handle.get())).c_str()), true);
    return file;
}

std::string valueOf(std::string_view environment, std::string_view name) {
    while (!environment.empty()) {
        const std::string_view entry = environment.substr(0, environment.find('\0'));
        environment.remove_prefix(std::min(entry.size() + 1, environment.size()));
        if (entry.starts_with(name) && entry.substr(name.size()).starts_with('=')) {
            return std::string(entry.substr(name.size() + 1));
        }
    }
    return {};
}

} // namespace

std::optional<LocatedFile> locateFile(const std::string& path) {
    return locate(AT_FDCWD, path);
}

ProcessResult<LocatedFile> Process::executable() const {
    LocatedFile file;
    file.handle.reset(::openat(m_folder.get(), "exe", O_PATH | O_CLOEXEC));
    if (!file.handle) {
        return base::fail(failure(errno));
    }
    const auto look = lookAt(file);
    const std::string link = linkOf(m_folder.get(), "exe");
    if (!look || link.empty()) {
        return base::fail(failure(isAlive() ? EACCES : ESRCH));
    }
    if (!look->isRegular) {
        return base::fail(error(ProcessFault::Malformed, "executes something that is no file"));
    }
    file.id = look->id;
    file.isOnFuse = look->system == FUSE_SUPER_MAGIC;
    const auto shares = sharesFiles();
    if (!shares) {
        return base::fail(shares.error());
    }
    place(file, link, *shares);
    return file;
}

ProcessResult<LocatedFile> Process::fileAt(const std::string& path) const {
    const base::UniqueFd folder(::openat(m_folder.get(), "cwd", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder) {
        return base::fail(failure(errno));
    }
    auto file = locate(folder.get(), path);
    if (!file) {
        return base::fail(error(ProcessFault::Malformed, "names a file that cannot be found from its folder"));
    }
    return std::move(*file);
}

ProcessResult<bool> Process::shares(const char* link, const char* ours) const {
    struct stat its {};
    struct stat own {};
    if (::fstatat(m_folder.get(), link, &its, 0) != 0) {
        return base::fail(failure(errno));
    }
    return ::stat(ours, &own) == 0 && its.st_dev == own.st_dev && its.st_ino == own.st_ino;
}

ProcessResult<bool> Process::sharesFiles() const {
    auto mounts = shares("ns/mnt", "/proc/self/ns/mnt");
    return mounts && *mounts ? shares("root", "/") : mounts;
}

ProcessResult<Sandbox> Process::sandbox(const LocatedFile& executable) const {
    const auto sharesMounts = sharesFiles();
    const auto sharesPids = shares("ns/pid", "/proc/self/ns/pid");
    if (!sharesMounts || !sharesPids) {
        return base::fail(sharesMounts ? sharesPids.error() : sharesMounts.error());
    }
    SandboxSigns signs;
    signs.sharesFiles = *sharesMounts;
    signs.sharesProcesses = *sharesPids;
    signs.executable = executable.path;
    signs.executableOnFuse = executable.isOnFuse;
    signs.securityLabel = read("attr/current", kMaxLabelBytes).value_or(std::string()); // none without such a module
    signs.cgroup = read("cgroup", kMaxCgroupBytes).value_or(std::string());
    if (executable.isOnFuse) {
        if (auto environment = read("environ", kMaxEnvironmentBytes)) {
            const auto secret = base::Secret::absorb(std::move(*environment)); // others' secrets may be in it
            signs.appImage = valueOf(secret.reveal(), "APPIMAGE");
        }
    }
    if (!signs.sharesFiles) {
        const base::UniqueFd root(::openat(m_folder.get(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
        LocatedFile info;
        info.handle.reset(root ? openPlainly(root.get(), ".flatpak-info", O_NOFOLLOW) : -1);
        if (!info.handle && errno != ENOENT) {
            return base::fail(failure(errno));
        }
        if (info.handle) {
            std::string text(kMaxFlatpakInfoBytes + 1, '\0');
            const auto look = lookAt(info);
            const auto fd = openForReading(info);
            const auto size = look && look->isRegular && fd
                                  ? readAt(fd->get(), 0, {reinterpret_cast<unsigned char*>(text.data()), text.size()})
                                  : std::nullopt;
            if (!size) {
                return base::fail(error(ProcessFault::Malformed, "has a .flatpak-info that cannot be read"));
            }
            text.resize(*size);
            signs.flatpakInfo = std::move(text);
        }
    }
    auto sandbox = sandboxOf(signs);
    if (!sandbox) {
        return base::fail(error(ProcessFault::Malformed, "is shut in, and " + sandbox.error()));
    }
    return std::move(*sandbox);
}

} // namespace keybearer::platform
