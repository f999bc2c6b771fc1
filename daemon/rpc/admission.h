#pragma once
/// \file
/// From a call to the decision about it: who asks, what they would get, what is granted, and whom to ask.

#include "daemon/access/decide.h"
#include "daemon/rpc/caller.h"
#include "daemon/rpc/services.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::rpc {

/// A call may go on.
struct Permit {
    std::string_view reason; ///< for the record
    std::string grants;      ///< ids of those that allow it, with a comma between them
    std::string purpose;     ///< what the client says that it is for
    /// A call that left scopes or audience open is carried out for these.
    std::optional<access::Wanted> narrowed = {};
};

/// Main thread. Everything it is given outlives it.
class Admission {
public:
    using SocketOf = std::function<int(std::uint64_t connection)>; ///< -1: it is closed

    Admission(Services& services, Identify identify, SocketOf socketOf, std::uint32_t ownUid)
        : m_services(services), m_identify(std::move(identify)), m_socketOf(std::move(socketOf)), m_uid(ownUid) {}

    /// nullopt when somebody has to be identified, or asked. The error is `denied`, `rate_limited` or
    /// `broker_replaced`.
    [[nodiscard]] std::optional<protocol::Result<Permit>> atOnce(Caller& caller, const protocol::Method& method,
                                                                 const protocol::Params& params);
    /// The whole way. `params` lives until it is done. Errors: `denied`, `consent_required`, `rate_limited`,
    /// `broker_replaced`.
    [[nodiscard]] QCoro::Task<protocol::Result<Permit>>
    decide(std::shared_ptr<Caller> caller, const protocol::Method& method, const protocol::Params& params);
    /// For a call that was permitted and may have waited: `denied` when its client key, or the program, has ended.
    [[nodiscard]] protocol::Result<void> stillHolds(const Caller& caller, const protocol::Method& method,
                                                    const std::string& clientKey) const;

private:
    /// What decide() of access says about all that the call wants.
    struct Judgement {
        access::Decision decision;
        access::Wanted wanted; ///< that the decision is about; empty for one that is about the call
        std::vector<std::string> grants;
        std::optional<access::Wanted> narrowed; ///< what is given in its place
        access::Wanted shown = {};              ///< `wanted` in the words of a caller with a client key
    };

    /// The method's, but for two: what is no secret in a stored credential may lead the secrets elsewhere, and the
    /// first choice of a keychain moves nothing.
    [[nodiscard]] protocol::Guard guardOf(const protocol::Method& method, const protocol::Params& params) const;
    [[nodiscard]] Judgement judge(Caller& caller, const protocol::Method& method, const protocol::Params& params);
    [[nodiscard]] Judgement judgeByKey(const Caller& caller, const access::KeyReach& key,
                                       const protocol::Method& method, const protocol::Params& params) const;
    /// Counts the uses of the grants.
    [[nodiscard]] Permit permitOf(const Judgement& judgement, const protocol::Params& params);
    [[nodiscard]] std::optional<protocol::Result<Permit>> toReplacement(const Caller& caller,
                                                                        const protocol::Method& method) const;
    [[nodiscard]] protocol::Error refusal(const Caller& caller, const Judgement& judgement) const;
    QCoro::Task<> identify(std::shared_ptr<Caller> caller);
    [[nodiscard]] protocol::Error consentRequired(const Caller& caller, const Judgement& judgement,
                                                  const std::string& questionId, std::string_view why) const;

    Services& m_services;
    Identify m_identify;
    SocketOf m_socketOf;
    std::uint32_t m_uid;
};

} // namespace keybearer::rpc
