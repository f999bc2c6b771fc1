#pragma once
/// \file
/// A client as a list of words, between the process that tells who asks and the broker. Pure, fuzzed.

#include "daemon/access/client.h"

#include <optional>
#include <string>
#include <vector>

namespace keybearer::access {

[[nodiscard]] std::vector<std::string> wordsOf(const Client& client);

/// nullopt: these are not exactly such words.
[[nodiscard]] std::optional<Client> clientFromWords(const std::vector<std::string>& words);

} // namespace keybearer::access
