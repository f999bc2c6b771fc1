#include "ipc/client/messages.h"

#include "ipc/base/secret.h"
#include "ipc/protocol/errors.h"

namespace keybearer::client {
namespace {

using nlohmann::json;

std::string memberOf(const json& object, const char* name, const char* otherwise) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

Error fromRpcError(const json& error) {
    Error out;
    out.message = memberOf(error, "message", "the broker refused without a reason");
    out.data = error.contains("data") && error["data"].is_object() ? error["data"] : json::object();
    out.kind = memberOf(out.data, "kind", "internal");
    const protocol::ErrorInfo* known = protocol::errorByName(out.kind);
    out.exitCode = known != nullptr ? known->exitCode : 1;
    return out;
}

} // namespace

std::string requestLine(std::uint64_t id, std::string_view method, const json& params) {
    // Put together by hand: a tree with the parameters in it would leave a copy of a passphrase behind.
    std::string inner = params.dump(-1, ' ', false, json::error_handler_t::replace);
    std::string line = R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":)" +
                       json(method).dump(-1, ' ', false, json::error_handler_t::replace) + R"(,"params":)";
    line.reserve(line.size() + inner.size() + 2);
    line.append(inner).append("}\n");
    base::wipe(inner);
    return line;
}

std::optional<Message> readMessage(std::string_view line) {
    json message = json::parse(line, nullptr, false);
    if (!message.is_object()) {
        return std::nullopt;
    }
    Message out;
    const bool isError = message.contains("error") && message["error"].is_object();
    if (message.contains("method") || !message.contains("id") || (!isError && !message.contains("result"))) {
        return out;
    }
    out.isAnswer = true;
    if (message["id"].is_number_unsigned()) {
        out.id = message["id"].get<std::uint64_t>();
    }
    if (isError) {
        out.result = base::fail(fromRpcError(message["error"]));
    } else {
        out.result = std::move(message["result"]);
    }
    return out;
}

} // namespace keybearer::client
