#pragma once
/// \file
/// A file that was found through a process and is held, so that it cannot become another behind its path.

#include "ipc/base/result.h"
#include "ipc/base/unique_fd.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace keybearer::platform {

/// Tells a file, and each of its contents, from any other. The change time cannot be set by those who own the file.
struct FileId {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;   ///< bytes
    std::int64_t ctimeNs = 0; ///< nanoseconds since 1970-01-01T00:00:00Z

    friend bool operator==(const FileId&, const FileId&) = default;
};

/// A regular file. Move-only; any thread, one at a time.
struct LocatedFile {
    base::UniqueFd handle; ///< O_PATH: keeps the file, reads nothing
    std::string path;      ///< for people; as the process's own folders name it
    FileId id;             ///< when it was located
    /// What lies at `path` for us is this file. False: it was deleted or replaced, or the process has other folders.
    bool isInPlace = false;
    /// It is in place, and nobody but root can change it or any folder above it (see isRootsAlone()).
    bool isRootOwned = false;
    bool isOnFuse = false; ///< a program of somebody's serves its content
};

/// The regular file that a path means to us; nullopt when there is none that we may look at.
[[nodiscard]] std::optional<LocatedFile> locateFile(const std::string& path);

/// The file as it is now; nullopt when it cannot be asked.
[[nodiscard]] std::optional<FileId> currentId(const LocatedFile& file);

/// For reading. Never waits for a pipe; the error is a sentence.
[[nodiscard]] base::Result<base::UniqueFd, std::string> openForReading(const LocatedFile& file);

/// Bytes at `offset`, fewer than asked for only at the end; nullopt when reading fails.
[[nodiscard]] std::optional<std::size_t> readAt(int fd, std::uint64_t offset, std::span<unsigned char> into);

/// True when the file at this absolute path and every folder above it belong to root, cannot be written by group or
/// others, are no symbolic links and lie on no FUSE mount (whose owner makes up the owners that it shows).
[[nodiscard]] bool isRootsAlone(const std::string& path);

} // namespace keybearer::platform
