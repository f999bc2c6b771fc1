#include "ipc/protocol/message.h"

#include "ipc/protocol/limits.h"
#include "ipc/protocol/strict_json.h"

namespace keybearer::protocol {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxIdBytes = 128;

bool isUsableId(const json& id) {
    return id.is_number_integer() || (id.is_string() && id.get_ref<const std::string&>().size() <= kMaxIdBytes);
}

base::Result<Request, RequestError> refuse(ErrorKind kind, std::string message, json id) {
    return base::fail(RequestError{Error{kind, std::move(message)}, std::move(id)});
}

// Answers may carry text that came from a server or a file system: bad UTF-8 is replaced rather than thrown over.
std::string line(const json& message) {
    return message.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

} // namespace

base::Result<Request, RequestError> parseRequest(std::string_view text) {
    auto parsed = parseStrictJson(text, kMaxDepth);
    if (!parsed) {
        return refuse(ErrorKind::ParseError, parsed.error(), nullptr);
    }
    json& message = *parsed;
    if (!message.is_object()) {
        return refuse(ErrorKind::InvalidRequest, "a request is one object; batches are not taken", nullptr);
    }
    const auto idAt = message.find("id");
    if (idAt == message.end() || !isUsableId(*idAt)) {
        return refuse(ErrorKind::InvalidRequest, "\"id\" must be an integer or a string of at most 128 bytes", nullptr);
    }
    Request request{*idAt, {}, json::object()};
    if (message.value("jsonrpc", json()) != "2.0") {
        return refuse(ErrorKind::InvalidRequest, "\"jsonrpc\" must be \"2.0\"", request.id);
    }
    for (auto& [name, value] : message.items()) {
        if (name == "method" && value.is_string()) {
            request.method = std::move(value.get_ref<std::string&>());
        } else if (name == "params" && value.is_object()) {
            request.params = std::move(value);
        } else if (name == "method" || name == "params") {
            return refuse(ErrorKind::InvalidRequest, "\"method\" is a string and \"params\" an object", request.id);
        } else if (name != "id" && name != "jsonrpc") {
            return refuse(ErrorKind::InvalidRequest, "a request has jsonrpc, id, method and params, nothing else",
                          request.id);
        }
    }
    if (request.method.empty()) {
        return refuse(ErrorKind::InvalidRequest, "\"method\" is missing", request.id);
    }
    return request;
}

std::string encodeResult(const json& id, const json& body) {
    return line(json{{"jsonrpc", "2.0"}, {"id", id}, {"result", body}});
}

std::string encodeError(const json& id, const Error& error) {
    const ErrorInfo& info = errorInfo(error.kind);
    json data = error.data;
    data["kind"] = info.name;
    return line(json{
        {"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", info.code}, {"message", error.message}, {"data", data}}}});
}

} // namespace keybearer::protocol
