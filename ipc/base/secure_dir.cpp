#include "ipc/base/secure_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace keybearer::base {

Result<void, std::string> checkPrivateDir(const std::string& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
        return fail(path + ": " + std::strerror(errno));
    }
    if (S_ISLNK(info.st_mode)) {
        return fail(path + " is a symbolic link; Keybearer uses a real folder only, remove the link");
    }
    if (!S_ISDIR(info.st_mode)) {
        return fail(path + " is not a folder");
    }
    if (info.st_uid != ::geteuid()) {
        return fail(path + " belongs to user " + std::to_string(info.st_uid) + ", not to user " +
                    std::to_string(::geteuid()) + "; another user may have put it there, remove it");
    }
    if ((info.st_mode & 077U) != 0) {
        return fail(path + " can be entered by other users; run: chmod 700 " + path);
    }
    return {};
}

Result<void, std::string> makePrivateDir(const std::string& path) {
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
        const std::string parent = path.substr(0, slash);
        if (::mkdir(parent.c_str(), 0700) != 0 && errno != EEXIST) {
            return fail("cannot create " + parent + ": " + std::strerror(errno));
        }
    }
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return fail("cannot create " + path + ": " + std::strerror(errno));
    }
    return checkPrivateDir(path);
}

} // namespace keybearer::base
