#pragma once
/// \file
/// Loopback ports for the receiver: which addresses a redirect needs, and all of them or none.

#include "daemon/oauth/error.h"
#include "daemon/providers/profile.h"

#include <QTcpServer>

#include <memory>
#include <string>
#include <vector>

namespace keybearer::oauth {

struct LoopbackBinding {
    /// One, or two on the same port for "localhost". They listen and do not accept yet.
    std::vector<std::unique_ptr<QTcpServer>> servers;
    std::string host; ///< as the redirect URI names it
};

/// Binds the first port that is free; never SO_REUSEPORT. NoPort says what was tried.
[[nodiscard]] Result<LoopbackBinding> bindLoopback(const providers::Redirect& redirect);

} // namespace keybearer::oauth
