#pragma once
/// \file
/// What went wrong below, in the words of the protocol. This module fails with protocol::Error throughout: every
/// failure of an account ends up on the wire, and a second list of the same kinds would only drift from the first.

#include "daemon/keychain/keychain.h"
#include "daemon/oauth/error.h"
#include "ipc/protocol/message.h"

#include <string>
#include <string_view>
#include <vector>

namespace keybearer::accounts {

template<class T>
using Result = protocol::Result<T>;

[[nodiscard]] protocol::Error failure(protocol::ErrorKind kind, std::string message);
/// `issuer` says who failed.
[[nodiscard]] protocol::Error fromOAuth(const oauth::Error& error, std::string_view issuer);
[[nodiscard]] protocol::Error fromKeychain(const keychain::Error& error);
/// The person has to open the broker first.
[[nodiscard]] protocol::Error brokerLocked();
[[nodiscard]] protocol::Error loginRequired(std::string_view account, std::string_view why);
[[nodiscard]] protocol::Error unknownAccount(std::string_view account);
/// `nearest`: names that may have been meant.
[[nodiscard]] protocol::Error unknownProvider(std::string_view provider, const std::vector<std::string>& nearest);

} // namespace keybearer::accounts
