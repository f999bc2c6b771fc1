#pragma once
/// \file
/// The way to the broker, as the verbs use it.

#include "ipc/base/secret.h"
#include "ipc/client/client.h"

#include <string_view>

namespace keybearer::cli {

enum class Start { IfNeeded, Never };

[[nodiscard]] client::Result<client::Client> connectBroker(Start start);

/// Connects, asks once, and gives the result.
[[nodiscard]] client::Result<nlohmann::json> askBroker(Start start, std::string_view method,
                                                       const nlohmann::json& params = nlohmann::json::object());

/// A call with `secret` as parameter `name`; this program's copies of it are wiped afterwards.
[[nodiscard]] client::Result<nlohmann::json> callWithSecret(client::Client& broker, std::string_view method,
                                                            nlohmann::json params, const char* name,
                                                            const base::Secret& secret);

} // namespace keybearer::cli
