#pragma once
/// \file
/// One line of the audit file: how a record becomes text, and what makes a line follow another. Pure.

#include "daemon/audit/audit_log.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::audit {

/// Longest field that is written; longer ones are cut. Each byte takes at most six in JSON, so a line stays below
/// kMaxLineBytes.
inline constexpr std::size_t kMaxFieldBytes = 4 * 1024;
inline constexpr std::size_t kMaxLineBytes = 256 * 1024;

/// `prev` of the first line.
[[nodiscard]] std::string firstHash();

/// Appends the line without its LF: ASCII only, invalid UTF-8 replaced.
void appendLine(std::string& out, const Record& record, std::uint64_t sequence, std::int64_t utcSeconds,
                std::string_view previousHash);

/// What a line says about its place.
struct Link {
    std::uint64_t sequence = 0;
    std::string previousHash;
};
/// nullopt when the line is not a record.
[[nodiscard]] std::optional<Link> parseLine(std::string_view line);

} // namespace keybearer::audit
