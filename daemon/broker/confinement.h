#pragma once
/// \file
/// What this broker's configuration lets it do, once it is confined.

#include "daemon/providers/catalogue.h"
#include "daemon/providers/config.h"
#include "daemon/spawner/spawner.h"

namespace keybearer::broker {

/// The commands and files of command::, file:: and aws_sdk:: locations and the CA files of providers, as they are
/// configured now. Of AWS's files the profiles are named: what command one of them has is read when it is run.
[[nodiscard]] spawner::Allowed allowedBy(const providers::Config& config, const providers::Catalogue& catalogue);

/// The `credential_process` that AWS's files have for a profile now; empty: none. A spawner::Profiles.
[[nodiscard]] std::vector<std::string> commandOfAwsProfile(const std::string& name);

} // namespace keybearer::broker
