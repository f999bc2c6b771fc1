#include "ipc/protocol/message.h"

#include "ipc/base/text.h"
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

/// What appendJson() will take at most. An answer may hold a token: a string that grows would leave copies behind.
std::size_t roomFor(const json& value) {
    std::size_t room = 32; // numbers, names, brackets
    if (value.is_string()) {
        room += value.get_ref<const std::string&>().size() * 6;
    }
    if (value.is_structured()) {
        for (auto it = value.begin(); it != value.end(); ++it) {
            room += (value.is_object() ? it.key().size() * 6 : 0) + roomFor(*it);
        }
    }
    return room;
}

void appendJson(std::string& out, const json& value) {
    if (value.is_string()) {
        base::appendJsonString(out, value.get_ref<const std::string&>());
    } else if (value.is_object()) {
        char separator = '{';
        for (auto it = value.begin(); it != value.end(); ++it) {
            out.push_back(separator);
            base::appendJsonString(out, it.key());
            out.push_back(':');
            appendJson(out, it.value());
            separator = ',';
        }
        out.append(value.empty() ? "{}" : "}");
    } else if (value.is_array()) {
        char separator = '[';
        for (const json& member : value) {
            out.push_back(separator);
            appendJson(out, member);
            separator = ',';
        }
        out.append(value.empty() ? "[]" : "]");
    } else {
        out.append(value.dump());
    }
}

/// `name` is "result" or "error". Answers may carry text that came from a server or a file system: bad UTF-8 is
/// replaced.
std::string line(const json& id, const char* name, const json& body) {
    std::string out;
    out.reserve(roomFor(id) + roomFor(body) + 64);
    out.append("{\"id\":");
    appendJson(out, id);
    out.append(",\"jsonrpc\":\"2.0\",\"").append(name).append("\":");
    appendJson(out, body);
    return out.append("}\n");
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
    for (auto it = message.begin(); it != message.end(); ++it) {
        const std::string& name = it.key();
        if (name == "jsonrpc") {
            continue;
        }
        if (name == "method" && it->is_string()) {
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
    const auto version = message.find("jsonrpc");
    if (version == message.end() || *version != "2.0") {
        return refuse(ErrorKind::InvalidRequest, "\"jsonrpc\" must be \"2.0\"", request.id);
    }
    if (request.method.empty()) {
        return refuse(ErrorKind::InvalidRequest, "\"method\" is missing", request.id);
    }
    return request;
}

std::string encodeResult(const json& id, const json& body) {
    return line(id, "result", body);
}

std::string encodeError(const json& id, const Error& error) {
    const ErrorInfo& info = errorInfo(error.kind);
    json data = error.data;
    data["kind"] = info.name;
    return line(id, "error", json{{"code", info.code}, {"message", error.message}, {"data", std::move(data)}});
}

} // namespace keybearer::protocol
