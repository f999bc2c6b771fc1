#pragma once
/// \file
/// Parameters and results of the methods about what programs were given: a part of the method table, included by
/// methods.cpp alone.

#include "ipc/protocol/methods.h"

#include <array>

namespace keybearer::protocol {

inline constexpr std::array kLeaseListParams{
    Param{"client", Type::String, false, "the executable or script, by its path or its file name; all when left out"},
};
inline constexpr std::array kLeaseListResult{
    Field{
        "leases", "array",
        "the last used first, an object for each program and credential: `client`, `kind` (\"token\", \"key\", "
        "\"other\"), `credential`, `first` and `last` in UTC seconds, `count`, `expires_at` or null, `state` "
        "(\"valid\": as far as is known here it still works; \"expired\", \"revoked\", \"replaced\": another value is "
        "stored now, \"removed\", \"signed_out\", \"unknown\")"},
    Field{"complete", "boolean", "false: there are more programs and credentials than fit; the latest are missing"},
};
inline constexpr std::array kLeaseRevokeParams{
    Param{"client", Type::String, true, "as in lease.list; it must mean one program alone"},
};
inline constexpr std::array kLeaseRevokeResult{
    Field{"client", "string", "the program"},
    Field{
        "items", "array",
        "an object for each credential that it ever had: `kind`, `credential`, `result` (\"revoked\": at the provider; "
        "\"ended\": it had before; \"not_revoked\"), `detail`, a sentence that says why or what to do, or null"},
    Field{"grants_removed", "array", "ids of its grants, which are gone"},
    Field{"grants_left", "array", "where config.toml still has grants for it"},
};

} // namespace keybearer::protocol
