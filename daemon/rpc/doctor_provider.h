#pragma once
/// \file
/// What doctor.run finds out about one provider.

#include "daemon/rpc/services.h"

namespace keybearer::rpc {

/// What a front end can do about a check; ipc/protocol/methods.cpp (kDoctorResult) says how each is carried out.
enum class MendAction { SignIn, Unlock, ChooseKeychain, SetPolicy, RestartBroker, OpenUrl };
/// `names`: an object of what the action needs to know.
[[nodiscard]] nlohmann::json mendBy(MendAction action, nlohmann::json names = nlohmann::json::object());

/// One object of doctor.run's `checks`; `result` is "ok", "warn" or "fail"; `mend` is null or from mendBy().
[[nodiscard]] nlohmann::json doctorCheck(const char* name, const char* result, std::string message,
                                         const std::string& fix = {}, nlohmann::json mend = nullptr);

/// Asks the provider for its metadata and looks at everything that a sign-in there depends on. Changes nothing.
[[nodiscard]] QCoro::Task<nlohmann::json> checkProvider(Services& services, providers::Profile profile);

} // namespace keybearer::rpc
