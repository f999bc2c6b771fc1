#pragma once
/// \file
/// The sessions in which another machine, or a container, gets short tokens of named accounts.

#include "daemon/accounts/gate.h"
#include "daemon/accounts/token_authority.h"
#include "daemon/audit/audit_log.h"
#include "daemon/clientkeys/client_keys.h"
#include "daemon/rpc/changes.h"
#include "daemon/rpc/connection_keys.h"
#include "daemon/rpc/forward_limits.h"
#include "ipc/base/clock.h"
#include "ipc/server/server.h"

#include <QCoroTask>
#include <QTimer>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace keybearer::rpc {

/// What to open.
struct NewForward {
    std::string host; ///< as the person wrote it: an ssh destination, or a container's name
    std::vector<access::KeyScope> scopes;
    std::chrono::seconds lifetime{kDefaultForward};
};

/// How a session ended.
struct ForwardEnd {
    std::string reason; ///< a sentence's part
    std::vector<accounts::HeldReport> tokens;
};

struct Forward {
    using Connection = std::uint64_t;

    std::string id; ///< also of its client key, and the holder of its tokens
    std::string host;
    Connection owner = 0;                 ///< it lives no longer than this connection
    std::string socket;                   ///< in a folder of its own
    std::int64_t startedAt = 0;           ///< UTC seconds
    std::int64_t expiresAt = 0;           ///< UTC seconds
    std::chrono::milliseconds deadline{}; ///< steady clock
    server::ListenerId listener = 0;
    std::vector<std::string> signIns; ///< accounts that want one and that the owner has not been told of
    std::set<std::string> asked;      ///< accounts that it was told of: no second window for them
    bool isOver = false;
    std::optional<ForwardEnd> end;           ///< once its tokens were revoked
    std::shared_ptr<accounts::Gate> ended{}; ///< opens then
};

/// Main thread. Each session has a socket, a client key and tokens of its own; all three end with it, and it ends with
/// the connection that began it, at its time, or with the broker.
class Forwards {
public:
    struct Parts {
        const std::string& runtimeDir;
        const base::Clock& clock;
        clientkeys::ClientKeys& keys;
        ConnectionKeys& connectionKeys;
        accounts::TokenAuthority& authority;
        audit::AuditLog& audit;
        Changes& changes;
    };
    explicit Forwards(Parts parts);

    /// Must be called before the event loop runs; `server` outlives the calls.
    void attach(server::Server& server) { m_server = &server; }

    struct Begun {
        const Forward& forward; ///< until it is forgotten
        base::Secret key;       ///< the only time that it can be had
    };
    /// The error says what is in the way. One for each owner.
    [[nodiscard]] protocol::Result<Begun> begin(NewForward wanted, Forward::Connection owner);
    /// Also one that has ended and whose owner is still there. Null: there is none.
    [[nodiscard]] std::shared_ptr<const Forward> find(const std::string& id) const;
    [[nodiscard]] std::vector<std::shared_ptr<const Forward>> all() const;
    /// The one whose socket this is; null: it is another socket.
    [[nodiscard]] std::shared_ptr<const Forward> ofListener(server::ListenerId listener) const;
    /// Empty for an empty id, and for one that is forgotten.
    [[nodiscard]] std::string hostOf(const std::string& id) const;

    /// The tokens of an account cannot be had before somebody signs in. The owner is told once.
    void signInWanted(const std::string& id, const std::string& account);
    /// It can be had again: the next time the owner is told anew.
    void signedIn(const std::string& id, const std::string& account);
    /// An account that the owner has not been told of; it has been, then.
    [[nodiscard]] std::optional<std::string> takeSignIn(const std::string& id);

    /// Closes the socket and the connections to it, then revokes the tokens. Who comes second waits for the first.
    [[nodiscard]] QCoro::Task<ForwardEnd> end(std::string id, std::string reason);
    /// A connection has closed.
    void ownerGone(Forward::Connection owner);
    /// The broker ends, for this reason.
    void endAll(const std::string& reason);
    /// Tokens are being revoked.
    [[nodiscard]] bool isEnding() const noexcept { return m_ending > 0; }

private:
    [[nodiscard]] protocol::Result<void> openSocket(Forward& forward);
    void closeSocket(const Forward& forward);
    /// A server may end the refresh token, and every other token of the sign-in, along with an access token (RFC 7009
    /// section 2.1): better that this is known now than that programs here are given dead tokens.
    QCoro::Task<> checkSignIns(std::vector<accounts::HeldReport>& tokens);
    void record(const Forward& forward, std::string_view event, const std::string& reason,
                const accounts::HeldReport* tokens = nullptr) const;
    QCoro::Task<> endAlone(std::string id, std::string reason);
    void endDue();
    void watchTime();
    void removeLeftovers() const;

    Parts m;
    server::Server* m_server = nullptr;
    std::map<std::string, std::shared_ptr<Forward>> m_forwards;
    int m_ending = 0;
    bool m_isStopping = false;
    QTimer m_timer;
};

} // namespace keybearer::rpc
