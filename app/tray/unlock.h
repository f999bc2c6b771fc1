#pragma once
/// \file
/// Opening a locked broker.

#include "app/model/broker_state.h"

#include <QWidget>

#include <functional>

namespace keybearer::tray {

/// Asks for the passphrase where a sealed file is in use, and unlocks; else unlocks at once: with a keyring service its
/// own prompt may come up. `failed` is called later, or not at all. The state outlives the call.
void askToUnlock(model::BrokerState& state, QWidget* parent, std::function<void(const client::Error&)> failed);

} // namespace keybearer::tray
