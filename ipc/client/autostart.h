#pragma once
/// \file
/// Starting the broker when none runs.

#include "ipc/client/client.h"

#include <string>
#include <vector>

namespace keybearer::client {

/// The variables that a broker inherits from whoever starts it; nothing else of the starter's environment does.
/// Names that end with '*' are prefixes.
[[nodiscard]] const std::vector<std::string>& inheritedVariables();

/// Path of keybearerd: beside this program's own executable, else the installed one. Empty when there is none.
[[nodiscard]] std::string brokerPath();

/// Connects; when nothing listens, starts `brokerPath()` in a session of its own, waits until it serves or says why it
/// cannot, and connects. Many callers at once start one broker: the others' brokers find the lock taken and end.
[[nodiscard]] Result<Client> connectOrStart(const base::Paths& paths);

} // namespace keybearer::client
