#pragma once
/// \file
/// The audit record as text for a person.

#include <nlohmann/json.hpp>

#include <string>

namespace keybearer::cli {

/// A row of audit.query on a line: time, program, what, verdict, why.
[[nodiscard]] std::string auditLine(const nlohmann::json& row, bool colour);
/// The same as a line for programs.
[[nodiscard]] std::string auditJsonLine(const nlohmann::json& row);
/// The result of audit.verify.
[[nodiscard]] std::string verifyText(const nlohmann::json& report, bool colour);

} // namespace keybearer::cli
