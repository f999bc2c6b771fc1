#pragma once
/// \file
/// After an upgrade: the broker knows the window by its file, and this process still executes the one before.

namespace keybearer::tray {

/// Another file lies where this program's was, and can be executed.
[[nodiscard]] bool wasReplaced();

/// Becomes that program, as this process and on this display; `withWindow`: its window opens. Returns when that fails.
void becomeInstalled(bool withWindow);

} // namespace keybearer::tray
