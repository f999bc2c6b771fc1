#include "daemon/accounts/refresh_journal.h"

#include "ipc/base/private_file.h"
#include "ipc/protocol/strict_json.h"

#include <nlohmann/json.hpp>

namespace keybearer::accounts {
namespace {

using nlohmann::json;

constexpr int kJournalVersion = 1;
constexpr int kJournalDepth = 4;
constexpr std::size_t kMaxJournalBytes = 256 * 1024;
constexpr std::size_t kMaxIdBytes = 128;
constexpr int kMaxAttempts = 1'000'000;

} // namespace

std::string formatJournal(const JournalEntries& entries) {
    json sent = json::object();
    for (const auto& [id, entry] : entries) {
        sent[id] = {{"generation", entry.generation}, {"sent_at", entry.sentAt}, {"attempts", entry.attempts}};
    }
    return json{{"version", kJournalVersion}, {"sent", std::move(sent)}}.dump(1) + "\n";
}

base::Result<JournalEntries, std::string> parseJournal(std::string_view text) {
    const std::string damaged = "it is damaged, or was written by a newer Keybearer";
    const auto parsed = protocol::parseStrictJson(text, kJournalDepth);
    if (!parsed || !parsed->is_object() || parsed->value("version", json()) != kJournalVersion ||
        !parsed->value("sent", json()).is_object()) {
        return base::fail(damaged);
    }
    JournalEntries entries;
    for (const auto& [id, item] : (*parsed)["sent"].items()) {
        if (id.empty() || id.size() > kMaxIdBytes || !item.is_object()) {
            return base::fail(damaged);
        }
        const json generation = item.value("generation", json());
        const json sentAt = item.value("sent_at", json());
        const json attempts = item.value("attempts", json());
        if (!generation.is_number_unsigned() || !sentAt.is_number_integer() || !attempts.is_number_unsigned() ||
            attempts.get<std::uint64_t>() < 1 || attempts.get<std::uint64_t>() > kMaxAttempts) {
            return base::fail(damaged);
        }
        entries[id] = {generation.get<std::uint64_t>(), sentAt.get<std::int64_t>(), attempts.get<int>()};
    }
    return entries;
}

RefreshJournal RefreshJournal::open(const std::string& folder) {
    RefreshJournal journal(folder + "/refresh-journal.json");
    const auto text = base::readPrivateFile(journal.m_path, kMaxJournalBytes);
    if (!text) {
        journal.m_problem = text.error();
        return journal;
    }
    if (*text) {
        auto entries = parseJournal((*text)->reveal());
        if (!entries) {
            journal.m_problem = journal.m_path + ": " + entries.error();
            return journal;
        }
        journal.m_entries = std::move(*entries);
    }
    return journal;
}

base::Result<void, std::string> RefreshJournal::begin(const std::string& id, std::uint64_t generation,
                                                      std::int64_t now) {
    Entry& entry = m_entries[id];
    if (entry.generation != generation || entry.attempts == 0) {
        entry = {generation, now, 0};
    }
    entry.attempts = std::min(entry.attempts + 1, kMaxAttempts);
    return base::writePrivateFile(m_path, formatJournal(m_entries));
}

void RefreshJournal::settle(const std::string& id) {
    if (m_entries.erase(id) != 0) {
        // A failure leaves an entry that says too much, which is harmless; begin() reports a folder that is gone.
        [[maybe_unused]] const auto written = base::writePrivateFile(m_path, formatJournal(m_entries));
    }
}

int RefreshJournal::openAttempts(const std::string& id, std::uint64_t generation) const {
    const auto found = m_entries.find(id);
    return found == m_entries.end() || found->second.generation != generation ? 0 : found->second.attempts;
}

} // namespace keybearer::accounts
