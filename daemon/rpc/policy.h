#pragma once
/// \file
/// What holds for programs, by config.toml or by the person's own command.

#include "daemon/access/decide.h"
#include "ipc/base/result.h"

#include <optional>
#include <string>

namespace keybearer::rpc {

/// Main thread. config.toml decides where it names a policy; policy.json in the data folder remembers what a command
/// has set where it does not.
class PolicySetting {
public:
    /// A damaged file is an error, a sentence: nobody shall be let in because a file could not be read.
    [[nodiscard]] static base::Result<PolicySetting, std::string> open(const std::string& folder,
                                                                       std::optional<access::Policy> configured);

    [[nodiscard]] access::Policy current() const noexcept { return m_current; }
    /// "config.toml", "command" or "default".
    [[nodiscard]] std::string_view source() const noexcept { return m_source; }
    [[nodiscard]] base::Result<void, std::string> set(access::Policy policy);

private:
    PolicySetting() = default;

    std::string m_path;
    access::Policy m_current = access::Policy::Ask;
    std::string_view m_source = "default";
};

} // namespace keybearer::rpc
