#include "daemon/audit/releases.h"

#include "daemon/audit/audit_line.h"

#include <algorithm>
#include <charconv>

namespace keybearer::audit {
namespace {

constexpr std::string_view kTokenRelease = "token.release";
constexpr std::string_view kRevocation = "lease.revoke";
constexpr std::string_view kSessionRevocation = "forward.revoke";
constexpr std::string_view kAccountRename = "account.rename";
constexpr std::string_view kKeyRename = "credential.rename";

std::int64_t momentOf(std::string_view text) {
    std::int64_t moment = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), moment);
    return error == std::errc() && end == text.data() + text.size() ? moment : 0;
}

std::string clientOf(const Record& record) {
    if (!record.host.empty()) { // through which program it went there says nothing
        return "host:" + unescaped(record.host) + "#" + unescaped(record.clientKey);
    }
    std::string client = unescaped(record.exe);
    return record.clientKey.empty() ? client : client + "#" + unescaped(record.clientKey);
}

} // namespace

Releases::Releases(std::vector<Segment> files) : m_files(std::move(files)), m_fds(openToRead(m_files)) {}

bool Releases::step() {
    if (m_file == m_files.size()) {
        return false;
    }
    const base::UniqueFd& fd = m_fds[m_file];
    const std::uint64_t size = m_files[m_file].bytes;
    const Block block = fd ? blockFrom(fd.get(), m_place, size) : Block{};
    for (const std::string_view line : block.lines) {
        take(line);
    }
    // What is damaged is for audit.verify to tell; what comes behind it is read from the next file on.
    const bool isRead = block.lines.empty() || block.end == size;
    m_file += isRead ? 1 : 0;
    m_place = isRead ? 0 : block.end;
    return true;
}

void Releases::take(std::string_view line) {
    const auto row = readLine(line);
    if (!row || row->record.verdict != "allow") {
        return;
    }
    const Record& record = row->record;
    if (record.event == kRevocation && !record.account.empty()) {
        m_revoked[unescaped(record.account)] = row->sequence;
    }
    if (record.event == kSessionRevocation && !record.host.empty()) {
        m_ended[keyOf(clientOf(record), unescaped(record.account), true)] = row->sequence;
    }
    // The call itself has a row as well, without the new name, whatever came of it.
    if (record.event == kAccountRename && !record.account.empty()) {
        rename(unescaped(record.credential), unescaped(record.account), true);
    }
    if (record.event == kKeyRename && !record.stored.empty()) {
        rename(unescaped(record.credential), unescaped(record.stored), false);
    }
    if (!isRelease(record.event, record.verdict)) {
        return;
    }
    if (!record.account.empty()) {
        add(*row, true, false, unescaped(record.account));
    }
    const std::string stored = unescaped(record.stored);
    for (std::size_t begin = 0; begin < stored.size();) {
        const std::size_t end = std::min(stored.find(',', begin), stored.size());
        add(*row, false, true, stored.substr(begin, end - begin));
        begin = end + 1;
    }
    if (record.account.empty() && stored.empty()) {
        add(*row, record.event == kTokenRelease, false, unescaped(record.credential));
    }
}

Releases::Key Releases::keyOf(const std::string& client, const std::string& credential, bool isToken) {
    return {client, (isToken ? "account:" : "") + credential};
}

void Releases::rename(const std::string& from, const std::string& to, bool isToken) {
    std::vector<Released> moved;
    for (auto row = m_found.begin(); row != m_found.end();) {
        Released& released = row->second;
        if (released.credential == from && released.isToken == isToken && (isToken || released.isStored)) {
            moved.push_back(std::move(released));
            row = m_found.erase(row);
        } else {
            ++row;
        }
    }
    for (Released& released : moved) {
        released.credential = to;
        Key key = keyOf(released.client, to, isToken);
        const auto [place, isNew] = m_found.try_emplace(std::move(key), released);
        if (!isNew) { // what had that name before
            Released& there = place->second;
            there.first = std::min(there.first, released.first);
            there.last = std::max(there.last, released.last);
            there.lastRow = std::max(there.lastRow, released.lastRow);
            there.expiresAt = std::max(there.expiresAt, released.expiresAt);
            there.count += released.count;
        }
    }
    if (!isToken) {
        return;
    }
    if (const auto revoked = m_revoked.extract(from)) {
        m_revoked.insert_or_assign(to, revoked.mapped());
    }
}

void Releases::add(const Row& row, bool isToken, bool isStored, const std::string& credential) {
    Key key = keyOf(clientOf(row.record), credential, isToken);
    auto found = m_found.find(key);
    if (found == m_found.end()) {
        if (m_found.size() == kMost) {
            m_isCut = true;
            return;
        }
        Released fresh;
        fresh.client = key.first;
        fresh.isToken = isToken;
        fresh.isStored = isStored;
        fresh.credential = credential;
        fresh.first = row.time;
        found = m_found.emplace(std::move(key), std::move(fresh)).first;
    }
    Released& released = found->second;
    released.last = row.time;
    released.lastRow = row.sequence;
    ++released.count;
    released.expiresAt = std::max(released.expiresAt, momentOf(row.record.expires));
}

std::vector<Released> Releases::take() {
    std::vector<Released> out;
    for (auto& [key, released] : m_found) {
        if (released.isToken) {
            const auto revoked = m_revoked.find(released.credential);
            released.isRevoked = revoked != m_revoked.end() && revoked->second > released.lastRow;
            const auto ended = m_ended.find(key);
            released.isRevoked = released.isRevoked || (ended != m_ended.end() && ended->second > released.lastRow);
        }
        out.push_back(std::move(released));
    }
    m_found.clear();
    std::ranges::stable_sort(out, std::ranges::greater(), &Released::last);
    return out;
}

} // namespace keybearer::audit
