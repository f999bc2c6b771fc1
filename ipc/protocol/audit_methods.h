#pragma once
/// \file
/// Parameters and results of the methods about the audit record: a part of the method table, included by methods.cpp
/// alone.

#include "ipc/protocol/methods.h"

#include <array>

namespace keybearer::protocol {

inline constexpr std::array kAuditQueryParams{
    Param{"since", Type::Integer, false, "UTC seconds: rows of this moment and later ones"},
    Param{"until", Type::Integer, false, "UTC seconds: rows before this moment"},
    Param{"client", Type::String, false, "a part of the executable's path"},
    Param{"credential", Type::String, false, "an account, a provider with all of its keys, or `provider/name`"},
    Param{"event", Type::String, false, "\"token.release\", \"account.login\", ..."},
    Param{"verdict", Type::String, false, "\"allow\" or \"deny\""},
    Param{"unusual", Type::Boolean, false, "only rows with something unusual"},
    Param{"limit", Type::Integer, false, "rows at most, 1 to 500; 100 when left out"},
    Param{"after", Type::Integer, false, "rows with larger numbers, the oldest of them first"},
    Param{"before", Type::Integer, false,
          "rows with smaller numbers, the newest of them; without `after` and `before`: the newest of all"},
    Param{"wait", Type::Integer, false, "with `after`: seconds to wait for a row at most, 0 to 300; 0 when left out"},
};
inline constexpr std::array kAuditQueryResult{
    Field{"rows", "array",
          "oldest first, an object for each: `sequence`, `time`, `event`, `verdict`, `reason`, `method`, `credential`, "
          "`uid`, `pid`, `exe`; where there is something to say, `account`, `source`, `fields`, `layers`, `stored`, "
          "`expires`, `grant`, `client_key`, `purpose`, `removed` and `unusual` (an array); daemon/audit/FORMAT.md "
          "explains them"},
    Field{"reached", "integer",
          "number of the last row that was looked at: `after`, or `before`, of the next question in this direction"},
    Field{"more", "boolean", "there may be further rows in this direction"},
    Field{"last", "integer", "number of the newest row of all"},
    Field{"damaged", "integer", "lines that are no rows and were passed over; audit.verify names them"},
};

inline constexpr std::array<Param, 0> kAuditVerifyParams{};
inline constexpr std::array kAuditVerifyResult{
    Field{"ok", "boolean", "there is no problem"},
    Field{"rows", "integer", "rows that were checked"},
    Field{"first", "integer or null", "number of the first of them"},
    Field{"first_time", "integer or null", "its time, UTC seconds"},
    Field{"last", "integer or null", "number of the last one"},
    Field{"sealed", "integer or null",
          "number of the row up to which the seal holds; null: nothing is known to be sealed"},
    Field{"problems", "array",
          "at most 50, an object for each: `file`, `line` (0: the file as a whole), `row` or null, `message`"},
    Field{"more_problems", "boolean", "there are further ones"},
    Field{"notes", "array", "sentences about rows that are no problem: not sealed yet, removed for their age, ..."},
};

} // namespace keybearer::protocol
