#pragma once
/// \file
/// Requests and answers: one JSON-RPC 2.0 object a line. Pure.

#include "ipc/base/result.h"
#include "ipc/protocol/body.h"
#include "ipc/protocol/errors.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace keybearer::protocol {

struct Error {
    ErrorKind kind = ErrorKind::Internal;
    std::string message;                            ///< a sentence; no secret, nothing unprintable
    nlohmann::json data = nlohmann::json::object(); ///< further members of `data`
};

template<class T>
using Result = base::Result<T, Error>;

struct Request {
    nlohmann::json id; ///< string or integer; notifications from clients are refused
    std::string method;
    nlohmann::json params; ///< always an object
};

/// Why a line was not taken, and under which id to say so (null when the line had none that could be read).
struct RequestError {
    Error error;
    nlohmann::json id;
};

/// Strict: `jsonrpc` is "2.0", `id` a string of at most 128 bytes or an integer, `params` an object or left out, no
/// other member, no batch.
[[nodiscard]] base::Result<Request, RequestError> parseRequest(std::string_view line);

/// The answer's line with its LF. It may hold a secret: whoever has it wipes it.
[[nodiscard]] std::string encodeResult(const nlohmann::json& id, const Body& body);
[[nodiscard]] std::string encodeError(const nlohmann::json& id, const Error& error);

} // namespace keybearer::protocol
