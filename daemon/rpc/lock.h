#pragma once
/// \file
/// Whether the broker is locked. A lock outlives the broker: a restart opens nothing.

#include "ipc/base/result.h"
#include "ipc/protocol/methods.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::rpc {

/// Who or what locked it.
enum class LockedBy {
    Command, ///< system.lock
    Screen,  ///< the screen was locked
    Suspend, ///< the machine went to sleep
    Unknown, ///< lock.json is there and cannot be read: it stays locked
};
[[nodiscard]] std::string_view toString(LockedBy by);

/// Main thread. Remembered in lock.json of the data folder, which any program of the user could remove: what the lock
/// protects is not the file but that the secrets are gone from memory.
class Lock {
public:
    struct State {
        LockedBy by = LockedBy::Unknown;
        std::int64_t since = 0; ///< UTC seconds
    };

    [[nodiscard]] static Lock open(const std::string& folder);

    [[nodiscard]] bool isLocked() const noexcept { return m_state.has_value(); }
    [[nodiscard]] const std::optional<State>& state() const noexcept { return m_state; }
    /// Whether this method has to wait for an unlock. Who approves may answer the question about the unlock.
    [[nodiscard]] bool refuses(const protocol::Method& method) const;
    /// Another number after each change: what was begun before a lock must not open it.
    [[nodiscard]] unsigned changes() const noexcept { return m_changes; }

    /// Locked in any case; the error, a sentence, says that a restart would open it.
    [[nodiscard]] base::Result<void, std::string> engage(State state);
    /// Still locked when it fails.
    [[nodiscard]] base::Result<void, std::string> release();

private:
    std::string m_path;
    std::optional<State> m_state;
    unsigned m_changes = 0;
};

} // namespace keybearer::rpc
