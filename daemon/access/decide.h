#pragma once
/// \file
/// The one decision about every release of a credential and every privileged call. Pure: values in, verdict out.

#include "daemon/platform/peer.h"
#include "ipc/protocol/methods.h"

#include <string_view>

namespace keybearer::access {

/// What holds for programs of the broker's own user.
enum class Policy { Allow, Deny };

[[nodiscard]] std::string_view toString(Policy policy);

/// Someone wants something. Views: what they name must live as long as the call of decide().
struct Request {
    const platform::Peer& peer;
    protocol::Guard guard; ///< of the method that is called
    std::string_view method;
    std::string_view credential; ///< account or provider the call is about; empty when about none
};

struct Decision {
    enum class Verdict { Allow, Deny };
    Verdict verdict = Verdict::Deny;
    std::string_view reason; ///< fixed text for the audit record and for the refused client
};

/// `ownUid` is the broker's effective user. Another uid is denied whatever the policy says (the server has closed its
/// connection long before; this is the second lock on the same door).
[[nodiscard]] Decision decide(const Request& request, Policy policy, std::uint32_t ownUid);

} // namespace keybearer::access
