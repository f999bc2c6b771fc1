#pragma once
/// \file
/// What doctor.run finds out about one provider.

#include "daemon/rpc/services.h"

namespace keybearer::rpc {

/// One object of doctor.run's `checks`; `result` is "ok", "warn" or "fail".
[[nodiscard]] nlohmann::json doctorCheck(const char* name, const char* result, std::string message,
                                         const std::string& fix = {});

/// Asks the provider for its metadata and looks at everything that a sign-in there depends on. Changes nothing.
[[nodiscard]] QCoro::Task<nlohmann::json> checkProvider(Services& services, providers::Profile profile);

} // namespace keybearer::rpc
