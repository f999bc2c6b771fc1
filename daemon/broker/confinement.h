#pragma once
/// \file
/// What this broker's configuration lets it do, once it is confined.

#include "daemon/platform/landlock.h"
#include "daemon/providers/catalogue.h"
#include "daemon/providers/config.h"
#include "daemon/spawner/spawner.h"
#include "ipc/base/paths.h"

namespace keybearer::broker {

/// The commands and files of command::, file:: and aws_sdk:: locations and the CA files of providers, as they are
/// configured now. Of AWS's files the profiles are named: what command one of them has is read when it is run.
[[nodiscard]] spawner::Allowed allowedBy(const providers::Config& config, const providers::Catalogue& catalogue);

/// The `credential_process` that AWS's files have for a profile now; empty: none. A spawner::Profiles.
[[nodiscard]] std::vector<std::string> commandOfAwsProfile(const std::string& name);

/// What a broker reads and writes by itself: its own folders, and those of the system. Nothing that configuration names
/// is among them.
[[nodiscard]] platform::FileAccess accessOf(const base::Paths& paths);

} // namespace keybearer::broker
