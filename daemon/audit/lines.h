#pragma once
/// \file
/// Reads the lines of a file of the record, in pieces.

#include "daemon/audit/log_files.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::audit {

/// Bytes that are read at once; no line is longer (kMaxLineBytes).
inline constexpr std::size_t kBlockBytes = kMaxLineBytes;

/// Some whole lines, without their LFs, in the file's order; the views point into `text`.
struct Block {
    std::string text;
    std::vector<std::string_view> lines;
    std::uint64_t begin = 0; ///< place of the first line in the file
    std::uint64_t end = 0;   ///< place behind the last one
    bool isDamaged = false;  ///< a line without end, or one that is too long, begins at `end` (or ends at `begin`)
};

/// The lines that begin at `begin`, which is the beginning of one, up to `end` at most. No lines: there are none, or
/// isDamaged.
[[nodiscard]] Block blockFrom(int fd, std::uint64_t begin, std::uint64_t end);
/// The lines that end at `end`, which is the end of one.
[[nodiscard]] Block blockUpTo(int fd, std::uint64_t end);

/// Where the first row with a number of at least `sequence` begins, or a line a little before it. `size` is the file's.
[[nodiscard]] std::uint64_t placeOfRow(int fd, std::uint64_t size, std::uint64_t sequence);

/// The hash of a row of these files (oldest first); nullopt when there is no such row.
[[nodiscard]] std::optional<std::string> hashOfRow(const std::vector<Segment>& files, std::uint64_t sequence);

} // namespace keybearer::audit
