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

/// `name` is "result" or "error".
std::string line(const json& id, std::string_view name, std::string_view body) {
    constexpr std::size_t kFrame = 64; // the fixed text below
    std::string out;
    // An answer may hold a token: a string that grows would leave copies behind.
    out.reserve(jsonRoom(id) + body.size() + kFrame);
    out.append("{\"id\":");
    appendJson(out, id);
    out.append(",\"jsonrpc\":\"2.0\",\"").append(name).append("\":").append(body).append("}\n");
    return out; // itself: what append() returns would be copied, and this one given back with all that it holds
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
    Request request{std::move(*idAt), {}, json::object()};
    bool isVersion2 = false;
    for (auto it = message.begin(); it != message.end(); ++it) {
        const std::string& name = it.key();
        if (name == "jsonrpc") {
            isVersion2 = it->is_string() && it->get_ref<const std::string&>() == "2.0";
        } else if (name == "method" && it->is_string()) {
            request.method = std::move(it->get_ref<std::string&>());
        } else if (name == "params" && it->is_object()) {
            request.params = std::move(*it);
        } else if (name == "method" || name == "params") {
            return refuse(ErrorKind::InvalidRequest, "\"method\" is a string and \"params\" an object", request.id);
        } else if (name != "id") {
            return refuse(ErrorKind::InvalidRequest, "a request has jsonrpc, id, method and params, nothing else",
                          request.id);
        }
    }
    if (!isVersion2) {
        return refuse(ErrorKind::InvalidRequest, "\"jsonrpc\" must be \"2.0\"", request.id);
    }
    if (request.method.empty()) {
        return refuse(ErrorKind::InvalidRequest, "\"method\" is missing", request.id);
    }
    return request;
}

std::string encodeResult(const json& id, const Body& body) {
    return line(id, "result", body.text());
}

std::string encodeError(const json& id, const Error& error) {
    const ErrorInfo& info = errorInfo(error.kind);
    json data = error.data;
    data["kind"] = info.name;
    const Body body(json{{"code", info.code}, {"message", error.message}, {"data", std::move(data)}});
    return line(id, "error", body.text());
}

} // namespace keybearer::protocol
