#pragma once
/// \file
/// Choosing a keychain together with the person.

#include "app/cli/prompt.h"

namespace keybearer::cli {

/// Asks for a new passphrase twice. An empty one means "not encrypted", and only after the person typed those words.
[[nodiscard]] client::Result<base::Secret> askNewPassphrase(Terminal& terminal);

/// From the file ("-" is standard input), or typed; an error that says how to give it where there is no terminal.
[[nodiscard]] client::Result<base::Secret>
passphraseFor(const std::string& file, client::Result<base::Secret> (*ask)(Terminal&), const char* otherwise);

/// keychain.migrate to the file keychain: sealed with `passphrase`, plain when that is empty.
[[nodiscard]] client::Result<nlohmann::json> migrateToFile(client::Client& broker, const base::Secret& passphrase);

} // namespace keybearer::cli
