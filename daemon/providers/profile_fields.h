#pragma once
/// \file
/// The part of a profile that describes keys: aliases, dashboard_url, needs, main and [fields.NAME]. Pure.

#include "daemon/providers/profile.h"
#include "daemon/providers/toml_reader.h"

namespace keybearer::providers {

/// Problems are noted in `reader`.
void readFields(TableReader& reader, std::string_view filename, Profile& profile);

} // namespace keybearer::providers
