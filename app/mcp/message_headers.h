#pragma once
/// \file
/// Headers that repeat parts of a message, so that what stands between client and server need not read it. Pure.

#include "app/mcp/message.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace keybearer::mcp {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// As a header carries it: itself where that is printable ASCII, else `=?base64?...?=`.
[[nodiscard]] std::string encodeHeaderValue(std::string_view text);

/// That each of them is one header and no more: nothing in it is a line's end or NUL.
[[nodiscard]] bool areSingle(const Headers& headers);

/// Which arguments of which tools are repeated in headers: `x-mcp-header` in their `inputSchema` (revision 2026-07-28,
/// Streamable HTTP, "Schema Extension").
class ToolHeaders {
public:
    struct Rejected {
        std::string tool;
        std::string reason;
    };
    /// Takes note of the tools in a result of tools/list, and those out of it whose annotations break the rules.
    [[nodiscard]] std::vector<Rejected> learn(nlohmann::json& result);
    /// `Mcp-Param-*` for the parameters of a tools/call.
    void add(const nlohmann::json& params, Headers& headers) const;

private:
    struct Repeated {
        std::vector<std::string> path; ///< names of members, below `arguments`
        std::string header;
    };
    struct Scan {
        std::vector<std::string> path; ///< from the root of the schema
        std::vector<Repeated> found;
    };
    /// What is wrong with the annotations from here on; nullptr: nothing.
    static const char* scan(const nlohmann::json& schema, bool isReachable, Scan& scan);
    static const char* faultOf(const nlohmann::json& schema, const nlohmann::json& header, bool isReachable,
                               const Scan& scan);

    std::map<std::string, std::vector<Repeated>, std::less<>> m_tools;
};

/// Of a request that names its revision (Message::claimedVersion()): that, the method, and what it is about. None for
/// any other message.
[[nodiscard]] Headers messageHeaders(const Message& message, const ToolHeaders& tools);

} // namespace keybearer::mcp
