#include "app/mcp/tool_listing.h"

#include <algorithm>
#include <utility>

namespace keybearer::mcp {
namespace {

using nlohmann::json;

constexpr int kMostPages = 32;

} // namespace

ToolListing::ToolListing(Connection& connection, const Message& call, std::function<void()> done)
    : m_connection(connection), m_done(std::move(done)) {
    const json& params = call.body.at("params"); // the revision stands in it
    m_meta = params.at("_meta");
    m_meta.erase("progressToken"); // is the call's own
    m_tool = params.value("name", json());
    ask({});
}

void ToolListing::cancel() {
    m_page.reset();
}

void ToolListing::ask(const std::string& cursor) {
    ++m_pages;
    json params{{"_meta", m_meta}};
    if (!cursor.empty()) {
        params["cursor"] = cursor;
    }
    json body{{"jsonrpc", "2.0"},
              {"id", "keybearer-tools-" + std::to_string(m_pages)},
              {"method", "tools/list"},
              {"params", std::move(params)}};
    std::string text = body.dump();
    Call::Handlers handlers;
    handlers.sent = [] {};
    handlers.message = [this](const std::string& said) { take(said); };
    handlers.ended = [this](const std::optional<Problem>&) { m_done(); };
    m_page.reset(new Call(m_connection, *readMessage(std::move(body)), std::move(text), std::move(handlers)));
    m_page->start();
}

void ToolListing::take(const std::string& said) {
    if (!m_page) {
        return; // it has been read, and the server goes on
    }
    auto answer = parseMessage(said);
    if (!answer || answer->kind != Message::Kind::Response || answer->id != m_page->message().id) {
        return;
    }
    json& result = answer->body["result"]; // null in an error
    const json tools = result.is_object() ? result.value("tools", json()) : json();
    const json cursor = result.is_object() ? result.value("nextCursor", json()) : json();
    [[maybe_unused]] const auto rejected = m_connection.tools.learn(result);
    const bool isFound = tools.is_array() && std::ranges::any_of(tools, [this](const json& tool) {
                             return tool.is_object() && tool.value("name", json()) == m_tool;
                         });
    if (!isFound && cursor.is_string() && !cursor.get_ref<const std::string&>().empty() && m_pages < kMostPages) {
        ask(cursor.get<std::string>());
    } else {
        m_page.reset();
        m_done();
    }
}

} // namespace keybearer::mcp
