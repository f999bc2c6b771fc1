#pragma once
/// \file
/// Whether somebody can see the screen.

#include <QCoroTask>

#include <chrono>

namespace keybearer::desktop {

/// How long a service may take to answer; one that does not is taken for none.
inline constexpr std::chrono::milliseconds kScreenLockDeadline{500};

/// True while the screen is locked, or a screen saver covers it: asks logind for the LockedHint of this user's session
/// (org.freedesktop.login1, systemd 230 and later) and the screen savers of the session bus that are running, all at
/// once. Starts no service. Where nobody knows, it is not locked. Main thread.
[[nodiscard]] QCoro::Task<bool> isScreenLocked();

} // namespace keybearer::desktop
