#pragma once
/// \file
/// The one decision about every release of a credential and every privileged call. Pure: values in, verdict out.

#include "daemon/access/grant.h"
#include "daemon/access/key_scope.h"
#include "ipc/protocol/methods.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace keybearer::access {

/// What holds for programs of the broker's own user.
enum class Policy {
    Ask,     ///< what a grant allows; somebody is asked for the rest
    Observe, ///< every program gets what it asks for, and what would have been asked is remembered
    Allow,   ///< every program gets what it asks for
    Deny,    ///< no program gets a credential
};
[[nodiscard]] std::string_view toString(Policy policy);
[[nodiscard]] std::optional<Policy> policyOf(std::string_view name);

/// Whether the decision depends on who asks; where it does not, nobody needs to be identified.
[[nodiscard]] bool needsClient(protocol::Guard guard, Policy policy);

/// The client key of a connection. What it is good for is all that the connection gets, whatever grants there are.
struct KeyReach {
    enum class State {
        Wanted, ///< none was shown, and the socket that the connection came to wants one first
        Ended,  ///< the one that was shown was revoked or replaced, or its time is over
        Good,
    };
    State state = State::Wanted;
    bool isForTest = false; ///< good for credentials that are marked for test, and for no others
    bool anyUser = false;   ///< the person lets programs of other users come to this socket: the key is the proof
    std::span<const KeyScope> scopes = {};
};

/// Someone wants something. References: what they name must live as long as the call of decide().
struct Request {
    std::uint32_t uid = 0; ///< of the peer
    const Client* client;  ///< null where needsClient() says so
    protocol::Guard guard; ///< of the method that is called
    const Wanted& wanted;  ///< what a Use call is to be given; with a key, no credential: what the caller brings
    const KeyReach* key = nullptr; ///< null: none was shown, and none is needed
};

struct Rules {
    Policy policy = Policy::Ask;
    std::uint32_t ownUid = 0; ///< the broker's effective user
    std::span<const Grant* const> grants;
    std::int64_t now = 0; ///< UTC seconds
};

struct Decision {
    enum class Verdict { Allow, Ask, Deny };
    Verdict verdict = Verdict::Deny;
    std::string_view reason;      ///< fixed text for the audit record and for the refused client
    const Grant* grant = nullptr; ///< the one that allows it
    bool isRateLimited = false;
    bool isObserved = false; ///< allowed because nobody is asked yet
};

/// Another uid is denied whatever the policy says (the server has closed its connection long before; this is the second
/// lock on the same door), but for a socket that takes any user's programs. A connection with a key is never asked
/// about.
[[nodiscard]] Decision decide(const Request& request, const Rules& rules);

} // namespace keybearer::access
