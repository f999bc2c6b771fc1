#include "daemon/access/grant_store.h"

#include "daemon/crypto/crypto.h"
#include "ipc/base/private_file.h"

#include <algorithm>
#include <array>

namespace keybearer::access {
namespace {

constexpr std::size_t kMaxGrantsBytes = 8U << 20;
constexpr std::int64_t kSaveInterval = 60; // seconds
constexpr std::size_t kIdDigits = 12;

bool isKept(const Grant& grant) {
    return !grant.isConfigured() && (grant.span == Span::Always || grant.span == Span::Until);
}

} // namespace

base::Result<GrantStore, std::string> GrantStore::open(const std::string& folder, const base::Clock& clock,
                                                       std::vector<Grant> configured) {
    GrantStore store(folder + "/grants.json", clock);
    const auto text = base::readPrivateFile(store.m_path, kMaxGrantsBytes);
    if (!text) {
        return base::fail(text.error());
    }
    if (*text) {
        auto grants = parseGrants((*text)->reveal());
        if (!grants) {
            return base::fail(store.m_path + " " + grants.error());
        }
        for (Grant& grant : *grants) {
            std::string id = grant.id;
            store.m_grants.emplace(std::move(id), std::move(grant));
        }
    }
    for (Grant& grant : configured) {
        std::string id = grant.id;
        store.m_grants.insert_or_assign(std::move(id), std::move(grant));
    }
    return store;
}

std::vector<const Grant*> GrantStore::all() const {
    std::vector<const Grant*> out;
    for (const auto& [id, grant] : m_grants) {
        out.push_back(&grant);
    }
    return out;
}

std::vector<const Grant*> GrantStore::of(const Client& client) const {
    std::vector<const Grant*> out;
    for (const auto& [id, grant] : m_grants) {
        if (grant.kind == client.kind && grant.path == client.path) {
            out.push_back(&grant);
        }
    }
    return out;
}

base::Result<const Grant*, std::string> GrantStore::add(Grant grant) {
    dropEnded();
    if (m_grants.size() >= kMaxGrants) {
        return base::fail(std::string("1000 grants are enough; take some back: keybearer grant list"));
    }
    std::array<unsigned char, 32> random{};
    crypto::randomBytes(random);
    grant.id =
        "g_" + crypto::sha256Hex({reinterpret_cast<const char*>(random.data()), random.size()}).substr(0, kIdDigits);
    grant.createdAt = m_clock->utcSeconds();
    const std::string id = grant.id;
    const bool kept = isKept(grant);
    m_grants.emplace(id, std::move(grant));
    if (kept) {
        if (auto saved = save(); !saved) {
            m_grants.erase(id);
            return base::fail(saved.error());
        }
    }
    ++m_generation;
    return &m_grants.at(id);
}

base::Result<bool, std::string> GrantStore::remove(const std::string& id) {
    const auto found = m_grants.find(id);
    if (found == m_grants.end()) {
        return false;
    }
    if (found->second.isConfigured()) {
        return base::fail("this grant stands in " + found->second.createdBy + "; take it out there");
    }
    Grant removed = std::move(found->second);
    m_grants.erase(found);
    if (isKept(removed)) {
        if (auto saved = save(); !saved) {
            std::string key = removed.id;
            m_grants.emplace(std::move(key), std::move(removed));
            return base::fail(saved.error());
        }
    }
    ++m_generation;
    return true;
}

base::Result<void, std::string> GrantStore::accountRenamed(const std::string& name, const std::string& newName) {
    std::size_t changed = 0;
    for (auto& [id, grant] : m_grants) {
        if (grant.credential == "account:" + name && !grant.isConfigured()) {
            grant.credential = "account:" + newName;
            ++changed;
        }
    }
    if (changed == 0) {
        return {};
    }
    ++m_generation;
    return save();
}

base::Result<void, std::string> GrantStore::accountGone(const std::string& name) {
    const std::size_t gone = std::erase_if(m_grants, [&](const auto& row) {
        return row.second.credential == "account:" + name && !row.second.isConfigured();
    });
    if (gone == 0) {
        return {};
    }
    ++m_generation;
    return save();
}

void GrantStore::used(const std::string& id) {
    const auto found = m_grants.find(id);
    if (found == m_grants.end()) {
        return;
    }
    Grant& grant = found->second;
    const std::int64_t now = m_clock->utcSeconds();
    grant.usesInMinute = grant.minute == now / 60 ? grant.usesInMinute + 1 : 1;
    grant.minute = now / 60;
    grant.lastUsedAt = now;
    ++grant.uses;
    if (grant.usesLeft > 0 && --grant.usesLeft == 0) {
        m_grants.erase(found);
        ++m_generation;
        return;
    }
    m_isStale = m_isStale || isKept(grant);
    if (m_isStale && now - m_savedAt >= kSaveInterval) {
        // A count that cannot be written is not worth refusing for; the next one may be.
        [[maybe_unused]] const auto saved = flush();
        m_savedAt = now;
    }
}

std::vector<Grant> GrantStore::takeUnannounced() {
    std::vector<Grant> out;
    for (auto& [id, grant] : m_grants) {
        if (!std::exchange(grant.isAnnounced, true)) {
            out.push_back(grant);
            m_isStale = true;
        }
    }
    return out;
}

base::Result<void, std::string> GrantStore::flush() {
    if (!m_isStale) {
        return {};
    }
    return save().map([this] {
        m_isStale = false;
        m_savedAt = m_clock->utcSeconds();
    });
}

base::Result<void, std::string> GrantStore::save() const {
    std::vector<Grant> kept;
    for (const auto& [id, grant] : m_grants) {
        if (isKept(grant)) {
            kept.push_back(grant);
        }
    }
    return base::writePrivateFile(m_path, formatGrants(kept));
}

void GrantStore::dropEnded() {
    const std::int64_t now = m_clock->utcSeconds();
    if (std::erase_if(m_grants, [&](const auto& row) {
            return !row.second.isConfigured() && row.second.until != 0 && now >= row.second.until;
        }) > 0) {
        ++m_generation;
    }
}

} // namespace keybearer::access
