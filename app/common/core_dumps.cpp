#include "app/common/core_dumps.h"

#include <sys/resource.h>

namespace keybearer::common {

void refuseCoreDumps() {
    rlimit none{};
    if (::getrlimit(RLIMIT_CORE, &none) == 0) {
        none.rlim_cur = 0;
        ::setrlimit(RLIMIT_CORE, &none);
    }
}

} // namespace keybearer::common
