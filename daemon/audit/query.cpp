#include "daemon/audit/query.h"

#include <algorithm>
#include <utility>

namespace keybearer::audit {
namespace {

/// The credential itself, or one of several under its name.
bool names(std::string_view wanted, const std::string& credential) {
    return credential == wanted ||
           (credential.starts_with(wanted) && credential.size() > wanted.size() && credential[wanted.size()] == '/');
}

} // namespace

bool matches(const Filter& filter, const Row& row) {
    const Record& record = row.record;
    if ((filter.since && row.time < *filter.since) || (filter.until && row.time >= *filter.until)) {
        return false;
    }
    if ((!filter.event.empty() && record.event != filter.event) ||
        (!filter.verdict.empty() && record.verdict != filter.verdict) || (filter.unusual && record.unusual.empty())) {
        return false;
    }
    if (!filter.credential.empty() && !names(filter.credential, unescaped(record.credential)) &&
        unescaped(record.account) != filter.credential) {
        return false;
    }
    return filter.client.empty() || unescaped(record.exe).find(filter.client) != std::string::npos ||
           unescaped(record.host).find(filter.client) != std::string::npos;
}

Search::Search(std::vector<Segment> files, Filter filter, Way way, std::uint64_t from, std::size_t limit)
    : m_files(std::move(files)), m_filter(std::move(filter)), m_way(way), m_limit(limit), m_reached(from) {
    if (m_way == Way::Forwards) {
        std::ranges::reverse(m_files);
    }
    std::erase_if(m_files, [this](const Segment& file) { return isOutside(file); });
    m_fds = openToRead(m_files);
}

bool Search::isOutside(const Segment& file) const {
    if (file.bytes == 0) {
        return true;
    }
    if (file.first == 0 || file.last == 0) {
        return false; // nobody knows
    }
    const auto [early, late] = std::minmax(file.firstTime, file.lastTime);
    return (m_way == Way::Forwards ? file.last <= m_reached : file.first >= m_reached) ||
           (m_filter.since && late < *m_filter.since) || (m_filter.until && early >= *m_filter.until);
}

bool Search::openNext() {
    while (!m_files.empty()) {
        const Segment file = std::move(m_files.back());
        m_files.pop_back();
        m_fd = std::move(m_fds.back());
        m_fds.pop_back();
        m_size = file.bytes;
        if (m_fd) {
            const bool seeks = m_way == Way::Forwards && file.first != 0 && file.first <= m_reached;
            m_place = m_way == Way::Backwards ? m_size : seeks ? placeOfRow(m_fd.get(), m_size, m_reached + 1) : 0;
            return true;
        }
        ++m_damaged;
    }
    m_hasMore = false;
    return false;
}

bool Search::take(std::string_view line) {
    const auto row = readLine(line);
    if (!row) {
        ++m_damaged;
        return true;
    }
    if (m_way == Way::Forwards ? row->sequence <= m_reached : row->sequence >= m_reached) {
        return true;
    }
    if (matches(m_filter, *row)) {
        if (m_lines.size() >= m_limit || m_bytes >= kMostBytes) {
            return false;
        }
        m_lines.emplace_back(line);
        m_bytes += line.size();
    }
    m_reached = row->sequence;
    return true;
}

bool Search::step() {
    if (!m_fd && !openNext()) {
        return false;
    }
    const Block block =
        m_way == Way::Forwards ? blockFrom(m_fd.get(), m_place, m_size) : blockUpTo(m_fd.get(), m_place);
    m_read += block.text.size();
    m_damaged += block.isDamaged ? 1 : 0;
    const bool goesOn = m_way == Way::Forwards
                            ? std::ranges::all_of(block.lines, [this](std::string_view line) { return take(line); })
                            : std::all_of(block.lines.rbegin(), block.lines.rend(),
                                          [this](std::string_view line) { return take(line); });
    m_place = m_way == Way::Forwards ? block.end : block.begin;
    if (block.lines.empty() || m_place == (m_way == Way::Forwards ? m_size : 0)) {
        m_fd.reset();
    }
    return goesOn;
}

std::vector<std::string> Search::takeLines() {
    if (m_way == Way::Backwards) {
        std::ranges::reverse(m_lines);
    }
    return std::exchange(m_lines, {});
}

} // namespace keybearer::audit
