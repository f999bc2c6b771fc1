#pragma once
/// \file
/// What a call would be given, in the words of grants.

#include "daemon/access/grant.h"
#include "daemon/rpc/services.h"
#include "ipc/protocol/methods.h"

#include <vector>

namespace keybearer::rpc {

/// It gives out an account's token.
[[nodiscard]] inline bool isForToken(const protocol::Method& method) {
    return method.auditEvent == "token.release";
}

/// Empty where the caller brings all that it uses, or where the call will fail and say why. Reads no value and asks
/// nobody.
[[nodiscard]] std::vector<access::Wanted> wantedBy(Services& services, const protocol::Method& method,
                                                   const protocol::Params& params);
/// The same, and what the call names although it is not there: so that only who may have it learns whether it is.
[[nodiscard]] std::vector<access::Wanted> namedBy(Services& services, const protocol::Method& method,
                                                  const protocol::Params& params);

/// In a refusal of `wanted`: what the caller named, and not what that was found to be.
[[nodiscard]] access::Wanted asWritten(const Services& services, const protocol::Method& method,
                                       const protocol::Params& params, access::Wanted wanted);

} // namespace keybearer::rpc
