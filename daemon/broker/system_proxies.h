#pragma once
/// \file
/// The proxies of the person's settings, found outside of what confines the broker: a desktop keeps them in files of
/// its own, and runs programs to read them.

#include "daemon/oauth/proxies.h"
#include "daemon/spawner/spawner.h"

namespace keybearer::broker {

/// In a process of the helper's: a line on standard output for each proxy.
void writeSystemProxies(const std::string& url);

/// Asks the helper; where it is gone, this process itself. `spawner` outlives it.
[[nodiscard]] oauth::ProxyFinder proxyFinder(spawner::Spawner& spawner);

} // namespace keybearer::broker
