#include "ipc/base/file_opener.h"

#include <fcntl.h>

#include <cerrno>

namespace keybearer::base {

FileOpener openHere() {
    return [](const std::string& path, bool followsLink) -> Result<UniqueFd, int> {
        const int follow = followsLink ? 0 : O_NOFOLLOW;
        UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | follow));
        if (!fd) {
            return fail(int{errno});
        }
        return fd;
    };
}

} // namespace keybearer::base
