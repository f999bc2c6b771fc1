#pragma once
/// \file
/// JSON-RPC messages as the Model Context Protocol has them. Pure.

#include "ipc/base/result.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace keybearer::mcp {

/// Largest message, in either direction; in bytes of JSON.
inline constexpr std::size_t kMaxMessage = 4U << 20;

struct Message {
    enum class Kind { Request, Notification, Response };

    Kind kind = Kind::Notification;
    std::string method;  ///< visible ASCII; empty for a response
    std::string id;      ///< as JSON: `5`, `"a"`; empty for a notification
    nlohmann::json body; ///< all of it

    /// The revision that a request names in its `_meta`, as those since 2026-07-28 do; empty for any other message.
    [[nodiscard]] std::string claimedVersion() const;
    /// Of a notification that a request is cancelled: the request's id, as in `id`. Empty for any other message.
    [[nodiscard]] std::string cancelledId() const;
};

/// What a revision of the protocol may be called, so that a header can carry it: visible ASCII, at most 64.
[[nodiscard]] bool isRevision(std::string_view text);

struct BadMessage {
    int code = 0; ///< of JSON-RPC: -32700 no JSON, -32600 no message
    std::string reason;
    std::string id = "null"; ///< as JSON, where it could be read
};

/// One message and nothing else: a batch is refused, as no revision of today has them.
[[nodiscard]] base::Result<Message, BadMessage> parseMessage(std::string_view text);
[[nodiscard]] base::Result<Message, BadMessage> readMessage(nlohmann::json body);

/// Well-formed UTF-8, at most kMaxMessage, and not nested deeper than a stack can bear.
[[nodiscard]] base::Result<nlohmann::json, BadMessage> parseJson(std::string_view text);

/// The answer that a request gets when its own cannot be had. `kind` is a word for programs; `status` that of HTTP, or
/// 0.
[[nodiscard]] std::string errorAnswer(const std::string& id, int code, std::string_view message, std::string_view kind,
                                      int status = 0);

/// JSON on one line: what may stand between its parts only becomes a space.
[[nodiscard]] std::string onOneLine(std::string text);

} // namespace keybearer::mcp
