#pragma once
/// \file
/// Requests and answers as lines, for a connection of any kind.

#include "ipc/client/client.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::client {

/// With its LF. It is the only copy that is made of a secret in `params`: wipe it when it has been sent. What is not
/// UTF-8 becomes U+FFFD and is refused by the broker rather than thrown over here.
[[nodiscard]] std::string requestLine(std::uint64_t id, std::string_view method, const nlohmann::json& params);

struct Message {
    bool isAnswer = false;           ///< false: a notification
    std::optional<std::uint64_t> id; ///< empty: the broker could not read which request it answers
    Result<nlohmann::json> result;
};

/// A line from the broker, without its LF; nullopt when it is none that PROTOCOL.md allows.
[[nodiscard]] std::optional<Message> readMessage(std::string_view line);

} // namespace keybearer::client
