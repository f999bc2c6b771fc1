#pragma once
/// \file
/// The client key of this process, for a program whose identity the kernel cannot tell the broker: in a container, on
/// CI.

#include "ipc/base/paths.h"
#include "ipc/base/secret.h"
#include "ipc/client/client.h"

#include <optional>
#include <string>

namespace keybearer::client {

/// The content of a regular file that nobody but its owner can read, at most 64 KiB, without the line feed at its end.
/// Errors ("invalid_value") name the variable that names the file.
[[nodiscard]] Result<base::Secret> readNamedFile(const std::string& variable, const std::string& path);

/// What KEYBEARER_CLIENT_KEY holds, else what the file holds that KEYBEARER_CLIENT_KEY_FILE names; nullopt when neither
/// is set. It is shown to the broker as it is: whether it is a key is for the broker to say.
[[nodiscard]] Result<std::optional<base::Secret>> clientKeyOf(const base::Environment& environment);

} // namespace keybearer::client
