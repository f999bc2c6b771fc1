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

/// Which arguments of which tools are repeated in headers: `x-mcp-header` in their `inputSchema`.
class ToolHeaders {
public:
    /// Takes note of the tools in a result of tools/list.
    void learn(const nlohmann::json& result);
    /// `Mcp-Param-*` for the parameters of a tools/call.
    void add(const nlohmann::json& params, Headers& headers) const;

private:
    struct Repeated {
        std::vector<std::string> path; ///< names of members, below `arguments`
        std::string header;
    };
    static void scan(const nlohmann::json& schema, std::vector<std::string>& path, std::vector<Repeated>& found);

    std::map<std::string, std::vector<Repeated>, std::less<>> m_tools;
};

/// Of a request that names its revision (Message::claimedVersion()): that, the method, and what it is about. None for
/// any other message.
[[nodiscard]] Headers messageHeaders(const Message& message, const ToolHeaders& tools);

} // namespace keybearer::mcp
