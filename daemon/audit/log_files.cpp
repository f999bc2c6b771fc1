#include "daemon/audit/log_files.h"

#include "daemon/crypto/crypto.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>

namespace keybearer::audit {
namespace {

constexpr std::string_view kSuffix = ".log";
constexpr std::size_t kLeastDigits = 6;
constexpr std::size_t kMostDigits = 9;
// O_NONBLOCK: opening a pipe that somebody put there must not hang.
constexpr int kAppendFlags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

base::Result<std::uint64_t, std::string> checkFile(int fd, const std::string& path) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) {
        return base::fail(fileProblem(path, "examine"));
    }
    if (!S_ISREG(info.st_mode)) {
        return base::fail(path + " is not a regular file; move it away");
    }
    if (info.st_uid != ::geteuid()) {
        return base::fail(path + " belongs to user " + std::to_string(info.st_uid) + ", not to user " +
                          std::to_string(::geteuid()) + "; move it away");
    }
    if ((info.st_mode & 077U) != 0) {
        return base::fail(path + " is open to other users; run: chmod 600 " + path);
    }
    return static_cast<std::uint64_t>(info.st_size);
}

/// The number in "audit-000001.log"; nullopt for another name.
std::optional<unsigned> segmentNumber(std::string_view name, std::string_view stem) {
    if (!name.starts_with(stem) || !name.ends_with(kSuffix) || name.size() <= stem.size() + 1 + kSuffix.size() ||
        name[stem.size()] != '-') {
        return std::nullopt;
    }
    name = name.substr(stem.size() + 1, name.size() - stem.size() - 1 - kSuffix.size());
    unsigned number = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool whole = error == std::errc() && stop == name.data() + name.size();
    return whole && name.size() >= kLeastDigits && name.size() <= kMostDigits ? std::optional(number) : std::nullopt;
}

/// "/folder/" and "audit" of "/folder/audit.log".
std::pair<std::string, std::string> folderAndStem(const std::string& logPath) {
    const auto slash = logPath.rfind('/') + 1;
    return {logPath.substr(0, slash), logPath.substr(slash, logPath.size() - slash - kSuffix.size())};
}

/// What the first line says.
void readFirst(int fd, Segment& segment) {
    std::string head;
    if (!readAt(fd, 0, std::min<std::size_t>(segment.bytes, kMaxLineBytes), head)) {
        return;
    }
    if (const auto row = readLine(std::string_view(head).substr(0, head.find('\n')))) {
        segment.first = row->sequence;
        segment.firstTime = row->time;
        segment.firstPrevious = row->previousHash;
    }
}

/// What the last line says; false when it is no record. `lines` ends with it, without its LF.
bool readLast(std::string_view lines, Segment& segment) {
    const auto before = lines.rfind('\n');
    const std::string_view line = before == std::string_view::npos ? lines : lines.substr(before + 1);
    const auto row = readLine(line);
    if (!row) {
        return false;
    }
    segment.last = row->sequence;
    segment.lastTime = row->time;
    segment.lastHash = crypto::sha256Hex(line);
    return true;
}

/// The end of a file, in which its last line is.
bool readTail(int fd, const Segment& segment, std::string& tail) {
    const auto size = std::min<std::uint64_t>(segment.bytes, 2 * kMaxLineBytes);
    return readAt(fd, segment.bytes - size, size, tail);
}

Segment examined(const std::string& path) {
    Segment segment;
    segment.path = path;
    const base::UniqueFd fd = openToRead(path);
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return segment;
    }
    segment.bytes = static_cast<std::uint64_t>(info.st_size);
    std::string tail;
    if (readTail(fd.get(), segment, tail) && tail.ends_with('\n')) {
        readFirst(fd.get(), segment);
        readLast(std::string_view(tail).substr(0, tail.size() - 1), segment);
    }
    return segment;
}

} // namespace

std::string fileProblem(const std::string& path, const char* doing) {
    return "cannot " + std::string(doing) + " " + path + ": " + std::strerror(errno);
}

bool readAt(int fd, std::uint64_t offset, std::size_t size, std::string& out) {
    out.resize(size);
    std::size_t done = 0;
    while (done < size) {
        const ssize_t n = ::pread(fd, out.data() + done, size - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        done += static_cast<std::size_t>(n);
    }
    return true;
}

base::UniqueFd openToRead(const std::string& path) {
    return base::UniqueFd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
}

std::vector<base::UniqueFd> openToRead(const std::vector<Segment>& files) {
    std::vector<base::UniqueFd> open;
    open.reserve(files.size());
    for (const Segment& file : files) {
        open.push_back(openToRead(file.path));
    }
    return open;
}

std::vector<Segment> olderSegments(const std::string& logPath) {
    const auto [folder, stem] = folderAndStem(logPath);
    std::vector<std::pair<unsigned, std::string>> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(folder.c_str()), &::closedir);
    while (const dirent* entry = listing ? ::readdir(listing.get()) : nullptr) {
        const std::string name(static_cast<const char*>(entry->d_name));
        if (const auto number = segmentNumber(name, stem)) {
            names.emplace_back(*number, name);
        }
    }
    std::ranges::sort(names);
    std::vector<Segment> segments;
    segments.reserve(names.size());
    for (const auto& [number, name] : names) {
        segments.push_back(examined(folder + name));
    }
    return segments;
}

std::string nextSegmentPath(const std::string& logPath, const std::vector<Segment>& older) {
    const auto [folder, stem] = folderAndStem(logPath);
    unsigned number = 0;
    if (!older.empty()) {
        number = segmentNumber(std::string_view(older.back().path).substr(folder.size()), stem).value_or(0);
    }
    std::string digits = std::to_string(number + 1);
    digits.insert(0, kLeastDigits - std::min(digits.size(), kLeastDigits), '0');
    return folder + stem + "-" + digits + std::string(kSuffix);
}

base::Result<OpenedLog, std::string> openToAppend(const std::string& path) {
    OpenedLog log;
    log.fd.reset(::open(path.c_str(), kAppendFlags, 0600));
    if (!log.fd) {
        return base::fail(errno == ELOOP ? path + " is a symbolic link; remove it" : fileProblem(path, "open"));
    }
    const auto size = checkFile(log.fd.get(), path);
    if (!size) {
        return base::fail(size.error());
    }
    Segment& segment = log.segment;
    segment.path = path;
    segment.bytes = *size;
    // Only the ends: the file may be large, and Verification is for the whole.
    std::string tail;
    if (!readTail(log.fd.get(), segment, tail)) {
        return base::fail(fileProblem(path, "read"));
    }
    const auto lastEnd = tail.rfind('\n');
    const std::size_t kept = lastEnd == std::string::npos ? 0 : lastEnd + 1;
    if (kept == 0 && tail.size() < segment.bytes) {
        return base::fail(path + " is not an audit file of Keybearer; move it away");
    }
    if (kept > 0) {
        if (!readLast(std::string_view(tail).substr(0, lastEnd), segment)) {
            return base::fail("the last line of " + path + " is not a record; keep the file and move it away");
        }
        readFirst(log.fd.get(), segment);
    }
    if (kept < tail.size()) {
        segment.bytes -= tail.size() - kept;
        if (::ftruncate(log.fd.get(), static_cast<off_t>(segment.bytes)) != 0) {
            return base::fail(fileProblem(path, "shorten"));
        }
        log.wasTorn = true;
    }
    return log;
}

base::Result<base::UniqueFd, std::string> createToAppend(const std::string& path) {
    base::UniqueFd fd(::open(path.c_str(), kAppendFlags | O_EXCL, 0600));
    if (!fd) {
        return base::fail(fileProblem(path, "create"));
    }
    return fd;
}

} // namespace keybearer::audit
