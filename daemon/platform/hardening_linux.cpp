#include "daemon/platform/hardening.h"

#include <dirent.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace keybearer::platform {
namespace {

/// Descriptors that the starter left open would outlive it here, and could be anything.
bool closeOtherDescriptors(const std::vector<int>& keep) {
    DIR* folder = ::opendir("/proc/self/fd");
    if (folder == nullptr) {
        return false;
    }
    std::vector<int> strays;
    while (const dirent* entry = ::readdir(folder)) {
        const int fd = std::atoi(entry->d_name);
        if (fd > 2 && fd != ::dirfd(folder) && std::ranges::find(keep, fd) == keep.end()) {
            strays.push_back(fd);
        }
    }
    ::closedir(folder);
    for (const int fd : strays) {
        ::close(fd);
    }
    return true;
}

} // namespace

std::vector<Measure> hardenProcess(const std::vector<int>& keep) {
    std::vector<Measure> measures;
    const auto expect = [&measures](const char* name, bool done, const char* good, const char* bad) {
        measures.push_back({name, done, done ? good : std::string(bad) + ": " + std::strerror(errno)});
    };
    ::umask(077);
    expect("descriptors", closeOtherDescriptors(keep), "none of the starter's is left open",
           "descriptors of the starter could not be closed");
    const rlimit none{0, 0};
    expect("core dumps", ::setrlimit(RLIMIT_CORE, &none) == 0, "core dumps are off",
           "core dumps could not be switched off");
    expect("memory", ::prctl(PR_SET_DUMPABLE, 0) == 0, "other programs of this user cannot read the broker's memory",
           "other programs of this user could not be kept from reading memory");
    expect("privileges", ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "the broker cannot gain any",
           "gaining privileges could not be switched off");
    return measures;
}

} // namespace keybearer::platform
