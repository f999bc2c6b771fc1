#pragma once
/// \file
/// What locking the broker does.

#include "daemon/rpc/services.h"

namespace keybearer::rpc {

/// Nothing is given out from here on; the access tokens, the vault's data keys and the key of a sealed keychain file
/// are wiped, logins end, and questions that wait are refused. Where `[lock] keyring` says so, the desktop's keyring is
/// locked as well, which is the one thing that takes time. Locked in any case; the error, a sentence, says what was not
/// done.
[[nodiscard]] QCoro::Task<base::Result<void, std::string>> lockDown(Services& services, LockedBy by);

/// The same, asked for by nobody who waits for an answer: recorded here.
QCoro::Task<> lockDownRecorded(Services& services, LockedBy by);

} // namespace keybearer::rpc
