/// \file
/// Any bytes as a message: what is taken can be answered, written on one line, and repeated in headers.

#include "app/mcp/message_headers.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

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
    tools.learn(message->body);
    if (message->body.contains("result")) {
        tools.learn(message->body["result"]);
    }
    Headers headers = messageHeaders(*message, tools);
    tools.add(message->body, headers);
    for (const auto& [name, value] : headers) {
        require(!name.empty() && !value.empty());
        require(std::ranges::all_of(name + value, [](char c) { return c >= 0x20 && c < 0x7F; }));
    }
    return 0;
}
