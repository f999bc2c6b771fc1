#pragma once
/// \file
/// Between who a process is and who a grant is for.

#include "daemon/access/grant_store.h"
#include "daemon/identity/identifier.h"
#include "daemon/providers/configured_grant.h"
#include "daemon/rpc/caller.h"
#include "daemon/rpc/services.h"

#include <QThreadPool>

#include <string>
#include <vector>

namespace keybearer::broker {

/// The grants of config.toml. The error begins with the place.
[[nodiscard]] base::Result<std::vector<access::Grant>, std::string>
grantsOf(const std::vector<providers::ConfiguredGrant>& configured);

/// With those that are in `folder`.
[[nodiscard]] base::Result<access::GrantStore, std::string>
openGrants(const std::string& folder, const std::vector<providers::ConfiguredGrant>& configured,
           const base::Clock& clock);

/// In the words of grants.
[[nodiscard]] access::Client clientOf(const identity::Subject& subject);
[[nodiscard]] access::Client clientOf(const identity::Refusal& refusal, std::int32_t pid);

/// Main thread.
class Clients {
public:
    /// The front ends are those that lie beside the broker.
    explicit Clients(const base::Clock& clock);
    Clients(const Clients&) = delete;
    Clients& operator=(const Clients&) = delete;
    ~Clients();

    /// rpc::Identify
    [[nodiscard]] QCoro::Task<access::Client> identify(int socket, std::chrono::milliseconds connectedAt);
    /// rpc::DescribeFile
    [[nodiscard]] QCoro::Task<base::Result<rpc::ClientFile, std::string>> describe(access::ClientKind kind,
                                                                                   std::string path);

private:
    identity::Identifier m_identifier;
    identity::FileHashes m_hashes; ///< of files that nobody runs yet
    QThreadPool m_threads;
};

} // namespace keybearer::broker
