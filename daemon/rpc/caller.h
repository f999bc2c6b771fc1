#pragma once
/// \file
/// The program at the other end of a connection, as far as it is known.

#include "daemon/access/grant_store.h"
#include "daemon/accounts/gate.h"
#include "daemon/platform/peer.h"
#include "ipc/base/unique_fd.h"

#include <QCoroTask>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace keybearer::rpc {

struct Caller {
    std::uint64_t connection = 0;
    std::chrono::milliseconds connectedAt{}; ///< on the broker's steady clock
    platform::Peer peer;
    std::uint32_t executable = 0;                ///< a question to the spawner whose answer belongs in `peer`
    std::optional<access::Client> client;        ///< once somebody had to know
    base::UniqueFd process;                      ///< platform::peerHandle(), since then
    std::shared_ptr<accounts::Gate> identifying; ///< under way
    std::uint64_t generation = 0;                ///< of `grants`
    std::vector<const access::Grant*> grants;    ///< those that name this client
};

/// Tells who is at the other end of a socket; looks at it before it first waits. Never fails: what cannot be told is a
/// client of the kind Unknown, with its problem.
using Identify = std::function<QCoro::Task<access::Client>(int socket, std::chrono::milliseconds connectedAt)>;

} // namespace keybearer::rpc
