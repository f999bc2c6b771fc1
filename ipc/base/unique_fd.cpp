#include "ipc/base/unique_fd.h"

#include <unistd.h>

namespace keybearer::base {

void UniqueFd::reset(int fd) noexcept {
    if (m_fd >= 0) {
        ::close(m_fd);
    }
    m_fd = fd;
}

} // namespace keybearer::base
