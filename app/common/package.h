#pragma once
/// \file
/// Which of the system's packages a file belongs to.

#include <chrono>
#include <string>
#include <string_view>

namespace keybearer::common {

/// "curl", as dpkg-query(1) or rpm(8) says; empty when neither is there, knows it, or answers. Blocks; `patience` is
/// for each question that it asks, of which there are three at most.
[[nodiscard]] std::string packageOf(const std::string& path,
                                    std::chrono::milliseconds patience = std::chrono::seconds(1));

/// The name in an answer of `dpkg-query --search`, which has several where packages share a file: "curl:
/// /usr/bin/curl", "libc6:amd64: /lib/..."; empty for a diversion and for what is no answer. Pure.
[[nodiscard]] std::string packageInAnswer(std::string_view answer);

} // namespace keybearer::common
