#pragma once
/// \file
/// What a client can find out by itself about a broker that does not answer.

#include "ipc/client/client.h"

namespace keybearer::cli {

/// One object for each check, as doctor.run gives them; `whyNoBroker` becomes the last one. Changes nothing.
[[nodiscard]] nlohmann::json localChecks(const client::Error& whyNoBroker);

} // namespace keybearer::cli
