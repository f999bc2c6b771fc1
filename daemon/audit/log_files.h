#pragma once
/// \file
/// The files of the record: audit.log, and the older ones beside it, audit-000001.log and so on.

#include "daemon/audit/audit_line.h"
#include "ipc/base/result.h"
#include "ipc/base/unique_fd.h"

#include <cstdint>
#include <string>
#include <vector>

namespace keybearer::audit {

/// One file: what its first and its last line say. Numbers are 0 where it has no line, or none that can be read.
struct Segment {
    std::string path;
    std::uint64_t bytes = 0;
    std::uint64_t first = 0;
    std::int64_t firstTime = 0; ///< UTC seconds
    std::string firstPrevious;  ///< `prev` of the first line
    std::uint64_t last = 0;
    std::int64_t lastTime = 0;
    std::string lastHash;
};

/// "cannot <doing> <path>: why", from errno.
[[nodiscard]] std::string fileProblem(const std::string& path, const char* doing);

/// Reads [offset, offset + size) whole; false on an error or when the file ends before.
[[nodiscard]] bool readAt(int fd, std::uint64_t offset, std::size_t size, std::string& out);

/// Opens a file of the record that must be there, for reading. Refuses links and waits for no pipe.
[[nodiscard]] base::UniqueFd openToRead(const std::string& path);

/// The same for each, so that no file changes its name before it is read.
[[nodiscard]] std::vector<base::UniqueFd> openToRead(const std::vector<Segment>& files);

/// The older files beside `logPath`, oldest first. A file that cannot be read is listed without numbers.
[[nodiscard]] std::vector<Segment> olderSegments(const std::string& logPath);
/// The path of the file that follows them.
[[nodiscard]] std::string nextSegmentPath(const std::string& logPath, const std::vector<Segment>& older);

struct OpenedLog {
    base::UniqueFd fd; ///< for appending
    Segment segment;
    bool wasTorn = false; ///< the last line was incomplete (power loss) and was cut off
};
/// Opens or creates the file that rows are appended to. The error is a sentence: it is not a regular file, another
/// user's, open to others, or none of ours.
[[nodiscard]] base::Result<OpenedLog, std::string> openToAppend(const std::string& path);
/// The same for a file that must not be there yet.
[[nodiscard]] base::Result<base::UniqueFd, std::string> createToAppend(const std::string& path);

} // namespace keybearer::audit
