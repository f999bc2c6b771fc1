#pragma once
/// \file
/// What a person may change in a window instead of in config.toml.

#include "daemon/providers/config.h"
#include "ipc/base/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace keybearer::rpc {

enum class Setting : std::uint8_t { Shadow, LockWithScreen, LockOnSuspend, LockKeyring };
inline constexpr std::size_t kSettingCount = 4;

/// What happens when a secret of a stronger layer hides one of a weaker.
enum class ShadowRule { Allow, Warn, Deny };

/// Main thread. config.toml decides where it names a setting; settings.json in the data folder remembers what a command
/// has set where it does not.
class Settings {
public:
    struct Description {
        std::string_view name;                     ///< as config.toml has it: "lock.on_suspend"
        std::span<const std::string_view> choices; ///< none: it is "true" or "false"
        std::string_view preset;                   ///< what holds where nobody has said anything
    };
    /// A row for each Setting, in their order.
    [[nodiscard]] static std::span<const Description, kSettingCount> descriptions();

    /// A damaged file is an error, a sentence: a lock shall not be left open because a file could not be read.
    [[nodiscard]] static base::Result<Settings, std::string> open(const std::string& folder,
                                                                  const providers::Config& config);

    [[nodiscard]] std::string_view value(Setting setting) const;
    /// Of a setting that is "true" or "false".
    [[nodiscard]] bool isOn(Setting setting) const { return value(setting) == "true"; }
    /// Nobody can be asked yet: "ask" is Deny.
    [[nodiscard]] ShadowRule shadow() const;
    /// "config.toml", "command" or "default".
    [[nodiscard]] std::string_view source(Setting setting) const;
    /// Durable when it returns success. The error is a sentence: no setting has this name, it cannot have this value,
    /// config.toml decides it, or the file cannot be written; nothing is changed then.
    [[nodiscard]] base::Result<void, std::string> set(std::string_view name, std::string_view value);

private:
    using Values = std::array<std::optional<std::string>, kSettingCount>;
    Settings() = default;

    std::string m_path;
    Values m_configured;
    Values m_stored; ///< also of those that config.toml decides at present
};

} // namespace keybearer::rpc
