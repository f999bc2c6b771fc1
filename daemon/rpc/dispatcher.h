#pragma once
/// \file
/// Takes a request from the server to its handler and the answer back: the one way in, past the one decision.

#include "daemon/rpc/admission.h"
#include "daemon/rpc/services.h"
#include "ipc/protocol/methods.h"
#include "ipc/server/server.h"

#include <QCoroTask>

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace keybearer::rpc {

/// Main thread. Identifies the peer when it connects and closes another user's connection before a byte is read, unless
/// it came to a key-first socket that takes any user's: there, as on every key-first socket, a client key comes first.
/// Every call then passes access::decide(); what it releases or changes leaves one line in the audit record, and where
/// that line cannot be written nothing is released. What one turn of the event loop releases is recorded with one write
/// and answered after it.
class Dispatcher final : public server::Handler {
public:
    Dispatcher(Services& services, Identify identify);

    /// Must be called before the event loop runs; `server` outlives the calls.
    void attach(server::Server& server) { m_server = &server; }

    /// Connections to this socket of the server must show a client key first; with `anyUser` they may be another
    /// user's.
    void wantKeys(server::ListenerId listener, bool anyUser) { m_keyFirst = {listener, anyUser}; }

    [[nodiscard]] bool isOpen(server::ConnectionId id) const { return m_callers.contains(id); }

    bool opened(server::ConnectionId id, int socket, server::ListenerId listener) override;
    void request(server::ConnectionId id, protocol::Request request) override;
    void turnEnded() override;
    void closed(server::ConnectionId id) override;

private:
    /// A call that passed the decision, with all that its audit line needs.
    struct Admitted {
        const protocol::Method& method;
        std::shared_ptr<Caller> caller;
        std::string credential; ///< account or provider that it is about
        Permit permit;
        protocol::Params params;
        ReleaseNote note;      ///< from the handler
        std::string clientKey; ///< id of the client key that it was asked for with; empty: none
        std::string host;      ///< that it came from, through a session; empty: from here
    };
    struct KeyFirst {
        server::ListenerId listener;
        bool anyUser;
    };
    /// An answer with a credential in it, until its audit line is written.
    struct Held {
        server::ConnectionId connection;
        nlohmann::json requestId;
        Admitted call;
        protocol::Body body;
    };

    /// What can be decided without waiting goes on at once.
    void admit(server::ConnectionId id, nlohmann::json requestId, const Handlers& handlers, Admitted call);
    QCoro::Task<> admitLater(server::ConnectionId id, nlohmann::json requestId, Handlers handlers, Admitted call);
    void decided(server::ConnectionId id, const nlohmann::json& requestId, const Handlers& handlers, Admitted call,
                 protocol::Result<Permit> permit);
    void recordRefusal(server::ConnectionId id, Admitted& call, const std::string& why);
    QCoro::Task<> run(server::ConnectionId id, nlohmann::json requestId, MethodHandler handler, Admitted admitted);
    /// Answers; what is released waits until it is recorded.
    void finish(server::ConnectionId id, const nlohmann::json& requestId, Admitted call, Reply reply);
    /// Records everything that is held, then answers it.
    void settle();
    void send(server::ConnectionId id, const nlohmann::json& requestId, const Reply& reply);
    /// Views into `call`.
    /// Of the caller itself: what a record holds is looked at, not copied.
    [[nodiscard]] const std::string& executableOf(Caller& caller);
    [[nodiscard]] audit::Record recordOf(const Admitted& call, bool allowed);
    [[nodiscard]] protocol::Result<void> record(const Admitted& call, bool allowed);

    Services& m_services;
    server::Server* m_server = nullptr;
    std::unordered_map<server::ConnectionId, std::shared_ptr<Caller>> m_callers; ///< shared with calls
    std::optional<KeyFirst> m_keyFirst;
    std::vector<Held> m_held;
    bool m_inTurn = false; ///< requests have come in this turn of the event loop, and more may
    std::uint32_t m_uid;
    Admission m_admission;
};

} // namespace keybearer::rpc
