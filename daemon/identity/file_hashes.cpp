#include "daemon/identity/file_hashes.h"

#include "daemon/crypto/crypto.h"
#include "ipc/base/text.h"

#include <algorithm>
#include <array>

namespace keybearer::identity {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr std::int64_t kNsOfSecond = 1'000'000'000;
/// FAT keeps times to two seconds; one more for the clock's own whole seconds.
constexpr std::int64_t kSettledSeconds = 3;

Refusal about(Reason reason, const platform::LocatedFile& file, const std::string& what) {
    return Refusal{reason, base::printable(file.path) + " " + what, {}};
}

} // namespace

std::optional<std::string> FileHashes::find(const platform::FileId& id) {
    const auto found = std::ranges::find(m_entries, id, &Entry::id);
    if (found == m_entries.end()) {
        return std::nullopt;
    }
    m_entries.splice(m_entries.begin(), m_entries, found);
    return found->sha256;
}

std::optional<std::string> FileHashes::known(const platform::FileId& id) {
    const std::lock_guard lock(m_mutex);
    return find(id);
}

void FileHashes::keep(const platform::FileId& id, const std::string& sha256) {
    m_entries.push_front({id, sha256});
    if (m_entries.size() > m_limits.entries) {
        m_entries.pop_back();
    }
}

FileHashes::Outcome FileHashes::hash(const platform::LocatedFile& file) {
    std::unique_lock lock(m_mutex);
    if (auto sha256 = find(file.id)) {
        return std::move(*sha256);
    }
    const auto same = std::ranges::find_if(m_underWay, [&](const auto& one) { return one->id == file.id; });
    if (same != m_underWay.end()) {
        const auto reading = *same;
        m_readingEnded.wait(lock, [&] { return reading->outcome.has_value(); });
        return *reading->outcome;
    }
    const auto reading = std::make_shared<Reading>(Reading{file.id, std::nullopt});
    m_underWay.push_back(reading);
    lock.unlock();

    const bool isSettled = m_clock.utcSeconds() - file.id.ctimeNs / kNsOfSecond >= kSettledSeconds;
    Outcome outcome = read(file);
    ++m_filesRead;

    lock.lock();
    if (outcome && isSettled) {
        keep(file.id, *outcome);
    }
    reading->outcome = outcome;
    std::erase(m_underWay, reading);
    m_readingEnded.notify_all();
    return outcome;
}

FileHashes::Outcome FileHashes::read(const platform::LocatedFile& file) const {
    if (file.id.size > m_limits.fileBytes) {
        return base::fail(about(Reason::TooLarge, file,
                                "is larger than " + std::to_string(m_limits.fileBytes >> 20U) +
                                    " MiB, so that what it is cannot be told"));
    }
    const auto fd = platform::openForReading(file);
    if (!fd) {
        return base::fail(about(Reason::Unreadable, file, fd.error()));
    }
    crypto::Sha256 sha256;
    std::vector<unsigned char> piece(kPieceBytes);
    std::uint64_t offset = 0;
    while (true) {
        if (m_isEnding) {
            return base::fail(about(Reason::Ending, file, "was not read to its end, as the broker ends"));
        }
        const auto size = platform::readAt(fd->get(), offset, piece);
        if (!size) {
            return base::fail(about(Reason::Unreadable, file, "cannot be read"));
        }
        sha256.add(std::span(piece).first(*size));
        offset += *size;
        if (*size < piece.size() || offset > file.id.size) {
            break;
        }
    }
    if (offset != file.id.size || platform::currentId(file) != file.id) {
        return base::fail(about(Reason::Changed, file, "was changed while it was looked at; try again"));
    }
    return sha256.finishHex();
}

} // namespace keybearer::identity
