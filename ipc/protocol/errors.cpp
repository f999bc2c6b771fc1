#include "ipc/protocol/errors.h"

#include <algorithm>

namespace keybearer::protocol {
namespace {

constexpr bool rowsFollowTheEnumeration() {
    for (std::size_t i = 0; i < kErrors.size(); ++i) {
        if (kErrors[i].kind != static_cast<ErrorKind>(i)) {
            return false;
        }
    }
    return kErrors.back().kind == ErrorKind::BrokerReplaced;
}
static_assert(rowsFollowTheEnumeration(), "errorInfo() indexes kErrors by the enumerator");

} // namespace

const ErrorInfo* errorByName(std::string_view name) {
    const auto found = std::ranges::find(kErrors, name, &ErrorInfo::name);
    return found == kErrors.end() ? nullptr : &*found;
}

} // namespace keybearer::protocol
