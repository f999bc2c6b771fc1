#include "app/mcp/message.h"

#include "ipc/base/text.h"

#include <algorithm>
#include <utility>

namespace keybearer::mcp {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 128;
constexpr std::size_t kMaxMethod = 256;
constexpr std::size_t kMaxRevision = 64;
constexpr std::size_t kMaxId = 1024;
constexpr const char* kVersionKey = "io.modelcontextprotocol/protocolVersion";

bool isWord(std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

/// As JSON; empty for what no message may have as its id.
std::string idText(const json& id) {
    const bool isId = id.is_number_integer() || id.is_string();
    std::string text = isId ? id.dump(-1, ' ', true) : std::string();
    return text.size() <= kMaxId ? text : std::string();
}

const json* memberOf(const json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() ? &*found : nullptr;
}

} // namespace

base::Result<json, BadMessage> parseJson(std::string_view text) {
    bool tooDeep = false;
    const auto keep = [&](int depth, json::parse_event_t, json&) {
        tooDeep = tooDeep || depth > kMaxDepth;
        return !tooDeep;
    };
    if (text.size() > kMaxMessage) {
        return base::fail(BadMessage{-32700, "the message is larger than 4 MiB", "null"});
    }
    json value = json::parse(text, keep, false);
    if (tooDeep || value.is_discarded()) {
        return base::fail(
            BadMessage{-32700, tooDeep ? "the message is nested too deeply" : "this is not JSON", "null"});
    }
    return value;
}

base::Result<Message, BadMessage> readMessage(json body) {
    const auto refuse = [&](const char* reason) {
        const json* id = memberOf(body, "id");
        const std::string text = id != nullptr ? idText(*id) : std::string();
        return base::fail(BadMessage{-32600, reason, text.empty() ? "null" : text});
    };
    const json* version = memberOf(body, "jsonrpc");
    if (version == nullptr || *version != "2.0") {
        return refuse("this is not one JSON-RPC 2.0 message");
    }
    Message message;
    if (const json* id = memberOf(body, "id")) {
        message.id = idText(*id);
        const bool isNobodys = id->is_null() && body.contains("error"); // an answer to what could not be read
        if (message.id.empty() && !isNobodys) {
            return refuse("an id is a whole number or a short text");
        }
    }
    if (const json* method = memberOf(body, "method")) {
        message.method = method->is_string() ? method->get<std::string>() : std::string();
        if (!isWord(message.method, kMaxMethod)) {
            return refuse("a method is a short text without spaces");
        }
        message.kind = message.id.empty() ? Message::Kind::Notification : Message::Kind::Request;
    } else if (body.contains("result") != body.contains("error")) {
        message.kind = Message::Kind::Response;
    } else {
        return refuse("this is neither a request nor an answer");
    }
    message.body = std::move(body);
    return message;
}

base::Result<Message, BadMessage> parseMessage(std::string_view text) {
    return parseJson(text).and_then([](json&& body) { return readMessage(std::move(body)); });
}

bool isRevision(std::string_view text) {
    return isWord(text, kMaxRevision);
}

std::string Message::claimedVersion() const {
    const json* params = kind == Kind::Request ? memberOf(body, "params") : nullptr;
    const json* meta = params != nullptr ? memberOf(*params, "_meta") : nullptr;
    const json* version = meta != nullptr ? memberOf(*meta, kVersionKey) : nullptr;
    std::string text = version != nullptr && version->is_string() ? version->get<std::string>() : std::string();
    return isRevision(text) ? text : std::string();
}

std::string Message::cancelledId() const {
    const json* params = method == "notifications/cancelled" ? memberOf(body, "params") : nullptr;
    const json* of = params != nullptr ? memberOf(*params, "requestId") : nullptr;
    return of != nullptr ? idText(*of) : std::string();
}

std::string errorAnswer(const std::string& id, int code, std::string_view message, std::string_view kind, int status) {
    std::string text =
        R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":{"code":)" + std::to_string(code) + R"(,"message":)";
    base::appendJsonString(text, message);
    text += R"(,"data":{"kind":)";
    base::appendJsonString(text, kind);
    if (status != 0) {
        text += R"(,"status":)" + std::to_string(status);
    }
    return text + "}}}";
}

std::string onOneLine(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text;
}

} // namespace keybearer::mcp
