#include "daemon/identity/refusal.h"

namespace keybearer::identity {
namespace {

Reason reasonOf(platform::ProcessFault fault) {
    switch (fault) {
    case platform::ProcessFault::Unsupported: return Reason::Unsupported;
    case platform::ProcessFault::Unknown: return Reason::Unknown;
    case platform::ProcessFault::Gone: return Reason::Gone;
    case platform::ProcessFault::Hidden: return Reason::Hidden;
    case platform::ProcessFault::Changed: return Reason::Changed;
    case platform::ProcessFault::Malformed: return Reason::Malformed;
    }
    return Reason::Unknown;
}

} // namespace

Refusal Refusal::of(const platform::ProcessError& error) {
    return Refusal{reasonOf(error.fault), error.sentence, {}};
}

} // namespace keybearer::identity
