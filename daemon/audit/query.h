#pragma once
/// \file
/// Finds rows of the record. In steps, so that nobody waits for a large file.

#include "daemon/audit/lines.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::audit {

/// What is left empty matches every row.
struct Filter {
    std::optional<std::int64_t> since; ///< UTC seconds, inclusive
    std::optional<std::int64_t> until; ///< UTC seconds, exclusive
    std::string client;                ///< part of the executable's path
    std::string credential;            ///< the whole credential, what stands before its '/', or the account
    std::string event;
    std::string verdict;
    bool unusual = false; ///< only rows with something unusual
};

[[nodiscard]] bool matches(const Filter& filter, const Row& row);

/// Reads rows forwards from one row, or backwards from another. A file whose first and last row both lie outside the
/// wanted time is passed over; where the clock was set back in between, so are rows in it. Lines that are no rows are
/// counted and passed over: to judge them is Verification's work. Main thread.
class Search {
public:
    enum class Way { Forwards, Backwards };

    /// The most bytes of lines that are kept; one more line may come on top.
    static constexpr std::size_t kMostBytes = 512U << 10;

    /// Forwards: rows with larger numbers than `from`; backwards: with smaller ones. `files` oldest first.
    Search(std::vector<Segment> files, Filter filter, Way way, std::uint64_t from, std::size_t limit);

    /// Looks at one block of a file. False: there is nothing left to look at, or enough was found.
    bool step();

    /// The lines that were found, oldest first.
    [[nodiscard]] std::vector<std::string> takeLines();
    /// The number of the row up to which it has looked: `from` of a search that goes on. Where it has seen no row, this
    /// one's own.
    [[nodiscard]] std::uint64_t reached() const noexcept { return m_reached; }
    /// There may be more rows in this direction.
    [[nodiscard]] bool hasMore() const noexcept { return m_hasMore; }
    /// Bytes that were read.
    [[nodiscard]] std::uint64_t bytesRead() const noexcept { return m_read; }
    [[nodiscard]] std::uint64_t damaged() const noexcept { return m_damaged; }

private:
    [[nodiscard]] bool isOutside(const Segment& file) const;
    /// Opens the next file that may have a row; false when there is none.
    bool openNext();
    /// Takes a line in; false when enough was found before it.
    bool take(std::string_view line);

    std::vector<Segment> m_files;      ///< still to be looked at; the next one is the last
    std::vector<base::UniqueFd> m_fds; ///< theirs
    const Filter m_filter;
    const Way m_way;
    const std::size_t m_limit;
    std::uint64_t m_reached;
    base::UniqueFd m_fd;
    std::uint64_t m_place = 0; ///< in the open file
    std::uint64_t m_size = 0;  ///< of the open file
    std::vector<std::string> m_lines;
    std::size_t m_bytes = 0;
    std::uint64_t m_read = 0;
    std::uint64_t m_damaged = 0;
    bool m_hasMore = true;
};

} // namespace keybearer::audit
