#pragma once
/// \file
/// The format of resources/providers/*.toml and providers.d/*.toml. Pure, fuzzed.

#include "daemon/providers/profile.h"
#include "ipc/base/result.h"

#include <string>
#include <string_view>

namespace keybearer::providers {

/// Strict: the error is "filename:line:column: sentence that says what to write".
[[nodiscard]] base::Result<Profile, std::string> parseProfile(std::string_view text, std::string_view filename);

} // namespace keybearer::providers
