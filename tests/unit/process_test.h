#pragma once
/// \file
/// What the tests of processes and of their files share.

#include "daemon/platform/process.h"
#include "tests/unit/process_children.h"

#include <unistd.h>

namespace keybearer::test {

inline constexpr uid_t kNobody = 65534;

inline bool isRoot() {
    return ::geteuid() == 0;
}

template<class Result>
platform::ProcessFault faultOf(const Result& result) {
    return result ? platform::ProcessFault(-1) : result.error().fault;
}

} // namespace keybearer::test
