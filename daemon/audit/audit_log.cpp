#include "daemon/audit/audit_log.h"

#include "daemon/audit/audit_line.h"
#include "daemon/crypto/crypto.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace keybearer::audit {
namespace {

std::string problem(const std::string& path, const char* doing) {
    return "cannot " + std::string(doing) + " " + path + ": " + std::strerror(errno);
}

/// Reads [offset, offset + size) whole; false on an error or when the file ends before.
bool readAt(int fd, off_t offset, std::size_t size, std::string& out) {
    out.resize(size);
    std::size_t done = 0;
    while (done < size) {
        const ssize_t n = ::pread(fd, out.data() + done, size - done, offset + static_cast<off_t>(done));
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

base::Result<off_t, std::string> checkFile(int fd, const std::string& path) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) {
        return base::fail(problem(path, "examine"));
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
    return info.st_size;
}

std::string_view lastLine(std::string_view lines) {
    const auto before = lines.rfind('\n');
    return before == std::string_view::npos ? lines : lines.substr(before + 1);
}

Record repairNote() {
    Record note;
    note.event = "audit.repair";
    note.reason = "the last line was incomplete and was cut off";
    note.uid = ::geteuid();
    note.pid = ::getpid();
    return note;
}

/// Follows a chain from its first line.
class ChainCheck {
public:
    /// Null, or why the line does not fit.
    const char* add(std::string_view line) {
        const auto link = parseLine(line);
        if (!link) {
            return "this line is not a record";
        }
        if (link->sequence != m_count + 1) {
            return "this line has another number: a line was taken out, put in or moved";
        }
        if (link->previousHash != m_hash) {
            return "this line does not follow from the one before it: one of them was changed";
        }
        m_hash = crypto::sha256Hex(line);
        ++m_count;
        return nullptr;
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return m_count; }

private:
    std::string m_hash = firstHash();
    std::uint64_t m_count = 0;
};

} // namespace

base::Result<AuditLog, std::string> AuditLog::open(const std::string& path, const base::Clock& clock) {
    // O_NONBLOCK: opening a pipe that somebody put there must not hang.
    base::UniqueFd fd(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600));
    if (!fd) {
        return base::fail(errno == ELOOP ? path + " is a symbolic link; remove it" : problem(path, "open"));
    }
    const auto size = checkFile(fd.get(), path);
    if (!size) {
        return base::fail(size.error());
    }
    // Only the tail: the file may be large, and verifyAuditFile() is for the whole.
    const auto tailSize = std::min(static_cast<std::size_t>(*size), 2 * kMaxLineBytes);
    std::string tail;
    if (!readAt(fd.get(), *size - static_cast<off_t>(tailSize), tailSize, tail)) {
        return base::fail(problem(path, "read"));
    }
    const auto lastEnd = tail.rfind('\n');
    const std::size_t kept = lastEnd == std::string::npos ? 0 : lastEnd + 1;
    if (kept == 0 && tailSize < static_cast<std::size_t>(*size)) {
        return base::fail(path + " is not an audit file of Keybearer; move it away");
    }
    AuditLog log(std::move(fd), clock);
    log.m_lastHash = firstHash();
    if (kept > 0) {
        const std::string_view last = lastLine(std::string_view(tail).substr(0, lastEnd));
        const auto link = parseLine(last);
        if (!link) {
            return base::fail("the last line of " + path + " is not a record; keep the file and move it away");
        }
        log.m_sequence = link->sequence;
        log.m_lastHash = crypto::sha256Hex(last);
    }
    if (kept < tailSize) {
        if (::ftruncate(log.m_fd.get(), *size - static_cast<off_t>(tailSize - kept)) != 0) {
            return base::fail(problem(path, "shorten"));
        }
        if (const auto noted = log.append(repairNote()); !noted) {
            return base::fail(noted.error());
        }
    }
    return log;
}

base::Result<void, std::string> AuditLog::append(std::span<const Record> records) {
    if (m_broken) {
        return base::fail(std::string("the audit file ends with half a line; restart the broker to repair it"));
    }
    const std::int64_t now = m_clock->utcSeconds();
    std::string lines;
    std::string hash = m_lastHash;
    std::uint64_t sequence = m_sequence;
    for (const Record& record : records) {
        const std::size_t begin = lines.size();
        appendLine(lines, record, ++sequence, now, hash);
        hash = crypto::sha256Hex(std::string_view(lines).substr(begin));
        lines.push_back('\n');
    }
    ssize_t written = -1;
    do {
        written = ::write(m_fd.get(), lines.data(), lines.size());
    } while (written < 0 && errno == EINTR);
    if (written == static_cast<ssize_t>(lines.size())) {
        m_sequence = sequence;
        m_lastHash = std::move(hash);
        return {};
    }
    const std::string why = written < 0 ? std::strerror(errno) : std::strerror(ENOSPC);
    if (written > 0) {
        struct stat info {};
        m_broken = ::fstat(m_fd.get(), &info) != 0 || ::ftruncate(m_fd.get(), info.st_size - written) != 0;
    }
    return base::fail("cannot write the audit record: " + why);
}

base::Result<std::uint64_t, std::string> verifyAuditFile(const std::string& path) {
    const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!fd) {
        return base::fail(problem(path, "open"));
    }
    ChainCheck chain;
    const auto misfit = [&](const char* why) {
        return base::fail(path + ":" + std::to_string(chain.count() + 1) + ": " + why);
    };
    std::string pending;
    std::string chunk(kMaxLineBytes, '\0');
    for (;;) {
        const ssize_t n = ::read(fd.get(), chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return base::fail(problem(path, "read"));
        }
        if (n == 0) {
            break;
        }
        pending.append(chunk, 0, static_cast<std::size_t>(n));
        std::size_t begin = 0;
        for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', begin)) {
            if (const char* why = chain.add(std::string_view(pending).substr(begin, end - begin))) {
                return misfit(why);
            }
            begin = end + 1;
        }
        pending.erase(0, begin);
        if (pending.size() > kMaxLineBytes) {
            return misfit("this line is too long for a record");
        }
    }
    if (!pending.empty()) {
        return misfit("this line is incomplete");
    }
    return chain.count();
}

} // namespace keybearer::audit
