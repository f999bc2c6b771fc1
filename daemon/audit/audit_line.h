#pragma once
/// \file
/// One line of the audit file: how a record becomes text, and how it is read again (FORMAT.md). Pure, fuzzed.

#include "daemon/audit/record.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::audit {

/// Longest text that is written; longer ones are cut. Each byte takes at most six in JSON, so a line stays below
/// kMaxLineBytes.
inline constexpr std::size_t kMaxFieldBytes = 4 * 1024;
/// The same for a text that may be left out.
inline constexpr std::size_t kMaxOptionalBytes = 1024;
inline constexpr std::size_t kMaxLineBytes = 256 * 1024;
/// Seconds from 1970, in both directions, beyond which a row's time is none.
inline constexpr std::int64_t kMaxTime = std::int64_t{1} << 40U;

/// Where a chain stands: its newest row.
struct Mark {
    std::uint64_t count = 0; ///< sequence number of the row; 0: there is none yet
    std::string hash;        ///< lower-case hex SHA-256 of its line without the LF; firstHash() where there is none
};

/// `prev` of the first line.
[[nodiscard]] std::string firstHash();
/// 64 lower-case hexadecimal digits.
[[nodiscard]] bool isHash(std::string_view text);

/// Appends the line without its LF: ASCII only, invalid UTF-8 replaced.
void appendLine(std::string& out, const Record& record, std::uint64_t sequence, std::int64_t utcSeconds,
                std::string_view previousHash);

/// A line that was read. The views point into it and are still escaped as JSON: unescaped().
struct Row {
    std::uint64_t sequence = 0;
    std::int64_t time = 0; ///< UTC seconds
    Record record;
    std::string_view previousHash;
};
/// nullopt when the line is not a record: one flat object, members in any order and each once, `seq` and `prev` among
/// them. Names that are not known are passed over, for rows of later versions.
[[nodiscard]] std::optional<Row> readLine(std::string_view line);

/// The text of a view of a Row, as UTF-8.
[[nodiscard]] std::string unescaped(std::string_view text);

/// `removed`: "NUMBER HASH". nullopt for another text.
[[nodiscard]] std::string removedText(const Mark& mark);
[[nodiscard]] std::optional<Mark> parseRemoved(std::string_view text);

} // namespace keybearer::audit
