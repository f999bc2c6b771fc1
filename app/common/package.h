#pragma once
/// \file
/// Which of the system's packages a file belongs to.

#include <string>
#include <string_view>

namespace keybearer::common {

/// "curl", as dpkg-query(1) or rpm(8) says; empty when neither is there, or knows it. At most kPackageDeadline.
[[nodiscard]] std::string packageOf(const std::string& path);

/// The name in an answer of `dpkg-query --search`, which has several where packages share a file: "curl:
/// /usr/bin/curl", "libc6:amd64: /lib/..."; empty for a diversion and for what is no answer. Pure.
[[nodiscard]] std::string packageInAnswer(std::string_view answer);

} // namespace keybearer::common
