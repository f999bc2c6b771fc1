#include "daemon/audit/audit_log.h"

#include "daemon/audit/lines.h"
#include "daemon/crypto/crypto.h"
#include "ipc/base/private_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace keybearer::audit {
namespace {

constexpr std::int64_t kSecondsInDay = 86'400;
/// A file holds an eighth of the bytes that are kept, and a sixteenth of the days.
constexpr std::uint64_t kFilesForBytes = 8;
constexpr std::int64_t kFilesForDays = 16;
/// How much of the record is read to know what is usual: the last rows of it.
constexpr std::uint64_t kHistoryBytes = 4U << 20;

std::string headPathOf(const std::string& logPath) {
    return logPath.substr(0, logPath.rfind('.')) + ".head";
}

std::string rowNumbers(std::uint64_t first, std::uint64_t last) {
    return first == last ? "row " + std::to_string(first)
                         : "rows " + std::to_string(first) + " to " + std::to_string(last);
}

Record ownRecord(std::string_view event, std::string_view reason) {
    Record note;
    note.event = event;
    note.reason = reason;
    note.uid = ::geteuid();
    note.pid = ::getpid();
    return note;
}

} // namespace

AuditLog::AuditLog(OpenedLog opened, std::vector<Segment> older, const base::Clock& clock, Limits limits,
                   Committer::Sync sync)
    : m_clock(&clock),
      m_limits(limits),
      m_headPath(headPathOf(opened.segment.path)),
      m_file(std::make_shared<const base::UniqueFd>(std::move(opened.fd))),
      m_segment(std::move(opened.segment)),
      m_older(std::move(older)),
      m_committer(std::make_unique<Committer>(m_headPath, std::move(sync))) {}

base::Result<AuditLog, std::string> AuditLog::open(const std::string& logPath, const base::Clock& clock, Limits limits,
                                                   Committer::Sync sync) {
    auto opened = openToAppend(logPath);
    if (!opened) {
        return base::fail(std::move(opened.error()));
    }
    const bool wasTorn = opened->wasTorn;
    AuditLog log(std::move(*opened), olderSegments(logPath), clock, limits, std::move(sync));
    const Segment* newest = log.m_segment.bytes > 0 ? &log.m_segment : nullptr;
    if (newest == nullptr && !log.m_older.empty()) {
        newest = &log.m_older.back();
        if (newest->last == 0) {
            return base::fail("the last line of " + newest->path + " is not a record; keep the file and move it away");
        }
    }
    log.m_mark = newest == nullptr ? Mark{0, firstHash()} : Mark{newest->last, newest->lastHash};
    log.m_openedAt = log.m_mark;
    if (wasTorn) {
        if (auto noted = log.noteNews("audit.repair", "the last line was incomplete and was cut off"); !noted) {
            return base::fail(std::move(noted.error()));
        }
    }
    return log;
}

std::vector<Segment> AuditLog::files() const {
    std::vector<Segment> all = m_older;
    all.push_back(m_segment);
    return all;
}

base::Result<void, std::string> AuditLog::noteNews(const char* event, const std::string& reason,
                                                   const std::string& removed) {
    Record note = ownRecord(event, reason);
    note.removed = removed;
    return write({&note, 1}, m_clock->utcSeconds());
}

base::Result<void, std::string> AuditLog::append(std::span<const Record> records) {
    const std::int64_t now = m_clock->utcSeconds();
    if (auto objection = m_committer->objection()) {
        return base::fail("cannot write the audit record: " + *objection);
    }
    if (auto made = makeRoom(now); !made) {
        return made;
    }
    return write(records, now);
}

base::Result<void, std::string> AuditLog::write(std::span<const Record> records, std::int64_t now) {
    if (m_broken) {
        return base::fail(std::string("the audit file ends with half a line; restart the broker to repair it"));
    }
    std::string lines;
    Mark mark = m_mark;
    std::vector<std::pair<const Record*, unsigned>> unusual;
    for (const Record& record : records) {
        Record row = record;
        if (isRelease(row.event, row.verdict)) {
            if (!m_history) {
                loadHistory();
            }
            const unsigned bits = m_history->note(row.exe, row.credential, now);
            row.unusual = toString(bits);
            unusual.emplace_back(&record, bits);
        }
        const std::size_t begin = lines.size();
        appendLine(lines, row, ++mark.count, now, mark.hash);
        mark.hash = crypto::sha256Hex(std::string_view(lines).substr(begin));
        lines.push_back('\n');
    }
    ssize_t written = -1;
    do {
        written = ::write(m_file->get(), lines.data(), lines.size());
    } while (written < 0 && errno == EINTR);
    if (written == static_cast<ssize_t>(lines.size())) {
        if (m_segment.first == 0) {
            m_segment.first = m_mark.count + 1;
            m_segment.firstTime = now;
            m_segment.firstPrevious = m_mark.hash;
        }
        m_segment.bytes += lines.size();
        m_segment.last = mark.count;
        m_segment.lastTime = now;
        m_mark = std::move(mark);
        m_committer->written(m_file, m_mark, lines.size());
        return {};
    }
    const std::string why = written < 0 ? std::strerror(errno) : std::strerror(ENOSPC);
    if (written > 0) {
        struct stat info {};
        m_broken = ::fstat(m_file->get(), &info) != 0 || ::ftruncate(m_file->get(), info.st_size - written) != 0;
    }
    for (const auto& [record, bits] : unusual) {
        m_history->takeBack(record->exe, record->credential, now, bits);
    }
    return base::fail("cannot write the audit record: " + why);
}

// --- files --------------------------------------------------------------------------------------------------------

base::Result<void, std::string> AuditLog::makeRoom(std::int64_t now) {
    const bool isFull = m_segment.bytes >= m_limits.maxBytes / kFilesForBytes;
    const bool isOld = now - m_segment.firstTime >= m_limits.keepDays * kSecondsInDay / kFilesForDays;
    if (m_segment.bytes == 0 || m_broken || (!isFull && !isOld)) {
        return {};
    }
    if (auto begun = beginFile(); !begun) {
        return begun;
    }
    return removeOld(now);
}

base::Result<void, std::string> AuditLog::beginFile() {
    const std::string path = m_segment.path;
    Segment full = m_segment;
    full.path = nextSegmentPath(path, m_older);
    full.lastHash = m_mark.hash;
    if (std::rename(path.c_str(), full.path.c_str()) != 0) {
        return base::fail(fileProblem(path, "rename"));
    }
    auto fresh = createToAppend(path);
    if (!fresh) {
        std::rename(full.path.c_str(), path.c_str()); // as it was; if that fails, the next start finds the rows there
        return base::fail(std::move(fresh.error()));
    }
    m_older.push_back(std::move(full));
    m_file = std::make_shared<const base::UniqueFd>(std::move(*fresh));
    m_segment = Segment{};
    m_segment.path = path;
    return {};
}

base::Result<void, std::string> AuditLog::removeOld(std::int64_t now) {
    std::uint64_t bytes = m_segment.bytes;
    for (const Segment& file : m_older) {
        bytes += file.bytes;
    }
    const std::int64_t oldest = now - m_limits.keepDays * kSecondsInDay;
    std::vector<std::string> paths;
    std::size_t certain = 0; ///< how many of them can go
    Mark removed;
    std::string why;
    for (auto file = m_older.begin(); file != m_older.end(); ++file) {
        const bool isLast = file + 1 == m_older.end();
        const std::int64_t newestRow = file->last != 0 ? file->lastTime : isLast ? now : (file + 1)->firstTime;
        const bool isOld = newestRow < oldest;
        // Room for the file that has just begun is kept free, too.
        if (!isOld && bytes + m_limits.maxBytes / kFilesForBytes <= m_limits.maxBytes) {
            break;
        }
        why = isOld ? "they are older than " + std::to_string(m_limits.keepDays) + " days"
                    : "the record has reached " + std::to_string(m_limits.maxBytes) + " bytes";
        bytes -= file->bytes;
        paths.push_back(file->path);
        if (isLast || (file + 1)->first != 0) { // what comes next says where the record then begins
            removed = isLast ? m_mark : Mark{(file + 1)->first - 1, (file + 1)->firstPrevious};
            certain = paths.size();
        }
    }
    paths.resize(certain);
    if (paths.empty()) {
        return {};
    }
    const std::string reason =
        rowNumbers(std::max<std::uint64_t>(m_older.front().first, 1), removed.count) + " were removed: " + why;
    if (auto noted = noteNews("audit.removed", reason, removedText(removed)); !noted) {
        return noted;
    }
    m_older.erase(m_older.begin(), m_older.begin() + static_cast<std::ptrdiff_t>(paths.size()));
    m_committer->removeLater(m_file, m_mark, std::move(paths));
    return {};
}

void AuditLog::loadHistory() {
    m_history.emplace();
    std::vector<std::pair<std::string, std::uint64_t>> parts; // newest first: a file, and where to begin in it
    std::uint64_t left = kHistoryBytes;
    const std::vector<Segment> all = files();
    for (auto file = all.rbegin(); file != all.rend() && left > 0; ++file) {
        const std::uint64_t taken = std::min(left, file->bytes);
        parts.emplace_back(file->path, file->bytes - taken);
        left -= taken;
    }
    std::for_each(parts.rbegin(), parts.rend(), [this](const auto& part) {
        const base::UniqueFd fd = openToRead(part.first);
        std::uint64_t place = part.second; // perhaps in the middle of a line, which then is none
        for (Block block = blockFrom(fd.get(), place, UINT64_MAX); !block.lines.empty();
             block = blockFrom(fd.get(), place, UINT64_MAX)) {
            for (const std::string_view line : block.lines) {
                const auto row = readLine(line);
                if (row && isRelease(row->record.event, row->record.verdict)) {
                    m_history->note(unescaped(row->record.exe), unescaped(row->record.credential), row->time);
                }
            }
            place = block.end;
        }
    });
}

// --- the seal -----------------------------------------------------------------------------------------------------

std::optional<std::string> AuditLog::headText() const {
    const auto content = base::readPrivateFile(m_headPath, kMaxHeadBytes);
    return content && *content ? std::optional(std::string((*content)->reveal())) : std::nullopt;
}

base::Result<void, std::string> AuditLog::prepareSeal(const SealKey& key) const {
    if (::fdatasync(m_file->get()) != 0) {
        return base::fail(fileProblem(m_segment.path, "write"));
    }
    return base::writePrivateFile(m_headPath, formatHead(key, m_mark));
}

/// The event and the reason of the row that says what was found; nullptr: nothing worth one.
std::pair<const char*, std::string> AuditLog::judgeHead(const SealKey& key, bool isNew) const {
    constexpr auto kTampered = "audit.tampered";
    constexpr auto kNote = "audit.seal";
    const std::uint64_t opened = m_openedAt.count;
    if (isNew) {
        return {opened == 0 ? nullptr : kNote, "the keychain had no key for the seal; a new one begins, and " +
                                                   rowNumbers(1, opened) + " are older than it"};
    }
    const auto text = headText();
    const auto head = text ? parseHead(*text) : std::nullopt;
    if (!text) {
        return {kTampered, "audit.head, which held the seal, was gone; rows may have gone with it"};
    }
    if (!head || !isSealedBy(*head, key)) {
        return {kTampered, "audit.head was not as the broker had written it; rows may have been changed with it"};
    }
    const std::uint64_t sealed = head->mark.count;
    if (sealed > opened) {
        return {kTampered, "the record ended at row " + std::to_string(opened) + ", and " + std::to_string(sealed) +
                               " rows were sealed: " + rowNumbers(opened + 1, sealed) + " were cut off"};
    }
    const auto hash = sealed == opened ? std::optional(m_openedAt.hash) : hashOfRow(files(), sealed);
    if (hash && *hash != head->mark.hash) {
        return {kTampered, "row " + std::to_string(sealed) +
                               " was not the one that was sealed: rows up to it were "
                               "written anew"};
    }
    const bool isRemoved = !hash && !m_older.empty() && sealed < m_older.front().first;
    if (!hash && !isRemoved) {
        return {kTampered, "row " + std::to_string(sealed) + ", which was sealed, could not be found"};
    }
    return {sealed == opened ? nullptr : kNote,
            rowNumbers(sealed + 1, opened) + " were written and not yet sealed when the broker before this one ended"};
}

base::Result<void, std::string> AuditLog::beginSeal(const SealKey& key, bool isNew) {
    const auto [event, reason] = judgeHead(key, isNew);
    if (event != nullptr) {
        if (auto noted = noteNews(event, reason); !noted) {
            return noted;
        }
    }
    m_committer->sealWith(key, m_file, m_mark);
    m_isSealing = true;
    return {};
}

} // namespace keybearer::audit
