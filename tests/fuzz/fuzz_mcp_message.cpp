/// \file
/// Any bytes as a message: what is taken can be answered, written on one line, and repeated in headers.

#include "app/mcp/message_headers.h"
#include "ipc/base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>

using namespace keybearer::mcp;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto message = parseMessage(text);
    const std::string& id = message ? message->id : message.error().id;
    require(message.has_value() || message.error().code == -32600 || message.error().code == -32700);
    require(nlohmann::json::accept(errorAnswer(id.empty() ? "null" : id, -32000, text, text, 1)));
    if (!message) {
        return 0;
    }
    require(onOneLine(text).find_first_of("\r\n") == std::string::npos && parseMessage(onOneLine(text)).has_value());
    require((message->kind == Message::Kind::Request) == (!message->method.empty() && !message->id.empty()));
    ToolHeaders tools;
    const auto learn = [&](nlohmann::json result) {
        const std::size_t rejected = tools.learn(result).size();
        const std::string rest = result.dump();
        require(tools.learn(result).empty() && result.dump() == rest && rejected <= text.size());
    };
    learn(message->body);
    if (message->body.contains("result")) {
        learn(message->body["result"]);
    }
    Headers headers = messageHeaders(*message, tools);
    tools.add(message->body, headers);
    require(areSingle(headers) && (message->claimedVersion().empty() || isRevision(message->claimedVersion())));
    std::set<std::string> repeated;
    for (const auto& [name, value] : headers) {
        require(!name.starts_with("Mcp-Param-") || message->method == "tools/call" ||
                repeated.insert(keybearer::base::asciiLower(name)).second);
        require(!name.empty() && !value.empty());
        require(std::ranges::all_of(name + value, [](char c) { return c >= 0x20 && c < 0x7F; }));
    }
    return 0;
}
