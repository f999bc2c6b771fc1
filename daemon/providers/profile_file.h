#pragma once
/// \file
/// The format of resources/providers/*.toml and providers.d/*.toml. Pure, fuzzed.

#include "daemon/providers/profile.h"
#include "ipc/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace keybearer::providers {

/// What a file says about itself before it is read as a whole.
struct ProfileHead {
    std::string id;
    std::string extends; ///< id of the profile that it takes everything from that it does not say itself
};
/// Empty texts where there are none, or none that can be read: parseProfile() tells.
[[nodiscard]] ProfileHead profileHead(std::string_view text);

/// Strict: the error is "filename:line:column: sentence that says what to write". `extended`: the texts of the profile
/// that it extends, of the one that that one extends, and so on. A profile takes over tables key by key, and everything
/// else whole; a name and the aliases are taken over by a profile of the same id only.
[[nodiscard]] base::Result<Profile, std::string> parseProfile(std::string_view text, std::string_view filename,
                                                              const std::vector<std::string>& extended = {});

} // namespace keybearer::providers
