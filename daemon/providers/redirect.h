#pragma once
/// \file
/// Loopback redirect URIs as people write them (RFC 8252 section 7.3). Pure.

#include "daemon/providers/profile.h"
#include "ipc/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace keybearer::providers {

/// Ports below are for system services.
inline constexpr std::uint16_t kFirstRedirectPort = 1024;

/// Reads "http://127.0.0.1/callback", "http://[::1]:8400/cb", "http://localhost/*". A last segment "*" stands for an
/// unpredictable one; without a port the system chooses. The error is a sentence that says what to write.
[[nodiscard]] base::Result<Redirect, std::string> parseRedirect(std::string_view uri);

/// What a person enters at the provider: without a port when the system chooses it, with the first one of several, and
/// without the unpredictable segment.
[[nodiscard]] std::string registrationUri(const Redirect& redirect);

} // namespace keybearer::providers
