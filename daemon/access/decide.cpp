#include "daemon/access/decide.h"

namespace keybearer::access {
namespace {

Decision allow(std::string_view reason) {
    return {Decision::Verdict::Allow, reason};
}

Decision deny(std::string_view reason) {
    return {Decision::Verdict::Deny, reason};
}

} // namespace

std::string_view toString(Policy policy) {
    switch (policy) {
    case Policy::Allow: return "allow";
    case Policy::Deny: return "deny";
    }
    return {};
}

Decision decide(const Request& request, Policy policy, std::uint32_t ownUid) {
    if (request.peer.uid != ownUid) {
        return deny("the program runs as another user");
    }
    switch (request.guard) {
    case protocol::Guard::Metadata: return allow("metadata is open to every program of this user");
    case protocol::Guard::Own: return allow("it belongs to this connection");
    // The person must be able to look and to mend, whatever programs are denied.
    case protocol::Guard::Manage: return allow("every program of this user may manage");
    case protocol::Guard::Use:
        return policy == Policy::Allow
                   ? allow("the policy is \"allow\" for every program of this user")
                   : deny("the policy is \"deny\"; write policy = \"allow\" into config.toml to change it");
    }
    return deny("the method has no guard");
}

} // namespace keybearer::access
