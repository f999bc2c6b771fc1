#pragma once
/// \file
/// What the handlers work with.

#include "daemon/access/grant_store.h"
#include "daemon/access/observations.h"
#include "daemon/accounts/binding_store.h"
#include "daemon/accounts/login_registry.h"
#include "daemon/accounts/token_authority.h"
#include "daemon/audit/seal_keeper.h"
#include "daemon/keychain/managed_keychain.h"
#include "daemon/locations/command_runner.h"
#include "daemon/platform/measure.h"
#include "daemon/platform/peer.h"
#include "daemon/providers/catalogue.h"
#include "daemon/providers/config.h"
#include "daemon/resolution/locations.h"
#include "daemon/rpc/approvals.h"
#include "daemon/rpc/changes.h"
#include "daemon/rpc/connection_keys.h"
#include "daemon/rpc/forwards.h"
#include "daemon/rpc/lock.h"
#include "daemon/rpc/policy.h"
#include "daemon/rpc/settings.h"
#include "daemon/spawner/spawner.h"
#include "daemon/vault/vault.h"
#include "ipc/base/clock.h"
#include "ipc/base/file_opener.h"
#include "ipc/base/paths.h"
#include "ipc/protocol/params.h"

#include <QCoroTask>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::rpc {

/// What a grant says of the file that it is for.
struct ClientFile {
    std::string path;   ///< without links
    std::string digest; ///< lower-case hex SHA-256; empty: only root can change it, so it needs none
};
/// The error is a sentence.
using DescribeFile =
    std::function<QCoro::Task<base::Result<ClientFile, std::string>>(access::ClientKind kind, std::string path)>;

/// References to what the broker owns; all of it outlives every call.
struct Services {
    const base::Paths& paths;
    const base::Clock& clock;
    const providers::Config& config;
    const providers::Catalogue& catalogue;
    const resolution::Locations& locations;
    locations::CommandRunner& commands;
    spawner::Spawner& spawner;
    base::FileOpener openFile; ///< those that configuration names
    keychain::ManagedKeychain& keychain;
    oauth::HttpClient& http;
    accounts::ServerDirectory& servers;
    accounts::TokenAuthority& authority;
    accounts::LoginRegistry& logins;
    accounts::BindingStore& bindings;
    vault::Vault& vault;
    audit::AuditLog& audit;
    audit::SealKeeper& seal;
    clientkeys::ClientKeys& clientKeys;
    ConnectionKeys& connectionKeys;
    Forwards& forwards;
    Changes& changes;
    PolicySetting& policy;
    Settings& settings;
    Lock& lock;
    access::GrantStore& grants;
    Approvals& approvals;
    access::Observations& observations;
    std::int64_t startedAt;            ///< UTC seconds
    std::vector<std::string> warnings; ///< what the person should know about this broker, as sentences
    std::vector<platform::Measure> measures;
    DescribeFile describeFile;
    std::function<bool(std::uint64_t connection)> isOpen; ///< the caller has not hung up
    /// Closes the connection after the answers that are under way.
    std::function<void(std::uint64_t connection)> endConnection;
    std::function<void()> settingsChanged; ///< makes what settings.set has changed hold
    std::function<bool()> isReplaced;      ///< other programs than at the start lie where those of this broker lay
    std::function<void()> stop;            ///< ends the broker soon, after the answers that are under way
};

/// What a handler says about a release for the audit record; names, never a secret.
struct ReleaseNote {
    std::string account; ///< whose token it is, or is part of it
    std::string source;  ///< "cache" or "refresh", of a token
    std::string fields;  ///< of a credential: names with a comma between them
    std::string layers;  ///< a layer for each of `fields`, in their order
    std::string stored;  ///< keys of the vault that were read: TENANT/PROVIDER/NAME, with a comma between them
    std::string expires; ///< when a token ends: UTC seconds; empty: the provider does not say
};

/// One call, checked and allowed.
struct Call {
    std::uint64_t connection = 0;
    std::int32_t pid = 0; ///< of the caller; 0 when the kernel did not say
    protocol::Params params;
    std::shared_ptr<ReleaseNote> note;          ///< for the handler to fill in; never null
    std::shared_ptr<const platform::Peer> peer; ///< the caller's process; never null
    std::string session;   ///< of daemon/rpc/forwards.h whose socket it came through; empty: it came another way
    bool onlyTest = false; ///< the caller's client key is for test: it gets what is marked for that alone
};

using Reply = protocol::Result<protocol::Body>;
using MethodHandler = QCoro::Task<Reply> (*)(Services& services, Call call);
/// Answers what can be answered without waiting; nullopt leaves the call to the method's handler.
using QuickHandler = std::optional<protocol::Body> (*)(Services& services, const protocol::Params& params,
                                                       ReleaseNote& note);

struct Handlers {
    MethodHandler handler = nullptr;
    QuickHandler quick = nullptr; ///< most methods have none
};

} // namespace keybearer::rpc
