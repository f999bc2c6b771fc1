#include "daemon/platform/activation.h"

#include <unistd.h>

#include <cstdlib>

namespace keybearer::platform {
namespace {

constexpr int kFirstFd = 3; // SD_LISTEN_FDS_START

} // namespace

base::Result<std::optional<base::UniqueFd>, std::string> activatedSocket() {
    const char* pid = std::getenv("LISTEN_PID");
    const char* count = std::getenv("LISTEN_FDS");
    const bool ours = pid != nullptr && count != nullptr && std::to_string(::getpid()) == pid;
    const std::string sockets = ours ? count : "0";
    for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
        ::unsetenv(name);
    }
    if (sockets == "0") {
        return std::optional<base::UniqueFd>();
    }
    if (sockets != "1") {
        return base::fail("the service manager handed over " + sockets + " sockets and the broker takes one");
    }
    return std::optional(base::UniqueFd(kFirstFd));
}

} // namespace keybearer::platform
