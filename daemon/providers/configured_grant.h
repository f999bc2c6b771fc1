#pragma once
/// \file
/// `[[grant]]` of config.toml: what a person allows without being asked.

#include "ipc/base/result.h"

#include <toml++/toml.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::providers {

inline constexpr std::size_t kMaxConfiguredGrants = 200;

/// As written; what the words mean is the broker's to check.
struct ConfiguredGrant {
    std::string kind; ///< "program", "script", "terminal" or "sandboxed": the key that names the client
    std::string path;
    std::string sha256; ///< empty: whatever is there, if only root can change it
    std::string credential;
    std::vector<std::string> scopes;
    std::string audience;
    std::vector<std::string> fields;
    std::int64_t perMinute = 0;
    std::int64_t until = 0; ///< UTC seconds: the end of the day; 0: no end
    std::string place;      ///< "config.toml:LINE:COLUMN"
};

/// The elements of `[[grant]]`. The error is "filename:line:column: sentence that says what to write". Pure.
[[nodiscard]] base::Result<std::vector<ConfiguredGrant>, std::string> readGrants(const toml::node& node,
                                                                                 std::string_view filename);

} // namespace keybearer::providers
