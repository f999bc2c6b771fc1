#include "daemon/platform/landlock.h"
#include "ipc/base/unique_fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace keybearer::platform {
namespace {

// linux/landlock.h of a current kernel: the libc's headers may be older than the kernel that the broker meets.
constexpr std::uint64_t kExecute = 1U << 0;
constexpr std::uint64_t kWriteFile = 1U << 1;
constexpr std::uint64_t kReadFile = 1U << 2;
constexpr std::uint64_t kReadFolder = 1U << 3;
constexpr std::uint64_t kRemoveFolder = 1U << 4;
constexpr std::uint64_t kRemoveFile = 1U << 5;
constexpr std::uint64_t kMakeFolder = 1U << 7;
constexpr std::uint64_t kMakeFile = 1U << 8;
constexpr std::uint64_t kMakeSocket = 1U << 9;
constexpr std::uint64_t kTruncate = 1U << 14;
constexpr std::uint64_t kScopeSignal = 1U << 1;

constexpr std::uint64_t kRead = kReadFile | kReadFolder;
constexpr std::uint64_t kWrite =
    kRead | kWriteFile | kTruncate | kMakeFile | kMakeFolder | kMakeSocket | kRemoveFile | kRemoveFolder;
/// What can be allowed for a file by itself.
constexpr std::uint64_t kOfFiles = kExecute | kWriteFile | kReadFile | kTruncate;

constexpr int kScopesSince = 6;

/// All rights that a version knows: what is not handled would stay open.
std::uint64_t handledBy(int abi) {
    constexpr std::array<int, 5> kRights{13, 14, 15, 15, 16}; // of versions 1 to 5; later ones add none for files
    const auto at = std::min(static_cast<std::size_t>(abi), kRights.size()) - 1;
    return (std::uint64_t{1} << kRights.at(at)) - 1;
}

class KernelLandlock : public LandlockCalls {
public:
    [[nodiscard]] int abi() override {
        constexpr unsigned kAskVersion = 1;
        return static_cast<int>(::syscall(kCreate, nullptr, 0, kAskVersion));
    }
    [[nodiscard]] int createRuleset(std::uint64_t handledFiles, std::uint64_t scopes) override {
        const struct { std::uint64_t files, net, scopes; } attributes{handledFiles, 0, scopes};
        // An older kernel knows the first member only, and is told of it only.
        const std::size_t size = scopes == 0 ? sizeof attributes.files : sizeof attributes;
        return static_cast<int>(::syscall(kCreate, &attributes, size, 0));
    }
    [[nodiscard]] bool allowBelow(int ruleset, int path, std::uint64_t allowed) override {
        const struct [[gnu::packed]] {
            std::uint64_t allowed;
            std::int32_t path;
        } attributes{allowed, path};
        constexpr int kPathBeneath = 1;
        return ::syscall(kAddRule, ruleset, kPathBeneath, &attributes, 0) == 0;
    }
    [[nodiscard]] bool restrictThread(int ruleset) override { return ::syscall(kRestrict, ruleset, 0) == 0; }

private:
    // The same numbers on every architecture.
    static constexpr long kCreate = 444;
    static constexpr long kAddRule = 445;
    static constexpr long kRestrict = 446;
};

Measure withoutIt(const std::string& why) {
    return {"files", false, "every file of this user is open to the broker: " + why};
}

std::string lastError() {
    return std::strerror(errno);
}

/// Empty: it is allowed, or not there.
std::string allow(LandlockCalls& calls, int ruleset, const std::string& path, std::uint64_t rights) {
    const base::UniqueFd fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0) {
        return {};
    }
    const std::uint64_t possible = S_ISDIR(info.st_mode) ? rights : rights & kOfFiles;
    return calls.allowBelow(ruleset, fd.get(), possible) ? std::string() : path + ": " + lastError();
}

/// The kernel restricts the thread that asks, and those that it starts later.
bool hasOneThread() {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/task"), &::closedir);
    int count = 0;
    while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
        count += entry->d_name[0] == '.' ? 0 : 1;
    }
    return count == 1;
}

} // namespace

LandlockCalls& kernelLandlock() {
    static KernelLandlock calls;
    return calls;
}

Measure restrictFiles(const FileAccess& access, LandlockCalls& calls) {
    const int abi = calls.abi();
    if (abi < 1) {
        return withoutIt("this kernel has no Landlock (Linux 5.13), or it is switched off");
    }
    if (!hasOneThread()) {
        return withoutIt("there are threads already, which Landlock would not reach");
    }
    const std::uint64_t handled = handledBy(abi);
    const base::UniqueFd ruleset(calls.createRuleset(handled, abi >= kScopesSince ? kScopeSignal : 0));
    if (!ruleset) {
        return withoutIt("Landlock makes no set of rules: " + lastError());
    }
    for (const auto& [paths, rights] : {std::pair(&access.readable, kRead), std::pair(&access.writable, kWrite)}) {
        for (const std::string& path : *paths) {
            if (const std::string why = allow(calls, ruleset.get(), path, rights & handled); !why.empty()) {
                return withoutIt("Landlock takes no rule for " + why);
            }
        }
    }
    if (!calls.restrictThread(ruleset.get())) {
        return withoutIt("Landlock does not begin: " + lastError());
    }
    return {"files", true,
            "only the broker's own files are open to it (Landlock, version " + std::to_string(abi) + ")"};
}

} // namespace keybearer::platform
