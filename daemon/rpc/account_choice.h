#pragma once
/// \file
/// Which account a call means that names none.

#include "daemon/rpc/services.h"

#include <string>

namespace keybearer::rpc {

struct AccountChoice {
    std::string account;
    std::string why;     ///< "named", "bound", "only"
    std::string boundBy; ///< the folder, where `why` is "bound"
};

/// `account` where it is given, be it a name or the resource that an account was signed in for; else what `directory`,
/// or the nearest folder above it, is bound to; else the only account that there is. Errors: unknown_account,
/// invalid_value.
[[nodiscard]] protocol::Result<AccountChoice> chooseAccount(const Services& services, const protocol::Params& params);

} // namespace keybearer::rpc
