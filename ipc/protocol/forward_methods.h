#pragma once
/// \file
/// Parameters and results of the methods about other machines and containers: a part of the method table, included by
/// methods.cpp alone.

#include "ipc/protocol/methods.h"

#include <array>

namespace keybearer::protocol {

inline constexpr std::array kForwardBeginParams{
    Param{"host", Type::String, true,
          "the machine or container, by the name that a person gives it: 1 to 255 visible ASCII characters, the first "
          "no '-'"},
    Param{"scopes", Type::StringList, true,
          "what is forwarded, as in client_key.create: at least one, and each in full, without a *"},
    Param{"expires_in", Type::Integer, false, "seconds until it ends, 1 to 86400; 28800 when left out"},
};
inline constexpr std::array kForwardBeginResult{
    Field{"session_id", "string", "names it for the other methods; also the id of its client key in rows and leases"},
    Field{"key", "string", "the client key that its socket takes, and no other does: a secret"},
    Field{"socket", "string", "path of its socket, alone in a folder of mode 0700; a client key comes first there"},
    Field{"expires_at", "integer", "UTC seconds"},
};
inline constexpr std::array kForwardWaitParams{
    Param{"session_id", Type::String, true, "of a session that this connection began"},
    Param{"wait", Type::Integer, false, "seconds to wait at most, 0 to 300; 0 when left out"},
};
inline constexpr Field kForwardTokens{
    "tokens", "array",
    "an object for each account of which it had tokens that had not ended: `account`, `revoked` and `not_revoked` (how "
    "many), `until` (the last that was not revoked ends then: UTC seconds, or null where the provider does not say), "
    "`detail` (why one was not) or null, `sign_in_ended` (the provider ended the account's sign-in with them)"};
inline constexpr std::array kForwardWaitResult{
    Field{
        "kind", "string",
        "\"login_required\": a program over there wants a token of `account`, which needs a sign-in; told once, until "
        "it was signed in. \"ended\": the session is over. \"nothing\": the wait is"},
    Field{"account", "string or null", "of \"login_required\""},
    Field{"provider", "string or null", "what account.login takes for it, together with `account`"},
    Field{"reason", "string or null", "why it ended"},
    kForwardTokens,
};
inline constexpr std::array kForwardListResult{
    Field{"sessions", "array",
          "an object for each that is open, the oldest first: `session_id`, `host`, `scopes`, `started_at`, "
          "`expires_at`, `connections`, `last_used_at` or null, `use_count`"},
};
inline constexpr std::array kForwardEndParams{
    Param{"session_id", Type::String, true, "from forward.begin or forward.list"},
};
inline constexpr std::array kForwardEndResult{
    Field{"session_id", "string", "its socket, its connections and its key are gone"},
    Field{"reason", "string", "why it ended: the first reason that there was"},
    kForwardTokens,
};

} // namespace keybearer::protocol
