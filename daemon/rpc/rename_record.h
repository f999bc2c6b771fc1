#pragma once
/// \file
/// The row that says which name something has now: its method's own row is written before it is known whether it
/// succeeds.

#include "daemon/rpc/services.h"

#include <string>

namespace keybearer::rpc {

/// After a rename: what programs were given under the old name is found under the new one (audit::Releases).
void recordAccountRename(Services& services, const std::string& from, const std::string& to);
void recordKeyRename(Services& services, const vault::CredentialId& from, const std::string& to);

} // namespace keybearer::rpc
