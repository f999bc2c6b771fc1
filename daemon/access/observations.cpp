#include "daemon/access/observations.h"

#include "ipc/base/private_file.h"

#include <algorithm>

namespace keybearer::access {
namespace {

constexpr std::size_t kMaxObservedBytes = 8U << 20;
constexpr std::int64_t kNoteInterval = 60; // seconds

/// An empty list means all, and stays that.
void widen(std::vector<std::string>& words, const std::vector<std::string>& wanted) {
    if (words.empty() || wanted.empty()) {
        words.clear();
        return;
    }
    for (const std::string& word : wanted) {
        if (std::ranges::find(words, word) == words.end()) {
            words.push_back(word);
        }
    }
}

} // namespace

Observations::Observations(const std::string& folder, const base::Clock& clock)
    : m_path(folder + "/observations.json"), m_clock(clock) {
    const auto text = base::readPrivateFile(m_path, kMaxObservedBytes);
    if (text && *text) {
        m_observed = parseGrants((*text)->reveal()).value_or(std::vector<Grant>());
    }
}

void Observations::note(const Client& client, const Wanted& wanted) {
    const std::int64_t now = m_clock.utcSeconds();
    const std::string digest = client.isRootOwned ? std::string() : client.digest;
    auto found = std::ranges::find_if(m_observed, [&](const Grant& one) {
        return one.kind == client.kind && one.path == client.path && one.digest == digest &&
               one.credential == wanted.credential && one.audience == wanted.audience;
    });
    if (found == m_observed.end()) {
        if (m_observed.size() >= kMaxObserved || client.kind == ClientKind::Unknown) {
            return;
        }
        Grant grant;
        grant.id = "o_" + std::to_string(m_observed.size() + 1);
        grant.kind = client.kind;
        grant.path = client.path;
        grant.digest = digest;
        grant.credential = wanted.credential;
        grant.scopes = wanted.scopes;
        grant.audience = wanted.audience;
        grant.fields = wanted.fields;
        grant.createdBy = "observe";
        grant.createdAt = now;
        found = m_observed.insert(m_observed.end(), std::move(grant));
    } else {
        widen(found->scopes, wanted.scopes);
        widen(found->fields, wanted.fields);
    }
    ++found->uses;
    found->lastUsedAt = now;
    m_isStale = true;
    if (now - m_savedAt >= kNoteInterval) {
        [[maybe_unused]] const auto saved = flush(); // what is not written is observed again
    }
}

void Observations::clear() {
    m_observed.clear();
    [[maybe_unused]] const auto removed = base::removePrivateFile(m_path);
    m_isStale = false;
}

base::Result<void, std::string> Observations::flush() {
    if (!m_isStale) {
        return {};
    }
    m_savedAt = m_clock.utcSeconds();
    m_isStale = false;
    return base::writePrivateFile(m_path, formatGrants(m_observed));
}

} // namespace keybearer::access
