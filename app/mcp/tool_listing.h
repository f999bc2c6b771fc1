#pragma once
/// \file
/// The tools of a server, read for the headers that a call of one of them needs.

#include "app/mcp/call.h"

#include <functional>
#include <string>

namespace keybearer::mcp {

/// Belongs in a Cancelled<>. Page by page, until the tool is found; what it learns is in Connection::tools.
class ToolListing final : public QObject {
    Q_OBJECT
public:
    /// Asks as the client of `call` would, a tools/call that names its revision. `done` is called once, from the event
    /// loop, whatever came of it. `connection` outlives it.
    ToolListing(Connection& connection, const Message& call, std::function<void()> done);

    void cancel();

private:
    void ask(const std::string& cursor);
    void take(const std::string& said);

    Connection& m_connection;
    nlohmann::json m_meta;
    nlohmann::json m_tool; ///< its name
    std::function<void()> m_done;
    Cancelled<Call> m_page;
    int m_pages = 0;
};

} // namespace keybearer::mcp
