#pragma once
/// \file
/// Why a message got no answer of the server's.

#include <string>

namespace keybearer::mcp {

struct Problem {
    std::string kind;    ///< for programs: "unreachable", "http_status", ..., or a kind of the broker's
    std::string message; ///< a sentence for the person; without secrets and without the server's words
    int status = 0;      ///< of HTTP, where there was one
};

} // namespace keybearer::mcp
